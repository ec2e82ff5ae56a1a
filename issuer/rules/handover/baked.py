"""A badge that carries its credential inside its picture (Open Badges 3.0, section 5.3; CONFORMANCE.md 1.7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas import bake_png, bake_svg, json_for_baking


def baked_png(credential: Mapping[str, Any], *, image: bytes) -> bytes:
    """Return the PNG with the signed credential in one uncompressed iTXt chunk.

    Raises BakingError when `image` is not a whole PNG.
    """
    return bake_png(image, json_for_baking(credential))


def baked_svg(credential: Mapping[str, Any], *, image: str) -> str:
    """Return the SVG with the signed credential right after its start tag.

    Raises BakingError when `image` has no <svg> start tag.
    """
    return bake_svg(image, json_for_baking(credential))
