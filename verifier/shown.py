"""Badges that somebody shows in a presentation: the report on each, with a line on who shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from schemas import DocumentError, looks_like_jws, parse_compact_jws, parse_json
from verifier.checks.form import types_of
from verifier.checks.lines import line
from verifier.presentation import PresentationReport
from verifier.read import MAX_BYTES, jose_type
from verifier.report import Check, Report

_TYPES = frozenset({"VerifiablePresentation", "EnvelopedVerifiablePresentation"})
_SPEC = "VCDM 2.0, 4.13"


def presentation_in(data: bytes | Mapping[str, Any]) -> object | None:
    """Return a presentation, as `verify_presentation` takes it, where that is what was given; else None."""
    if isinstance(data, Mapping):
        return data if _TYPES & {*types_of(data)} else None
    if len(data) > MAX_BYTES or data.lstrip()[:1] not in {b"{", b"e"}:
        return None
    try:
        text = data.decode("utf-8").strip()
        if looks_like_jws(text):
            jws = parse_compact_jws(text)
            return text if "vp" in jws.payload or jose_type(jws.header, "jwt").startswith("vp") else None
        value = parse_json(text)
    except (UnicodeDecodeError, DocumentError):
        return None  # whatever it is, reading it as a badge says what is wrong with it
    return presentation_in(value) if isinstance(value, Mapping) else None


def reports_shown(report: PresentationReport) -> tuple[Report, ...]:
    """Return the report on each badge of a presentation; one that says why there is none where there is none."""
    faults = [check for check in report.checks if check.result in {"fail", "unknown"} and check.decides]
    if not report.credentials:
        reason = "it is a presentation, and there is no badge in it"
        nothing = line("readable", "fail", reason, "NO_BADGE", spec=_SPEC)
        return (Report(checks=tuple(faults[:1]) or (nothing,), checked_at=report.checked_at),)
    return tuple(
        replace(one, checks=(*one.checks, _holder_line(faults, report.holder, one))) for one in report.credentials
    )


def _holder_line(faults: list[Check], holder: str, badge: Report) -> Check:
    """Who shows a badge, and is it whom the badge is for."""
    if faults:
        first = min(faults, key=lambda check: check.result)  # fail before unknown
        reason = first.message[:1].lower() + first.message[1:]
        return line("holder", first.result, f"who shows it is not sure: {reason}", first.code, spec=_SPEC)
    about = badge.credential.get("recipient", {}).get("id")
    who = holder[:200]
    if about == holder:
        return line("holder", "pass", f"it is shown by {who}, whom it is for", spec=_SPEC)
    if about is None:
        reason = f"it is shown by {who}; it does not say by an identifier whom it is for, so compare the person"
        return line("holder", "info", reason, "HOLDER_NOT_SUBJECT", spec=_SPEC)
    reason = f"it is shown by {who}, and it is for somebody else"
    return line("holder", "warning", reason, "HOLDER_NOT_SUBJECT", spec=_SPEC)
