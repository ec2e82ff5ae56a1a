"""One JSON text, one meaning, bounded work."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import LimitError, ParsingError, dump_json, parse_json
from schemas.strict_json import MAX_BYTES, MAX_DEPTH, MAX_NODES

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), inner, max_size=4
        )
    ),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_written_is_read_again(value: Any) -> None:
    assert parse_json(dump_json(value)) == value
    assert parse_json(dump_json(value).encode()) == value


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'{"a": 1, "a": 1}', "'a' stands twice"),
        (b'{"x": {"a": 1, "\\u0061": 2}}', "'a' stands twice"),
        (b"NaN", "NaN is not a JSON number"),
        (b"[Infinity]", "Infinity is not"),
        (b"-Infinity", "-Infinity is not"),
        (b"1e400", "too large"),
        (b"-1e400", "too large"),
        (b"9007199254740992", "beyond 2\\^53-1"),
        (b"-9007199254740992", "beyond 2\\^53-1"),
        (b"1" * 5000, "beyond 2\\^53-1"),
        (b"\xff", "not UTF-8: byte 0"),
        (b'"\xc3"', "not UTF-8: byte 1"),
        (b'"\xed\xa0\x80"', "not UTF-8"),
        (b'"\xc0\x80"', "not UTF-8"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        ("\ufeff{}".encode("utf-16-le"), "not UTF-8"),
        (b'"\\ud800"', "surrogate pair"),
        (b'{"\\udc00": 1}', "surrogate pair"),
        (b'["\\udc00\\ud800"]', "surrogate pair"),
        (b'"\\u0000"', "U\\+0000"),
        (b'{"a\\u0000b": 1}', "U\\+0000"),
        (b"", "not JSON"),
        (b"{,}", "line 1, column 2"),
        (b"[1,]", "line 1"),
        (b"{}\n{}", "line 2, column 1"),
        (b"{'a': 1}", "line 1, column 2"),
        (b"// x\n1", "not JSON"),
        (b'"\t"', "not JSON"),
        (b"01", "not JSON"),
    ],
)
def test_what_readers_disagree_about_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(ParsingError, match=words):
        parse_json(data)


def test_what_they_agree_about_is_read() -> None:
    assert parse_json(b'{"a": "\\ud83d\\ude00", "b": 9007199254740991, "c": 1e308}') == {
        "a": "😀",
        "b": 2**53 - 1,
        "c": 1e308,
    }


def test_size_is_limited_before_reading() -> None:
    assert parse_json(b" " * (MAX_BYTES - 1) + b"1") == 1
    with pytest.raises(LimitError, match="longer than 1,000,000 bytes"):
        parse_json(b" " * MAX_BYTES + b"1")
    with pytest.raises(LimitError, match="longer than 5 bytes"):
        parse_json(b'"12345"', max_bytes=5)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_depth_is_limited(opening: str, closing: str) -> None:
    parse_json(opening * MAX_DEPTH + "1" + closing * MAX_DEPTH)
    for depth in (MAX_DEPTH + 1, 20_000):
        with pytest.raises(LimitError, match=f"more than {MAX_DEPTH} levels deep"):
            parse_json(opening * depth + "1" + closing * depth)


def test_members_and_items_are_limited() -> None:
    parse_json(json.dumps([0] * (MAX_NODES - 1)))
    with pytest.raises(LimitError, match="members and items"):
        parse_json(json.dumps([0] * MAX_NODES))
