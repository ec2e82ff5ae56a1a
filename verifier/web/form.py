"""What a visitor of the verify page typed, pasted, linked or chose, and the results on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from verifier.web.given import Checker, as_text, badge_address, is_link
from verifier.web.results import Result, build_result

MAX_AT_ONCE = 50
_MAX_RECIPIENT = 500
Problem = Literal["", "empty", "link", "many", "large"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The one field that takes anything, with the files beside it. `problem` says why nothing was checked."""

    text: str = ""
    recipient: str = ""
    refresh: bool = False
    files: tuple[tuple[str, bytes], ...] = ()
    problem: Problem = ""

    def check(self, checker: Checker) -> tuple[Result, ...]:
        """Check everything that was given: the files first, then the text or each link in it."""
        recipient = self.recipient or None
        checker = checker.refreshing() if self.refresh else checker
        results = [
            build_result(report, label=name, carried=as_text(data), recipient=self.recipient)
            for name, data in self.files
            for report in checker.check_all(data, recipient=recipient)
        ]
        for text in _pieces(self.text):
            link = badge_address(text) if is_link(text) else None
            results += [
                build_result(report, label=link or "", link=link, carried=link or text, recipient=self.recipient)
                for report in checker.check_all(text, recipient=recipient)
            ]
        return tuple(results)


def read_form(fields: Mapping[str, str], files: Iterable[tuple[str, bytes]] = ()) -> Form:
    """Read the page's form, or the address that a QR code leads to (`url`)."""
    link = fields.get("url", "").strip()
    text = fields.get("badge", "") or link
    chosen = tuple((name, data) for name, data in files if name or data)
    problem: Problem = ""
    if not text.strip() and not chosen:
        problem = "empty"
    elif link and not is_link(link):
        problem = "link"
    elif len(chosen) + len(_pieces(text)) > MAX_AT_ONCE:
        problem = "many"
    recipient = fields.get("recipient", "").strip()[:_MAX_RECIPIENT]
    return Form(text=text, recipient=recipient, refresh=bool(fields.get("refresh")), files=chosen, problem=problem)


def _pieces(text: str) -> list[str]:
    """Return a text as the badges in it: each of its links where it is links line by line, or one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > 1 and all(is_link(line) for line in lines):
        return lines
    return [text.strip()] if lines else []
