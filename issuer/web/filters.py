"""How times, days and people's own words look on a page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date, format_datetime, get_timezone_location
from flask.sansio.app import App
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

from issuer.web.context import reader
from issuer.web.i18n import _, language
from issuer.web.terms import term

_LINK = re.compile(r"(https?://|mailto:)[^\s]+", re.IGNORECASE)


def zone() -> tzinfo:
    """Return the reader's time zone, UTC for visitors."""
    person = reader()
    if person is None or person.time_zone == "UTC":
        return UTC
    try:
        return ZoneInfo(person.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def zone_name(found: tzinfo) -> str:
    """Return a zone's name for people: "Berlin time", "UTC"."""
    if not isinstance(found, ZoneInfo):
        return "UTC"
    city = get_timezone_location(found, locale=language(), return_city=True)
    return _("%(city)s time") % {"city": city}


def reader_times() -> str:
    """Return how a script names the zone of a reader who has chosen none here: times are theirs then.

    Empty for members with a zone of their own, whose times stand in it already.
    """
    person = reader()
    return _("%(city)s time") % {"city": "{city}"} if person is None or person.time_zone == "UTC" else ""


def day(value: date) -> str:
    """Return a day in words: 3 May 2026."""
    return format_date(value, "d MMMM yyyy", locale=language())


def moment(value: datetime) -> str:
    """Return a time in the reader's zone, with the zone named."""
    found = zone()
    text = format_datetime(value, "d MMMM yyyy, HH:mm", tzinfo=found, locale=language())
    return f"{text} ({zone_name(found)})"


def time_tag(value: datetime | date) -> Markup:
    """Return a `<time>` element for a moment or a day."""
    if isinstance(value, datetime):
        machine = value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return Markup('<time datetime="{}">{}</time>').format(machine, moment(value))
    return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), day(value))


@cache
def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable(
        ["image", "html_inline", "html_block"]
    )
    parser.validateLink = lambda url: _LINK.fullmatch(url) is not None  # type: ignore[method-assign]  # its own way
    parser.add_render_rule("link_open", _link_open)
    for rule in ("heading_open", "heading_close"):
        parser.add_render_rule(rule, _heading)
    return parser


def _link_open(self: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    tokens[index].attrSet("rel", "nofollow noopener noreferrer")
    return self.renderToken(tokens, index, options, env)


def _heading(self: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    tokens[index].tag = "h4"  # people's headings never outrank the page's own
    return self.renderToken(tokens, index, options, env)


def markdown(text: str) -> Markup:
    """Return people's Markdown as HTML: no raw HTML, no images, links only to http(s) and mailto."""
    return Markup(_markdown().render(text))  # noqa: S704 - the renderer escapes everything that was typed


def size(number: int) -> str:
    """Return a file's size for people."""
    if number < 1_000_000:  # noqa: PLR2004 - a megabyte
        return _("%(number)s kB") % {"number": max(1, number // 1000)}
    return _("%(number)s MB") % {"number": f"{number / 1_000_000:.1f}"}


def install(app: App) -> None:
    """Make the filters known to templates."""
    app.jinja_env.filters |= {"markdown": markdown, "day": day, "moment": moment, "size": size}
    app.jinja_env.globals |= {
        "term": term,
        "time_tag": time_tag,
        "me": reader,
        "reader_times": reader_times,
        "language": language,
    }
