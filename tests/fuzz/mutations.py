"""Inputs that Hypothesis makes: any bytes, seeds with bytes changed, and JSON seeds with parts changed."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

ODD: list[Any] = [
    None, True, 0, -1, 1.5, 2**53 - 1, "", "x", "\u202e", "https://x.example/", "https://[", "https://a\u2100b",
    "did:key:z", "did:web:", "urn:x:1", "_:b0", "#", "data:,", "2026-02-30T00:00:00Z", [], {}, [[]], [{}], "@id",
]  # fmt: skip
_NAMES = [
    "id",
    "type",
    "@context",
    "proof",
    "issuer",
    "@graph",
    "@id",
    "@value",
    "credentialSubject",
    "x",
    "https://x",
]
_LEAVES = st.sampled_from(ODD) | st.text(max_size=8) | st.integers(-5, 2**53) | st.floats(allow_nan=False)
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_NAMES), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def _bytes_changed(draw: DrawFn, seeds: list[bytes]) -> bytes:
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, max(len(data) - 1, 0)))
        end = min(len(data), place + draw(st.integers(0, 6)))
        data[place:end] = draw(st.binary(max_size=6))
    return bytes(data)


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Return every place in a JSON value: the object or list that holds it, and under what."""
    found: list[tuple[Any, Any]] = []
    stack = [value]
    while stack:
        node = stack.pop()
        children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for name, child in children:
            found.append((node, name))
            stack.append(child)
    return found


@st.composite
def _parts_changed(draw: DrawFn, seeds: list[Any]) -> bytes:
    value = copy.deepcopy(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 4))):
        places = _places(value)
        if not places:
            break
        holder, name = places[draw(st.integers(0, len(places) - 1))]
        match draw(st.sampled_from(["put", "take", "wrap", "add", "move", "repeat"])):
            case "take" if isinstance(holder, dict):
                del holder[name]
            case "wrap":
                holder[name] = [holder[name]]
            case "add" if isinstance(holder, dict):
                holder[draw(st.sampled_from(_NAMES))] = copy.deepcopy(draw(_VALUES))
            case "move":
                other, where = places[draw(st.integers(0, len(places) - 1))]
                if where in other if isinstance(other, dict) else where < len(other):
                    holder[name] = copy.deepcopy(other[where])
            case "repeat" if isinstance(holder[name], list):
                holder[name] = holder[name] * draw(st.sampled_from([2, 50]))
            case _:
                holder[name] = copy.deepcopy(draw(_VALUES))
    return json.dumps(value, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")


def inputs(seeds: list[bytes]) -> SearchStrategy[bytes]:
    """Return inputs around some seeds."""
    values = []
    for seed in seeds:
        try:
            values.append(json.loads(seed))
        except ValueError:
            continue
    anything = st.sampled_from(seeds) | _bytes_changed(seeds) | st.binary(max_size=200)
    structured = [value for value in values if isinstance(value, (dict, list))]
    return _parts_changed(structured) | anything if structured else anything
