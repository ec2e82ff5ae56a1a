"""An audit as text for a terminal, and how far it is."""

from __future__ import annotations

import sys
from typing import TextIO

from verifier.log.audit import Audit
from verifier.texts import plain

_MARKS = {"alarm": "✗", "unread": "?", "note": "·"}
_VERDICTS = {
    0: "CLEAN",
    1: "ALARM",
    2: "NOT ALL OF IT COULD BE READ",
    3: "SPLIT VIEW: one log, two histories",
}
_BAR_WIDTH = 30


def tell_audit(audit: Audit, *, status: int) -> str:
    """Return an audit for people: the verdict, the head, then a line for each finding."""
    lines = [_VERDICTS[status], ""]
    if audit.head is not None:
        checkpoint = audit.head.verified.checkpoint
        lines.append(f"The log {plain(checkpoint.origin)} signed for {checkpoint.size:,} leaves.")
    if audit.head is not None and audit.head.times:
        lines.append(
            f"Witnesses that confirmed it: {', '.join(plain(name) for name in sorted(audit.head.times))}."
        )
    if audit.seen_at is not None:
        lines.append(f"That was on {audit.seen_at:%-d %B %Y, %H:%M} UTC.")
    if audit.stored is not None:
        lines.append(f"Audited before: the first {audit.stored.size:,} leaves.")
    lines.append(f"Read: {audit.leaves:,} leaves, {audit.decisions:,} decisions, {audit.badges:,} badges.")
    lines.append("")
    for finding in audit.findings.kept:
        where = "" if finding.index is None else f" leaf {finding.index}:"
        seen = " (an earlier audit told this)" if finding.seen_before else ""
        lines.append(f"{_MARKS[finding.level]} {finding.code}{where} {plain(finding.message)}{seen}")
    if audit.findings.dropped:
        lines.append(f"… and {audit.findings.dropped:,} findings more.")
    return "\n".join(lines).rstrip()


class Progress:
    """A bar that shows how much of a log was read, where somebody looks at a terminal."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._shown = self._stream.isatty()

    def __call__(self, at: int, of: int) -> None:
        """Show that `at` of `of` leaves were read; take the bar away at the end."""
        if not self._shown or not of:
            return
        filled = _BAR_WIDTH * at // of
        text = f"[{'#' * filled}{'.' * (_BAR_WIDTH - filled)}] {at:,}/{of:,} leaves"
        end = f"\r{' ' * len(text)}\r" if at >= of else ""
        print(f"\r{text}{end}", end="", file=self._stream, flush=True)
