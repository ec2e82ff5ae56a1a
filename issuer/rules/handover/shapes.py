"""One description of a picture, and its two forms: SVG text and PNG bytes.

A picture is a list of shapes on a square of 240 by 240 units, painted in their order. Both forms are made from the
same list, so they cannot drift apart. Angles are degrees, clockwise, 0 at the top, as on a clock.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TypeAlias

from PIL import Image, ImageDraw, PngImagePlugin

SIDE = 240
MIDDLE = SIDE / 2
MIN_SIZE, MAX_SIZE = 16, 2000
_FULL = 360.0
_OVERSAMPLING = 4
_FINE_ENOUGH = 1200  # pixels: small pictures are drawn at this size first, as their details are smaller

Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Disc:
    """A filled circle."""

    x: float
    y: float
    r: float
    fill: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arc:
    """A line along a circle of radius `r`, from `start` over `sweep` degrees; 360 is a whole ring."""

    x: float
    y: float
    r: float
    width: float
    colour: str
    start: float = 0.0
    sweep: float = _FULL
    round_ends: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Polygon:
    """A filled shape with straight or, with many points, curved sides."""

    points: tuple[Point, ...]
    fill: str


Shape: TypeAlias = Disc | Arc | Polygon


def at(angle: float, distance: float, *, x: float = MIDDLE, y: float = MIDDLE) -> Point:
    """Return the point at an angle and a distance from the middle, or from (x, y)."""
    turn = math.radians(angle)
    return x + distance * math.sin(turn), y - distance * math.cos(turn)


def svg(shapes: Sequence[Shape], *, title: str, description: str) -> str:
    """Return a standalone SVG with a title and a description, and nothing from elsewhere."""
    return "".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" role="img">',
            f"<title>{_text(title)}</title><desc>{_text(description)}</desc>",
            *(_element(shape) for shape in shapes),
            "</svg>\n",
        )
    )


def png(shapes: Sequence[Shape], *, size: int, title: str, description: str) -> bytes:
    """Return a PNG of `size` pixels a side on a transparent ground; the same shapes give the same bytes.

    Raises ValueError for a size outside MIN_SIZE to MAX_SIZE.
    """
    if not MIN_SIZE <= size <= MAX_SIZE:
        raise ValueError(f"a badge is drawn with {MIN_SIZE} to {MAX_SIZE} pixels a side, not with {size}")
    factor = max(_OVERSAMPLING, math.ceil(_FINE_ENOUGH / size))
    image = Image.new("RGBA", (size * factor, size * factor), (255, 255, 255, 0))
    draw = ImageDraw.Draw(image)
    for shape in shapes:
        _paint(draw, shape, size * factor / SIDE)
    texts = PngImagePlugin.PngInfo()
    texts.add_itxt("Title", _plain(title), lang="")
    texts.add_itxt("Description", _plain(description), lang="")
    out = io.BytesIO()
    image.reduce(factor).save(out, "PNG", pnginfo=texts, compress_level=9)
    return out.getvalue()


def _plain(text: str) -> str:
    """Return a text without the characters that XML 1.0 and PNG forbid: controls and lone surrogates."""
    return "".join(
        character
        for character in text
        if character >= " "
        and not "\x7f" <= character <= "\x9f"
        and not "\ud800" <= character <= "\udfff"
        and character not in "\ufffe\uffff"
    )


def _text(text: str) -> str:
    return escape(_plain(text), quote=True)


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if round(value, 2) else "0"


def _element(shape: Shape) -> str:
    if isinstance(shape, Disc):
        return (
            f'<circle cx="{_number(shape.x)}" cy="{_number(shape.y)}" r="{_number(shape.r)}" fill="{shape.fill}"/>'
        )
    if isinstance(shape, Polygon):
        points = " ".join(f"{_number(x)},{_number(y)}" for x, y in shape.points)
        return f'<polygon points="{points}" fill="{shape.fill}"/>'
    stroke = f'fill="none" stroke="{shape.colour}" stroke-width="{_number(shape.width)}"'
    if shape.sweep >= _FULL:
        return f'<circle cx="{_number(shape.x)}" cy="{_number(shape.y)}" r="{_number(shape.r)}" {stroke}/>'
    begin = at(shape.start, shape.r, x=shape.x, y=shape.y)
    end = at(shape.start + shape.sweep, shape.r, x=shape.x, y=shape.y)
    large = 1 if shape.sweep > _FULL / 2 else 0
    path = f"M{_number(begin[0])} {_number(begin[1])}A{_number(shape.r)} {_number(shape.r)} 0 {large} 1 "
    caps = ' stroke-linecap="round"' if shape.round_ends else ""
    return f'<path d="{path}{_number(end[0])} {_number(end[1])}" {stroke}{caps}/>'


def _paint(draw: ImageDraw.ImageDraw, shape: Shape, scale: float) -> None:
    if isinstance(shape, Disc):
        _disc(draw, (shape.x, shape.y), shape.r, shape.fill, scale)
    elif isinstance(shape, Polygon):
        draw.polygon([(x * scale, y * scale) for x, y in shape.points], fill=shape.fill)
    else:
        _stroke(draw, shape, scale)


def _disc(draw: ImageDraw.ImageDraw, centre: Point, r: float, fill: str, scale: float) -> None:
    x, y = centre
    draw.ellipse(((x - r) * scale, (y - r) * scale, (x + r) * scale, (y + r) * scale), fill=fill)


def _stroke(draw: ImageDraw.ImageDraw, arc: Arc, scale: float) -> None:
    """Paint an arc as the band between two circles, so that its edges are as smooth as the other shapes'."""
    steps = max(8, math.ceil(arc.sweep))
    angles = [arc.start + arc.sweep * step / steps for step in range(steps + 1)]
    outer = [at(angle, arc.r + arc.width / 2, x=arc.x, y=arc.y) for angle in angles]
    inner = [at(angle, arc.r - arc.width / 2, x=arc.x, y=arc.y) for angle in reversed(angles)]
    draw.polygon([(x * scale, y * scale) for x, y in (*outer, *inner)], fill=arc.colour)
    if arc.round_ends and arc.sweep < _FULL:
        for angle in (angles[0], angles[-1]):
            _disc(draw, at(angle, arc.r, x=arc.x, y=arc.y), arc.width / 2, arc.colour, scale)
