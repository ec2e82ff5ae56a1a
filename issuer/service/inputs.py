"""Typed words from people, taken apart once: limits first, then one stored form. Faults name their field."""

from __future__ import annotations

import re
from collections.abc import Mapping

from issuer.errors import InvalidInputError

MAX_TEXT = 8_000
MAX_LINE = 200
_MAX_NAME = 120
_MAX_ADDRESS = 254  # RFC 5321
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # PostgreSQL takes no NUL, UTF-8 no half of a character
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ATEXT = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
# RFC 5321, 4.1.2, the plain form: no quotes, no letters that look like others, and nothing that begins as an
# encoded word does (RFC 2047), which mail programs would read as another address.
_ADDRESS = re.compile(rf"(?=[^@]{{1,64}}@)(?!=\?){_ATEXT}(?:\.(?!=\?){_ATEXT})*@(?:{_LABEL}\.)*{_LABEL}")


def parse_address(text: str, *, field: str = "email") -> str:
    """Return an e-mail address in the one form that we store; raise InvalidInputError."""
    address = text.strip().lower()
    if len(address) > _MAX_ADDRESS or not _ADDRESS.fullmatch(address):
        raise InvalidInputError(
            {field: f"{text.strip()[:80]!r} is not an e-mail address, such as name@example.org."}
        )
    return address


def parse_name(text: str, *, field: str = "name") -> str:
    """Return a person's name; raise InvalidInputError."""
    name = " ".join(text.split())
    if not 1 <= len(name) <= _MAX_NAME or not name.isprintable():
        raise InvalidInputError({field: f"Give a name of at most {_MAX_NAME} letters."})
    return name


def name_faults(**names: str) -> dict[str, str]:
    """Return which names of circles, badges and the like cannot be seen as they are written."""
    return {
        field: "Write this name with letters that everybody can see, in one line."
        for field, name in names.items()
        if name.strip() and not name.isprintable()
    }


def parse_text(text: str, *, field: str, limit: int = MAX_TEXT) -> str:
    """Return a text without space around it, possibly empty; raise InvalidInputError when it is too long."""
    text = text.replace("\r\n", "\n").strip()
    if len(text) > limit:
        raise InvalidInputError({field: f"Keep it under {limit:,} letters; it has {len(text):,}."})
    if _UNSTORABLE.search(text):
        raise InvalidInputError({field: "The text holds a character that cannot be stored."})
    return text


def text_faults(values: Mapping[str, object], *, limit: int = MAX_TEXT) -> dict[str, str]:
    """Return what is wrong with the texts in a draft, by field: too long, or not to be stored."""
    faults: dict[str, str] = {}
    for field, value in values.items():
        for text in value if isinstance(value, (tuple, list)) else (value,):
            try:
                parse_text(text if isinstance(text, str) else "", field=field, limit=limit)
            except InvalidInputError as error:
                faults |= error.faults
    return faults


def demand_text(text: str, *, field: str, sentence: str, limit: int = MAX_TEXT) -> str:
    """Return a text that is not empty; raise InvalidInputError with the sentence that asks for it."""
    text = parse_text(text, field=field, limit=limit)
    if not text:
        raise InvalidInputError({field: sentence})
    return text
