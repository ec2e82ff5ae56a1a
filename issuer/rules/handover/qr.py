"""The web address of a badge as a QR code: error correction M, a quiet zone of four modules, black on white."""

from __future__ import annotations

import io
import re
from html import escape

import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M

QUIET_ZONE = 4  # modules, ISO/IEC 18004 section 9.1
LONGEST = 213  # characters: version 10 with correction M, the densest code that phones read from paper at ease
_ADDRESS = re.compile(r"https?://[!-~]+")


def qr_svg(url: str, *, title: str = "") -> str:
    """Return the code as an SVG to stand in a page; without a `title` its text equivalent names the address.

    Raises ValueError for what is not a web address in ASCII of at most LONGEST characters.
    """
    rows = _modules(url)
    side = len(rows)
    path = "".join(
        f"M{match.start()} {y}h{match.end() - match.start()}v1h-{match.end() - match.start()}z"
        for y, row in enumerate(rows)
        for match in re.finditer("1+", row)
    )
    text = escape(title or f"QR code that opens {url}", quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" role="img" '
        'shape-rendering="crispEdges">'
        f'<title>{text}</title><path fill="#ffffff" d="M0 0h{side}v{side}H0z"/>'
        f'<path fill="#000000" d="{path}"/></svg>\n'
    )


def qr_png(url: str, *, pixels: int = 12) -> bytes:
    """Return the code as a PNG in black and white, `pixels` to a module.

    Raises ValueError for what is not a web address in ASCII of at most LONGEST characters.
    """
    rows = _modules(url)
    image = Image.new("1", (len(rows), len(rows)), 1)
    image.putdata([module == "0" for row in rows for module in row])
    out = io.BytesIO()
    image.resize((len(rows) * pixels,) * 2, Image.Resampling.NEAREST).save(out, "PNG", compress_level=9)
    return out.getvalue()


def _modules(url: str) -> list[str]:
    """Return the code's rows with the quiet zone, "1" for each dark module."""
    if not _ADDRESS.fullmatch(url) or len(url) > LONGEST:
        raise ValueError(
            f"a QR code here holds a web address in ASCII of at most {LONGEST} characters, not {url[:80]!r}"
        )
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_ZONE)
    code.add_data(url, optimize=0)
    code.make(fit=True)
    return ["".join("1" if dark else "0" for dark in row) for row in code.get_matrix()]
