"""A peer's consent to a badge: an EndorsementCredential in one exact shape (TRANSPARENCY.md, section 1, step 2).

What has another shape is an ordinary endorsement and counts as no answer: any further member could be a switch
that only its author knows, such as an end of validity or a status list of their own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from keys import (
    KeysError,
    PublicKey,
    Signer,
    decode_base64url,
    did_key,
    did_key_method,
    encode_base64url,
    parse_did_key,
)
from schemas.data_integrity import add_proof, verify_proof
from schemas.dates import format_date_time, parse_date_time
from schemas.errors import DocumentError, MalformedValueError
from schemas.pinned import CREDENTIALS_V2, OB_CONTEXT
from schemas.tlog.errors import LeafError
from schemas.tlog.leaf_values import read_digest
from schemas.tlog.leaves import SALT_BYTES, commit

CRYPTOSUITE = "eddsa-rdfc-2022"
MAX_COMMENT = 2_000
MAX_NAME = 200
MAX_ANSWER_BYTES = 12_000
CONTEXTS = [CREDENTIALS_V2, OB_CONTEXT]
TYPES = ["VerifiableCredential", "EndorsementCredential"]
MEMBER_SALT = "ext:memberSalt"
_MEMBERS = frozenset(
    {"@context", "id", "type", "name", "issuer", "validFrom", "credentialSubject", "relatedResource", "proof"}
)
_PROOF = frozenset({"type", "cryptosuite", "created", "verificationMethod", "proofPurpose", "proofValue"})
_ID = re.compile(r"(https?://[^/\s]{1,255}/decisions/[a-z2-7]{26})/answers/[a-z2-7]{26}")
_NAME = re.compile(r"(Consent|Consent with a concern), version ([1-9][0-9]{0,3}), round ([1-9][0-9]{0,3})")


class AnswerError(DocumentError):
    """An endorsement is not an answer of a decider: another shape, or not signed by the key that it names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPeer:
    """A peer who agreed to be shown, and the salt (32 bytes) that opens the commitment to the name in the log."""

    name: str
    salt: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A consent: whose key, to which version in which round, about which badge, over which digest.

    `valid_from` is RFC 3339 text in UTC, whole seconds. `comment` is for the learner, and in the badge.
    """

    id: str
    decision: str
    version: int
    round: int
    key: str
    valid_from: str
    badge: str
    digest: str
    with_concern: bool = False
    named: NamedPeer | None = None
    comment: str | None = None

    @property
    def proposal(self) -> str:
        """The address of the version that was consented to."""
        return f"{self.decision}/proposals/{self.version}"


def sign_answer(answer: Answer, *, signer: Signer) -> dict[str, Any]:
    """Return the signed endorsement; raise AnswerError when it would not be read as this answer."""
    proven = add_proof(
        _unsigned(answer),
        signer=signer,
        cryptosuite=CRYPTOSUITE,
        created=parse_date_time(answer.valid_from),
    )
    if read_answer(proven) != answer:
        _refuse("the answer would be read as another one")
    return proven


def new_answer(
    *,
    decision: str,
    random: str,
    version: int,
    round_: int,
    key: PublicKey,
    now: datetime,
    badge: str,
    digest: str,
    with_concern: bool = False,
    named: NamedPeer | None = None,
    comment: str | None = None,
) -> Answer:
    """Return an answer to sign; `random` are 26 letters and digits of base32, the answer's own address."""
    return Answer(
        id=f"{decision}/answers/{random}",
        decision=decision,
        version=version,
        round=round_,
        key=did_key(key),
        valid_from=format_date_time(now),
        badge=badge,
        digest=digest,
        with_concern=with_concern,
        named=named,
        comment=comment,
    )


def read_answer(document: Mapping[str, Any]) -> Answer:
    """Return the answer that a document is, by its shape alone; raise AnswerError. `verify_answer` checks more."""
    if document.keys() != _MEMBERS or document["@context"] != CONTEXTS or document["type"] != TYPES:
        _refuse("it has other members, contexts or types than an answer")
    id_, name = _matched(_ID, document["id"], "id"), _matched(_NAME, document["name"], "name")
    key, named = _read_issuer(document["issuer"])
    badge, comment = _read_subject(document["credentialSubject"])
    answer = Answer(
        id=id_[0],
        decision=id_[1],
        version=int(name[2]),
        round=int(name[3]),
        key=key,
        valid_from=_read_time(document["validFrom"]),
        badge=badge,
        digest=_read_resource(document["relatedResource"], proposal=f"{id_[1]}/proposals/{int(name[2])}"),
        with_concern=name[1] != "Consent",
        named=named,
        comment=comment,
    )
    _check_proof_members(document["proof"], answer)
    return answer


def verify_answer(document: Mapping[str, Any]) -> Answer:
    """Return the answer whose shape and signature hold; raise AnswerError."""
    answer = read_answer(document)
    try:
        verify_proof(document, proof=document["proof"], public_key=parse_did_key(answer.key))
    except (KeysError, DocumentError) as error:
        raise AnswerError(
            f"the answer is not signed by the key that it names: {error}", pointer="/proof"
        ) from error
    return answer


