"""The whole check of one badge, in the order of the specifications (OB 3.0, section 9.1; VCDM 2.0, section 7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from schemas import PINNED, ContextSet, canonicalize_json, proofs_of
from verifier.checks.binding import not_asked
from verifier.checks.form import check_context, check_model, check_schema, is_badge, types_of
from verifier.checks.image import check_image
from verifier.checks.lines import Situation, issuer_of, line
from verifier.checks.others import check_decision, check_issuer_known, check_recipient, check_time
from verifier.checks.proofs import check_proofs, is_broken_signature
from verifier.checks.status import check_status
from verifier.fetch import Fetcher, LimitedFetcher
from verifier.policy import Policy
from verifier.read import Presented, read_badge, read_document
from verifier.report import CHECK_IDS, Check, Report, Result
from verifier.seen import SeenLists

MAX_ENDORSEMENTS = 32
_OVER_THE_TEXT = ("eddsa-jcs-", "ecdsa-jcs-")


def verify_badge(
    presented: Presented,
    *,
    now: datetime,
    fetcher: Fetcher,
    policy: Policy | None = None,
    recipient: str | None = None,
    contexts: ContextSet = PINNED,
    seen: SeenLists | None = None,
) -> Report:
    """Check a badge and return everything that was found. Never raises for a bad badge.

    `seen` is what the process remembers of status lists, so that an older one cannot take a newer one's place.
    """
    situation = Situation(
        now=now, fetcher=LimitedFetcher(fetcher), policy=policy or Policy(), contexts=contexts, seen=seen
    )
    if presented.problem is not None:
        return Report(checks=(_unreadable(presented), *not_reached("readable")), checked_at=now)
    document = presented.document
    lines = [*_readable(presented)]
    if presented.open_badges_2:
        message = "This is an Open Badge of version 2, an older kind that is not checked here."
        lines.append(
            Check(id="context", result="unknown", code="UNSUPPORTED", pointer="/@context", message=message)
        )
        return Report(
            checks=(*lines, *not_reached("context")),
            checked_at=now,
            credential=_summary(document),
            document=document,
        )
    lines += _checks(presented, situation=situation, with_status=True)
    lines += check_recipient(document, recipient=recipient)
    lines += check_issuer_known(document, situation=situation)
    lines += check_decision(document, situation=situation)
    if not any(check.code == "LIMIT_EXCEEDED" for check in lines):  # what is too much to read stays unread
        lines += _endorsements(presented, is_merged=_is_merged(presented, lines), situation=situation)
    order = {name: place for place, name in enumerate(CHECK_IDS)}
    lines.sort(key=lambda check: order.get(check.id, len(order)))
    return Report(
        checks=tuple(lines),
        checked_at=now,
        credential=_summary(document),
        document=document,
        key_source=situation.key_sources.get(issuer_of(document), ""),
    )


def _checks(presented: Presented, *, situation: Situation, with_status: bool) -> list[Check]:
    """Return the lines that every credential gets, the badge as well as a list or an endorsement in it."""
    document = presented.document
    context = check_context(document, is_jwt=presented.jws is not None, known=situation.contexts)
    lines = [
        *context,
        *check_model(document, policy=situation.policy),
        *check_schema(document, policy=situation.policy),
    ]
    lines += check_proofs(presented, situation=situation)
    if with_status:
        lines += check_status(
            document,
            situation=situation,
            verify_list=lambda list_: _checks(list_, situation=situation, with_status=False),
        )
    return lines + check_time(document, situation=situation)


def _unreadable(presented: Presented) -> Check:
    problem = presented.problem
    assert problem is not None
    result: Result = "unknown" if problem.problem == "UNSUPPORTED" else "fail"
    return line("readable", result, str(problem), problem.problem, pointer=problem.pointer)


def _readable(presented: Presented) -> Iterator[Check]:
    names = {
        "json": "JSON",
        "jwt": "a JWT",
        "png": "a PNG image with a badge in it",
        "svg": "an SVG image with a badge in it",
    }
    yield Check(id="readable", result="pass", message=f"It is {names[presented.container]}.")
    for warning in presented.warnings:
        yield line("readable", "warning", warning, "CONTAINER")
    yield from check_image(presented)


def not_reached(last: str) -> list[Check]:
    """Return the lines of the checks after the last one that was made."""
    rest = CHECK_IDS[CHECK_IDS.index(last) + 1 :]
    return [
        Check(id=name, result="skipped", message="Not asked, as the badge could not be read that far.")
        for name in rest
    ]


def _endorsements(presented: Presented, *, is_merged: bool, situation: Situation) -> list[Check]:
    """Check every embedded endorsement on its own.

    None of them changes the verdict on the badge (K4), but for one that was moved apart under a signature that
    does not see it (TRANSPARENCY.md, end of section 1).
    """
    document = presented.document
    found = [
        entry
        for node in _nodes(document)
        for entry in (
            *(read_document(value) for value in _listed(node, "endorsement")),
            *(_read_jwt(value) for value in _listed(node, "endorsementJwt")),
        )
    ][: MAX_ENDORSEMENTS + 1]
    ids = {node["id"] for node in _nodes(document) if isinstance(node.get("id"), str)}
    lines = []
    for number, endorsement in enumerate(found[:MAX_ENDORSEMENTS], start=1):
        id_ = f"endorsement/{number}"
        lines.append(_endorsement(id_, endorsement, ids=ids, is_merged=is_merged, situation=situation))
    if len(found) > MAX_ENDORSEMENTS:
        message = f"Only the first {MAX_ENDORSEMENTS} endorsements were looked at."
        lines.append(
            Check(id="endorsement/more", result="warning", code="LIMIT_EXCEEDED", decides=False, message=message)
        )
    return lines


def _is_merged(presented: Presented, lines: list[Check]) -> bool:
    """Say whether the badge's signature holds, and covers statements rather than the text as it stands."""
    if presented.jws is not None or not any(check.id == "proof" and check.result == "pass" for check in lines):
        return False
    return any(
        not str(proof.get("cryptosuite")).startswith(_OVER_THE_TEXT) for proof in proofs_of(presented.document)
    )


