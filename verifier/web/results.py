"""A report as the page tells it: what we found apart from what the badge says of itself, rows in reading order."""

from __future__ import annotations

import base64
import hashlib
import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote, urlsplit

from schemas import DocumentError, canonicalize_json, parse_date_time
from verifier.report import Check, Report, Verdict
from verifier.words import words_for

MAX_CARRIED = 400_000  # a badge larger than this is not sent along inside the page
_TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# The order of PAGES.md, section 4. Endorsements stand between the peers' decision and the recipient.
_ORDER = (
    "readable",
    "proof",
    "issuer_binding",
    "issuer_known",
    "status",
    "refresh",
    "time",
    "context",
    "model",
    "schema",
    "decision",
    "log",
    "witnesses",
    "endorsement",
    "recipient",
    "holder",
)
_OLDER = 2  # of Open Badges: shown, and never called valid
_IN_FORCE = MappingProxyType({"valid": "yes", "invalid": "no", "unknown": "unknown"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A web address out of a badge: shown by its host, led to only where it is plain https."""

    url: str
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a badge says of itself, as plain texts. None of it is our word."""

    badge: str
    skill: str
    person: str
    issuer: str
    issuer_id: str
    website: Link | None
    contact: str
    issued: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """What anybody can check of the peers' decision, and what is only the issuer's word, sentence by sentence."""

    proven: tuple[str, ...]
    on_its_word: tuple[str, ...]
    page: Link | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One check on the page. `kind` names its title and explanation, `number` an endorsement's.

    `message` ends where somebody else's words begin, which are `said`; `after` is what follows them. `why` says
    why the finding matters, `remedy` what the reader can do.
    """

    kind: str
    number: str
    check: Check
    message: str
    said: str
    after: str
    why: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Everything the page shows about one badge.

    `signer` is what we know of who signed (a host, "" where the key names none, None where nothing is known);
    `carried` the badge as a text that checks again, None where it is too large to be sent along.
    """

    label: str
    verdict: Verdict
    unreadable: bool
    older: bool
    reason: str
    in_force: str
    checked_at: datetime
    said: Said | None
    signer: str | None
    rows: tuple[Row, ...]
    code: str
    raw: str
    command: str
    carried: str | None
    link: str | None
    recipient: str
    newer: Result | None
    decision: Proven | None

    @property
    def listed_as(self) -> Row | None:
        """Return the row that says under which name the issuer stands on a list of this verifier's."""
        known = self.first("issuer_known")
        return known if known is not None and known.check.result == "pass" else None

    @property
    def notable(self) -> tuple[Row, ...]:
        """Return what a reader in a hurry should not miss beside the verdict."""
        return tuple(row for row in self.rows if row.check.result == "warning")

    def first(self, kind: str) -> Row | None:
        """Return the first row of a kind."""
        return next((row for row in self.rows if row.kind == kind), None)


def build_result(
    report: Report, *, label: str = "", link: str | None = None, carried: str | None = None, recipient: str = ""
) -> Result:
    """Return the page's view of a report."""
    told = report.to_json()
    deciding = report.deciding
    return Result(
        label=plain(label),
        verdict=report.verdict,
        unreadable=report.unreadable,
        older=report.credential.get("version") == _OLDER,
        reason=plain(deciding.message) if deciding else "",
        in_force=_IN_FORCE[report.verdict],
        checked_at=report.checked_at,
        said=_said(report.credential) if report.credential else None,
        signer=_signer(report),
        rows=_rows(report, asked=bool(recipient)),
        code=check_code(told, document=report.document),
        raw=json.dumps(told, ensure_ascii=False, indent=2),
        command=_command(link, label),
        carried=carried if carried is not None and len(carried) <= MAX_CARRIED else None,
        link=link,
        recipient=recipient,
        newer=build_result(report.newer, recipient=recipient) if report.newer is not None else None,
        decision=_decision(report.decision) if report.decision else None,
    )


def _decision(told: Mapping[str, Any]) -> Proven:
    return Proven(
        proven=tuple(plain(sentence) for sentence in told["proven"]),
        on_its_word=tuple(plain(sentence) for sentence in told["onItsWord"]),
        page=_link(told["page"]),
    )


def plain(text: object) -> str:
    """Return a text from outside as one that shows as it is: nothing that hides or turns the writing round."""
    return "".join(c if (c.isprintable() or c == "\n") and c not in _TURNING else "\ufffd" for c in str(text))


def check_code(told: Mapping[str, Any], *, document: Mapping[str, Any] | None) -> str:
    """Return twelve letters and digits that stand for this very report on this very badge."""
    text = canonicalize_json({"report": dict(told), "document": dict(document) if document else None})
    letters = base64.b32encode(hashlib.sha256(text).digest()).decode("ascii")[:12]
    return "-".join(letters[start : start + 4] for start in (0, 4, 8))


def _rows(report: Report, *, asked: bool) -> tuple[Row, ...]:
    rows = []
    for check in report.checks:
        kind, _, number = check.id.partition("/")
        if kind == "recipient" and check.result == "skipped" and not asked:
            continue  # the page has a form of its own for it
        rows.append(_row(kind, number, check))
    order = {name: place for place, name in enumerate(_ORDER)}
    return tuple(sorted(rows, key=lambda row: order.get(row.kind, len(order))))


def _row(kind: str, number: str, check: Check) -> Row:
    before, mark, after = check.message.partition(check.said) if check.said else (check.message, "", "")
    words = words_for(kind, check.result, check.code)
    return Row(
        kind=kind,
        number=plain(number),
        check=check,
        message=plain(before),
        said=plain(mark.strip('"')),
        after=plain(after) if after != "." else "",
        why=words.why,
        remedy=words.remedy if check.result not in {"pass", "skipped"} else "",
    )


def _text(value: object, length: int = 300) -> str:
    text = plain(value).strip() if isinstance(value, str) else ""
    return text if len(text) <= length else text[: length - 1] + "…"


def _said(credential: Mapping[str, Any]) -> Said:
    issuer, recipient = (
        value if isinstance(value := credential.get(name), Mapping) else {} for name in ("issuer", "recipient")
    )
    return Said(
        badge=_text(credential.get("name"), 160),
        skill=_text(credential.get("description"), 280),
        person=_text(recipient.get("name"), 120),
        issuer=_text(issuer.get("name"), 160),
        issuer_id=_text(issuer.get("id"), 200),
        website=_link(issuer.get("url")),
        contact=_text(issuer.get("email"), 120),
        issued=_moment(credential.get("validFrom")),
        until=_moment(credential.get("validUntil")),
    )


def _moment(value: object) -> datetime | None:
    try:
        return parse_date_time(value)
    except DocumentError:
        return None


def _link(value: object) -> Link | None:
    """Return a link out of a badge; None unless it is plain https to a host in plain letters."""
    if not isinstance(value, str) or len(value) > 500 or not value.isascii() or not value.isprintable():  # noqa: PLR2004 - longer ones are no address to read
        return None
    try:
        parts = urlsplit(value)
        usable = parts.scheme == "https" and parts.hostname and parts.username is None and " " not in value
        return Link(url=value, host=parts.netloc.lower()) if usable else None
    except ValueError:
        return None


def _signer(report: Report) -> str | None:
    """Return the host whose key signed, once the checks have said that it did."""
    results = {kind: {c.result for c in report.checks if c.id == kind} for kind in ("proof", "issuer_binding")}
    if not all(found and found <= {"pass", "warning"} for found in results.values()):
        return None
    issuer = report.credential.get("issuer")
    name = issuer.get("id") if isinstance(issuer, Mapping) else None
    if not isinstance(name, str):
        return None
    if name.startswith("did:web:"):
        return "/".join(unquote(part) for part in name.removeprefix("did:web:").split(":"))
    link = _link(name)
    return link.host if link else ""


def _command(link: str | None, label: str) -> str:
    source = link or (label if label and "/" not in label and not label.startswith("-") else "badge.json")
    return f"academy verify {shlex.quote(plain(source))} --json"
