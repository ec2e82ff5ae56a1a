"""Badges drawn from their slugs: the same picture every time, another one for another badge."""

from __future__ import annotations

import io
import math

import pytest
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from issuer.rules.achievements import LEVELS
from issuer.rules.handover import badge_png, badge_svg
from issuer.rules.handover.artwork import OUTLINES, design, draw_badge
from issuer.rules.handover.palette import PALETTES, Palette
from issuer.rules.handover.shapes import MIDDLE, SIDE, Arc, Disc, Polygon, Shape
from tests.unit.issuer.handover.samples import SVG

SLUGS = (
    "circle-member",
    "meeting-facilitation",
    "consent-decisions",
    "integrating-objections",
    "selection-process",
    "secretary",
    "double-link",
    "feedback",
    "performance-review",
    "structure-design",
    "mentoring",
    "implementation",
)
some_slugs = st.from_regex(r"[a-z0-9]{1,12}(-[a-z0-9]{1,8}){0,3}", fullmatch=True)


def _opened(png: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(png))
    image.load()
    return image


def test_a_badge_is_drawn_the_same_way_every_time() -> None:
    assert badge_svg("secretary", name="S", level="trainer") == badge_svg("secretary", name="S", level="trainer")
    first, second = (badge_png("secretary", name="S", level="trainer", size=64) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("size", [16, 48, 600, 1024])
def test_a_png_has_the_size_that_was_asked_for_and_a_clear_ground(size: int) -> None:
    image = _opened(badge_png("secretary", name="Secretary", level="practitioner", size=size))
    assert (image.format, image.mode, image.size) == ("PNG", "RGBA", (size, size))
    assert image.getpixel((0, 0))[3] == 0  # type: ignore[index]  # an RGBA pixel is a tuple
    assert image.getpixel((size // 2, size // 2))[3] == 255  # type: ignore[index]  # as above


@pytest.mark.parametrize("size", [0, 15, 2001])
def test_a_size_that_nobody_needs_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="16 to 2000 pixels"):
        badge_png("secretary", name="Secretary", level="practitioner", size=size)


def test_badges_of_the_demo_catalogue_are_told_apart_even_in_48_pixels_and_grey() -> None:
    pictures = [_opened(badge_png(slug, name="", level="facilitator", size=48)).convert("L") for slug in SLUGS]
    for number, one in enumerate(pictures):
        for other in pictures[:number]:
            different = sum(ImageChops.difference(one, other).histogram()[40:])
            assert different > 48 * 48 / 10


def test_levels_are_told_apart_by_their_outline_alone() -> None:
    outlines = [
        _opened(badge_png("secretary", name="", level=level, size=48)).getchannel("A").tobytes()
        for level in LEVELS
    ]
    assert len(set(outlines)) == len(LEVELS)
    assert tuple(OUTLINES) == LEVELS


def test_a_level_that_is_not_known_is_a_plain_circle() -> None:
    title = ElementTree.fromstring(badge_svg("secretary", name="S", level="wizard"))
    assert "wizard" not in "".join(title.itertext())


@given(some_slugs, st.sampled_from(LEVELS))
def test_every_shape_stays_on_the_canvas(slug: str, level: str) -> None:
    for shape in draw_badge(slug, level=level):
        assert _reach(shape) < SIDE / 2


def _reach(shape: Shape) -> float:
    """Return how far from the middle a shape goes."""
    if isinstance(shape, Polygon):
        return max(math.hypot(x - MIDDLE, y - MIDDLE) for x, y in shape.points)
    return (
        math.hypot(shape.x - MIDDLE, shape.y - MIDDLE)
        + shape.r
        + (shape.width / 2 if isinstance(shape, Arc) else 0)
    )


@given(some_slugs, st.sampled_from(LEVELS))
def test_the_svg_is_small_valid_and_alone(slug: str, level: str) -> None:
    text = badge_svg(slug, name="A badge", level=level)
    root = ElementTree.fromstring(text)
    assert root.tag == f"{SVG}svg"
    assert [child.tag for child in root][:2] == [f"{SVG}title", f"{SVG}desc"]
    assert {child.tag for child in root} <= {
        f"{SVG}{tag}" for tag in ("title", "desc", "circle", "path", "polygon")
    }
    assert len(text) < 40_000
    assert text.count("http") == 1  # the namespace


@given(st.text())
def test_a_hostile_name_stays_a_name(name: str) -> None:
    hostile = f"{name}]]></title><script>alert(1)</script>&{name}\"'"
    text = badge_svg("secretary", name=hostile, level="practitioner")
    assert "<script" not in text
    kept = ElementTree.fromstring(text).findtext(f"{SVG}title")
    assert kept is not None
    assert "</title><script>alert(1)</script>&" in kept
    badge_png("secretary", name=hostile, level="practitioner", size=16)


def test_svg_and_png_are_the_same_picture() -> None:
    shapes = draw_badge("integrating-objections", level="trainer")
    root = ElementTree.fromstring(badge_svg("integrating-objections", name="", level="trainer"))
    drawn = [child for child in root if child.tag not in {f"{SVG}title", f"{SVG}desc"}]
    assert len(drawn) == len(shapes)
    image = _opened(badge_png("integrating-objections", name="", level="trainer", size=480)).convert("RGB")
    last_disc = [shape for shape in shapes if isinstance(shape, Disc)][-1]
    where = (round(last_disc.x * 2), round(last_disc.y * 2))
    assert "#{:02x}{:02x}{:02x}".format(*image.getpixel(where)) == last_disc.fill  # type: ignore[misc]  # RGB


def test_the_picture_of_a_slug_never_changes() -> None:
    """Badges with these pictures are out in the world; a new way of drawing needs a new SCHEME."""
    chosen = design("secretary")
    assert (chosen.motif.__name__, chosen.seats, chosen.palette.mid, chosen.dark) == (
        "turning",
        7,
        "#a5483b",
        False,
    )
    chosen = design("double-link")
    assert (chosen.motif.__name__, chosen.seats, chosen.palette.mid, chosen.dark) == (
        "circles_of_circles",
        6,
        "#a34558",
        True,
    )


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", PALETTES, ids=lambda palette: palette.mid)
def test_every_family_has_enough_contrast(palette: Palette) -> None:
    assert _contrast(palette.deep, palette.tint) >= 7
    assert _contrast(palette.soft, palette.deep) >= 3
    assert _contrast(palette.accent, palette.deep) >= 4.5
    for colour in (palette.shade, palette.spark):
        assert _contrast(colour, palette.tint) >= 3
