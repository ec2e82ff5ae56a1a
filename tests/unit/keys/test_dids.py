"""did:key and did:web: text to value and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import (
    InvalidDIDError,
    KeysError,
    UnsupportedDIDMethodError,
    UnsupportedKeyError,
    did_key,
    did_key_method,
    did_method,
    did_web,
    did_web_url,
    encode_multibase,
    parse_did_key,
    parse_jwk,
    parse_multikey,
    split_fragment,
)
from tests.unit.keys.test_public import RSA_JWK

# The first example of the did:key specification.
MULTIKEY = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
SHORT = encode_multibase(b"\xed\x01" + bytes(31))


def test_a_did_key_is_its_key() -> None:
    key = parse_did_key(f"did:key:{MULTIKEY}")
    assert key == parse_multikey(MULTIKEY)
    assert did_key(key) == f"did:key:{MULTIKEY}"
    assert did_key_method(key) == f"did:key:{MULTIKEY}#{MULTIKEY}"


def test_an_rsa_key_has_no_did_key() -> None:
    with pytest.raises(UnsupportedKeyError):
        did_key(parse_jwk(RSA_JWK))


@pytest.mark.parametrize(
    ("did", "error", "sentence"),
    [
        (f"did:web:{MULTIKEY}", UnsupportedDIDMethodError, "is not a did:key"),
        (f"did:key:{MULTIKEY}#{MULTIKEY}", InvalidDIDError, "is not a DID"),
        (f"did:key:1.1:{MULTIKEY}", InvalidDIDError, "holds no good key"),
        (f"did:key:{SHORT}", InvalidDIDError, "holds no good key: an Ed25519 key has 32 bytes, got 31"),
        ("did:key:z6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6F", UnsupportedKeyError, "do not have"),
        ("did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme", UnsupportedKeyError, "do not have"),
        ("did:key:", InvalidDIDError, "is not a DID"),
    ],
)
def test_a_bad_did_key_is_refused_for_its_own_reason(did: str, error: type[KeysError], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        parse_did_key(did)


# The examples of the did:web specification, section 3.2; then our own.
@pytest.mark.parametrize(
    ("did", "url"),
    [
        ("did:web:w3c-ccg.github.io", "https://w3c-ccg.github.io/.well-known/did.json"),
        ("did:web:w3c-ccg.github.io:user:alice", "https://w3c-ccg.github.io/user/alice/did.json"),
        ("did:web:example.com%3A3000:user:alice", "https://example.com:3000/user/alice/did.json"),
        ("did:web:academy.example", "https://academy.example/.well-known/did.json"),
        ("did:web:xn--nxasmq6b.example", "https://xn--nxasmq6b.example/.well-known/did.json"),
        ("did:web:localhost%3A8443", "https://localhost:8443/.well-known/did.json"),
        ("did:web:Academy.Example", "https://academy.example/.well-known/did.json"),
        ("did:web:academy.example:a%20b", None),
        ("did:web:academy.example:%7Ealice", "https://academy.example/%7Ealice/did.json"),
    ],
)
def test_a_did_web_leads_to_one_address(did: str, url: str | None) -> None:
    if url is None:
        with pytest.raises(InvalidDIDError, match="impossible path"):
            did_web_url(did)
    else:
        assert did_web_url(did) == url


@pytest.mark.parametrize(
    ("did", "sentence"),
    [
        ("did:web:127.0.0.1", "does not name a host by its DNS name"),
        ("did:web:127.1", "does not name a host"),
        ("did:web:2130706433", "does not name a host"),
        ("did:web:0x7f000001", "does not name a host"),
        ("did:web:%5B%3A%3A1%5D", "does not name a host"),
        ("did:web:user%40academy.example", "does not name a host"),
        ("did:web:academy.example.", "does not name a host"),
        ("did:web:-academy.example", "does not name a host"),
        ("did:web:academy..example", "does not name a host"),
        ("did:web:" + "a" * 64 + ".example", "does not name a host"),
        ("did:web:" + "a." * 127 + "example", "does not name a host"),
        ("did:web:ac%C3%A4demy.example", "does not name a host"),
        ("did:web:academy.example%2Fpath", "does not name a host"),
        ("did:web::path", "does not name a host"),
        ("did:web:academy.example%3A", "impossible port"),
        ("did:web:academy.example%3A0", "impossible port"),
        ("did:web:academy.example%3A65536", "impossible port"),
        ("did:web:academy.example%3A8443%3A1", "impossible port"),
        ("did:web:academy.example%3A%D9%A1", "impossible port"),
        ("did:web:academy.example:..", "impossible path"),
        ("did:web:academy.example:%2e%2E:x", "impossible path"),
        ("did:web:academy.example::x", "impossible path"),
        ("did:web:academy.example:a%2Fb", "impossible path"),
        ("did:web:academy.example:a%3Fb", "impossible path"),
        ("did:web:academy.example:a%23b", "impossible path"),
        ("did:web:academy.example:%2541", "impossible path"),
    ],
)
def test_a_did_web_that_leads_elsewhere_is_refused(did: str, sentence: str) -> None:
    with pytest.raises(InvalidDIDError, match=sentence) as caught:
        did_web_url(did)
    assert caught.value.code == "INVALID_DID"


def test_a_did_key_has_no_address() -> None:
    with pytest.raises(UnsupportedDIDMethodError) as caught:
        did_web_url(f"did:key:{MULTIKEY}")
    assert caught.value.code == "UNSUPPORTED"


@pytest.mark.parametrize(
    ("url", "did"),
    [
        ("https://academy.example", "did:web:academy.example"),
        ("https://academy.example/", "did:web:academy.example"),
        ("https://Academy.Example:8443", "did:web:academy.example%3A8443"),
        ("https://academy.example/circles/green", "did:web:academy.example:circles:green"),
    ],
)
def test_an_address_has_one_did_web(url: str, did: str) -> None:
    assert did_web(url) == did


@pytest.mark.parametrize(
    "url",
    [
        "http://academy.example",
        "academy.example",
        "https://",
        "https://:8443",
        "https://127.0.0.1:8000",
        "https://[::1]:8000",
        "https://[::1",
        "https://academy.example:99999",
        "https://academy.example:",
        "https://user:word@academy.example",
        "https://academy.example?x=1",
        "https://academy.example#x",
        "https://academy.example//x",
        "https://academy.example/../x",
        "https://academy.example/a b",
        "https://äcademy.example",
    ],
)
def test_an_address_that_no_did_web_says_is_refused(url: str) -> None:
    with pytest.raises(InvalidDIDError):
        did_web(url)


_LABEL = st.from_regex(r"[a-z]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
_SEGMENT = st.from_regex(r"[A-Za-z0-9_-]{1,8}", fullmatch=True)


@given(
    st.lists(_LABEL, min_size=1, max_size=4), st.none() | st.integers(1, 65_535), st.lists(_SEGMENT, max_size=3)
)
def test_a_did_web_leads_back_to_the_address_it_was_made_of(
    labels: list[str], port: int | None, path: list[str]
) -> None:
    url = "/".join(["https://" + ".".join(labels) + (f":{port}" if port else ""), *path])
    assert did_web_url(did_web(url)) == f"{url}{'' if path else '/.well-known'}/did.json"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "did:",
        "did:web",
        "did:web:",
        "did:web:a:",
        "did:Web:a",
        "DID:web:a",
        "did:web:a b",
        "did:web:a\n",
        "did:web:a/b",
        "did:web:a?b",
        "did:web:a#b",
        "did:web:%zz",
        "did:web:%4",
        "did:wéb:a",
        "https://academy.example",
        "did:web:" + "a" * 2048,
    ],
)
def test_what_is_not_a_did_has_no_method(text: str) -> None:
    with pytest.raises(InvalidDIDError, match="is not a DID"):
        did_method(text)


@pytest.mark.parametrize(
    ("did", "method"), [("did:web:a", "web"), ("did:ion:a:b", "ion"), ("did:x1::a", "x1"), ("did:key:z%41", "key")]
)
def test_a_did_names_its_method(did: str, method: str) -> None:
    assert did_method(did) == method


def test_a_long_text_full_of_colons_is_refused_at_once() -> None:
    with pytest.raises(InvalidDIDError):
        did_method("did:web:" + "%41" * 300 + ":" * 1000 + "!")


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("did:web:a#key", ("did:web:a", "key")),
        ("did:web:a", ("did:web:a", None)),
        ("did:web:a#", ("did:web:a", "")),
        ("did:web:a#b#c", ("did:web:a", "b#c")),
    ],
)
def test_a_fragment_begins_at_the_first_hash(url: str, parts: tuple[str, str | None]) -> None:
    assert split_fragment(url) == parts
