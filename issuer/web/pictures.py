"""Pictures for people who would rather look than read: inline SVG, each with its text.

States are told by shape first, by colour second. Nothing here carries a style attribute or a script, so that the
strict Content-Security-Policy holds; colours come from static/decisions.css, and without it the drawings are
still readable in black.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType

from flask.sansio.app import App
from markupsafe import Markup

from issuer.service.models import CircleCard, Seat, StoryItem
from issuer.web.filters import time_tag
from issuer.web.i18n import _

_SIDE, _CENTRE, _RING = 320, 160, 116
_BESIDE, _BELOW, _NAME_CHARS = 26, 16, 14  # room for names around the picture
_WIDTH, _ROW, _RADIUS, _PER_ROW = 360, 138, 52, 3
_LINE_CHARS, _LINES = 11, 3


# The consent round.


def seat_words(seat: Seat) -> str:
    """Return in words how somebody stands in the round."""
    if not seat.decides:
        return _("has a voice here and does not decide")
    return {
        "spoken": _("has spoken"),
        "not_yet": _("has not spoken yet"),
        "passed": _("passed"),
        "objection": _("objection open"),
    }[seat.state]


def consent_round(
    seats: Sequence[Seat], *, middle: str = "", names: bool = False, id_: str = "round-picture"
) -> Markup:
    """Draw people around a circle. `middle` is a word or two for the centre; `id_` is unique on the page.

    `names` writes names under the seats, for a screen that many look at; elsewhere a list stands beside it.
    """
    spots = [_spot(number, len(seats)) for number in range(len(seats))]
    size = 30.0 if len(seats) < 2 else min(30.0, 0.4 * math.dist(spots[0], spots[1]))  # noqa: PLR2004 - a pair
    drawn = Markup().join(_seat(seat, *spot, size, named=names) for seat, spot in zip(seats, spots, strict=True))
    return Markup(
        '<svg class="picture picture-round" viewBox="{left} 0 {width} {height}" role="img"'
        ' aria-labelledby="{id}-title {id}-desc" xmlns="http://www.w3.org/2000/svg">'
        '<title id="{id}-title">{title}</title><desc id="{id}-desc">{desc}</desc>'
        '<circle class="picture-ring" cx="{c}" cy="{c}" r="{ring}" fill="none" stroke="currentColor"/>'
        '<text class="picture-middle" x="{c}" y="{c}" text-anchor="middle" dominant-baseline="central"'
        ' font-size="22" fill="currentColor">{middle}</text>{seats}</svg>'
    ).format(
        left=-_BESIDE if names else 0,
        width=_SIDE + 2 * _BESIDE if names else _SIDE,
        height=_SIDE + _BELOW if names else _SIDE,
        c=_CENTRE,
        ring=_RING,
        id=id_,
        title=_("The circle in this round"),
        desc=_round_in_words(seats),
        middle=middle,
        seats=drawn,
    )


def _round_in_words(seats: Sequence[Seat]) -> str:
    def told(seat: Seat) -> str:
        return seat_words(seat)

    groups = groupby(sorted(seats, key=told), key=told)
    return " ".join(f"{', '.join(seat.person.name for seat in group)}: {words}." for words, group in groups)


def _spot(number: int, count: int) -> tuple[float, float]:
    """Return where a person sits: evenly around the ring, the first at the top."""
    angle = 2 * math.pi * number / count - math.pi / 2
    return _CENTRE + _RING * math.cos(angle), _CENTRE + _RING * math.sin(angle)


def _seat(seat: Seat, x: float, y: float, size: float, *, named: bool) -> Markup:
    size = size if seat.decides else size * 0.8
    mine = (
        Markup('<circle class="seat-me" cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" fill="none" stroke="currentColor"/>')
        if seat.person.is_me
        else Markup()
    )
    return (Markup('<g class="seat seat-{kind}">') + mine + Markup("{shape}{text}{name}</g>")).format(
        kind=_kind(seat),
        x=x,
        y=y,
        r=size + 7,
        shape=_shape(_kind(seat), x, y, size),
        text=Markup(
            '<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" dominant-baseline="central"'
            ' font-size="{font:.0f}">{initials}</text>'
        ).format(x=x, y=y, font=size * 0.66, initials=initials(seat.person.name)),
        name=_name_below(seat.person.name, x, y + size) if named else "",
    )


def _name_below(name: str, x: float, y: float) -> Markup:
    first = name.split(maxsplit=1)[0] if len(name) > _NAME_CHARS and " " in name else name
    shown = first if len(first) <= _NAME_CHARS else f"{first[: _NAME_CHARS - 1]}…"
    return Markup(
        '<text class="seat-name" x="{x:.1f}" y="{y:.1f}" text-anchor="middle" font-size="13">{shown}</text>'
    ).format(x=x, y=y + 21, shown=shown)


def _kind(seat: Seat) -> str:
    return seat.state.replace("_", "-") if seat.decides else "voice"


def _shape(kind: str, x: float, y: float, size: float) -> Markup:
    """Return the shape of a state: disc, dashed ring, box, diamond, and a fine ring for a voice."""
    if kind == "objection":
        far = size * 1.22
        return Markup(
            '<path class="seat-shape" d="M{x:.1f} {t:.1f}L{r:.1f} {y:.1f}L{x:.1f} {b:.1f}L{l:.1f} {y:.1f}Z"/>'
        ).format(x=x, y=y, t=y - far, b=y + far, l=x - far, r=x + far)
    if kind == "passed":
        half = size * 0.92
        return Markup(
            '<rect class="seat-shape" x="{x:.1f}" y="{y:.1f}" width="{s:.1f}" height="{s:.1f}" rx="{rx:.1f}"'
            ' fill="none" stroke="currentColor"/>'
        ).format(x=x - half, y=y - half, s=2 * half, rx=size * 0.25)
    look = {
        "spoken": Markup(""),
        "not-yet": Markup(' fill="none" stroke="currentColor" stroke-dasharray="5 4"'),
        "voice": Markup(' fill="none" stroke="currentColor"'),
    }[kind]
    return Markup('<circle class="seat-shape" cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}"{look}/>').format(
        x=x, y=y, r=size, look=look
    )


def seat_mark(seat: Seat) -> Markup:
    """Return the small sign of a seat, for the list beside the picture. It says nothing that the list does not."""
    return Markup(
        '<svg class="mark seat seat-{kind}" viewBox="0 0 32 32" width="24" height="24" aria-hidden="true"'
        ' focusable="false">{shape}</svg>'
    ).format(kind=_kind(seat), shape=_shape(_kind(seat), 16, 16, 11))


def initials(name: str) -> str:
    """Return one or two letters for a name."""
    words = [word for word in unicodedata.normalize("NFC", name).split() if word[0].isalnum()]
    letters = [words[0][0], words[-1][0]] if len(words) > 1 else [word[0] for word in words]
    return "".join(letters).upper()


# The circle map.


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spot:
    card: CircleCard
    x: float
    y: float


def circle_map(cards: Sequence[CircleCard], *, id_: str = "circle-map") -> Markup:
    """Draw circles below those that they are linked to: one line for the leader, one for the delegate."""
    spots = _lay_out(cards)
    by_slug = {spot.card.slug: spot for spot in spots}
    links = Markup().join(
        _double_link(spot, by_slug[spot.card.parent]) for spot in spots if spot.card.parent in by_slug
    )
    height = max((spot.y for spot in spots), default=0) + _RADIUS + 6
    return Markup(
        '<svg class="picture picture-map" viewBox="0 0 {width} {height:.0f}" role="group"'
        ' aria-labelledby="{id}-title {id}-desc" xmlns="http://www.w3.org/2000/svg">'
        '<title id="{id}-title">{title}</title><desc id="{id}-desc">{desc}</desc>{links}{circles}</svg>'
    ).format(
        width=_WIDTH,
        height=height,
        id=id_,
        title=_("How the circles are linked"),
        desc=_map_in_words(cards),
        links=links,
        circles=Markup().join(_circle(spot) for spot in spots),
    )


def _map_in_words(cards: Sequence[CircleCard]) -> str:
    names = {card.slug: card.name for card in cards}
    sentences = [
        _("%(child)s is linked to %(parent)s by a leader and a delegate.")
        % {"child": card.name, "parent": names[card.parent]}
        for card in cards
        if card.parent in names
    ]
    return " ".join(sentences) or _("There are no links between circles yet.")


def _lay_out(cards: Sequence[CircleCard]) -> list[_Spot]:
    """Place circles in rows by their distance from the top; a long row is broken into several."""
    parents = {card.slug: card.parent for card in cards}

    def depth(card: CircleCard) -> int:
        steps, slug = 0, card.parent
        while slug in parents and steps < len(parents):
            steps, slug = steps + 1, parents[slug]
        return steps

    order = {card.slug: number for number, card in enumerate(cards)}
    levels: dict[int, list[CircleCard]] = {}
    for card in sorted(cards, key=lambda one: (depth(one), order.get(one.parent or "", -1), one.name)):
        levels.setdefault(depth(card), []).append(card)
    rows = [
        level[start : start + _PER_ROW]
        for _depth, level in sorted(levels.items())
        for start in range(0, len(level), _PER_ROW)
    ]
    return [
        _Spot(card=card, x=_WIDTH * (place + 0.5) / len(row), y=_RADIUS + 6 + number * _ROW)
        for number, row in enumerate(rows)
        for place, card in enumerate(row)
    ]


def _double_link(child: _Spot, parent: _Spot) -> Markup:
    """Return two lines side by side: the leader's whole, the delegate's broken."""
    length = math.hypot(child.x - parent.x, child.y - parent.y) or 1.0
    across = (7 * (child.y - parent.y) / length, -7 * (child.x - parent.x) / length)
    lines = [
        Markup(
            '<line class="link link-{who}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
            ' stroke="currentColor" stroke-width="2.5"{dash}/>'
        ).format(
            who=who,
            x1=parent.x + side * across[0],
            y1=parent.y + side * across[1],
            x2=child.x + side * across[0],
            y2=child.y + side * across[1],
            dash=dash,
        )
        for who, side, dash in (("leader", 1, Markup("")), ("delegate", -1, Markup(' stroke-dasharray="2 5"')))
    ]
    return Markup().join(lines)


def _circle(spot: _Spot) -> Markup:
    lines = _wrap(spot.card.name)
    top = spot.y - 10 * (len(lines) - 1)
    text = Markup().join(
        Markup('<tspan x="{x:.1f}" y="{y:.1f}">{line}</tspan>').format(x=spot.x, y=top + 20 * number, line=line)
        for number, line in enumerate(lines)
    )
    return Markup(
        '<a class="circle circle-{kind}" href="/circles/{slug}"><title>{name}</title>'
        '<circle class="circle-shape" cx="{x:.1f}" cy="{y:.1f}" r="{r}" fill="#fff" stroke="currentColor"/>'
        '<text text-anchor="middle" dominant-baseline="central" font-size="17">{text}</text></a>'
    ).format(
        kind=spot.card.kind, slug=spot.card.slug, name=spot.card.name, x=spot.x, y=spot.y, r=_RADIUS, text=text
    )


def _wrap(name: str) -> list[str]:
    """Return a name in at most three short lines; what does not fit ends in an ellipsis (the title has it all)."""
    lines: list[str] = []
    for word in name.split():
        if lines and len(lines[-1]) + 1 + len(word) <= _LINE_CHARS:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    if len(lines) > _LINES:
        lines = [*lines[: _LINES - 1], f"{lines[_LINES - 1]} …"]
    return [line if len(line) <= _LINE_CHARS + 1 else f"{line[:_LINE_CHARS]}…" for line in lines]


# The story.

_MARKS: Mapping[str, str] = MappingProxyType(
    {
        "proposal": '<path d="M8 5h11l5 5v17H8z"/><path d="M12 15h8M12 20h8"/>',
        "question": '<circle cx="16" cy="16" r="11"/>'
        '<path d="M12.5 13a3.5 3.5 0 1 1 5 3.2c-1 .5-1.5 1-1.5 2.3"/><path d="M16 22.5v.5"/>',
        "reaction": '<path d="M6 7h20v14H15l-5 5v-5H6z"/>',
        "round": '<circle cx="16" cy="16" r="10" stroke-dasharray="3 3"/>'
        '<circle class="full" cx="16" cy="6" r="3"/>'
        '<circle class="full" cx="7.5" cy="21" r="3"/><circle class="full" cx="24.5" cy="21" r="3"/>',
        "objection": '<path d="M16 4L28 16L16 28L4 16Z"/><path d="M16 11v6M16 21v.5"/>',
        "met": '<path class="full" d="M16 4L28 16L16 28L4 16Z"/>',
        "decision": '<circle class="full" cx="16" cy="16" r="11"/>',
        "review": '<circle cx="16" cy="16" r="11"/><path d="M16 9v7l5 3"/>',
        "badge": '<path d="M11 18l-2 10 7-4 7 4-2-10"/><circle class="full" cx="16" cy="12" r="8"/>',
        "pause": '<circle cx="16" cy="16" r="11"/><path d="M13 11v10M19 11v10"/>',
    }
)


def story_mark(kind: str) -> Markup:
    """Return the small sign of a step in a story."""
    return Markup(
        '<svg class="mark mark-{kind}" viewBox="0 0 32 32" width="32" height="32" fill="none"'
        ' stroke="currentColor" stroke-width="2" stroke-linejoin="round" stroke-linecap="round"'
        ' aria-hidden="true" focusable="false">{drawing}</svg>'
    ).format(kind=kind if kind in _MARKS else "decision", drawing=Markup(_MARKS.get(kind, _MARKS["decision"])))  # noqa: S704 - our own constant


def story(items: Sequence[StoryItem]) -> Markup:
    """Return the steps of a decision as a timeline, in the reader's time."""
    steps = Markup().join(
        Markup('<li>{mark}<div><p>{sentence}</p><p class="soft">{when}</p></div></li>').format(
            mark=story_mark(item.kind), sentence=item.sentence, when=time_tag(item.at)
        )
        for item in items
    )
    return Markup('<ol class="timeline">{}</ol>').format(steps)


def install(app: App) -> None:
    """Make the pictures known to templates."""
    app.jinja_env.globals |= {
        "consent_round": consent_round,
        "seat_mark": seat_mark,
        "seat_words": seat_words,
        "circle_map": circle_map,
        "story": story,
        "story_mark": story_mark,
    }
