"""Open Badges 2.0, read only: recognised, shown, and checked as far as the documents are at hand.

Such a badge is a plain JSON assertion that counts because it stands at its issuer's address (hosted), or one that
is signed as a JWS with a key that the issuer's profile names. Nothing is fetched for it: its documents are those
inside it or those given with it. It is never called valid, as not all that the specification asks is checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from keys import BadSignatureError, KeysError, parse_pem
from schemas import (
    DocumentError,
    canonicalize_json,
    check_jws_header,
    matches_identity,
    parse_date_time,
    parse_json,
    verify_jws,
)
from verifier.checks.lines import Situation, line
from verifier.checks.others import check_issuer_known
from verifier.checks.rules import listed
from verifier.fetch import at_hand
from verifier.read import Presented, read_badge
from verifier.report import CHECK_IDS, Check
from verifier.resolve import host_of

_SPEC = "Open Badges 2.0"
_OLD = (
    "this is an Open Badge of version 2, an older kind. It is shown, and what can be checked here was checked, "
    "but not everything: ask the issuer for a badge of version 3, or whether this one is good"
)
_HOSTED = frozenset({"HostedBadge", "hosted"})
_SIGNED = frozenset({"SignedBadge", "signed"})
_MAX_REVOKED = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """An assertion, its badge class and its issuer's profile: empty where they are not at hand."""

    assertion: Mapping[str, Any]
    badge: Mapping[str, Any]
    issuer: Mapping[str, Any]


def find_parts(document: Mapping[str, Any], *, situation: Situation) -> Parts:
    """Return an assertion with what it points to, as far as that stands inside it or was given with it."""
    badge = _document(document.get("badge"), situation=situation)
    return Parts(assertion=document, badge=badge, issuer=_document(badge.get("issuer"), situation=situation))


def _document(value: object, *, situation: Situation) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    found = at_hand(situation.fetcher, value) if isinstance(value, str) else None
    if found is None:
        return {}
    try:
        parsed = parse_json(found.body)
    except DocumentError:
        return {}
    return parsed if isinstance(parsed, Mapping) and parsed.get("id", value) == value else {}


def check_open_badge_2(presented: Presented, *, situation: Situation, recipient: str | None) -> list[Check]:
    """Return a line for each check, in the order of a report."""
    parts = find_parts(presented.document, situation=situation)
    lines = [
        line("context", "unknown", _OLD, "UNSUPPORTED", pointer="/@context", spec=_SPEC),
        *_check_model(parts),
        line("schema", "skipped", "there is no schema for this kind of badge here"),
        *_check_origin(presented, parts, situation=situation),
        _check_status(parts, situation=situation),
        _check_time(parts.assertion, situation=situation),
        _check_recipient(parts.assertion, recipient),
        *check_issuer_known({"issuer": parts.issuer}, situation=situation),
    ]
    rest = CHECK_IDS[CHECK_IDS.index("decision") :]
    return [*lines, *(line(name, "skipped", "badges of this kind carry nothing about it") for name in rest)]


def _check_model(parts: Parts) -> Iterator[Check]:
    assertion = parts.assertion
    recipient = assertion.get("recipient")
    missing = [name for name in ("recipient", "badge", "issuedOn") if name not in assertion]
    if not ("id" in assertion or "uid" in assertion):
        missing.append("id")
    if not isinstance(recipient, Mapping) or not isinstance(recipient.get("identity"), str):
        missing.append("recipient/identity")
    for name in missing[:1]:
        yield _fail("model", f"it lacks {name}, which every such badge has", "MALFORMED_VALUE_ERROR", f"/{name}")
    if not missing:
        known = "" if parts.issuer else " What it says of its badge and issuer stands elsewhere, and was not given"
        yield line("model", "pass", f"it has what such a badge must have.{known}")


def _fail(id_: str, reason: str, code: str, pointer: str = "") -> Check:
    return line(id_, "fail", reason, code, pointer=pointer, spec=_SPEC)


def _unknown(id_: str, reason: str, code: str, pointer: str = "") -> Check:
    return line(id_, "unknown", reason, code, pointer=pointer, spec=_SPEC)