def member_commitment(*, name: str, key: str, decision: str, salt: bytes) -> str:
    """Return what the log says about whose key it is: a commitment that only the salt opens."""
    return commit({"name": name, "by": key, "decision": decision}, salt=salt)


def _unsigned(answer: Answer) -> dict[str, Any]:
    words = "Consent with a concern" if answer.with_concern else "Consent"
    subject = {"id": answer.badge, "type": ["EndorsementSubject"]}
    return {
        "@context": list(CONTEXTS),
        "id": answer.id,
        "type": list(TYPES),
        "name": f"{words}, version {answer.version}, round {answer.round}",
        "issuer": answer.key if answer.named is None else _profile(answer.key, answer.named),
        "validFrom": answer.valid_from,
        "credentialSubject": subject | ({"endorsementComment": answer.comment} if answer.comment else {}),
        "relatedResource": {"id": answer.proposal, "digestMultibase": answer.digest},
    }


def _profile(key: str, named: NamedPeer) -> dict[str, Any]:
    salt = {
        "type": "IdentifierEntry",
        "identifier": encode_base64url(named.salt),
        "identifierType": MEMBER_SALT,
    }
    return {"id": key, "type": ["Profile"], "name": named.name, "otherIdentifier": [salt]}


def _read_issuer(value: object) -> tuple[str, NamedPeer | None]:
    if isinstance(value, str):
        return _read_key(value), None
    if not isinstance(value, Mapping):
        _refuse("its issuer is no key", "/issuer")
    try:
        salt = decode_base64url(value["otherIdentifier"][0]["identifier"])
        named = NamedPeer(name=value["name"], salt=salt)
        key = _read_key(value["id"])
        same = value == _profile(key, named)
    except (KeysError, KeyError, IndexError, TypeError) as error:
        raise AnswerError("a named issuer has id, type, name and one salt", pointer="/issuer") from error
    if (
        not same
        or len(salt) != SALT_BYTES
        or not isinstance(named.name, str)
        or not 0 < len(named.name) <= MAX_NAME
    ):
        _refuse("a named issuer has id, type, name and one salt of 32 bytes, and nothing else", "/issuer")
    return key, named


def _read_key(value: object) -> str:
    try:
        kind = parse_did_key(value).kind if isinstance(value, str) else None
    except KeysError as error:
        raise AnswerError(f"its issuer's key cannot be used: {error}", pointer="/issuer") from error
    if kind != "Ed25519":
        _refuse("its issuer is not the did:key of an Ed25519 key", "/issuer")
    return str(value)


def _read_subject(value: object) -> tuple[str, str | None]:
    if (
        not isinstance(value, Mapping)
        or value.keys() - {"endorsementComment"} != {"id", "type"}
        or value["type"] != ["EndorsementSubject"]
        or not isinstance(value["id"], str)
    ):
        _refuse("its subject has other members than the badge's id, a type and a comment", "/credentialSubject")
    comment = value.get("endorsementComment")
    if "endorsementComment" in value and not (isinstance(comment, str) and 0 < len(comment) <= MAX_COMMENT):
        _refuse("its comment is no text, or a very long one", "/credentialSubject/endorsementComment")
    return value["id"], comment


def _read_resource(value: object, *, proposal: str) -> str:
    if not isinstance(value, Mapping) or value.keys() != {"id", "digestMultibase"} or value["id"] != proposal:
        _refuse("it does not name the version that it consents to", "/relatedResource")
    try:
        return read_digest(value["digestMultibase"], "/relatedResource/digestMultibase")
    except LeafError as error:
        raise AnswerError(error.message, pointer=error.pointer) from error


def _read_time(value: object) -> str:
    try:
        text = format_date_time(parse_date_time(value))
    except MalformedValueError as error:
        raise AnswerError(error.message, pointer="/validFrom") from error
    if text != value:
        _refuse(f"its time is not written {text}", "/validFrom")
    return text


def _check_proof_members(proof: object, answer: Answer) -> None:
    wanted = {
        "type": "DataIntegrityProof",
        "cryptosuite": CRYPTOSUITE,
        "created": answer.valid_from,
        "verificationMethod": did_key_method(parse_did_key(answer.key)),
        "proofPurpose": "assertionMethod",
    }
    if not isinstance(proof, Mapping) or proof.keys() != _PROOF or {**proof, **wanted} != dict(proof):
        _refuse("its proof has other members than that of an answer", "/proof")


def _matched(pattern: re.Pattern[str], value: object, name: str) -> re.Match[str]:
    found = pattern.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        _refuse(f"its {name} is not that of an answer", f"/{name}")
    return found


def _refuse(sentence: str, pointer: str = "") -> NoReturn:
    raise AnswerError(sentence, pointer=pointer)
