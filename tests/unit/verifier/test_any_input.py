"""Whatever is handed in gives a report. Never an exception, and never a good word for what is not signed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keys import encode_base64url
from tests.unit.verifier.world import (
    ACADEMY,
    DID_URL,
    LIST_URL,
    a_badge,
    a_did_document,
    a_status_list,
    a_web,
    as_jwt,
    check,
    signed,
)
from verifier import CHECK_IDS, NoFetcher, read_document, verify_badge

slow_is_fine = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(
        ["did:web:academy.example", "https://x.example/", "2026-05-03T00:00:00Z", "_:b0", "@id", "u"]
    )
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, child in items:
        found += _paths(child, (*path, name))
    return found


def _put(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    copy = json.loads(json.dumps(document))
    node = copy
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return copy


RICH = a_badge(
    validUntil="2030-05-01T09:00:00Z",
    awardedDate="2026-05-01T09:00:00Z",
    evidence=[{"id": "https://x.example/e", "type": ["Evidence"], "genre": "decision record"}],
    endorsement=[{"type": ["EndorsementCredential"], "credentialSubject": {"id": "x"}}],
    credentialSchema=[{"id": "https://x.example/s", "type": "1EdTechJsonSchemaValidator2019"}],
)
RICH["credentialSubject"]["result"] = [{"type": ["Result"], "resultDescription": "urn:x:r", "value": "3"}]
RICH["credentialSubject"]["achievement"]["resultDescription"] = [
    {"id": "urn:x:r", "type": ["ResultDescription"], "name": "n", "resultType": "Percent", "valueMax": "5"}
]
SIGNED = signed(a_badge())
PLACES = [(RICH, path) for path in _paths(RICH)] + [(SIGNED, ("proof", *path)) for path in _paths(SIGNED["proof"])]


@slow_is_fine
@given(st.binary(max_size=300))
def test_any_bytes_give_a_report(data: bytes) -> None:
    assert check(data).verdict in {"invalid", "unknown"}


@slow_is_fine
@given(JSON)
def test_any_json_value_gives_a_report(value: Any) -> None:
    report = verify_badge(read_document(value), now=a_web_now(), fetcher=NoFetcher())
    assert report.verdict in {"invalid", "unknown"}
    assert {line.id for line in report.checks} >= set(CHECK_IDS)
    json.dumps(report.to_json())


def a_web_now() -> Any:
    from tests.unit.verifier.world import NOW

    return NOW


@slow_is_fine
@given(st.sampled_from(PLACES), JSON)
def test_a_badge_with_anything_anywhere_gives_a_report(place: tuple[Any, tuple[Any, ...]], value: Any) -> None:
    document, path = place
    report = check(_put(document, path, value), recipient="asha@example.org")
    if report.verdict == "valid":
        assert _put(document, path, value) == SIGNED
    assert report.sentence
    json.dumps(report.to_json())


@pytest.mark.parametrize("value", [[], {}, None, 0, "x", [{}]], ids=repr)
@pytest.mark.parametrize("place", PLACES, ids=lambda place: "/".join(map(str, place[1])))
def test_every_place_takes_every_kind_of_value(place: tuple[Any, tuple[Any, ...]], value: Any) -> None:
    document, path = place
    assert check(_put(document, path, value)).verdict in {"invalid", "unknown"} or document is SIGNED


@slow_is_fine
@given(st.sampled_from(_paths(a_did_document())), JSON)
def test_a_did_document_with_anything_anywhere_gives_a_report(path: tuple[Any, ...], value: Any) -> None:
    assert check(SIGNED, web=a_web(did=_put(a_did_document(), path, value))).sentence


LIST = signed(a_status_list())


@slow_is_fine
@given(st.sampled_from(_paths(LIST)), JSON)
def test_a_status_list_with_anything_anywhere_gives_a_report(path: tuple[Any, ...], value: Any) -> None:
    assert check(SIGNED, web=a_web(list=_put(LIST, path, value))).sentence


@slow_is_fine
@given(st.binary(max_size=200), st.sampled_from([DID_URL, LIST_URL]))
def test_any_bytes_from_outside_give_a_report(body: bytes, url: str) -> None:
    web = a_web()
    web.documents[url] = body
    assert check(SIGNED, web=web).verdict == "unknown"


@slow_is_fine
@given(JSON, JSON)
def test_any_jwt_gives_a_report(header: Any, payload: Any) -> None:
    parts = [encode_base64url(json.dumps(part).encode()) for part in (header, payload)]
    text = ".".join(parts)
    report = check(f"{text}.{encode_base64url(ACADEMY.sign(text.encode()))}")
    assert report.verdict in {"invalid", "unknown"}


@slow_is_fine
@given(
    st.sampled_from(["alg", "kid", "jwk", "typ", "crit", "cty", "iss", "exp", "nbf", "sub", "jti", "vc", "proof"]),
    JSON,
)
def test_a_jwt_with_anything_in_header_and_payload_gives_a_report(name: str, value: Any) -> None:
    payload = {**a_badge(), "iss": "did:web:academy.example", name: value}
    header = {"alg": "EdDSA", "kid": ACADEMY.verification_method, name: value}
    text = ".".join(encode_base64url(json.dumps(part).encode()) for part in (header, payload))
    assert check(f"{text}.{encode_base64url(ACADEMY.sign(text.encode()))}").sentence


@slow_is_fine
@given(st.integers(0, len(json.dumps(SIGNED)) - 1), st.integers(1, 255))
def test_a_flipped_byte_is_never_valid(position: int, mask: int) -> None:
    data = bytearray(json.dumps(SIGNED).encode())
    data[position] ^= mask
    try:
        same = json.loads(data) == SIGNED
    except ValueError:
        same = False
    assert same or check(bytes(data)).verdict != "valid"


@slow_is_fine
@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_flipped_byte_of_a_jwt_is_never_valid(position: int, mask: int) -> None:
    data = bytearray(as_jwt(a_badge()).encode())
    data[position % len(data)] ^= mask
    assert check(bytes(data)).verdict != "valid"


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"", "PARSING_ERROR", "neither JSON"),
        (b"hello", "PARSING_ERROR", "neither JSON"),
        (b"\xff\xfe", "PARSING_ERROR", "not text in UTF-8"),
        (b"\xef\xbb\xbf{}", "PARSING_ERROR", "byte order mark"),
        (b"{", "PARSING_ERROR", "line 1"),
        (b"[]", "PARSING_ERROR", "one JSON object"),
        (b"[{}, {}]", "PARSING_ERROR", "one JSON object"),
        (b'{"a": 1, "a": 2}', "PARSING_ERROR", "stands twice"),
        (b'{"a": NaN}', "PARSING_ERROR", "NaN"),
        (b'{"a": 1e999}', "PARSING_ERROR", "too large"),
        (b'{"a": 9007199254740993}', "PARSING_ERROR", "2^53-1"),
        (b"[" * 100_000, "LIMIT_EXCEEDED", "levels deep"),
        (b"[" * 100 + b"]" * 100, "LIMIT_EXCEEDED", "levels deep"),
        (b" " * 10_000_001, "LIMIT_EXCEEDED", "larger than"),
        (b'{"a": "' + b"x" * 1_000_001 + b'"}', "LIMIT_EXCEEDED", "longer than"),
        (b"\x89PNG\r\n\x1a\n", "PARSING_ERROR", "ends inside chunk 1"),
        (b"<svg", "PARSING_ERROR", "line 1"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "NO_BADGE", "carries no badge"),
        (b"eyJhbGciOiJub25lIn0.e30", "PARSING_ERROR", "neither JSON"),
        (b"eyJhbGciOiJub25lIn0.W10.", "PARSING_ERROR", "not a JSON object"),
    ],
)
def test_what_cannot_be_read_is_invalid_and_says_where(data: bytes, code: str, words: str) -> None:
    report = check(data)
    assert report.verdict == "invalid"
    assert (report.check("readable").result, report.check("readable").code) == ("fail", code)
    assert words in report.sentence
    assert all(line.result == "skipped" for line in report.checks if line.id != "readable")


def test_a_badge_in_a_list_of_one_is_read() -> None:
    assert check(json.dumps([SIGNED])).verdict == "valid"
