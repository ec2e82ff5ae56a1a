"""What a person's own key signed: taken apart once, held against what was typed and what is on the table.

The server holds no such key and signs for nobody. What was signed is kept as it came, under its digest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from issuer.errors import InvalidInputError, RefusedError
from issuer.rules.process import Process
from issuer.service.academy import Work
from issuer.service.passkeys import binding_of
from keys import KeysError, decode_base64url, parse_did_key
from schemas import (
    DocumentError,
    canonicalize_json,
    format_date_time,
    multihash,
    parse_date_time,
    parse_json,
)
from schemas.decision import (
    MAX_ANSWER_BYTES,
    Answer,
    SignedStatement,
    read_signed_statement,
    statement_digest,
    verify_answer,
)
from schemas.tlog import LeafError, commit

_MAX_SIGNED = 3 * MAX_ANSWER_BYTES
_MAX_DEPTH = 8
_MEMBERS = frozenset({"answer", "statement", "concern", "text", "salt", "memberSalt"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """What was signed and holds: its digest, the id of the kept text, and the key."""

    statement: str
    signed: str
    key: str


def _stream(process: str) -> str:
    """Return where the signed words of a decision are kept; they outlast the talk about it."""
    return f"statements/{process}"


def decision_url(work: Work, process: str) -> str:
    """Return the address of a decision."""
    return work.academy.url(f"/decisions/{process}")


def check_key(key: str) -> str:
    """Return a statement key's did:key; raise InvalidInputError for anything else."""
    try:
        if parse_did_key(key.strip()).kind == "Ed25519":
            return key.strip()
    except KeysError:
        pass
    raise InvalidInputError({"key": "This is not the did:key of an Ed25519 key, such as did:key:z6Mk…"})


def assurance_of(work: Work, member: str, process: str, key: str) -> str:
    """Return how somebody showed who they are when they gave this key: "passkey" or "link"."""
    return binding_of(work, member, decision_url(work, process), key)


def read_signed(text: str) -> Mapping[str, Any]:
    """Return the JSON that a browser or `academy sign` made; raise InvalidInputError."""
    try:
        value = parse_json(text, max_bytes=_MAX_SIGNED, max_depth=_MAX_DEPTH)
    except DocumentError as error:
        raise InvalidInputError({"signed": f"What was signed cannot be read: {error.message}."}) from error
    if not isinstance(value, dict) or value.keys() - _MEMBERS or ("answer" in value) == ("statement" in value):
        raise InvalidInputError({"signed": "What was signed is one answer or one statement, as the page made it."})
    return value


def signed_consent(
    work: Work,
    process: Process,
    *,
    by: str,
    value: Mapping[str, Any],
    badge: str,
    has_concern: bool,
    name: str | None,
) -> Spoken:
    """Keep a decider's signed consent to award a badge: an endorsement in the exact shape, and nothing else.

    `name` is the one to be shown, None for none. Raises RefusedError for what was signed about something else.
    """
    document = value.get("answer")
    try:
        answer = verify_answer(document) if isinstance(document, dict) else None
    except (DocumentError, LeafError) as error:
        _refuse(f"What was signed does not hold: {error.message}.")
    if answer is None:
        _refuse("A consent to a badge is signed as an endorsement.")
    _check_answer(work, process, answer, badge=badge, has_concern=has_concern, name=name)
    assert isinstance(document, dict)
    return _keep(work, process, document, by=by, key=answer.key, at=answer.valid_from)


def _check_answer(
    work: Work, process: Process, answer: Answer, *, badge: str, has_concern: bool, name: str | None
) -> None:
    version = process.version
    assert version is not None
    about = (answer.decision, answer.version, answer.round, answer.digest, answer.badge)
    if about != (decision_url(work, process.id), version.number, process.round, version.digest, badge):
        _refuse("What was signed is about another version, round, badge or decision.")
    if answer.comment is not None:
        _refuse("What was signed holds words that the page did not ask for.")
    if answer.with_concern != has_concern:
        _refuse("What was signed says something else about a concern than the page does.")
    if (answer.named.name if answer.named else None) != name:
        _refuse("What was signed shows another name than the page says.")


def signed_statement(
    work: Work,
    process: Process,
    *,
    by: str,
    value: Mapping[str, Any],
    kind: str,
    digest: str,
    version: int,
    round_: int,
    words: str = "",
) -> Spoken:
    """Keep a signed statement of one kind about one version; `words` are what was typed with it.

    Raises RefusedError for what was signed about something else.
    """
    signed = _statement(value.get("statement"))
    said = signed.statement
    about = (said.type, said.decision, said.version, said.round, said.digest)
    if about != (kind, decision_url(work, process.id), version, round_, digest):
        _refuse("What was signed is about another version, round, step or decision.")
    if said.text is not None or words:
        _check_words(value, said.text, words)
    return _keep(work, process, value["statement"], by=by, key=signed.key, at=said.at)


def _statement(envelope: object) -> SignedStatement:
    try:
        return read_signed_statement(envelope)
    except (DocumentError, LeafError) as error:
        _refuse(f"What was signed does not hold: {error.message}.")


def _check_words(value: Mapping[str, Any], commitment: str | None, words: str) -> None:
    try:
        salt = decode_base64url(value["salt"])
        holds = commit(words, salt=salt) == commitment
    except (KeyError, TypeError, KeysError, LeafError):
        holds = False
    if not holds:
        _refuse("What was signed holds other words than the page does.")


def _keep(work: Work, process: Process, document: Mapping[str, Any], *, by: str, key: str, at: str) -> Spoken:
    """Keep what was signed, when its time fits: not from the future, not from before the decision was there."""
    moment = parse_date_time(at)
    began = process.opened_at
    if moment > work.now or (began is not None and moment < began.replace(microsecond=0)):
        _refuse(
            f"What was signed says {at}, and it is {format_date_time(work.now)}: that does not fit this decision."
        )
    stored = canonicalize_json(document).decode("utf-8")
    return Spoken(
        statement=statement_digest(document),
        signed=work.unit.texts.put(stored, stream=_stream(process.id), author=by),
        key=key,
    )


def kept_document(work: Work, id_: str | None) -> dict[str, Any]:
    """Return what was signed, as it was kept; raise RefusedError where it was erased."""
    text = work.unit.texts.get(id_)
    if text is None:
        _refuse("What was signed here was erased.")
    document: dict[str, Any] = parse_json(text)
    return document


def identity_digest(credential: Mapping[str, Any]) -> str:
    """Return what the applicant signs as `about-me`: the digest of the salted e-mail identity in the badge."""
    identities = credential["credentialSubject"]["identifier"]
    hashed = next(identity for identity in identities if identity["hashed"])
    return multihash(canonicalize_json(hashed))


def _refuse(sentence: str) -> NoReturn:
    raise RefusedError(
        sentence,
        rule="signature",
        remedy="Load the page again and answer there; it signs what it shows. Nothing was changed.",
    )
