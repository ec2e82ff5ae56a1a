"""The colours of badges: twelve families of one hue each, with an accent that stands apart.

All families have the same lightness steps (OKLCH 0.33, 0.52, 0.605, 0.74, 0.96), so no badge shouts louder than
another, and `deep` on `tint` is far above a contrast of 7. Colours are "#rrggbb".
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """One family from the darkest to the lightest, and what stands out: `accent` on dark, `spark` on light."""

    deep: str
    mid: str
    shade: str
    soft: str
    tint: str
    accent: str
    spark: str


PALETTES = (
    Palette(
        deep="#592119",
        mid="#a5483b",
        shade="#bf6355",
        soft="#e59183",
        tint="#ffefe9",
        accent="#f2c25b",
        spark="#b5720a",
    ),  # brick
    Palette(
        deep="#4e2c01",
        mid="#965800",
        shade="#b27125",
        soft="#d99d61",
        tint="#fbf1e4",
        accent="#86d3c4",
        spark="#12806f",
    ),  # ochre
    Palette(
        deep="#383800",
        mid="#6d6e02",
        shade="#868721",
        soft="#afb15f",
        tint="#f4f4e4",
        accent="#f2b07c",
        spark="#bb5f1c",
    ),  # olive
    Palette(
        deep="#124017",
        mid="#327b38",
        shade="#4f9453",
        soft="#80bd81",
        tint="#eaf5ea",
        accent="#f5c466",
        spark="#b5720a",
    ),  # leaf
    Palette(
        deep="#014030",
        mid="#087b60",
        shade="#009877",
        soft="#5dc0a1",
        tint="#e6f6f0",
        accent="#f5bd78",
        spark="#bb6a14",
    ),  # pine
    Palette(
        deep="#063d40",
        mid="#10777c",
        shade="#119399",
        soft="#47bfc5",
        tint="#e3f6f7",
        accent="#f7b58c",
        spark="#c05a2c",
    ),  # lagoon
    Palette(
        deep="#013b50",
        mid="#0a7398",
        shade="#038ebb",
        soft="#5cb7e0",
        tint="#e6f4fc",
        accent="#f5c466",
        spark="#b5720a",
    ),  # lake
    Palette(
        deep="#1c3461",
        mid="#3f66b0",
        shade="#5980c9",
        soft="#86abed",
        tint="#ecf1fd",
        accent="#f7c873",
        spark="#b5720a",
    ),  # dusk
    Palette(
        deep="#362c5d",
        mid="#695aab",
        shade="#8174c4",
        soft="#aa9fe9",
        tint="#f1effe",
        accent="#f5c466",
        spark="#b5720a",
    ),  # iris
    Palette(
        deep="#482550",
        mid="#884e95",
        shade="#a168ae",
        soft="#c895d4",
        tint="#f8eefb",
        accent="#a8d99a",
        spark="#3f8636",
    ),  # plum
    Palette(
        deep="#54203b",
        mid="#9c4773",
        shade="#b6618c",
        soft="#dd8fb4",
        tint="#fdedf4",
        accent="#9fd8cc",
        spark="#158275",
    ),  # berry
    Palette(
        deep="#581f2b",
        mid="#a34558",
        shade="#bd6071",
        soft="#e48e9c",
        tint="#feedef",
        accent="#f2c983",
        spark="#b06f12",
    ),  # rose
)
