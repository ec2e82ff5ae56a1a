"""Badges in images: what is put in comes out, odd forms are told, and no image can do harm."""

from __future__ import annotations

import json
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import BakingError, bake_png, bake_svg, extract_png, extract_svg, json_for_baking, parse_json, sniff
from schemas.baking.values import MAX_IMAGE_BYTES, MAX_TEXT_BYTES

KEYWORD = b"openbadgecredential"
SIGNATURE = b"\x89PNG\r\n\x1a\n"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><title>a > b</title></svg>'
NAMESPACE = "https://purl.imsglobal.org/ob/v3p0"
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)
DOCUMENTS = st.dictionaries(TEXTS, TEXTS | st.lists(TEXTS, max_size=3) | st.integers(0, 9), max_size=4)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


HEADER = _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
PIXEL = _chunk(b"IDAT", zlib.compress(b"\0\0"))
END = _chunk(b"IEND", b"")


def a_png(*chunks: bytes) -> bytes:
    return b"".join([SIGNATURE, HEADER, *chunks, PIXEL, END])


def an_itxt(text: bytes, *, keyword: bytes = KEYWORD, flag: int = 0) -> bytes:
    return _chunk(b"iTXt", keyword + b"\0" + bytes([flag]) + b"\0\0\0" + text)


# --- PNG ------------------------------------------------------------------------------------------------------


def test_a_baked_png_has_the_exact_bytes_of_the_specification() -> None:
    baked = bake_png(a_png(), "eyJ.x.y")
    data = b"openbadgecredential\0\0\0\0\0eyJ.x.y"
    assert baked == b"".join([SIGNATURE, HEADER, _chunk(b"iTXt", data), PIXEL, END])


@given(DOCUMENTS)
def test_what_is_baked_into_a_png_comes_out(document: dict[str, Any]) -> None:
    baked = extract_png(bake_png(a_png(), json_for_baking(document)))
    assert parse_json(baked.text) == document
    assert (baked.warnings, baked.version) == ((), 3)


def test_baking_again_leaves_one_badge() -> None:
    old = an_itxt(b"old", keyword=b"openbadges")
    baked = bake_png(bake_png(a_png(old), "first"), "second")
    assert extract_png(baked).text == "second"
    assert baked.count(b"openbadge") == 1


@pytest.mark.parametrize(
    ("chunks", "text", "words"),
    [
        ([an_itxt(b"one"), an_itxt(b"two")], "one", "carries 2 badges; the first one"),
        ([an_itxt(zlib.compress(b"packed"), flag=1)], "packed", "compressed"),
        ([_chunk(b"tEXt", KEYWORD + b"\0plain")], "plain", "old kind"),
        ([_chunk(b"zTXt", KEYWORD + b"\0\0" + zlib.compress(b"packed"))], "packed", "old kind"),
    ],
)
def test_an_odd_png_is_read_and_told(chunks: list[bytes], text: str, words: str) -> None:
    baked = extract_png(a_png(*chunks))
    assert baked.text == text
    assert any(words in warning for warning in baked.warnings)


def test_a_badge_of_version_2_is_told_apart_and_comes_second() -> None:
    old = an_itxt(b"old", keyword=b"openbadges")
    assert extract_png(a_png(old)).version == 2
    assert extract_png(a_png(old, an_itxt(b"new"))).text == "new"


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (b"GIF89a", "not a PNG"),
        (SIGNATURE, "ends inside chunk 1"),
        (a_png()[:-6], "ends inside chunk 3"),
        (SIGNATURE + PIXEL + END, "comes first"),
        (SIGNATURE + HEADER + HEADER + END, "comes first"),
        (a_png(an_itxt(b"x")[:-1] + b"\0"), "chunk 2 of the PNG is damaged"),
        (a_png()[:20] + b"\xff" + a_png()[21:], "chunk 1 of the PNG is damaged"),
        (SIGNATURE + b"\xff\xff\xff\xff" + HEADER[4:], "ends inside chunk 1"),
        (a_png(), "carries no badge"),
        (a_png(_chunk(b"iTXt", KEYWORD + b"\0\0\0")), "not whole"),
        (a_png(an_itxt(b"x", flag=2)), "not whole"),
        (a_png(an_itxt(b"no zlib", flag=1)), "damaged"),
        (a_png(an_itxt(b"\xff\xfe")), "not UTF-8"),
        (a_png(an_itxt(zlib.compress(bytes(MAX_TEXT_BYTES + 1)), flag=1)), "longer than"),
        (a_png(an_itxt(b"x" * (MAX_TEXT_BYTES + 1))), "longer than"),
        (a_png(*[_chunk(b"prVt", b"")] * 20_001), "more than 20,000 chunks"),
        (SIGNATURE + bytes(MAX_IMAGE_BYTES), "larger than"),
    ],
    ids=range(17),
)
def test_a_broken_png_is_refused(image: bytes, words: str) -> None:
    with pytest.raises(BakingError, match=words):
        extract_png(image)


# --- SVG ------------------------------------------------------------------------------------------------------


def test_a_baked_svg_has_the_element_right_after_its_start() -> None:
    baked = bake_svg(SVG, '{"a":"b"}')
    assert baked.startswith(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1" xmlns:openbadges="{NAMESPACE}">'
        '<openbadges:credential><![CDATA[{"a":"b"}]]></openbadges:credential><title>'
    )
    assert 'credential verify="eyJ.x.y"/>' in bake_svg(SVG, "eyJ.x.y")