def _check_origin(presented: Presented, parts: Parts, *, situation: Situation) -> Iterator[Check]:
    """Is it the issuer's: by its address, or by its signature."""
    verification = parts.assertion.get("verification", parts.assertion.get("verify"))
    kinds = {str(kind) for kind in listed(verification, "type")} if isinstance(verification, Mapping) else set()
    assert isinstance(verification, Mapping) or not kinds
    if kinds & _SIGNED and isinstance(verification, Mapping):
        yield from _check_signed(presented, parts, verification, situation=situation)
    elif presented.jws is not None:
        yield _fail("proof", "it is signed, but does not say that it is to be checked so", "MALFORMED_VALUE_ERROR")
    elif kinds & _HOSTED:
        yield from _check_hosted(parts, situation=situation)
    else:
        reason = "it does not say how it is to be checked: by its address or by a signature"
        yield _fail("proof", reason, "MALFORMED_VALUE_ERROR", "/verification")


def _check_hosted(parts: Parts, *, situation: Situation) -> Iterator[Check]:
    address = parts.assertion.get("id", "")
    if not isinstance(address, str) or not address.startswith("https://"):
        yield _fail(
            "proof", "it is kept at no https address, so it proves nothing", "MALFORMED_VALUE_ERROR", "/id"
        )
        return
    kept = at_hand(situation.fetcher, address)
    if kept is None:
        reason = f"it is worth what stands at its address: open {address[:200]} and compare"
        yield _unknown("proof", reason, "NOT_FOUND", "/id")
    else:
        yield _compare(parts.assertion, kept.body)
    host = host_of(parts.issuer.get("id"))
    if not host:
        yield _unknown(
            "issuer_binding", "who issued it stands elsewhere, and was not given", "NOT_FOUND", "/badge"
        )
    elif host_of(address) != host:
        reason = f"it is kept at another host than its issuer's, which is {host[:100]}"
        yield _fail("issuer_binding", reason, "INVALID_VERIFICATION_METHOD", "/id")
    else:
        yield line("issuer_binding", "pass", f"its address is at {host[:100]}, as its issuer's", spec=_SPEC)


def _compare(assertion: Mapping[str, Any], body: bytes) -> Check:
    kept = read_badge(body)
    if kept.problem is not None or canonicalize_json(kept.document) != canonicalize_json(assertion):
        reason = "it differs from the copy that is kept at its address, so it was changed or replaced"
        return _fail("proof", reason, "PROOF_VERIFICATION_ERROR")
    return line("proof", "pass", "it is the same as the copy kept at its address, as that was given", spec=_SPEC)


def _check_signed(
    presented: Presented, parts: Parts, verification: Mapping[str, Any], *, situation: Situation
) -> Iterator[Check]:
    jws = presented.jws
    if jws is None:
        yield _fail("proof", "it says that it is signed, and is not", "PROOF_VERIFICATION_ERROR", "/verification")
        return
    # 1. The key: one that the issuer's profile names, and that names the issuer as its owner.
    named = [key for key in listed(parts.issuer, "publicKey") if isinstance(key, (str, Mapping))][:8]
    keys = [_document(key, situation=situation) for key in named]
    wanted = verification.get("creator", verification.get("url"))
    found = [key for key in keys if key and wanted in (None, key.get("id"))]
    if not found:
        if parts.issuer and keys and all(keys):
            reason = "it was signed with a key that its issuer's profile does not name"
            yield _fail("proof", reason, "INVALID_VERIFICATION_METHOD", "/verification/creator")
        else:
            yield _unknown(
                "proof", "its issuer's key stands elsewhere, and was not given", "NOT_FOUND", "/verification"
            )
        return
    # 2. The signature.
    try:
        check_jws_header(jws.header)
        verify_jws(jws, public_key=parse_pem(found[0].get("publicKeyPem")))
    except BadSignatureError as error:
        reason = "it was changed after it was signed, or was signed with another key than it names"
        yield _fail("proof", reason, error.code)
        return
    except KeysError as error:
        result = _unknown if error.code == "UNSUPPORTED" else _fail
        yield result("proof", f"its issuer's key cannot be used: {error}", error.code)
        return
    except DocumentError as error:
        result = _unknown if error.problem == "UNSUPPORTED" else _fail
        yield result("proof", str(error), error.problem)
        return
    yield line("proof", "pass", "nothing was changed since it was signed", spec=_SPEC)
    # 3. Whose key it is.
    if found[0].get("owner") != parts.issuer.get("id"):
        reason = "its key says that it belongs to somebody else than the issuer"
        yield _fail("issuer_binding", reason, "INVALID_VERIFICATION_METHOD")
    else:
        reason = (
            "the key is in the issuer's profile, as that was given with the badge: anybody could have written it"
        )
        yield line("issuer_binding", "warning", reason, "KEY_SUPPLIED", spec=_SPEC)


