"""What people hand in, whatever it is: pasted text, a link, a file, an image as base64; and its check."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from schemas import PINNED, ContextSet, ParsingError, sniff
from verifier.cli import problem_report
from verifier.fetch import Fetcher, LimitedFetcher
from verifier.guarded import FetchError
from verifier.policy import Policy
from verifier.presentation import verify_presentation
from verifier.read import MAX_BYTES, Presented, read_badge, read_document
from verifier.report import Report
from verifier.seen import SeenLists
from verifier.shown import presentation_in, reports_shown
from verifier.verify import verify_badge

FETCHES = 400
FETCHING_S = 20.0
FETCHED_BYTES = 40_000_000
_LINK = re.compile(r"https?://\S+", re.IGNORECASE)
_DATA_URL = re.compile(r"data:[a-z0-9.+/-]*;base64,", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/_\-\r\n]{40,}={0,2}")


def for_one_request(fetcher: Fetcher) -> LimitedFetcher:
    """Return a fetcher for one request: no more documents, nor for longer, than one request may ask for."""
    return LimitedFetcher(
        fetcher, max_fetches=FETCHES, max_s=FETCHING_S, max_bytes=FETCHED_BYTES, whose="what was sent"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Checker:
    """Checks what is given with one fetcher and one policy, as of one time."""

    fetcher: Fetcher
    policy: Policy
    now: datetime
    contexts: ContextSet = PINNED
    seen: SeenLists | None = None

    def refreshing(self) -> Checker:
        """Return a checker that asks for newer copies, too."""
        return replace(self, policy=replace(self.policy, refresh=True))

    def check_bytes(self, data: bytes, *, recipient: str | None = None) -> Report:
        """Return the report on a file."""
        return self._check(read_badge(data), recipient)

    def check_all(self, given: bytes | str, *, recipient: str | None = None) -> tuple[Report, ...]:
        """Return the reports on a file or a text: one for each badge where it is a presentation."""
        data = given.encode("utf-8", "replace") if isinstance(given, str) else given
        value = presentation_in(data)
        if value is None:
            if isinstance(given, str):
                return (self.check_text(given, recipient=recipient),)
            return (self.check_bytes(given, recipient=recipient),)
        shown = verify_presentation(
            value,
            now=self.now,
            fetcher=self.fetcher,
            policy=self.policy,
            contexts=self.contexts,
            seen=self.seen,
        )
        return reports_shown(shown)

    def check_value(self, value: object, *, recipient: str | None = None) -> Report:
        """Return the report on a JSON value."""
        return self._check(read_document(value), recipient)

    def check_text(self, text: str, *, recipient: str | None = None) -> Report:
        """Return the report on a text: JSON, a JWT, SVG, a link, or an image as base64."""
        text = text.strip()
        if _LINK.fullmatch(text):
            return self.check_link(text, recipient=recipient)
        try:
            data = decode_image(text)
        except ParsingError as problem:
            return self._check(Presented(document={}, problem=problem), recipient)
        return self.check_bytes(data, recipient=recipient)

    def check_link(self, url: str, *, recipient: str | None = None) -> Report:
        """Return the report on what stands at an address."""
        try:
            data = self.fetcher.fetch(badge_address(url)).body
        except FetchError as error:
            return problem_report(str(error), now=self.now)
        return self.check_bytes(data, recipient=recipient)

    def _check(self, presented: Presented, recipient: str | None) -> Report:
        return verify_badge(
            presented,
            now=self.now,
            fetcher=self.fetcher,
            policy=self.policy,
            recipient=recipient or None,
            contexts=self.contexts,
            seen=self.seen,
        )


def is_link(text: str) -> bool:
    """Say whether a text is one web address and nothing else."""
    return _LINK.fullmatch(text.strip()) is not None


def badge_address(url: str) -> str:
    """Return a badge's own address: that of a verify page (so a QR code says) leads to the one it names."""
    try:
        parts = urlsplit(url)
        named = parse_qs(parts.query).get("url", []) if parts.path.rstrip("/").endswith("/verify") else []
    except ValueError:
        return url
    return named[0] if named and is_link(named[0]) else url


def decode_image(text: str) -> bytes:
    """Return the bytes that a text stands for: those of base64 where it is that, else its own in UTF-8.

    Raises ParsingError for a data URL whose base64 cannot be read.
    """
    prefix = _DATA_URL.match(text)
    if not prefix and not _BASE64.fullmatch(text):
        return text.encode("utf-8", "replace")
    encoded = text[prefix.end() :] if prefix else text
    letters = "".join(encoded.split()).translate(str.maketrans("-_", "+/")).rstrip("=")
    try:
        data = base64.b64decode(letters + "=" * (-len(letters) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        if not prefix:
            return text.encode("utf-8", "replace")
        message = "the base64 text of the image cannot be read; copy all of it, and nothing else"
        raise ParsingError(message) from error
    return data if prefix or sniff(data) else text.encode("utf-8", "replace")


def as_text(data: bytes) -> str:
    """Return a file's bytes as a text that `check_text` reads back: itself, or a data URL."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if text and "\0" not in text and not text.startswith("\ufeff"):
        return text
    return "data:application/octet-stream;base64," + base64.b64encode(data).decode("ascii")


__all__ = ["MAX_BYTES", "Checker", "as_text", "badge_address", "decode_image", "for_one_request", "is_link"]