def _read_jwt(value: object) -> Presented:
    return read_badge(value.encode("utf-8", "surrogatepass")) if isinstance(value, str) else read_document(None)


def _endorsement(id_: str, presented: Presented, *, ids: set[str], is_merged: bool, situation: Situation) -> Check:
    """Check one endorsement; `is_merged` where the badge's own signature does not see which part says what."""
    if presented.problem or "EndorsementCredential" not in types_of(presented.document):
        message = "Something stands among the endorsements that is none."
        return Check(id=id_, result="fail", code="MALFORMED_VALUE_ERROR", decides=False, message=message)
    subject = presented.document.get("credentialSubject")
    about = subject.get("id") if isinstance(subject, Mapping) else None
    if not isinstance(about, str) or about not in ids or about == presented.document.get("id"):
        message = "An endorsement is about something else than this badge."
        return Check(id=id_, result="fail", code="ENDORSEMENT_SUBJECT", decides=False, message=message)
    lines = _checks(presented, situation=situation, with_status=True)
    if is_merged and presented.jws is None and any(is_broken_signature(check) for check in lines):
        message = (
            "An endorsement in it was changed after its endorser signed it, though the badge's own signature "
            "holds: somebody rearranged the badge. Ask the issuer for a new copy."
        )
        return Check(id=id_, result="fail", code="REARRANGED", pointer="/endorsement", message=message)
    report = Report(checks=tuple(lines), checked_at=situation.now)
    if not report:
        word = "is not good" if report.verdict == "invalid" else "could not be checked"
        reason = report.deciding or not_asked()
        return Check(
            id=id_,
            result="fail" if report.verdict == "invalid" else "unknown",
            code=reason.code,
            decides=False,
            message=f"An endorsement {word}: {reason.message[:1].lower()}{reason.message[1:]}",
        )
    message = f"An endorsement by {issuer_of(presented.document)[:120]} is good."
    return Check(id=id_, result="pass", decides=False, message=message)


def _nodes(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return what an endorsement can be about: the badge, its issuer, its achievements, their makers."""
    nodes = [document]
    for subject in _listed(document, "credentialSubject"):
        if isinstance(subject, Mapping):
            nodes += [node for name in ("achievement", "source") if isinstance(node := subject.get(name), Mapping)]
    nodes += [creator for node in nodes if isinstance(creator := node.get("creator"), Mapping)]
    if isinstance(document.get("issuer"), Mapping):
        nodes.append(document["issuer"])
    return nodes


def _listed(node: Mapping[str, Any], name: str) -> list[Any]:
    value = node.get(name, [])
    return value if isinstance(value, list) else [value]


def _summary(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a reader wants to know about the badge, as the badge says it: texts only, cut to a line."""
    issuer = document.get("issuer")
    subject = next((s for s in _listed(document, "credentialSubject") if isinstance(s, Mapping)), {})
    achieved = subject.get("achievement")
    achievement: Mapping[str, Any] = achieved if isinstance(achieved, Mapping) else {}
    profile = issuer if isinstance(issuer, Mapping) else {"id": issuer}
    names = [
        entry.get("identityHash")
        for entry in _listed(subject, "identifier")
        if isinstance(entry, Mapping) and entry.get("hashed") is False and entry.get("identityType") == "name"
    ]
    found = {
        "id": document.get("id"),
        "type": types_of(document),
        "name": achievement.get("name") or document.get("name"),
        "description": achievement.get("description"),
        "issuer": {
            name: profile[name] for name in ("id", "name", "url", "email") if isinstance(profile.get(name), str)
        },
        "recipient": {"id": subject.get("id"), "name": next((n for n in names if isinstance(n, str)), None)},
        "validFrom": document.get("validFrom", document.get("issuanceDate")),
        "validUntil": document.get("validUntil", document.get("expirationDate")),
        "isBadge": is_badge(document),
    }
    return {name: _short(value) for name, value in found.items() if value is not None}


def _short(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= 2000 else value[:2000] + "…"  # noqa: PLR2004 - a page of text
    if isinstance(value, dict):
        return {name: _short(child) for name, child in value.items() if child is not None}
    if isinstance(value, list):
        return [_short(child) for child in value[:20]]
    return value if isinstance(value, bool) else str(canonicalize_json(value)[:200], "utf-8", "replace")
