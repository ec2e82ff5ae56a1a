"""A passkey stands behind a statement key: the device signs the key's digest, and what it signed is kept."""

from __future__ import annotations

import re
from typing import Any, Literal

from issuer.errors import InvalidInputError, RefusedError
from issuer.rules.bindings import key_challenge
from issuer.service.academy import Work, query, use_case
from issuer.service.passkeys.ceremonies import challenge_in, kept_assertion, refused, request_options
from issuer.service.passkeys.challenges import new_challenge, spend
from issuer.service.passkeys.own import passkeys_in_use, use_passkey
from issuer.store.passkeys import BindingRow
from keys import KeysError, decode_base64url, encode_base64url, parse_did_key
from schemas import dump_json

Assurance = Literal["passkey", "link"]
_ID = re.compile(r"[a-z0-9]{1,40}")
_MOST = 8  # a key is made anew where a browser lost it


@query
def begin_binding(work: Work, member: str, decision: str, key: str) -> dict[str, Any]:
    """Return `{"publicKey": options, "ticket": text}` for the browser, so that a passkey signs a statement key.

    `decision` is the decision's URL, `key` the did:key. `{"assurance": ...}` instead where nothing is to be asked:
    "passkey" when the key is bound already, "link" when the person has no passkey. Raises InvalidInputError for
    what is no decision of ours or no Ed25519 key, RefusedError where passkeys do not work.
    """
    _check(work, decision, key)
    if binding_of(work, member, decision, key) == "passkey":
        return {"assurance": "passkey"}
    known = [row.credential for row in passkeys_in_use(work, member)]
    if not known:
        return {"assurance": "link"}
    challenge = key_challenge(decision=decision, key=key, member=member)
    return {
        "publicKey": request_options(work.academy, challenge=challenge, known=known),
        "ticket": encode_base64url(new_challenge(work, "bind", member, decision, key)),
    }


@use_case
def finish_binding(work: Work, member: str, decision: str, key: str, *, ticket: str, credential: Any) -> Assurance:
    """Store that a member's passkey stands behind a statement key; return the key's assurance, "passkey".

    Raises RefusedError when the device signed something else, for somebody else, elsewhere, too late or again.
    """
    _check(work, decision, key)
    try:
        spend(work, decode_base64url(ticket), "bind", member, decision, key)
    except KeysError as error:
        raise refused() from error
    challenge = key_challenge(decision=decision, key=key, member=member)
    if challenge_in(credential) != challenge:
        raise refused("Your device signed for another key.")
    row = use_passkey(work, credential, challenge=challenge, member=member)
    if binding_of(work, member, decision, key) == "passkey":
        return "passkey"
    if work.unit.passkeys.count_bindings(decision=decision, member=member) >= _MOST:
        raise RefusedError(
            f"You have {_MOST} keys in this decision already.",
            rule="passkey",
            remedy="Answer from a browser that you answered from before.",
        )
    work.unit.passkeys.bind(
        BindingRow(
            decision=decision,
            key=key,
            member=member,
            passkey=row.id,
            at=work.now.isoformat(),
            assertion=dump_json(kept_assertion(credential, public_key=row.public_key)),
        )
    )
    return "passkey"


def binding_of(work: Work, member: str, decision: str, key: str) -> Assurance:
    """Return what stands behind a member's statement key in a decision: their passkey, or a mailed link.

    Raises TamperedError where the stored binding does not carry our seal.
    """
    found = work.unit.passkeys.binding(decision=decision, key=key, member=member)
    return "passkey" if found is not None else "link"


def _check(work: Work, decision: str, key: str) -> None:
    faults = {}
    if not _ID.fullmatch(decision.removeprefix(work.academy.url("/decisions/"))):
        faults["decision"] = "This is not the address of a decision here."
    try:
        parsed = parse_did_key(key)
    except KeysError:
        parsed = None
    if parsed is None or parsed.kind != "Ed25519":
        faults["key"] = "This is not the did:key of an Ed25519 key."
    if faults:
        raise InvalidInputError(faults)
