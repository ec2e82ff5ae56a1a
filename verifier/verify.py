"""The whole check of one badge, in the order of the specifications (OB 3.0, section 9.1; VCDM 2.0, section 7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from schemas import PINNED, ContextSet
from verifier.checks.endorsements import check_endorsements
from verifier.checks.form import check_context, check_model, check_schema
from verifier.checks.image import check_image
from verifier.checks.lines import Situation, issuer_of, line
from verifier.checks.open_badges_2 import check_open_badge_2, find_parts, summarize_2
from verifier.checks.others import check_issuer_known, check_recipient, check_time
from verifier.checks.proofs import check_proofs
from verifier.checks.status import check_status
from verifier.decision import check_decision
from verifier.fetch import Fetcher, LimitedFetcher
from verifier.policy import Policy
from verifier.read import Presented
from verifier.refresh import with_newer_copy
from verifier.report import CHECK_IDS, Check, Report, Result
from verifier.seen import SeenLists
from verifier.summary import summarize


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
        now=now, fetcher=LimitedFetcher(fetcher), policy=policy or Policy(), contexts=contexts.counted(), seen=seen
    )
    if presented.problem is not None:
        return Report(checks=(_unreadable(presented), *not_reached("readable")), checked_at=now)
    document = presented.document
    lines = [*_readable(presented)]
    if presented.open_badges_2:
        return Report(
            checks=(*lines, *check_open_badge_2(presented, situation=situation, recipient=recipient)),
            checked_at=now,
            credential=summarize_2(find_parts(document, situation=situation)),
            document=document,
        )
    lines += _checks(presented, situation=situation, with_status=True)
    lines += check_recipient(document, recipient=recipient)
    lines += check_issuer_known(document, situation=situation)
    endorsed: list[tuple[Mapping[str, Any], list[Check]]] = []

    def verify_endorsement(endorsement: Presented) -> list[Check]:
        found = _checks(endorsement, situation=situation, with_status=True)
        endorsed.append((endorsement.document, found))
        return found

    if not any(check.code == "LIMIT_EXCEEDED" for check in lines):  # what is too much to read stays unread
        lines += check_endorsements(presented, lines, situation=situation, verify=verify_endorsement)
    decided = check_decision(presented, lines, situation=situation, endorsed=endorsed)
    lines = decided.lines
    order = {name: place for place, name in enumerate(CHECK_IDS)}
    lines.sort(key=lambda check: order.get(check.id, len(order)))
    report = Report(
        checks=tuple(lines),
        checked_at=now,
        credential=summarize(document),
        document=document,
        key_source=situation.key_sources.get(issuer_of(document), ""),
        decision=decided.data,
    )
    return with_newer_copy(
        report,
        asked=situation.policy.refresh,
        fetcher=situation.fetcher,
        verify=lambda copy: verify_badge(
            copy,
            now=now,
            fetcher=situation.fetcher,
            policy=replace(situation.policy, refresh=False),
            recipient=recipient,
            contexts=situation.contexts,
            seen=seen,
        ),
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
