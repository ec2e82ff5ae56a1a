"""One page of paper: fonts, and text that always fits the place it is given.

The two fonts print Latin, Greek, Cyrillic, Armenian and Georgian. Scripts that run from right to left (Hebrew,
Arabic) need more than these fonts to come out right, and others (Chinese, Devanagari ...) they do not have. Such
words are not printed wrongly: whoever prints asks `printable` first and says where they can be read instead. Signs
without meaning for the sentence, such as emoji, are left out.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime
from importlib.resources import as_file, files
from io import BytesIO
from typing import cast

from fpdf import FPDF, ViewerPreferences
from fpdf.enums import MethodReturnValue, XPos, YPos
from fpdf.fonts import TTFFont

WIDTH, HEIGHT = 297.0, 210.0  # A4 landscape, millimetres
_FAMILIES = (("gentium", "GentiumPlus-Regular.ttf"), ("dejavu", "DejaVuSans.ttf"))
_POINT = 25.4 / 72  # millimetres
_LINE = 1.28  # line height by font size
_FROM_THE_RIGHT = frozenset({"R", "AL"})  # bidirectional classes of Unicode, UAX 9


class Paper:
    """A page that is being printed. Lengths are millimetres, sizes of type are points."""

    def __init__(self, *, title: str, author: str, subject: str, lang: str, day: date) -> None:
        """Open an empty page. `day` is its date of creation, so that it can be printed again, byte by byte."""
        self._pdf = FPDF(orientation="landscape", unit="mm", format="A4")
        self._pdf.set_creation_date(datetime(day.year, day.month, day.day, tzinfo=UTC))
        self._pdf.set_auto_page_break(auto=False)
        self._pdf.set_margin(0)
        self._pdf.c_margin = 0
        with ExitStack() as stack:
            for family, name in _FAMILIES:
                path = stack.enter_context(as_file(files("issuer.rules.handover.fonts") / name))
                self._pdf.add_font(family, fname=path)
        self._pdf.set_fallback_fonts(["dejavu"])
        fonts = [font for font in self._pdf.fonts.values() if isinstance(font, TTFFont)]
        self._known = frozenset(code for font in fonts for code in font.cmap)
        self._pdf.set_title(self.plain(title))
        self._pdf.set_author(self.plain(author))
        self._pdf.set_subject(self.plain(subject))
        self._pdf.set_creator("Academy Badges")
        self._pdf.set_lang(lang)
        self._pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self._pdf.add_page()

    def plain(self, text: str) -> str:
        """Return a text in composed form on one line, without controls and signs without glyph."""
        composed = unicodedata.normalize("NFC", " ".join(text.split()))
        kept = (char for char in composed if self._has(char) or unicodedata.category(char)[0] in "LN")
        return " ".join("".join(char for char in kept if unicodedata.category(char)[0] != "C").split())

    def printable(self, text: str) -> bool:
        """Say whether every letter and digit of a text can be printed, and there is at least one."""
        plain = self.plain(text)
        return bool(plain) and all(self._has(char) for char in plain)

    def _has(self, char: str) -> bool:
        return ord(char) in self._known and unicodedata.bidirectional(char) not in _FROM_THE_RIGHT

    def area(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """Fill a rectangle."""
        self._pdf.set_fill_color(colour)
        self._pdf.rect(x, y, width, height, style="F")

    def line(self, x: float, y: float, length: float, colour: str) -> None:
        """Draw a fine horizontal line."""
        self._pdf.set_draw_color(colour)
        self._pdf.set_line_width(0.25)
        self._pdf.line(x, y, x + length, y)

    def picture(self, svg: str, x: float, y: float, side: float, *, text: str) -> None:
        """Print a square SVG, with its text equivalent."""
        bare = re.sub(r"<(title|desc)>.*?</\1>", "", svg)  # the file has its own place for them
        self._pdf.image(BytesIO(bare.encode()), x=x, y=y, w=side, h=side, alt_text=self.plain(text))

    def link(self, x: float, y: float, width: float, height: float, *, url: str, text: str) -> None:
        """Make a place open an address where the page is read on a screen."""
        self._pdf.link(x, y, width, height, link=url, alt_text=self.plain(text))

    def write(
        self,
        text: str,
        *,
        x: float,
        y: float,
        width: float,
        height: float,
        sizes: Sequence[float],
        colour: str,
        align: str = "L",
        one_line: bool = False,
    ) -> float:
        """Print a text in the largest of `sizes` in which it fits; cut it at a word when none does.

        With `one_line` a smaller size on one line goes before a larger one on several. Returns the height that was
        used, never more than `height` (as long as one line of the smallest size fits).
        """
        if one_line:
            text = self.plain(text)
            single = [size for size in sizes if self.height(text, width=width, size=size) <= line_height(size)]
            sizes = single or sizes
        text, size = self.fit(text, width=width, height=height, sizes=sizes)
        if not text:
            return 0.0
        self._pdf.set_font("gentium", size=size)
        self._pdf.set_text_color(colour)
        self._pdf.set_xy(x, y)
        self._pdf.multi_cell(
            width, line_height(size), text, align=align, new_x=XPos.LEFT, new_y=YPos.NEXT, print_sh=True
        )
        return self._pdf.get_y() - y

    def fit(self, text: str, *, width: float, height: float, sizes: Sequence[float]) -> tuple[str, float]:
        """Return the text, cut at a word with "…" if needed, and the size to print it with."""
        text = self.plain(text)
        for size in sizes:
            if self.height(text, width=width, size=size) <= height:
                return text, size
        least = sizes[-1]
        low, high = 0, len(text)  # the longest beginning that fits, by halving
        while low < high:
            middle = (low + high + 1) // 2
            if self.height(_cut(text, middle), width=width, size=least) <= height:
                low = middle
            else:
                high = middle - 1
        return _cut(text, low), least

    def height(self, text: str, *, width: float, size: float) -> float:
        """Return how high a text stands in a column."""
        if not text:
            return 0.0
        self._pdf.set_font("gentium", size=size)
        high = self._pdf.multi_cell(
            width, line_height(size), text, align="L", dry_run=True, output=MethodReturnValue.HEIGHT, print_sh=True
        )
        return round(float(cast("float", high)), 3)

    def finish(self) -> bytes:
        """Return the file. The page cannot be written to any more."""
        # Gentium has a table for SIL's own software; that it is left out of the file is no news.
        logging.getLogger("fontTools.subset").setLevel(logging.ERROR)
        return bytes(self._pdf.output())

    def close(self) -> None:
        """Let go of the font files."""
        for font in self._pdf.fonts.values():
            if isinstance(font, TTFFont):
                font.close()


def line_height(size: float) -> float:
    """Return the height of a line (mm) of type of a size (pt)."""
    return round(size * _POINT * _LINE, 3)


def _cut(text: str, length: int) -> str:
    """Return the first `length` characters, back to the end of a word where there is one not far off, and "…"."""
    if length >= len(text):
        return text
    cut = text[:length]
    if not text[length].isspace():
        word = cut.rpartition(" ")[0]
        cut = word if len(word) > length // 2 else cut
    return cut.rstrip(" ,;:.-") + "…"
