"""A badge drawn from its slug, for badges that bring no image of their own (PAGES.md section 2).

The slug alone decides the motif, the number of seats, the colours and whether the field is dark or light; the
level decides the outline, so that it can be told apart in 48 pixels and without colours: practitioner a circle,
facilitator a ring of small lobes, trainer a flower of eight, consultant a star of twelve. One to four dots at the
foot say the same again. Name and level stand in the picture's title and description, never in the picture.

A picture stays as it is once badges with it are out: SCHEME is part of what is hashed, and another way of drawing
gets another one. Its number was chosen so that the badges of the demo catalogue are well told apart.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from issuer.rules.handover.motifs import (
    FEWEST_SEATS,
    MOST_SEATS,
    Ink,
    Motif,
    circles_of_circles,
    double_link,
    flower,
    gathering,
    linked,
    rounds,
    turning,
)
from issuer.rules.handover.palette import PALETTES, Palette
from issuer.rules.handover.shapes import MIDDLE, Arc, Disc, Polygon, Shape, at, png, svg

SCHEME = "academy badge 5155"
_RIM = "#fffaf0"
_TIP = 117.0  # units from the middle to the outermost point of every outline
_EDGE_STEPS = 480  # a multiple of every number of lobes, so that each lobe has the same points


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """The form of a level: `lobes` bulges of `depth` units, `sharp` ones like a star's. `dots` at the foot."""

    dots: int
    lobes: int
    depth: float
    sharp: bool = False


OUTLINES: Mapping[str, Outline] = MappingProxyType(
    {
        "practitioner": Outline(dots=1, lobes=0, depth=0),
        "facilitator": Outline(dots=2, lobes=20, depth=5),
        "trainer": Outline(dots=3, lobes=8, depth=9),
        "consultant": Outline(dots=4, lobes=12, depth=12, sharp=True),
    }
)


_PICTURES: Mapping[Motif, str] = MappingProxyType(
    {
        gathering: "people around a table",
        linked: "circles woven into each other",
        rounds: "two rounds of seats",
        flower: "a flower with a petal for each person",
        turning: "the word going round a circle",
        double_link: "two circles joined by two people",
        circles_of_circles: "circles around a circle, each joined to it twice",
    }
)
_MOTIFS = tuple(_PICTURES)  # in this order, which is part of the scheme


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What a slug decides about its picture."""

    motif: Motif
    seats: int
    turn: float
    palette: Palette
    dark: bool


def design(slug: str) -> Design:
    """Return the picture's choices for a slug, from its SHA-256."""
    digest = hashlib.sha256(f"{SCHEME}\n{slug}".encode()).digest()
    seats = FEWEST_SEATS + digest[1] % (MOST_SEATS - FEWEST_SEATS + 1)
    return Design(
        motif=_MOTIFS[digest[0] % len(_MOTIFS)],
        seats=seats,
        turn=(0.0, 180 / seats)[digest[2] % 2],
        palette=PALETTES[digest[3] % len(PALETTES)],
        dark=digest[4] % 2 == 0,
    )


def draw_badge(slug: str, *, level: str) -> tuple[Shape, ...]:
    """Return the shapes of a badge. A level that is not in OUTLINES is drawn as a plain circle without dots."""
    chosen = design(slug)
    outline = OUTLINES.get(level, Outline(dots=0, lobes=0, depth=0))
    return tuple(_shapes(chosen, outline))


def badge_svg(slug: str, *, name: str, level: str) -> str:
    """Return the badge as an SVG that stands alone and holds no script and no address."""
    return svg(draw_badge(slug, level=level), title=name, description=_description(slug, name=name, level=level))


def badge_png(slug: str, *, name: str, level: str, size: int = 600) -> bytes:
    """Return the badge as a PNG of `size` pixels a side on a transparent ground.

    Raises ValueError for a size below 16 or above 2000.
    """
    return png(
        draw_badge(slug, level=level),
        size=size,
        title=name,
        description=_description(slug, name=name, level=level),
    )


def _description(slug: str, *, name: str, level: str) -> str:
    kind = f", level {level}" if level in OUTLINES else ""
    return f"The badge {name}{kind}: {_PICTURES[design(slug).motif]}."


def _shapes(chosen: Design, outline: Outline) -> Iterator[Shape]:
    palette = chosen.palette
    band, field = (palette.mid, palette.deep) if chosen.dark else (palette.deep, palette.tint)
    # The light rim keeps the outline visible on a dark page; on paper it is not seen.
    yield _edge(outline, 0, _RIM)
    yield _edge(outline, 2.6, band)
    yield Disc(x=MIDDLE, y=MIDDLE, r=88.5, fill=_RIM if chosen.dark else palette.soft)
    yield Disc(x=MIDDLE, y=MIDDLE, r=86, fill=field)
    ink = (
        Ink(ground=field, line=palette.tint, second=palette.soft, accent=palette.accent)
        if chosen.dark
        else Ink(ground=field, line=palette.deep, second=palette.shade, accent=palette.spark)
    )
    yield from chosen.motif(chosen.seats, chosen.turn, ink)
    for dot in range(outline.dots):
        x, y = at(180 + (dot - (outline.dots - 1) / 2) * 8, 97)
        yield Disc(x=x, y=y, r=4.2, fill=palette.accent)
    gap = 6 + 4 * outline.dots  # degrees from the foot to where the fine line ends
    yield Arc(x=MIDDLE, y=MIDDLE, r=97, width=1.6, colour=palette.soft, start=180 + gap, sweep=360 - 2 * gap)


def _edge(outline: Outline, inset: float, fill: str) -> Shape:
    """Return an outline, `inset` units inside the outermost one."""
    tip = _TIP - inset
    if not outline.lobes:
        return Disc(x=MIDDLE, y=MIDDLE, r=tip, fill=fill)
    points = []
    for step in range(_EDGE_STEPS):
        angle = 360 * step / _EDGE_STEPS
        bulge = abs(math.cos(math.radians(angle * outline.lobes / 2)))
        height = 1 - math.sqrt(1 - bulge**2) if outline.sharp else bulge
        points.append(at(angle, tip - outline.depth * (1 - height)))
    return Polygon(points=tuple(points), fill=fill)
