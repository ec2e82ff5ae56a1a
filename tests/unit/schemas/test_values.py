"""Identity hashes and status lists: small values with exact rules."""

from __future__ import annotations

import gzip
import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import encode_base64url
from schemas import (
    StatusListError,
    build_status_list_credential,
    check_minimum_length,
    decode_bitstring,
    encode_bitstring,
    hash_identity,
    matches_identity,
    set_bit,
    status_at,
)
from schemas.status_list import MAX_BYTES

# --- identity -------------------------------------------------------------------------------------------------


def test_the_hash_of_the_specifications_example() -> None:
    expected = "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399"
    assert hash_identity("a@example.com", salt="Kosher") == expected


def _identity(**changes: Any) -> dict[str, Any]:
    hashed = hash_identity("asha@example.org", salt="s")
    return {"type": "IdentityObject", "hashed": True, "identityHash": hashed, "salt": "s", **changes}


@pytest.mark.parametrize(
    ("identity", "identifier", "matches"),
    [
        (_identity(), "asha@example.org", True),
        (_identity(), "Asha@Example.org", True),
        (_identity(), "ben@example.org", False),
        (_identity(salt="t"), "asha@example.org", False),
        (_identity(salt=1), "asha@example.org", False),
        (_identity(salt=None), "asha@example.org", False),
        (_identity(identityHash=None), "asha@example.org", False),
        (_identity(identityHash="sha512$00"), "asha@example.org", False),
        (_identity(identityHash="asha@example.org"), "asha@example.org", False),
        (_identity(hashed=False, identityHash="asha@example.org"), "ASHA@example.org", True),
        (_identity(hashed=False, identityHash="Asha"), "Asha", True),
        (_identity(hashed=False, identityHash="Asha"), "asha", False),
        (_identity(hashed="true"), "asha@example.org", False),
        (_identity(hashed=False, identityHash="日本"), "日本", True),
        ({"identityHash": hash_identity("a@b.c", salt=""), "hashed": True}, "a@b.c", True),
        ({"identityHash": "md5$" + hashlib.md5(b"a@b.c").hexdigest(), "hashed": True}, "a@b.c", True),
        ({}, "", False),
    ],
)
def test_an_identity_is_compared(identity: dict[str, Any], identifier: str, matches: bool) -> None:
    assert matches_identity(identity, identifier) is matches


# --- status lists ---------------------------------------------------------------------------------------------


@given(st.binary(max_size=500))
def test_bits_come_out_as_they_went_in(bits: bytes) -> None:
    assert decode_bitstring(encode_bitstring(bits)) == bits


def test_the_text_is_the_same_each_time() -> None:
    assert encode_bitstring(bytes(16_384)) == encode_bitstring(bytes(16_384))


def test_the_example_of_the_specification_is_read() -> None:
    # Bitstring Status List 1.0, section 3.3 (an empty list of 16 KiB).
    text = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"
    assert decode_bitstring(text) == bytes(16_384)


@given(st.sets(st.integers(0, 799)))
def test_index_0_is_the_most_significant_bit(indexes: set[int]) -> None:
    bits = bytearray(100)
    for index in indexes:
        set_bit(bits, index)
    assert {index for index in range(800) if status_at(bytes(bits), index)} == indexes


def test_the_first_bit_is_the_left_one() -> None:
    assert status_at(b"\x80", 0) == 1
    assert status_at(b"\x01", 7) == 1
    assert status_at(b"\x1b", 1, size=2) == 1
    assert [status_at(b"\x1b", index, size=2) for index in range(4)] == [0, 1, 2, 3]


@pytest.mark.parametrize(("index", "size"), [(8, 1), (-1, 1), (4, 2), (2, 3), (10**15, 1)])
def test_an_index_outside_is_refused(index: int, size: int) -> None:
    with pytest.raises(StatusListError, match="no entry") as caught:
        status_at(b"\0", index, size=size)
    assert caught.value.problem == "RANGE_ERROR"


def _text(data: bytes) -> str:
    return "u" + encode_base64url(data)


PACKED = gzip.compress(b"bits", mtime=0)


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        (None, "STATUS_VERIFICATION_ERROR", "not a text"),
        (3, "STATUS_VERIFICATION_ERROR", "not a text"),
        ("u" * 13_000_000, "STATUS_VERIFICATION_ERROR", "far too long"),
        (encode_base64url(PACKED), "STATUS_VERIFICATION_ERROR", "multibase letter"),
        ("z" + encode_base64url(PACKED), "STATUS_VERIFICATION_ERROR", "multibase letter"),
        ("u!!", "STATUS_VERIFICATION_ERROR", "cannot be read"),
        (_text(PACKED) + "==", "STATUS_VERIFICATION_ERROR", "cannot be read"),
        (_text(b"bits"), "STATUS_VERIFICATION_ERROR", "not gzip"),
        (_text(PACKED[:-1]), "STATUS_VERIFICATION_ERROR", "cut off"),
        (_text(PACKED + b"x"), "STATUS_VERIFICATION_ERROR", "cut off"),
        (_text(PACKED[:-8] + bytes(8)), "STATUS_VERIFICATION_ERROR", "not gzip"),
        (_text(gzip.compress(bytes(MAX_BYTES + 1))), "LIMIT_EXCEEDED", "unpacks to more"),
    ],
    ids=range(12),
)
def test_a_list_that_cannot_be_read_is_refused(text: Any, code: str, words: str) -> None:
    with pytest.raises(StatusListError, match=words) as caught:
        decode_bitstring(text)
    assert caught.value.problem == code


def test_a_bomb_is_unpacked_no_further_than_the_limit() -> None:
    bomb = gzip.compress(bytes(100_000_000))
    assert len(bomb) < 200_000
    with pytest.raises(StatusListError, match="more than 1,000 bytes"):
        decode_bitstring(_text(bomb), max_bytes=1_000)


def test_an_old_list_may_lack_the_letter() -> None:
    assert decode_bitstring(encode_base64url(PACKED) + "==", legacy=True) == b"bits"


def test_a_list_has_131072_entries_at_least() -> None:
    check_minimum_length(bytes(16_384))
    with pytest.raises(StatusListError, match="131,064 entries; 131,072 are the least") as caught:
        check_minimum_length(bytes(16_383))
    assert caught.value.problem == "STATUS_LIST_LENGTH_ERROR"


def test_our_own_list_has_what_a_list_must_have() -> None:
    day = datetime(2026, 5, 3, tzinfo=UTC)
    list_ = build_status_list_credential(
        url="https://academy.example/status/1",
        issuer="did:web:academy.example",
        bits=bytes(16_384),
        valid_from=day,
        valid_until=day.replace(day=4),
        ttl_ms=3_600_000,
    )
    assert list_["id"] == "https://academy.example/status/1"
    assert list_["credentialSubject"]["statusPurpose"] == "revocation"
    assert (list_["validFrom"], list_["validUntil"]) == ("2026-05-03T00:00:00Z", "2026-05-04T00:00:00Z")
    assert decode_bitstring(list_["credentialSubject"]["encodedList"]) == bytes(16_384)
