"""The part of CBOR that proof values are written in: RFC 8949's own examples, round trips, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import ProofError
from schemas.ecdsa_sd import cbor

# RFC 8949, appendix A.
EXAMPLES: list[tuple[str, Any]] = [
    ("00", 0),
    ("17", 23),
    ("1818", 24),
    ("1903e8", 1000),
    ("1a000f4240", 1_000_000),
    ("1bffffffffffffffff", 2**64 - 1),
    ("40", b""),
    ("4401020304", bytes([1, 2, 3, 4])),
    ("60", ""),
    ("62c3bc", "ü"),
    ("80", []),
    ("8301820203820405", [1, [2, 3], [4, 5]]),
    ("98190102030405060708090a0b0c0d0e0f101112131415161718181819", list(range(1, 26))),
    ("a0", {}),
]
_ITEMS = st.one_of(st.integers(0, 2**64 - 1), st.binary(max_size=300), st.text(max_size=80))
_MAPS = st.dictionaries(st.integers(0, 2**64 - 1), st.binary(max_size=40), max_size=30)
_VALUES = st.one_of(_ITEMS, _MAPS, st.lists(st.one_of(_ITEMS, _MAPS, st.lists(_ITEMS, max_size=30)), max_size=8))


@pytest.mark.parametrize(("text", "value"), EXAMPLES, ids=[text for text, _ in EXAMPLES])
def test_the_examples_of_rfc_8949_are_written_and_read(text: str, value: Any) -> None:
    assert cbor.encode(value).hex() == text
    assert cbor.decode(bytes.fromhex(text)) == value


@given(_VALUES)
def test_what_is_written_is_read_again(value: Any) -> None:
    assert cbor.decode(cbor.encode(value)) == value


def test_one_value_has_one_text_whatever_the_order_of_its_map() -> None:
    assert cbor.encode({300: b"b", 2: b"a", 24: b"c"}).hex() == "a3024161181841631901" + "2c4162"


def test_a_longer_length_and_another_order_of_keys_are_read_as_others_write_them() -> None:
    assert cbor.decode(bytes.fromhex("990002" + "5801aa" + "1900ff")) == [b"\xaa", 255]
    assert cbor.decode(bytes.fromhex("b90002" + "0241bb" + "0141aa")) == {1: b"\xaa", 2: b"\xbb"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "ends too early"),
        ("43aabb", "ends too early"),
        ("19", "ends too early"),
        ("8201", "ends too early"),
        ("9bffffffffffffffff", "ends too early"),
        ("bb7fffffffffffffff", "ends too early"),
        ("5bffffffffffffffff00", "ends too early"),
        ("0000", "left over"),
        ("8000", "left over"),
        ("5f42010243030405ff", "not said beforehand"),
        ("9fff", "not said beforehand"),
        ("bfff", "not said beforehand"),
        ("1c", "not said beforehand"),
        ("ff", "not said beforehand"),
        ("20", "a negative number stands where none may"),
        ("c000", "a tag stands"),
        ("d84041aa", "a tag stands"),
        ("f4", "a float or simple value stands"),
        ("f6", "a float or simple value stands"),
        ("fb3ff199999999999a", "a float or simple value stands"),
        ("81818100", "an array stands where none may"),
        ("8181a0", "a map stands where none may"),
        ("a16161" + "41aa", "a key of its map is not a number"),
        ("a12041aa", "a key of its map is not a number"),
        ("a10101", "a value of its map is not bytes"),
        ("a1016161", "a value of its map is not bytes"),
        ("a1018041aa", "a value of its map is not bytes"),
        ("a20141aa0141bb", "the key 1 stands twice"),
        ("a20141aa180141bb", "the key 1 stands twice"),
        ("61ff", "not UTF-8"),
    ],
)
def test_everything_else_is_refused_and_told(text: str, words: str) -> None:
    with pytest.raises(ProofError, match=words) as caught:
        cbor.decode(bytes.fromhex(text))
    assert caught.value.problem == "PROOF_VERIFICATION_ERROR"
    assert caught.value.pointer == "/proof/proofValue"


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        value = cbor.decode(data)
    except ProofError:
        return
    assert cbor.decode(cbor.encode(value)) == value


def test_a_number_that_cbor_cannot_hold_is_not_written() -> None:
    with pytest.raises(OverflowError):
        cbor.encode(2**64)
