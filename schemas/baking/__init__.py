"""Badges inside images: Open Badges 3.0, section 5.3 (baking)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.baking.png import PNG_SIGNATURE, bake_png, extract_png
from schemas.baking.svg import bake_svg, extract_svg
from schemas.baking.values import Baked, BakingError

__all__ = [
    "Baked",
    "BakingError",
    "bake_png",
    "bake_svg",
    "extract_png",
    "extract_svg",
    "json_for_baking",
    "sniff",
]

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_ESCAPES = str.maketrans(
    {"{": "\\u007b", "}": "\\u007d", ">": "\\u003e", "\ufffe": "\\ufffe", "\uffff": "\\uffff"}
)


def json_for_baking(document: Mapping[str, Any]) -> str:
    """Return a document as compact JSON whose strings hold no brace and no ">".

    Some readers look for the outermost braces in an image, "]]>" ends a CDATA section, and XML knows no U+FFFE
    and U+FFFF; the escapes mean the same characters to every JSON reader.
    """
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return _STRING.sub(lambda match: match[0].translate(_ESCAPES), text)


@dataclass(frozen=True, slots=True)
class _Form:
    name: str
    begins: re.Pattern[bytes]


_FORMS = (
    _Form("png", re.compile(re.escape(PNG_SIGNATURE))),
    _Form("json", re.compile(rb"(\xef\xbb\xbf)?\s*[\[{]")),
    _Form("svg", re.compile(rb"(\xef\xbb\xbf)?\s*<")),
    _Form("jwt", re.compile(rb"\s*eyJ[A-Za-z0-9_-]*\.")),
)


def sniff(data: bytes) -> str | None:
    """Return what the bytes look like: png, json, svg, jwt, or None."""
    return next((form.name for form in _FORMS if form.begins.match(data)), None)
