"""A peer's consent has one shape, and is signed by the key that it names; everything else is no answer."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keys import decode_multibase, did_key, did_key_method, encode_base64url, local_signer, public_key_of
from schemas import canonicalize, multihash, schema_kind, to_quads, validate_against
from schemas.decision import (
    MAX_ANSWER_BYTES,
    Answer,
    AnswerError,
    NamedPeer,
    member_commitment,
    new_answer,
    read_answer,
    sign_answer,
    statement_digest,
    verify_answer,
)
from schemas.tlog import LeafError
from tests.unit.verifier.world import a_key

BASE = "https://academy.example"
DECISION = f"{BASE}/decisions/{'a' * 26}"
OTHER = f"{BASE}/decisions/{'b' * 26}"
KEY = a_key(21)
SIGNER = local_signer(KEY, verification_method=did_key_method(public_key_of(KEY)))
OTHERS = local_signer(a_key(22), verification_method=did_key_method(public_key_of(a_key(22))))
P256 = ec.derive_private_key(7, ec.SECP256R1())
SALT = bytes([9]) * 32
PLAIN = Answer(
    id=f"{DECISION}/answers/{'c' * 26}",
    decision=DECISION,
    version=2,
    round=1,
    key=did_key(SIGNER.public_key),
    valid_from="2026-11-24T10:00:00Z",
    badge=f"{BASE}/credentials/{'d' * 26}",
    digest=multihash(b"proposal"),
)
NAMED = replace(
    PLAIN, named=NamedPeer(name="Chiara B.", salt=SALT), comment="You hear everybody.", with_concern=True
)
DOCUMENTS: dict[str, dict[str, Any]] = {
    "plain": sign_answer(PLAIN, signer=SIGNER),
    "named": sign_answer(NAMED, signer=SIGNER),
}
PROOF = DOCUMENTS["plain"]["proof"]


def _unsigned(document: dict[str, Any]) -> dict[str, Any]:
    return {name: copy.deepcopy(value) for name, value in document.items() if name != "proof"}


# --- the shape ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "answer"), [("plain", PLAIN), ("named", NAMED)])
def test_an_answer_is_read_as_it_was_signed(name: str, answer: Answer) -> None:
    document = json.loads(json.dumps(DOCUMENTS[name]))
    assert read_answer(document) == verify_answer(document) == answer
    assert len(json.dumps(document)) < MAX_ANSWER_BYTES


def test_an_answer_has_the_members_of_the_design_and_no_others() -> None:
    document = DOCUMENTS["named"]
    assert {name: value for name, value in document.items() if name != "proof"} == {
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        ],
        "id": f"{DECISION}/answers/{'c' * 26}",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": "Consent with a concern, version 2, round 1",
        "issuer": {
            "id": PLAIN.key,
            "type": ["Profile"],
            "name": "Chiara B.",
            "otherIdentifier": [
                {
                    "type": "IdentifierEntry",
                    "identifier": encode_base64url(SALT),
                    "identifierType": "ext:memberSalt",
                }
            ],
        },
        "validFrom": "2026-11-24T10:00:00Z",
        "credentialSubject": {
            "id": PLAIN.badge,
            "type": ["EndorsementSubject"],
            "endorsementComment": "You hear everybody.",
        },
        "relatedResource": {"id": f"{DECISION}/proposals/2", "digestMultibase": PLAIN.digest},
    }
    assert document["proof"] | {"proofValue": ""} == {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": "2026-11-24T10:00:00Z",
        "verificationMethod": did_key_method(SIGNER.public_key),
        "proofPurpose": "assertionMethod",
        "proofValue": "",
    }
    assert DOCUMENTS["plain"]["issuer"] == PLAIN.key
    assert DOCUMENTS["plain"]["name"] == "Consent, version 2, round 1"
    assert PLAIN.proposal == f"{DECISION}/proposals/2"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_an_answer_is_an_endorsement_by_the_official_schema(name: str) -> None:
    assert schema_kind(DOCUMENTS[name]) == "endorsement"
    assert validate_against("endorsement", DOCUMENTS[name]) == []


@pytest.mark.parametrize(("name", "quads", "blanks"), [("plain", 9, 0), ("named", 16, 1)])
def test_an_answer_is_small_as_rdf_so_that_a_browser_can_write_it_by_a_template(
    name: str, quads: int, blanks: int
) -> None:
    text = canonicalize(to_quads(_unsigned(DOCUMENTS[name])))
    assert len(text.splitlines()) == quads
    assert len({word for word in text.split() if word.startswith("_:")}) == blanks


def test_a_new_answer_is_made_of_its_parts() -> None:
    made = new_answer(
        decision=DECISION,
        random="c" * 26,
        version=2,
        round_=1,
        key=SIGNER.public_key,
        now=datetime(2026, 11, 24, 10, tzinfo=UTC),
        badge=PLAIN.badge,
        digest=PLAIN.digest,
    )
    assert made == PLAIN


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return found + [one for name, child in items for one in _paths(child, (*path, name))]


def _at(document: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        document = document[step]
    return document


OBJECTS = [
    (name, path)
    for name, document in DOCUMENTS.items()
    for path in [(), *_paths(document)]
    if isinstance(_at(document, path), dict)
]
MEMBERS = [(name, path) for name, document in DOCUMENTS.items() for path in _paths(document)]
FREE = {
    ("credentialSubject", "id"),  # which badge it is about, its reader compares
    ("credentialSubject", "endorsementComment"),  # may be left out, and be any text
    ("issuer", "name"),
    ("issuer", "otherIdentifier", 0, "identifier"),
}


@pytest.mark.parametrize(("name", "path"), OBJECTS)
def test_no_member_may_be_added_anywhere(name: str, path: tuple[Any, ...]) -> None:
    for member in ("validUntil", "credentialStatus", "refreshService", "description", "@index", "@context "):
        document = copy.deepcopy(DOCUMENTS[name])
        _at(document, path)[member] = "2027-01-01T00:00:00Z"
        with pytest.raises(AnswerError):
            read_answer(document)


@pytest.mark.parametrize(("name", "path"), MEMBERS)
def test_no_member_may_be_left_out(name: str, path: tuple[Any, ...]) -> None:
    document = copy.deepcopy(DOCUMENTS[name])
    del _at(document, path[:-1])[path[-1]]
    if path == ("credentialSubject", "endorsementComment"):
        assert read_answer(document) == replace(NAMED, comment=None)  # and the signature does not hold
    else:
        with pytest.raises(AnswerError):
            read_answer(document)
    with pytest.raises(AnswerError):
        verify_answer(document)


@pytest.mark.parametrize(("name", "path"), MEMBERS)
def test_no_member_may_hold_something_of_another_kind(name: str, path: tuple[Any, ...]) -> None:
    document = copy.deepcopy(DOCUMENTS[name])
    values: list[Any] = [None, 1, True, "", [], {}, "x", ["x"], {"id": "x"}, [[]]]
    for value in values:
        _at(document, path[:-1])[path[-1]] = value
        with pytest.raises(AnswerError):
            verify_answer(document)
        if path not in FREE and path[0] != "proof":
            with pytest.raises(AnswerError):
                read_answer(document)


@pytest.mark.parametrize(("name", "path"), [one for one in MEMBERS if one[1][-1] == "type"])
def test_types_stand_in_the_one_way_in_which_we_write_them(name: str, path: tuple[Any, ...]) -> None:
    document = copy.deepcopy(DOCUMENTS[name])
    node, value = _at(document, path[:-1]), _at(document, path)
    node["type"] = value[0] if isinstance(value, list) and len(value) == 1 else [value]
    with pytest.raises(AnswerError):
        read_answer(document)


@pytest.mark.parametrize(
    "change",
    [
        {"type": ["EndorsementCredential", "VerifiableCredential"]},
        {"type": ["VerifiableCredential", "EndorsementCredential", "VerifiableCredential"]},
        {"@context": ["https://www.w3.org/ns/credentials/v2"]},
        {"@context": [*DOCUMENTS["plain"]["@context"], {}]},
        {"@context": DOCUMENTS["plain"]["@context"][::-1]},
        {"id": f"{OTHER}/answers/{'c' * 26}"},  # and the proposal of this one
        {"id": f"{DECISION}/answers/{'C' * 26}"},
        {"id": f"{DECISION}/answers/{'c' * 25}"},
        {"id": f"{DECISION}/answers/{'c' * 26}#x"},
        {"id": f"{DECISION}/answers/{'c' * 26}\n"},
        {"name": "Objection, version 2, round 1"},
        {"name": "Consent, version 3, round 1"},  # and the proposal of version 2
        {"name": "Consent, version 02, round 1"},
        {"name": "Consent, version 0, round 1"},
        {"name": "Consent, version 2, round 1 "},
        {"name": "consent, version 2, round 1"},
        {"validFrom": "2026-11-24T10:00:00+00:00"},
        {"validFrom": "2026-11-24T10:00:00.0Z"},
        {"validFrom": "2026-11-24"},
        {"issuer": {"id": PLAIN.key}},
        {"issuer": f"did:key:{'z' * 40}"},
        {"issuer": "https://academy.example"},
        {"issuer": did_key(public_key_of(P256))},
        {"relatedResource": {"id": f"{DECISION}/proposals/3", "digestMultibase": PLAIN.digest}},
        {"relatedResource": {"id": f"{DECISION}/proposals/2", "digestMultibase": "uAAAA"}},
        {"relatedResource": {"id": f"{DECISION}/proposals/2", "digestMultibase": f"z{PLAIN.digest}"}},
        {"relatedResource": [DOCUMENTS["plain"]["relatedResource"]]},
        {"proof": [DOCUMENTS["plain"]["proof"]]},
        {"proof": PROOF | {"created": "2026-11-24T09:59:59Z"}},
        {"proof": PROOF | {"cryptosuite": "eddsa-jcs-2022"}},
        {"proof": PROOF | {"proofPurpose": "authentication"}},
        {"proof": PROOF | {"verificationMethod": OTHERS.verification_method}},
        {"proof": PROOF | {"expires": "2027-01-01T00:00:00Z"}},
    ],
)
def test_nothing_that_is_almost_an_answer_is_read_as_one(change: dict[str, Any]) -> None:
    with pytest.raises(AnswerError):
        read_answer({**DOCUMENTS["plain"], **change})


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"named": NamedPeer(name="", salt=SALT)}, "/issuer"),
        ({"named": NamedPeer(name="x" * 201, salt=SALT)}, "/issuer"),
        ({"named": NamedPeer(name="x", salt=bytes(31))}, "/issuer"),
        ({"named": NamedPeer(name="x", salt=bytes(33))}, "/issuer"),
        ({"comment": "x" * 2001}, "/credentialSubject/endorsementComment"),
    ],
)
def test_what_would_not_be_read_is_not_signed(change: dict[str, Any], pointer: str) -> None:
    with pytest.raises(AnswerError) as caught:
        sign_answer(replace(PLAIN, **change), signer=SIGNER)
    assert caught.value.pointer == pointer


@pytest.mark.parametrize(
    "change", [{"comment": ""}, {"key": did_key(OTHERS.public_key)}, {"decision": OTHER}, {"version": 0}]
)
def test_an_answer_that_contradicts_itself_is_not_signed(change: dict[str, Any]) -> None:
    with pytest.raises(AnswerError):
        sign_answer(replace(PLAIN, **change), signer=SIGNER)


# --- the signature --------------------------------------------------------------------------------------------


def test_the_signature_of_another_key_does_not_count() -> None:
    theirs = sign_answer(replace(PLAIN, key=did_key(OTHERS.public_key)), signer=OTHERS)
    with pytest.raises(AnswerError, match="not signed by the key that it names") as caught:
        verify_answer(
            {**DOCUMENTS["plain"], "proof": {**DOCUMENTS["plain"]["proof"], "proofValue": "z" + "1" * 64}}
        )
    assert caught.value.pointer == "/proof"
    with pytest.raises(AnswerError):
        verify_answer({**theirs, "issuer": PLAIN.key})
    mixed = {**DOCUMENTS["plain"]["proof"], "proofValue": theirs["proof"]["proofValue"]}
    with pytest.raises(AnswerError):
        verify_answer({**DOCUMENTS["plain"], "proof": mixed})


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_bit_of_the_signature_can_be_changed(name: str) -> None:
    value = DOCUMENTS[name]["proof"]["proofValue"]
    assert len(decode_multibase(value)) == 64
    for place in range(0, len(value), 5):
        other = "2" if value[place] != "2" else "3"
        proof = {**DOCUMENTS[name]["proof"], "proofValue": value[:place] + other + value[place + 1 :]}
        with pytest.raises(AnswerError):
            verify_answer({**DOCUMENTS[name], "proof": proof})


ANSWERS = st.builds(
    replace,
    st.just(PLAIN),
    version=st.integers(1, 9999),
    round=st.integers(1, 9999),
    with_concern=st.booleans(),
    named=st.none()
    | st.builds(
        NamedPeer,
        name=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40),
        salt=st.binary(min_size=32, max_size=32),
    ),
    comment=st.none() | st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60),
    valid_from=st.datetimes(datetime(2026, 1, 1), datetime(2099, 1, 1)).map(  # noqa: DTZ001  written with Z below
        lambda moment: f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    ),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ANSWERS, ANSWERS)
def test_what_is_signed_is_what_is_read_and_two_answers_are_two_statements(one: Answer, other: Answer) -> None:
    first, second = (sign_answer(answer, signer=SIGNER) for answer in (one, other))
    assert verify_answer(first) == one
    assert (statement_digest(first) == statement_digest(second)) == (one == other)
    if one != other:
        with pytest.raises(AnswerError):
            verify_answer({**first, "proof": second["proof"]})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(MEMBERS), JSON)
def test_whatever_stands_in_an_answer_it_is_read_or_refused(one: tuple[str, tuple[Any, ...]], value: Any) -> None:
    name, path = one
    document = copy.deepcopy(DOCUMENTS[name])
    _at(document, path[:-1])[path[-1]] = value
    try:
        read_answer(document)
    except AnswerError:
        return
    assert path in FREE | {("proof", "proofValue")} or _at(DOCUMENTS[name], path) == value


# --- the commitment to a name ---------------------------------------------------------------------------------


def test_a_commitment_opens_with_its_salt_name_key_and_decision_alone() -> None:
    given_: dict[str, Any] = {"name": "Chiara B.", "key": PLAIN.key, "decision": DECISION, "salt": SALT}
    made = member_commitment(**given_)
    others: list[dict[str, Any]] = [
        {"name": "Chiara"},
        {"key": did_key(OTHERS.public_key)},
        {"decision": OTHER},
        {"salt": bytes([8]) * 32},
    ]
    assert len({made, *(member_commitment(**{**given_, **change}) for change in others)}) == 5
    for salt in (b"", bytes(31), bytes(33)):
        with pytest.raises(LeafError):
            member_commitment(**{**given_, "salt": salt})
