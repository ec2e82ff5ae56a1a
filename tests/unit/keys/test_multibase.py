"""Base58btc, base64url and multibase: one text for one value, refused before much work is done."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import (
    InvalidKeyError,
    decode_base58btc,
    decode_base64url,
    decode_multibase,
    encode_base58btc,
    encode_base64url,
    encode_multibase,
)


# The examples of draft-msporny-base58-03, section 5.
@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"Hello World!", "2NEpo7TZRRrLZSi2U"),
        (
            b"The quick brown fox jumps over the lazy dog.",
            "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z",
        ),
        (bytes.fromhex("0000287fb4cd"), "11233QC4"),
        (b"", ""),
        (b"\0", "1"),
    ],
)
def test_base58_gives_the_published_examples(data: bytes, text: str) -> None:
    assert encode_base58btc(data) == text
    assert decode_base58btc(text) == data


# RFC 4648, section 10, without padding; and the two letters that base64url has of its own.
@pytest.mark.parametrize(
    ("data", "text"), [(b"f", "Zg"), (b"fo", "Zm8"), (b"foobar", "Zm9vYmFy"), (b"\xfb\xff", "-_8")]
)
def test_base64url_gives_the_published_examples(data: bytes, text: str) -> None:
    assert encode_base64url(data) == text
    assert decode_base64url(text) == data


@given(st.binary(max_size=200))
def test_what_was_written_is_read_back(data: bytes) -> None:
    assert decode_base58btc(encode_base58btc(data)) == data
    assert decode_base64url(encode_base64url(data)) == data
    assert decode_multibase(encode_multibase(data)) == data
    assert decode_multibase(encode_multibase(data, base="u")) == data


@given(st.text(alphabet="123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", max_size=60))
def test_every_base58_text_is_the_only_one_for_its_bytes(text: str) -> None:
    assert encode_base58btc(decode_base58btc(text)) == text


@given(st.text(alphabet="ABab01-_", max_size=12))
def test_every_base64url_text_that_is_read_is_the_only_one_for_its_bytes(text: str) -> None:
    try:
        data = decode_base64url(text)
    except InvalidKeyError:
        return
    assert encode_base64url(data) == text


@pytest.mark.parametrize("letter", ["0", "O", "I", "l", " ", "\n", "é", "\u0661"])
def test_a_letter_that_base58_does_not_have_is_named(letter: str) -> None:
    with pytest.raises(InvalidKeyError, match="is not a base58btc letter"):
        decode_base58btc(f"2NEp{letter}7TZ")


def test_a_long_base58_text_is_refused_before_the_work() -> None:
    assert len(decode_base58btc("z" * 512)) == 375
    with pytest.raises(InvalidKeyError, match="at most 512 base58 letters, got 513"):
        decode_base58btc("z" * 513)


@pytest.mark.parametrize("text", ["Zg==", "Zm8=", "Zm9v\n", " Zm9v", "Zm+v", "Zm/v", "Zm9vé"])
def test_padding_and_stray_letters_are_refused_in_base64url(text: str) -> None:
    with pytest.raises(InvalidKeyError, match="holds only letters, digits, '-' and '_', without padding"):
        decode_base64url(text)


def test_a_base64url_text_of_an_impossible_length_is_refused() -> None:
    with pytest.raises(InvalidKeyError, match="impossible length"):
        decode_base64url("Zm9vY")


def test_stray_bits_at_the_end_of_base64url_are_refused() -> None:
    assert decode_base64url("Zg") == b"f"
    with pytest.raises(InvalidKeyError, match="stray bits at its end"):
        decode_base64url("Zh")


def test_a_long_base64url_text_is_refused() -> None:
    with pytest.raises(InvalidKeyError, match="at most 20000000 base64url letters"):
        decode_base64url("A" * 20_000_001)


@pytest.mark.parametrize("text", ["", "mZg", "Zg", "f00", "Z2NE"])
def test_a_multibase_text_begins_with_z_or_u(text: str) -> None:
    with pytest.raises(InvalidKeyError, match="begins with 'z' or 'u'") as caught:
        decode_multibase(text)
    assert caught.value.code == "INVALID_VERIFICATION_METHOD"