def _check_status(parts: Parts, *, situation: Situation) -> Check:
    if parts.assertion.get("revoked") is True:
        reason = parts.assertion.get("revocationReason")
        more = f": {str(reason)[:200]}" if isinstance(reason, str) and reason.isprintable() else ""
        return _fail("status", f"it says itself that it was revoked{more}", "STATUS_SET", "/revoked")
    address = parts.issuer.get("revocationList")
    if not isinstance(address, str):
        return line("status", "skipped", "nothing says whether it could be revoked")
    value = _document(address, situation=situation)
    revoked = value.get("revokedAssertions")
    if not isinstance(revoked, list) or len(revoked) > _MAX_REVOKED:
        reason = "we could not check whether it was revoked: its issuer's list was not given"
        return _unknown("status", reason, "STATUS_RETRIEVAL_ERROR")
    names = {parts.assertion.get(name) for name in ("id", "uid") if isinstance(parts.assertion.get(name), str)}
    for entry in revoked:
        named = [entry.get("id"), entry.get("uid")] if isinstance(entry, Mapping) else [entry]
        if any(isinstance(name, str) and name in names for name in named):
            return _fail(
                "status", "it was revoked: it stands on the issuer's list of revoked badges", "STATUS_SET"
            )
    return line("status", "pass", "not revoked, says the list that was given with it", spec=_SPEC)


def _check_time(assertion: Mapping[str, Any], *, situation: Situation) -> Check:
    try:
        begin, end = (parse_date_time(assertion[n]) if n in assertion else None for n in ("issuedOn", "expires"))
    except DocumentError as error:
        return _unknown("time", f"a date of it cannot be read: {error}", "MALFORMED_VALUE_ERROR", "/issuedOn")
    if begin and situation.is_ahead(begin):
        return _fail(
            "time", f"it was issued on {begin:%-d %B %Y}, which is yet to come", "VALIDITY_PERIOD", "/issuedOn"
        )
    if end and situation.is_over(end):
        return _fail("time", f"it ended on {end:%-d %B %Y}", "VALIDITY_PERIOD", "/expires")
    until = f"until {end:%-d %B %Y}" if end else "without an end date"
    return line("time", "pass", f"in force {until}", spec=_SPEC)


def _check_recipient(assertion: Mapping[str, Any], recipient: str | None) -> Check:
    if recipient is None:
        message = "whether it is for a certain person was not asked. Give their e-mail address to compare"
        return line("recipient", "skipped", message)
    entry = assertion.get("recipient")
    identity = {**entry, "identityHash": entry.get("identity")} if isinstance(entry, Mapping) else {}
    if matches_identity(identity, recipient):
        return line("recipient", "pass", "it is for the person you asked about", spec=_SPEC)
    reason = "it is for somebody else than the person you asked about"
    return _fail("recipient", reason, "RECIPIENT_MISMATCH", "/recipient")


def summarize_2(parts: Parts) -> dict[str, Any]:
    """Return what a reader wants to know about such a badge, texts only."""
    found = {
        "id": parts.assertion.get("id", parts.assertion.get("uid")),
        "name": parts.badge.get("name"),
        "description": parts.badge.get("description"),
        "validFrom": parts.assertion.get("issuedOn"),
        "validUntil": parts.assertion.get("expires"),
    }
    issuer = {name: parts.issuer.get(name) for name in ("id", "name", "url", "email")}
    if not isinstance(issuer["id"], str) and isinstance(parts.badge.get("issuer"), str):
        issuer["id"] = parts.badge["issuer"]
    texts = {name: value[:2000] for name, value in found.items() if isinstance(value, str)}
    return {
        **texts,
        "type": ["Assertion"],
        "issuer": {name: value[:2000] for name, value in issuer.items() if isinstance(value, str)},
        "recipient": {},
        "isBadge": True,
        "version": 2,
    }