@given(DOCUMENTS)
def test_what_is_baked_into_an_svg_comes_out(document: dict[str, Any]) -> None:
    text = json_for_baking(document)
    baked = extract_svg(bake_svg(SVG, text).encode())
    assert parse_json(baked.text) == document
    assert (baked.warnings, baked.version) == ((), 3)


@given(DOCUMENTS)
def test_json_for_baking_means_the_same_and_holds_no_stray_brace(document: dict[str, Any]) -> None:
    text = json_for_baking({"a": document, "b": '{ } ]]> <svg> \\ " \\{'})
    assert json.loads(text) == {"a": document, "b": '{ } ]]> <svg> \\ " \\{'}
    assert ">" not in text
    assert text.count("{") == text.count("}") == 2


def test_baking_again_leaves_one_element() -> None:
    for first in ("eyJ.a.b", '{"a":"b"}'):
        baked = bake_svg(bake_svg(SVG, first), "eyJ.x.y")
        assert extract_svg(baked.encode()).text == "eyJ.x.y"
        assert baked.count("openbadges:credential") == 1
        assert baked.count("xmlns:openbadges") == 1


@pytest.mark.parametrize("image", ["<svg/>", "<html></html>", "text", "<svgx></svgx>"])
def test_what_has_no_svg_start_tag_is_not_baked(image: str) -> None:
    with pytest.raises(BakingError, match="no <svg> start tag"):
        bake_svg(image, "eyJ.x.y")


def _svg(content: str, *, before: str = "", attributes: str = f'xmlns:openbadges="{NAMESPACE}"') -> bytes:
    return f'{before}<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{content}</svg>'.encode()


DOCTYPE = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
CREDENTIAL = '<openbadges:credential verify="eyJ.x.y"/>'


def test_a_doctype_with_an_external_identifier_is_read_and_not_fetched() -> None:
    assert extract_svg(_svg(CREDENTIAL, before=f'<?xml version="1.0"?>{DOCTYPE}')).text == "eyJ.x.y"


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE svg [<!ENTITY a "x">]>',
        '<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE svg [<!ENTITY % a SYSTEM "http://x.example/">%a;]>',
        '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>',
    ],
)
def test_entities_of_its_own_are_refused(doctype: str) -> None:
    with pytest.raises(BakingError, match="declares the entity"):
        extract_svg(_svg(CREDENTIAL, before=doctype))


@pytest.mark.parametrize(
    ("content", "text", "words"),
    [
        (CREDENTIAL + CREDENTIAL.replace("x.y", "z.z"), "eyJ.x.y", "carries 2 badges"),
        (f"<title>x</title>{CREDENTIAL}", "eyJ.x.y", "right after the image's start"),
        (f"<g>{CREDENTIAL}</g>", "eyJ.x.y", "right after the image's start"),
        (
            '<openbadges:credential verify="eyJ.x.y">{"a":1}</openbadges:credential>',
            "eyJ.x.y",
            "attribute was read",
        ),
    ],
)
def test_an_odd_svg_is_read_and_told(content: str, text: str, words: str) -> None:
    baked = extract_svg(_svg(content))
    assert baked.text == text
    assert any(words in warning for warning in baked.warnings)


def test_the_namespace_counts_and_not_the_prefix() -> None:
    assert (
        extract_svg(_svg('<b:credential verify="eyJ.x.y"/>', attributes=f'xmlns:b="{NAMESPACE}"')).text
        == "eyJ.x.y"
    )
    with pytest.raises(BakingError, match="carries no badge"):
        extract_svg(_svg(CREDENTIAL, attributes='xmlns:openbadges="https://forger.example"'))
    old = _svg('<openbadges:assertion verify="eyJ.x.y"/>', attributes='xmlns:openbadges="http://openbadges.org"')
    assert extract_svg(old).version == 2


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (b"<svg", "line 1"),
        (b"<html></html>", "not an SVG"),
        (_svg("&undefined;"), "line 1"),
        (_svg("<openbadges:credential> </openbadges:credential>"), "is empty"),
        (_svg("<g>" * 300 + "</g>" * 300), "nested too deeply"),
        (b'<?xml version="1.0" encoding="no-such"?><svg/>', "cannot be read"),
        (b'<?xml version="1.0" encoding="shift_jis"?><svg/>', "cannot be read"),
        (b"<svg>" + b" " * MAX_IMAGE_BYTES, "larger than"),
        (_svg(f"<openbadges:credential>{'x' * (MAX_TEXT_BYTES + 1)}</openbadges:credential>"), "longer than"),
        (_svg("\0"), "line 1"),
    ],
    ids=range(10),
)
def test_a_broken_svg_is_refused(image: bytes, words: str) -> None:
    with pytest.raises(BakingError, match=words):
        extract_svg(image)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_read(data: bytes) -> None:
    for extract, begin in ((extract_png, SIGNATURE), (extract_svg, b"<svg ")):
        for image in (data, begin + data):
            with pytest.raises(BakingError):
                extract(image)


# --- telling forms apart --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (a_png(), "png"),
        (b' \n{"a": 1}', "json"),
        (b"[{}]", "json"),
        (b"\xef\xbb\xbf{}", "json"),
        (b"<?xml version='1.0'?><svg/>", "svg"),
        (b"eyJhbGciOiJFZERTQSJ9.e30.", "jwt"),
        (b"\neyJ.", "jwt"),
        (b"GIF89a", None),
        (b"", None),
        (b"hello", None),
    ],
)
def test_forms_are_told_apart_by_what_they_are(data: bytes, form: str | None) -> None:
    assert sniff(data) == form
