"""Choosing parts of a compact document by JSON pointers (VC-DI ECDSA 1.0, sections 3.4.10 to 3.4.13).

The specification fills a selection step by step, with sparse arrays that are closed up at the end. Here all
pointers are first put together into one tree of what is wanted, and the document is then copied along it: the
result is the same, and members keep the document's order.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from schemas.errors import ProofError

_INDEX = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)
_ESCAPE = re.compile(r"~(?![01])")
_ALWAYS = frozenset({"@context", "id", "@id", "type", "@type"})


class _Wanted:
    """A node of the tree: the whole value, or some of its members or items."""

    __slots__ = ("children", "whole")

    def __init__(self) -> None:
        self.children: dict[str | int, _Wanted] = {}
        self.whole = False


def json_pointer_to_paths(pointer: str) -> list[str]:
    """Section 3.4.10, jsonPointerToPaths (RFC 6901); whether "0" is an index depends on where it leads."""
    if pointer == "":
        return []
    if not pointer.startswith("/") or _ESCAPE.search(pointer):
        raise ProofError(
            f"{pointer!r:.200} is not a JSON pointer, which begins with '/' and has '~' only in '~0' and '~1'",
            code="PROOF_GENERATION_ERROR",
        )
    return [path.replace("~1", "/").replace("~0", "~") for path in pointer.split("/")[1:]]


def select_json_ld(document: Mapping[str, Any], pointers: Sequence[str]) -> dict[str, Any] | None:
    """Section 3.4.13, selectJsonLd: the parts that the pointers name, with ids and types on the way to them.

    None when there are no pointers. Raises ProofError (PROOF_GENERATION_ERROR) for one that matches nothing.
    """
    # 1. No pointers, nothing selected.
    if not pointers:
        return None
    # 2. to 4. The tree of what is wanted.
    root = _Wanted()
    for pointer in pointers:
        _want(root, document, pointer)
    # 5. and 6. A copy of that, its arrays without gaps.
    selection: dict[str, Any] = _copy(document, root)
    return selection


def _want(root: _Wanted, document: Mapping[str, Any], pointer: str) -> None:
    """Section 3.4.12, selectPaths: follow one pointer through the document."""
    wanted, value = root, document
    for path in json_pointer_to_paths(pointer):
        step: str | int
        if isinstance(value, Mapping) and path in value:
            step = path
        elif isinstance(value, list) and _INDEX.fullmatch(path) and int(path) < len(value):
            step = int(path)
        else:
            _no_match(pointer)
        value = value[step]
        wanted = wanted.children.setdefault(step, _Wanted())
    wanted.whole = True


def _no_match(pointer: str) -> NoReturn:
    raise ProofError(
        f"the JSON pointer {pointer!r:.200} matches nothing in the document; "
        "each pointer must lead to a member or item that is there",
        pointer=pointer[:200],
        code="PROOF_GENERATION_ERROR",
    )


def _copy(value: Any, wanted: _Wanted) -> Any:
    if wanted.whole or not isinstance(value, dict | list):
        return copy.deepcopy(value)
    if isinstance(value, list):
        return [_copy(value[int(index)], wanted.children[index]) for index in sorted(wanted.children, key=int)]
    # 3.4.11, createInitialSelection: what names a thing and says its kind is always shown, and so, in embedded
    # documents too, the context that gives the words their meaning.
    return {
        name: _copy(child, wanted.children[name]) if name in wanted.children else copy.deepcopy(child)
        for name, child in value.items()
        if name in wanted.children or name in _ALWAYS
    }
