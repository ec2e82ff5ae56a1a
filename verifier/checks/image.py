"""An image against the badge in it (CONFORMANCE G3, V9): one badge, and words that do not contradict it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from verifier.checks.lines import line
from verifier.checks.rules import entries
from verifier.read import Presented
from verifier.report import Check
from verifier.texts import quoted

_SPEC = "OB 3.0, 5.3"
_NOT_LETTERS = re.compile(r"[\W_]+")


def check_image(presented: Presented) -> Iterator[Check]:
    """Yield what is wrong or odd about an image beside the badge that was read from it."""
    if presented.several:
        reason = (
            "the image carries more than one badge, and they differ: another program may show another one. "
            "Ask for a copy with one badge in it"
        )
        yield line("readable", "fail", reason, "SEVERAL_BADGES", spec=_SPEC)
    for kind, words in presented.own_words:
        named = _names(presented.document, kind)
        if named and not any(_alike(words, name) for name in named):
            what, whose = (
                ("calls itself", "the badge") if kind == "title" else ("names as its author", "the issuer")
            )
            reason = f"the image {what} {quoted(words)}, {whose} is {quoted(named[0])}: only the badge was checked"
            yield line("readable", "warning", reason, "IMAGE_CONTRADICTS", spec=_SPEC)


def _names(document: Mapping[str, Any], kind: str) -> list[str]:
    """Return what the badge calls itself, or its issuer."""
    if kind == "title":
        subjects = [subject for _, subject in entries(document, "credentialSubject", "")]
        achievements = [s.get("achievement") for s in subjects[:8] if isinstance(s, Mapping)]
        nodes: list[Any] = [*achievements, document]
    else:
        nodes = [document.get("issuer")]
    names = [node.get("name") for node in nodes if isinstance(node, Mapping)]
    return [name for name in names if isinstance(name, str) and _letters(name)]


def _letters(text: str) -> str:
    """Return a text's letters and digits alone, in one form and case, at most a line of them."""
    return _NOT_LETTERS.sub("", unicodedata.normalize("NFKC", text[:500]).casefold())


def _alike(words: str, name: str) -> bool:
    """Say whether one text says the other, too."""
    one, other = _letters(words), _letters(name)
    return not one or one in other or other in one
