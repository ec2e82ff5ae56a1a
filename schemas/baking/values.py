"""What comes out of an image, and the refusal of images."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.errors import DocumentError

MAX_IMAGE_BYTES = 10_000_000
MAX_TEXT_BYTES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Baked:
    """The text that an image carries (JSON or a compact JWS), and what was odd about how it does."""

    text: str
    warnings: tuple[str, ...] = ()
    version: int = 3  # of Open Badges: 2 where only the older keyword was found


class BakingError(DocumentError):
    """The image cannot be read, or carries no badge."""

    code = "PARSING_ERROR"
