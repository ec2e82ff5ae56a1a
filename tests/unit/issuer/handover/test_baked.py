"""Badges inside pictures come out as they went in."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest
from defusedxml import ElementTree
from hypothesis import example, given
from hypothesis import strategies as st

from issuer.rules.handover import badge_png, badge_svg, baked_png, baked_svg
from schemas import BakingError, extract_png, extract_svg

PNG = badge_png("secretary", name="Secretary", level="practitioner", size=48)
SVG_TEXT = badge_svg("secretary", name="Secretary", level="practitioner")
CREDENTIAL = {"@context": ["https://www.w3.org/ns/credentials/v2"], "name": "{ } > ]]> <script> Łukasz & \u0007"}

some_text = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    ["]]>", "<openbadges:credential>", "\\", '"}', "\u2028", "\ufffe", "\uffff", "\x00", "\r\n", "&amp;", "</svg>"]
)
some_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | some_text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(some_text, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(some_text, some_json, max_size=5))
@example({"a": "]]>", "}": "{\\"})
@example({"a": "\ufffe\uffff"})
def test_any_document_comes_back_from_both_pictures(document: dict[str, Any]) -> None:
    from_png = extract_png(baked_png(document, image=PNG))
    from_svg = extract_svg(baked_svg(document, image=SVG_TEXT).encode())
    assert json.loads(from_png.text) == json.loads(from_svg.text) == document
    assert from_png.warnings == from_svg.warnings == ()


def test_the_png_carries_one_uncompressed_chunk_and_no_brace_inside_strings() -> None:
    image = baked_png(CREDENTIAL, image=PNG)
    assert image.count(b"openbadgecredential") == 1
    at = image.index(b"iTXtopenbadgecredential\0\0\0\0\0")
    [length] = struct.unpack(">I", image[at - 4 : at])
    text = image[at + 4 : at + 4 + length].removeprefix(b"openbadgecredential\0\0\0\0\0")
    assert text.count(b"{") == text.count(b"}") == 1
    assert json.loads(text) == CREDENTIAL


def test_baking_again_replaces_what_was_there() -> None:
    again = baked_png({"second": True}, image=baked_png(CREDENTIAL, image=PNG))
    assert json.loads(extract_png(again).text) == {"second": True}
    twice = baked_svg({"second": True}, image=baked_svg(CREDENTIAL, image=SVG_TEXT))
    assert json.loads(extract_svg(twice.encode()).text) == {"second": True}


def test_the_baked_svg_is_still_a_picture() -> None:
    root = ElementTree.fromstring(baked_svg(CREDENTIAL, image=SVG_TEXT))
    assert root[0].tag == "{https://purl.imsglobal.org/ob/v3p0}credential"
    assert root[0].attrib == {}
    assert root[1].text == "Secretary"


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(BakingError, match="not a PNG"):
        baked_png(CREDENTIAL, image=b"GIF89a")
    with pytest.raises(BakingError, match="no <svg> start tag"):
        baked_svg(CREDENTIAL, image="<html></html>")
