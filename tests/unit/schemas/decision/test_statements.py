"""Signed statements: one form, one meaning, and none passes for another."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import decode_multibase, did_key, encode_multibase, local_signer, public_key_of
from schemas import canonicalize_json, multihash
from schemas.decision import (
    STATEMENT_TYPES,
    Statement,
    StatementError,
    read_signed_statement,
    sign_statement,
    statement_digest,
)
from schemas.tlog import commit
from tests.unit.verifier.world import a_key

DECISION = f"https://academy.example/decisions/{'a' * 26}"
SIGNER = local_signer(a_key(21), verification_method="did:example:a#b")
OTHERS = local_signer(a_key(22), verification_method="did:example:a#b")
SAID = Statement(
    type="objection",
    decision=DECISION,
    version=2,
    round=1,
    digest=multihash(b"proposal"),
    at="2026-11-24T10:00:00Z",
    text=commit("The term is too long for me.", salt=bytes(32)),
)
ENVELOPE = sign_statement(SAID, signer=SIGNER)


def _refused(envelope: object) -> StatementError:
    with pytest.raises(StatementError) as caught:
        read_signed_statement(envelope)
    return caught.value


@pytest.mark.parametrize("kind", STATEMENT_TYPES)
@pytest.mark.parametrize("text", [SAID.text, None])
def test_a_statement_is_read_as_it_was_signed(kind: str, text: str | None) -> None:
    said = replace(SAID, type=kind, text=text)
    envelope = json.loads(json.dumps(sign_statement(said, signer=SIGNER)))
    found = read_signed_statement(envelope)
    assert (found.statement, found.key) == (said, did_key(SIGNER.public_key))
    assert found.digest == statement_digest(envelope) == multihash(canonicalize_json(envelope))
    assert len(json.dumps(envelope)) < 1_000


def test_what_is_signed_is_the_type_a_line_feed_and_the_statement() -> None:
    assert SAID.message() == b"sociocracy-academy/objection/v1\n" + canonicalize_json(ENVELOPE["statement"])
    assert list(ENVELOPE["statement"]) == ["type", "decision", "version", "round", "digest", "at", "text"]
    assert ENVELOPE["signature"].startswith("z")
    assert len(decode_multibase(ENVELOPE["signature"])) == 64


@pytest.mark.parametrize("kind", STATEMENT_TYPES)
@pytest.mark.parametrize("other", STATEMENT_TYPES)
def test_no_statement_of_one_type_is_taken_for_another(kind: str, other: str) -> None:
    envelope = sign_statement(replace(SAID, type=kind), signer=SIGNER)
    envelope["statement"] = {**envelope["statement"], "type": other}
    if kind == other:
        assert read_signed_statement(envelope).statement.type == kind
    else:
        assert "not signed by the key" in _refused(envelope).message


def test_a_signature_over_the_bare_statement_does_not_count() -> None:
    bare = SIGNER.sign(canonicalize_json(ENVELOPE["statement"]))
    assert "not signed" in _refused({**ENVELOPE, "signature": encode_multibase(bare)}).message


def test_the_signature_of_another_key_does_not_count() -> None:
    assert "not signed" in _refused({**ENVELOPE, "key": did_key(OTHERS.public_key)}).message
    theirs = sign_statement(SAID, signer=OTHERS)
    assert "not signed" in _refused({**ENVELOPE, "signature": theirs["signature"]}).message


P256 = did_key(public_key_of(ec.derive_private_key(7, ec.SECP256R1())))


@pytest.mark.parametrize(
    "change",
    [
        {"more": 1},
        {"key": None},
        {"key": "did:key:z"},
        {"key": P256},
        {"key": [ENVELOPE["key"]]},
        {"signature": None},
        {"signature": "z"},
        {"signature": "z0OIl"},
        {"signature": encode_multibase(decode_multibase(ENVELOPE["signature"]), base="u")},
        {"signature": encode_multibase(decode_multibase(ENVELOPE["signature"])[:63])},
        {"signature": encode_multibase(decode_multibase(ENVELOPE["signature"]) + b"x")},
        {"statement": None},
        {"statement": [ENVELOPE["statement"]]},
        {"statement": canonicalize_json(ENVELOPE["statement"]).decode()},
    ],
)
def test_an_envelope_of_another_form_is_refused(change: dict[str, Any]) -> None:
    _refused({**ENVELOPE, **change})


@pytest.mark.parametrize("name", ["statement", "key", "signature"])
def test_an_envelope_without_a_part_is_refused(name: str) -> None:
    _refused({member: value for member, value in ENVELOPE.items() if member != name})


@pytest.mark.parametrize("value", [None, 1, "x", [], [ENVELOPE]])
def test_what_is_no_envelope_is_refused(value: object) -> None:
    _refused(value)


BAD: list[dict[str, Any]] = [
    {"type": "consent "},
    {"type": "vote"},
    {"type": None},
    {"type": ["objection"]},
    {"decision": "x"},
    {"decision": f"{DECISION}/"},
    {"decision": f"{DECISION}\n"},
    {"decision": DECISION.upper()},
    {"decision": f"https://{'x' * 256}/decisions/{'a' * 26}"},
    {"version": "2"},
    {"version": 2.0},
    {"version": True},
    {"version": -1},
    {"version": 10_001},
    {"round": None},
    {"round": 1.5},
    {"digest": "x"},
    {"digest": multihash(b"")[:-1]},
    {"digest": commit("x", salt=bytes(32))},
    {"at": "2026-11-24"},
    {"at": "2026-11-24T10:00:00+00:00"},
    {"at": "2026-11-24T10:00:60Z"},
    {"at": 0},
    {"text": "The term is too long for me."},
    {"text": multihash(b"x")},
    {"text": None},
    {"said": "more"},
]


@pytest.mark.parametrize("change", BAD, ids=[f"{next(iter(one))}-{number}" for number, one in enumerate(BAD)])
def test_a_statement_of_another_form_is_refused_even_when_it_is_signed(change: dict[str, Any]) -> None:
    statement = {**ENVELOPE["statement"], **change}
    kind = statement["type"]
    message = f"sociocracy-academy/{kind}/v1\n".encode() + canonicalize_json(statement)
    _refused({**ENVELOPE, "statement": statement, "signature": encode_multibase(SIGNER.sign(message))})


@pytest.mark.parametrize("name", ["type", "decision", "version", "round", "digest", "at"])
def test_a_statement_without_a_member_is_refused(name: str) -> None:
    statement = {member: value for member, value in ENVELOPE["statement"].items() if member != name}
    _refused({**ENVELOPE, "statement": statement})


def test_a_text_that_was_added_or_left_out_is_noticed() -> None:
    silent = {name: value for name, value in ENVELOPE["statement"].items() if name != "text"}
    _refused({**ENVELOPE, "statement": silent})
    envelope = sign_statement(replace(SAID, text=None), signer=SIGNER)
    _refused({**envelope, "statement": {**envelope["statement"], "text": SAID.text}})


STATEMENTS = st.builds(
    replace,
    st.just(SAID),
    type=st.sampled_from(STATEMENT_TYPES),
    version=st.integers(0, 10_000),
    round=st.integers(0, 10_000),
    digest=st.binary(max_size=4).map(multihash),
    text=st.none() | st.binary(min_size=32, max_size=32).map(lambda salt: commit("x", salt=salt)),
)


@settings(deadline=None)
@given(STATEMENTS, STATEMENTS)
def test_no_signature_fits_two_statements(one: Statement, other: Statement) -> None:
    first, second = (sign_statement(said, signer=SIGNER) for said in (one, other))
    assert read_signed_statement(first).statement == one
    assert (statement_digest(first) == statement_digest(second)) == (one == other)
    if one != other:
        _refused({**first, "signature": second["signature"]})


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*ENVELOPE, "more"]),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.text(max_size=8)
            | st.sampled_from(list(ENVELOPE.values())),
            lambda inner: (
                st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(list(ENVELOPE["statement"])), inner)
            ),
            max_leaves=6,
        ),
    )
)
def test_whatever_is_handed_in_is_read_or_refused(envelope: dict[str, Any]) -> None:
    try:
        assert read_signed_statement(envelope).statement == SAID
    except StatementError:
        assert envelope != ENVELOPE
