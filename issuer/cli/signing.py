"""What the command line signs in a decision: the same things, in the same words, as the page's script.

The script is issuer/web/static/statements; a test compares what both say and sign. Pure: keys and random bytes
come in, and the time is the page's, as a machine without network may have any clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from keys import PrivateKey, did_key_method, encode_base64url, local_signer, public_key_of
from schemas import (
    DocumentError,
    canonicalize_json,
    format_date_time,
    hash_identity,
    parse_date_time,
    parse_json,
)
from schemas.decision import NamedPeer, Statement, multihash, new_answer, sign_answer, sign_statement
from schemas.tlog import commit

MAX_SIGNING_BYTES = 100_000
SALT_BYTES = 32
_ID_BYTES = 16
_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
_INTO_THE_BADGE = frozenset({"award", "renew"})
_TEXTS = ("decision", "digest", "now")
RandomBytes = Callable[[int], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What somebody says: a kind of statement, words that belong to it, and what goes into the badge."""

    type: str
    in_badge: bool = False
    text: str = ""
    concern: str = ""
    comment: str = ""
    name: str = ""
    email: str = ""


def read_signing(data: bytes) -> dict[str, Any]:
    """Return what the page gives to sign; raise ValueError with a sentence when it is something else."""
    try:
        value = parse_json(data, max_bytes=MAX_SIGNING_BYTES)
    except DocumentError as error:
        raise ValueError(f"what is to be signed cannot be read: {error.message}") from error
    good = (
        isinstance(value, dict)
        and all(isinstance(value.get(name), str) for name in _TEXTS)
        and all(type(value.get(name)) is int for name in ("version", "round"))
        and all(value.get(name) is None or isinstance(value[name], str) for name in ("badge", "name", "outcome"))
        and isinstance(value.get("identity", {}), dict)
    )
    if not good:
        raise ValueError("this is not the file that a decision's page offers for signing: take it from there")
    return dict(value)


def read_answer_given(
    signing: Mapping[str, Any], *, objection: str | None, concern: str, comment: str, show_name: bool
) -> Said:
    """Return an answer in the round: an objection, or a consent, which for a badge goes into the badge."""
    if objection is not None:
        return Said(type="objection", text=as_read(objection))
    outcome = signing.get("outcome")
    if not signing.get("badge") or outcome not in _INTO_THE_BADGE:
        return Said(type="not-yet" if outcome == "not_yet" else "consent", concern=as_read(concern))
    name = as_read(signing.get("name") or "") if show_name else ""
    return Said(type="consent", in_badge=True, concern=as_read(concern), comment=as_read(comment), name=name)


def read_statement_given(signing: Mapping[str, Any], *, type_: str, text: str) -> Said:
    """Return a statement; raise ValueError when the draft is not for the address that the page names."""
    email = ""
    if type_ == "about-me":
        identity = dict(signing.get("identity", {}))
        email = str(identity.pop("email", ""))
        if not is_mine(identity, email, digest=signing["digest"]):
            raise ValueError("the address in this draft is not the one that the page names; tell the facilitator")
    return Said(type=type_, text=as_read(text), email=email)


def is_mine(identity: Mapping[str, Any], email: str, *, digest: str) -> bool:
    """Say whether a draft's IdentityObject is for an address, and is exactly what the digest is of."""
    salt = identity.get("salt")
    same = isinstance(salt, str) and identity.get("identityHash") == hash_identity(email, salt=salt)
    return same and multihash(canonicalize_json(identity)) == digest


def as_read(text: str) -> str:
    """Return a text as the server reads it from a form."""
    return text.replace("\r\n", "\n").strip().replace("\x00", "")


def sign_said(
    said: Said, signing: Mapping[str, Any], *, key: PrivateKey, random_bytes: RandomBytes
) -> dict[str, Any]:
    """Return what the page's field takes; raise ValueError with a sentence for what cannot be signed so."""
    try:
        return _sign(said, signing, key, random_bytes)
    except DocumentError as error:
        raise ValueError(f"this cannot be signed: {error.message}") from error


