"""QR codes open the very address, on screen and on paper."""

from __future__ import annotations

import io
import re

import pytest
import zxingcpp
from defusedxml import ElementTree
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from issuer.rules.handover import qr_png, qr_svg
from issuer.rules.handover.qr import LONGEST
from tests.unit.issuer.handover.samples import SVG, URL


def _image(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("L")


def _from_svg(svg: str, pixels: int = 6) -> Image.Image:
    """Paint the code's path: squares on a white ground."""
    root = ElementTree.fromstring(svg)
    side = int(root.attrib["viewBox"].split()[2])
    image = Image.new("L", (side * pixels, side * pixels), 255)
    draw = ImageDraw.Draw(image)
    for x, y, long in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", root[-1].attrib["d"]):
        left, top = int(x) * pixels, int(y) * pixels
        draw.rectangle((left, top, left + int(long) * pixels - 1, top + pixels - 1), fill=0)
    return image


@settings(max_examples=25)
@given(st.text("abcdefghijkmnpqrstuvwxyz23456789/-._~?=&%", min_size=1, max_size=150))
def test_a_reader_finds_the_very_address(tail: str) -> None:
    url = f"https://academy.example/{tail}"
    for image in (_image(qr_png(url)), _from_svg(qr_svg(url))):
        [code] = zxingcpp.read_barcodes(image)
        assert code.text == url
        assert code.ec_level == "M"


def test_four_modules_around_the_code_are_white() -> None:
    image = _image(qr_png(URL, pixels=3))
    left, top, right, bottom = image.point(lambda value: 255 - value).getbbox() or (0, 0, 0, 0)
    assert (left, top, image.width - right, image.height - bottom) == (12, 12, 12, 12)


def test_the_svg_says_what_it_is() -> None:
    root = ElementTree.fromstring(qr_svg(URL))
    assert root.attrib["role"] == "img"
    assert root.findtext(f"{SVG}title") == f"QR code that opens {URL}"
    named = ElementTree.fromstring(qr_svg(URL, title="</title><script>"))
    assert named.findtext(f"{SVG}title") == "</title><script>"


def test_the_same_address_gives_the_same_bytes() -> None:
    assert qr_png(URL) == qr_png(URL)
    assert qr_svg(URL) == qr_svg(URL)


@pytest.mark.parametrize(
    "url", ["", "academy.example", "javascript:alert(1)", "https://a b", "https://ö.example", f"{URL}\n"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="web address in ASCII"):
        qr_svg(url)


def test_an_address_that_makes_the_code_too_dense_is_refused() -> None:
    longest = URL + "x" * (LONGEST - len(URL))
    [code] = zxingcpp.read_barcodes(_image(qr_png(longest)))
    assert code.text == longest
    with pytest.raises(ValueError, match="at most 213 characters"):
        qr_png(longest + "x")
