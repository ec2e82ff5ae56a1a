"""What stands in the middle of a badge: people around a circle, linked circles, rounds.

Every motif fits into a circle of RADIUS units around the middle. `seats` is how many people, circles or turns it
shows, `turn` rotates it (degrees).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from issuer.rules.handover.shapes import MIDDLE, Arc, Disc, Point, Polygon, Shape, at

RADIUS = 82.0
FEWEST_SEATS, MOST_SEATS = 5, 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Ink:
    """The colours a motif is drawn with. `ground` is what lies under it."""

    ground: str
    line: str
    second: str
    accent: str


Motif: TypeAlias = Callable[[int, float, Ink], Iterator[Shape]]


def _angles(seats: int, turn: float) -> list[float]:
    return [turn + 360 * seat / seats for seat in range(seats)]


def gathering(seats: int, turn: float, ink: Ink) -> Iterator[Shape]:
    """People around a table, seen from above; one of them has the word."""
    pitch = 360 / seats
    head = min(15.0, 64 * math.sin(math.radians(pitch / 2)) * 0.56)
    yield Disc(x=MIDDLE, y=MIDDLE, r=21, fill=ink.accent)
    yield Disc(x=MIDDLE, y=MIDDLE, r=13, fill=ink.ground)
    for seat, angle in enumerate(_angles(seats, turn)):
        x, y = at(angle, 67)
        yield Disc(x=x, y=y, r=head, fill=ink.accent if seat == 0 else ink.line)
        reach = pitch - math.degrees(18 / 42)
        yield Arc(x=MIDDLE, y=MIDDLE, r=42, width=14, colour=ink.second, start=angle - reach / 2, sweep=reach)


# For each number of seats: how many circles, how far from the middle, their radius and the width of their line.
# Each circle crosses its two neighbours and no other one.
_CHAINS = {
    5: (3, 30.0, 41.0, 10.0),
    6: (5, 46.0, 34.0, 8.0),
    7: (6, 50.0, 31.0, 7.0),
    8: (7, 53.0, 28.5, 6.5),
    9: (8, 55.0, 26.5, 6.0),
}


def linked(seats: int, turn: float, ink: Ink) -> Iterator[Shape]:
    """A chain of circles, each one woven into the next: over it outside, under it inside."""
    rings, away, radius, width = _CHAINS[seats]
    angles = _angles(rings, turn)
    colours = [ink.line, ink.second] * (rings // 2) + ([ink.accent] if rings % 2 else [])
    centres = [at(angle, away) for angle in angles]
    for (x, y), colour in zip(centres, colours, strict=True):
        yield Arc(x=x, y=y, r=radius, width=width, colour=colour)
    half = away * math.sin(math.pi / rings)
    rise = math.sqrt(radius**2 - half**2)
    between = away * math.cos(math.pi / rings)
    for ring, angle in enumerate(angles):
        for number, distance in ((ring, between + rise), ((ring + 1) % rings, between - rise)):
            above = Arc(x=centres[number][0], y=centres[number][1], r=radius, width=width, colour=colours[number])
            yield from _lay_over(above, at(angle + 180 / rings, distance), ink.ground)
    if rings > 3:  # noqa: PLR2004 - three circles meet in the middle
        yield Disc(x=MIDDLE, y=MIDDLE, r=6.5, fill=ink.line if rings % 2 else ink.accent)


def _lay_over(ring: Arc, crossing: Point, ground: str) -> Iterator[Shape]:
    """Paint the piece of a ring at a crossing again, with a gap on both sides, so that it lies above."""
    angle = math.degrees(math.atan2(crossing[0] - ring.x, ring.y - crossing[1]))
    reach = math.degrees((ring.width * 1.15 + 4.5) / ring.r)
    piece = replace(ring, start=angle - reach, sweep=2 * reach, round_ends=False)
    yield replace(piece, width=ring.width + 6, colour=ground)
    yield replace(piece, start=angle - reach - 4, sweep=2 * reach + 8)


def rounds(seats: int, turn: float, ink: Ink) -> Iterator[Shape]:
    """Round after round: two circles of seats, and the word that has moved on by one."""
    pitch, inner = 360 / seats, max(3, seats - 3)
    size = min(13.0, 90 / seats)
    for radius, start, sweep in ((66, turn, pitch), (33, turn + pitch, 360 / inner)):
        yield Arc(x=MIDDLE, y=MIDDLE, r=radius, width=5, colour=ink.second)
        yield Arc(x=MIDDLE, y=MIDDLE, r=radius, width=9, colour=ink.accent, start=start, sweep=sweep)
    for seat, angle in enumerate(_angles(seats, turn)):
        x, y = at(angle, 66)
        yield Disc(x=x, y=y, r=size + 3.5, fill=ink.ground)
        yield Disc(x=x, y=y, r=size, fill=ink.accent if seat == 1 else ink.line)
    for angle in _angles(inner, turn + pitch):
        x, y = at(angle, 33)
        yield Disc(x=x, y=y, r=size * 0.8 + 3.5, fill=ink.ground)
        yield Disc(x=x, y=y, r=size * 0.8, fill=ink.line)
    yield Disc(x=MIDDLE, y=MIDDLE, r=10, fill=ink.accent)


def _petal(angle: float, near: float, far: float, breadth: float) -> tuple[Point, ...]:
    """Return the outline of a leaf between two distances from the middle, `breadth` at its widest."""
    steps = 24
    ways = [step / steps for step in range(steps + 1)]
    sides = [(near + (far - near) * way, breadth / 2 * math.sin(math.pi * way) ** 0.85) for way in ways]
    turn = math.radians(angle)
    along, across = (math.sin(turn), -math.cos(turn)), (math.cos(turn), math.sin(turn))
    return tuple(
        (MIDDLE + d * along[0] + side * b * across[0], MIDDLE + d * along[1] + side * b * across[1])
        for side, row in ((1, sides), (-1, sides[::-1]))
        for d, b in row
    )


def flower(seats: int, turn: float, ink: Ink) -> Iterator[Shape]:
    """What grows between people: a petal for each, a seat between each two."""
    pitch = 360 / seats
    breadth = 2 * 46 * math.sin(math.radians(pitch / 2)) * 0.92
    for angle in _angles(seats, turn):
        yield Polygon(points=_petal(angle, 14, 79, breadth), fill=ink.line)
    for angle in _angles(seats, turn):
        yield Polygon(points=_petal(angle, 24, 60, breadth * 0.42), fill=ink.second)
    for angle in _angles(seats, turn + pitch / 2):
        x, y = at(angle, 69)
        yield Disc(x=x, y=y, r=min(7.5, 62 / seats), fill=ink.accent)
    yield Disc(x=MIDDLE, y=MIDDLE, r=19, fill=ink.ground)
    yield Disc(x=MIDDLE, y=MIDDLE, r=13, fill=ink.accent)


def turning(seats: int, turn: float, ink: Ink) -> Iterator[Shape]:
    """The word going round: each curve leads from the middle to a seat, and on to the next."""
    width = min(9.5, 66 / seats)
    for angle in _angles(seats, turn):
        x, y = at(angle, 31)
        yield Arc(x=x, y=y, r=31, width=width, colour=ink.second, start=angle + 200, sweep=160)
    for number, angle in enumerate(_angles(seats, turn)):
        x, y = at(angle, 65)
        yield Disc(x=x, y=y, r=min(14.0, 100 / seats), fill=ink.accent if number == 0 else ink.line)
    yield Disc(x=MIDDLE, y=MIDDLE, r=21, fill=ink.ground)
    yield Disc(x=MIDDLE, y=MIDDLE, r=14, fill=ink.accent)


def double_link(seats: int, turn: float, ink: Ink) -> Iterator[Shape]:
    """Two circles that share two people: each ring with its seats, joined where they cross."""
    turn = 45.0 if turn else 0.0  # level, or rising to the right
    away, radius = 28.0, 45.0
    centres = [at(turn + 90, away), at(turn + 270, away)]
    colours = (ink.line, ink.second)
    for (x, y), colour in zip(centres, colours, strict=True):
        yield Arc(x=x, y=y, r=radius, width=8, colour=colour)
    others = max(2, seats - 4)
    # Between the two shared seats lie `span` degrees of the outer side of each ring.
    span = 360 - 2 * math.degrees(math.acos(away / radius))
    size = (13.0, 12.0, 11.0, 9.5)[others - 2]
    for side, ((x, y), colour) in enumerate(zip(centres, colours, strict=True)):
        facing = turn + 90 + 180 * side
        for seat in range(1, others + 1):
            px, py = at(facing - span / 2 + span * seat / (others + 1), radius, x=x, y=y)
            yield Disc(x=px, y=py, r=size + 3, fill=ink.ground)
            yield Disc(x=px, y=py, r=size, fill=colour)
    for angle in (turn, turn + 180):
        x, y = at(angle, math.sqrt(radius**2 - away**2))
        yield Disc(x=x, y=y, r=18, fill=ink.ground)
        yield Disc(x=x, y=y, r=14.5, fill=ink.accent)


def circles_of_circles(seats: int, turn: float, ink: Ink) -> Iterator[Shape]:
    """An organisation: circles around a general circle, each joined to it by leader and delegate."""
    outer = min(20.0, 60 * math.sin(math.pi / seats) * 0.9)
    apart = min(5.5, outer * 0.42)
    for angle in _angles(seats, turn):
        for side in (-apart, apart):
            near, far = _beside(angle, 16, side), _beside(angle, 60, side)
            yield Polygon(points=_bar(near, far, 4.4), fill=ink.second)
    for angle in _angles(seats, turn):
        x, y = at(angle, 81 - outer)
        yield Disc(x=x, y=y, r=outer, fill=ink.line)
        yield Disc(x=x, y=y, r=outer * 0.62, fill=ink.ground)
        yield Disc(x=x, y=y, r=outer * 0.34, fill=ink.line)
    yield Disc(x=MIDDLE, y=MIDDLE, r=24, fill=ink.accent)
    yield Disc(x=MIDDLE, y=MIDDLE, r=16, fill=ink.ground)
    yield Disc(x=MIDDLE, y=MIDDLE, r=9, fill=ink.accent)


def _beside(angle: float, distance: float, side: float) -> Point:
    """Return the point `side` units to the right of the ray at an angle."""
    x, y = at(angle, distance)
    turn = math.radians(angle)
    return x + side * math.cos(turn), y + side * math.sin(turn)


def _bar(start: Point, end: Point, width: float) -> tuple[Point, ...]:
    (x1, y1), (x2, y2) = start, end
    length = math.hypot(x2 - x1, y2 - y1)
    dx, dy = (y1 - y2) / length * width / 2, (x2 - x1) / length * width / 2
    return (x1 + dx, y1 + dy), (x2 + dx, y2 + dy), (x2 - dx, y2 - dy), (x1 - dx, y1 - dy)