def _sign(said: Said, signing: Mapping[str, Any], key: PrivateKey, random_bytes: RandomBytes) -> dict[str, Any]:
    public_key, now = public_key_of(key), parse_date_time(signing["now"])
    signer = local_signer(key, verification_method=did_key_method(public_key))
    words, salt = said.concern or said.text, random_bytes(SALT_BYTES)
    named = NamedPeer(name=said.name, salt=random_bytes(SALT_BYTES)) if said.name else None

    def statement(type_: str, text: str) -> dict[str, Any]:
        about = {name: signing[name] for name in ("decision", "version", "round", "digest")}
        digest = commit(text, salt=salt) if text else None
        return sign_statement(Statement(type=type_, at=format_date_time(now), text=digest, **about), signer=signer)

    signed: dict[str, Any] = {}
    if said.in_badge:
        answer = new_answer(
            decision=signing["decision"],
            random=_base32(random_bytes(_ID_BYTES)),
            version=signing["version"],
            round_=signing["round"],
            key=public_key,
            now=now,
            badge=signing["badge"],
            digest=signing["digest"],
            with_concern=bool(said.concern),
            named=named,
            comment=said.comment or None,
        )
        signed["answer"] = sign_answer(answer, signer=signer)
    else:
        signed["statement"] = statement(said.type, said.text)
    if said.concern:
        signed["concern"] = statement("concern", said.concern)
    if words:
        signed |= {"text": words, "salt": encode_base64url(salt)}
    return signed | ({"memberSalt": encode_base64url(named.salt)} if named else {})


def _base32(data: bytes) -> str:
    bits = "".join(f"{byte:08b}" for byte in data)
    return "".join(_BASE32[int(bits[at : at + 5].ljust(5, "0"), 2)] for at in range(0, len(bits), 5))


def words_for(said: Said, signing: Mapping[str, Any]) -> list[str]:
    """Return what is signed, in sentences: those of the page's script (words.js)."""
    version, round_ = signing["version"], signing["round"]
    which = f"version {version} of this proposal, in round {round_}"
    concern = ", and I have a concern" if said.type == "consent" and said.concern else ""
    first = {
        "consent": f"I consent to {which}{concern}.",
        "not-yet": f"I consent to version {version}, in round {round_}: not yet, and here is a plan.",
        "objection": f"I have an objection to {which}.",
        "about-me": f"the draft of this badge is for the address {said.email}, and that is mine.",
        "accept": f"I accept this badge as the circle decided on it, in version {version}.",
        "confirm": f"what was written down for me on version {version}, in round {round_}, is what I said.",
    }
    sentences = [f"You sign: {first[said.type]}"]
    if said.type == "about-me":
        return sentences
    if said.type in {"consent", "not-yet"}:
        what = "The badge" if signing.get("badge") else "The proposal"
        deciders = signing.get("deciders") if signing.get("badge") else None
        people = f"{deciders} people who decide" if deciders else "those who decide"
        sentences.append(f"{what}, its terms and the list of {people} are part of what you sign.")
    if said.concern:
        sentences.append("Your concern is signed beside it: there stands a salted digest of your words.")
    if said.text:
        sentences.append("In it stands a salted digest of your words, which only the words themselves open.")
    if said.comment:
        sentences.append("Your comment is in it, and the learner gets it with the badge.")
    if said.name:
        sentences.append(
            f"Your name is in it: \N{LEFT DOUBLE QUOTATION MARK}{said.name}\N{RIGHT DOUBLE QUOTATION MARK}."
        )
        sentences.append("We cannot take a name back from a file that the learner owns.")
    elif said.type != "accept":  # the badge itself may name who accepts it
        sentences.append("Your name is not in it.")
    return sentences
