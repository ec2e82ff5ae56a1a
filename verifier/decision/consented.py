"""Is the logged leaf about this very badge, and does it show a consent (TRANSPARENCY.md, sections 1 and 3).

Pure: every value is recomputed from the badge and its leaf; what does not fit raises a DecisionError.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from schemas import DocumentError, badge_for_consent, consent_digest, final_digest, parse_date_time
from schemas.decision import why_not_consented
from schemas.tlog import CredentialIssued
from verifier.checks.rules import listed
from verifier.decision.errors import DecisionError

DECISION_RECORD = "decision record"
GRACE = timedelta(minutes=5)  # between the witnesses' time and the date of issue
_OUTCOMES: Mapping[str, tuple[str, str]] = {
    "K": (
        "DECIDERS_INCOMPLETE",
        "the list of those who decided is not the list of those who answered, so the decision was not complete",
    ),
    "G2": ("OUTCOME_NOT_MET", "fewer keys answered than the circle's own rule asks for, so this was no consent"),
}


def check_final(document: Mapping[str, Any], leaf: CredentialIssued) -> None:
    """Raise DecisionError unless what was logged is this very copy: wallet, dates, status and endorsements too."""
    if final_digest(document) != leaf.final:
        raise DecisionError(
            "the entry in the log is about another copy of this badge: a date, the status entry, the wallet, an "
            "endorsement or something else in it was changed without an entry of its own",
            code="FINAL_MISMATCH",
        )


def check_consented(document: Mapping[str, Any], leaf: CredentialIssued) -> None:
    """Raise DecisionError unless the leaf shows a consent, and one to this badge."""
    # What was consented to is this badge, these terms and this list of deciders.
    if _consent_digest(document, leaf) != leaf.proposal:
        raise DecisionError(
            "what the deciders consented to is not this badge, or not this list of deciders",
            code="PROPOSAL_MISMATCH",
        )
    rule = why_not_consented(leaf)
    if rule is not None:
        code, sentence = _OUTCOMES.get(rule, ("OUTCOME_NOT_MET", f"the rule {rule} of a consent is not met"))
        raise DecisionError(sentence, code=code)


def _consent_digest(document: Mapping[str, Any], leaf: CredentialIssued) -> str:
    return consent_digest(subject=badge_for_consent(document), terms=leaf.terms, deciders=leaf.deciders)


def decision_page(document: Mapping[str, Any]) -> str:
    """Return the address of the decision that the badge's evidence names, "" where it names none.

    Raises DecisionError for two of them.
    """
    found = [
        item["id"]
        for item in listed(document, "evidence")
        if isinstance(item, Mapping) and item.get("genre") == DECISION_RECORD and isinstance(item.get("id"), str)
    ]
    if len(found) > 1:
        raise DecisionError("the badge names the records of two decisions", pointer="/evidence")
    return found[0] if found else ""


def check_issue_time(document: Mapping[str, Any], leaf: CredentialIssued, *, witnessed: datetime | None) -> None:
    """Raise DecisionError for a badge issued before its decision closed, or long after it was logged.

    `witnessed` is the witnesses' time, None where there is none: then nobody but the Academy dates the entry.
    """
    try:
        begin = parse_date_time(document.get("validFrom"))
    except DocumentError:
        return  # the model check has said so
    closed = parse_date_time(leaf.closed_at)
    if begin < closed:
        raise DecisionError(
            f"it was issued on {_said(begin)}, before its decision was closed on {_said(closed)}",
            pointer="/validFrom",
            code="ISSUED_BEFORE_DECISION",
        )
    if leaf.reason == "first" and witnessed is not None and begin > witnessed + GRACE:
        raise DecisionError(
            f"it says that it was issued on {_said(begin)}, and its entry was in the log by {_said(witnessed)}",
            pointer="/validFrom",
            code="ISSUED_AFTER_LOGGING",
        )
    if witnessed is not None and witnessed + GRACE < closed:
        raise DecisionError(
            f"its entry says that the decision was closed on {_said(closed)}, and witnesses saw that entry before",
            code="ISSUED_BEFORE_DECISION",
        )


def _said(moment: datetime) -> str:
    return f"{moment:%-d %B %Y, %H:%M} UTC"
