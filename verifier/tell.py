"""Reports as text for a terminal: one badge line by line, several as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO, TypeVar

from verifier.report import Report
from verifier.texts import plain

_MARKS = {
    "pass": ("✓", "good"),
    "fail": ("✗", "bad"),
    "unknown": ("?", "not known"),
    "warning": ("!", "odd"),
    "info": ("·", "for you to judge"),
    "skipped": ("-", "not asked"),
}
_SOURCE_WIDTH = 40
_REASON_WIDTH = 160
_BAR_WIDTH = 30
Thing = TypeVar("Thing")


def tell(report: Report) -> str:
    """Return a report for people: the verdict first, then a line for each check."""
    lines = [report.verdict.upper(), plain(report.sentence), ""]
    name, issuer = report.credential.get("name"), report.credential.get("issuer", {})
    if name:
        maker = issuer.get("name") or issuer.get("id", "")
        lines += [f'The badge calls itself "{plain(name)}", its issuer "{plain(maker)}".', ""]
    for check in report.checks:
        mark, word = _MARKS[check.result]
        lines.append(f"{mark} {check.id:<15} {word:<17} {plain(check.message)}")
    if report.decision:
        lines += ["", "WHAT ANYBODY CAN CHECK", *map(_item, report.decision["proven"])]
        lines += ["", "WHAT IS ONLY THE ACADEMY'S WORD", *map(_item, report.decision["onItsWord"])]
    if report.newer is not None:
        lines += ["", "THE NEWER COPY", tell(report.newer)]
    return "\n".join(lines)


def _item(sentence: str) -> str:
    return f"- {plain(sentence)}"


def tell_several(reports: Sequence[tuple[str, Report]]) -> str:
    """Return a table of many reports, a line for each, and what they come to."""
    width = min(max((len(plain(source)) for source, _ in reports), default=0), _SOURCE_WIDTH)
    lines = [
        f"{report.verdict.upper():<8} {_cut(source, width):<{width}}  {_reason(report)}"
        for source, report in reports
    ]
    counted = Counter(report.verdict for _, report in reports)
    total = f"{len(reports)} looked at: " + ", ".join(
        f"{counted[verdict]} {verdict}" for verdict in ("valid", "invalid", "unknown")
    )
    return "\n".join([*lines, "", f"{total}."])


def _cut(source: str, width: int) -> str:
    """Return a source's end, as files differ there."""
    text = plain(source)
    return text if len(text) <= width else "…" + text[-width + 1 :]


def _reason(report: Report) -> str:
    """Return why a verdict is what it is; for a good badge, what it calls itself."""
    if report.deciding is not None:
        return plain(report.deciding.message)[:_REASON_WIDTH]
    maker = report.credential.get("issuer", {})
    name = plain(report.credential.get("name", ""))[:60]
    return f'"{name}" of "{plain(maker.get("name") or maker.get("id", ""))[:60]}"'


def with_progress(things: Sequence[Thing], *, stream: TextIO) -> Iterator[Thing]:
    """Yield things, with a bar that shows how far we are where somebody looks at a terminal."""
    shown = len(things) > 1 and stream.isatty()
    for number, thing in enumerate(things):
        if shown:
            filled = _BAR_WIDTH * number // len(things)
            bar = "#" * filled + "." * (_BAR_WIDTH - filled)
            print(f"\r[{bar}] {number}/{len(things)}", end="", file=stream, flush=True)
        yield thing
    if shown:
        print("\r" + " " * (_BAR_WIDTH + 24) + "\r", end="", file=stream, flush=True)


def worst(reports: Iterable[Report]) -> str:
    """Return the worst verdict: invalid over unknown over valid."""
    verdicts = {report.verdict for report in reports}
    return next((verdict for verdict in ("invalid", "unknown") if verdict in verdicts), "valid")
