"""What the tests of handing over begin with."""

from __future__ import annotations

import re
import zlib
from dataclasses import replace
from datetime import date
from typing import Any

from issuer.rules.handover import Certificate

URL = "https://academy.example/credentials/8f3kq2m9xw"
SVG = "{http://www.w3.org/2000/svg}"


def a_certificate(**changes: Any) -> Certificate:
    certificate = Certificate(
        slug="secretary",
        level="practitioner",
        badge="Secretary: Minutes and Backlog",
        skill="Keeps a circle's memory so that absent members and later readers can trust it.",
        criteria=("Every decision is findable.", "Notes are as short as possible."),
        circle="Facilitation Circle",
        issuer="Demo Academy",
        issuer_url="https://academy.example",
        url=URL,
        issued_on=date(2026, 5, 3),
        person="Łukasz Ökoğlu",
    )
    return replace(certificate, **changes)


_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_SHOWN = re.compile(rb"/(F\d+) [\d.]+ Tf|\(((?:[^()\\]|\\.)*)\) Tj", re.DOTALL)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_CONTROL = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def text_of(pdf: bytes) -> str:
    """Read the words of a PDF made by fpdf2, one space between two words: what a screen reader would find."""
    objects = dict(re.findall(rb"(\d+) 0 obj\n(.*?)\nendobj", pdf, re.DOTALL))
    fonts = {}
    for name, number in re.findall(rb"/(F\d+) (\d+) 0 R", pdf):
        [unicode_map] = re.findall(rb"/ToUnicode (\d+) 0 R", objects[number])
        pairs = re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>\n", _inflate(_stream(objects[unicode_map])))
        fonts[name] = {bytes.fromhex(a.decode()): bytes.fromhex(b.decode()).decode("utf-16-be") for a, b in pairs}
    [page] = [body for body in (_inflate(data) for data in _STREAM.findall(pdf)) if b" Tj" in body]
    words, font = [], b""
    for name, raw in _SHOWN.findall(page):
        if name:
            font = name
            continue
        codes = _ESCAPED.sub(lambda match: _CONTROL.get(match[1], match[1]), raw)
        words.append("".join(fonts[font][codes[at : at + 2]] for at in range(0, len(codes), 2)))
    return " ".join(" ".join(words).split())


def _stream(body: bytes) -> bytes:
    [data] = _STREAM.findall(body)
    return bytes(data)


def _inflate(data: bytes) -> bytes:
    try:
        return zlib.decompress(data)
    except zlib.error:
        return data
