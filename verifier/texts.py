"""Texts from outside, made fit to stand in a sentence of ours."""

from __future__ import annotations

# Marks that turn the direction of what follows around, printable or not.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def plain(text: object) -> str:
    """Return a text without what could steer a terminal or turn its line around."""
    return "".join(c if c.isprintable() and c not in _TURNING else "\ufffd" for c in str(text))


def quoted(text: object, *, longest: int = 200) -> str:
    """Return a text in quotation marks: in one line, cut to a length, with no quotation marks of its own."""
    line = plain(" ".join(str(text)[: 2 * longest].split())).replace('"', "'")
    return f'"{line[:longest]}{"…" if len(line) > longest else ""}"'
