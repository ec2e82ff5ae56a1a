"""What comes out of an image, and the refusal of images."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.errors import DocumentError

MAX_IMAGE_BYTES = 10_000_000
MAX_TEXT_BYTES = 1_000_000
MAX_OWN_WORDS = 8
LONGEST_OWN_WORD = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Baked:
    """The text that an image carries (JSON or a compact JWS), and what was odd about how it does."""

    text: str
    warnings: tuple[str, ...] = ()
    version: int = 3  # of Open Badges: 2 where only the older keyword was found
    several: bool = False  # other badges stand in the image than the one that was read
    own_words: tuple[tuple[str, str], ...] = ()  # what the image says of itself: title and author, cut to a line


class BakingError(DocumentError):
    """The image cannot be read, or carries no badge."""

    code = "PARSING_ERROR"
