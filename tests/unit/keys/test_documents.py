"""Controlled identifier documents: strict reading, and the one algorithm that chooses a key."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import (
    ControllerDocument,
    ControllerDocumentError,
    ControllerDocumentIDError,
    KeysError,
    UnsupportedKeyError,
    VerificationMethod,
    VerificationMethodError,
    VerificationMethodURLError,
    WrongPurposeError,
    controller_document_url,
    did_key_document,
    key_force,
    parse_controller_document,
    parse_jwk,
    parse_multikey,
    select_verification_method,
)
from tests.unit.keys.test_public import ED25519_JWK, MULTIKEYS, P256_JWK, RSA_JWK

DID = "did:web:academy.example"
KEY = f"{DID}#key-1"
PURPOSE = "assertionMethod"
ADDED = datetime(2026, 1, 1, tzinfo=UTC)
RETIRED = datetime(2026, 5, 3, 10, tzinfo=UTC)


def a_method(**changes: Any) -> dict[str, Any]:
    """Return a good verification method, changed where a test says so; None takes a member away."""
    method = {"id": KEY, "type": "Multikey", "controller": DID, "publicKeyMultibase": MULTIKEYS["Ed25519"]}
    return {name: value for name, value in (method | changes).items() if value is not None}


def a_document(**changes: Any) -> dict[str, Any]:
    """Return a good document with one key, changed where a test says so."""
    return {"id": DID, "verificationMethod": [a_method()], PURPOSE: [KEY]} | changes


def _read(document: object) -> ControllerDocument:
    return parse_controller_document(document, expected_id=DID)


def _select(document: object, method_id: str = KEY, purpose: str = PURPOSE) -> VerificationMethod:
    return select_verification_method(_read(document), method_id=method_id, purpose=purpose)


def test_the_key_of_a_good_document_is_found() -> None:
    method = _select(a_document())
    assert method == VerificationMethod(id=KEY, controller=DID, public_key=parse_multikey(MULTIKEYS["Ed25519"]))


@pytest.mark.parametrize(
    ("type_", "member", "value"),
    [
        ("Multikey", "publicKeyMultibase", MULTIKEYS["P-256"]),
        ("Multikey", "publicKeyMultibase", MULTIKEYS["P-384"]),
        ("Ed25519VerificationKey2020", "publicKeyMultibase", MULTIKEYS["Ed25519"]),
        ("JsonWebKey", "publicKeyJwk", ED25519_JWK),
        ("JsonWebKey2020", "publicKeyJwk", P256_JWK),
        ("JsonWebKey", "publicKeyJwk", RSA_JWK),
    ],
)
def test_every_type_of_method_that_we_have_is_read(type_: str, member: str, value: Any) -> None:
    entry = a_method(publicKeyMultibase=None) | {"type": type_, member: value}
    key = parse_jwk(value) if member == "publicKeyJwk" else parse_multikey(value)
    assert _select(a_document(verificationMethod=[entry])).public_key == key


@pytest.mark.parametrize(
    "document",
    [
        a_document(verificationMethod=a_method(), assertionMethod=KEY),
        a_document(verificationMethod=[a_method(id="#key-1")], assertionMethod=["#key-1"]),
        {"id": DID, PURPOSE: [a_method()]},
        {"id": DID, PURPOSE: a_method(id="#key-1")},
        a_document(assertionMethod=[a_method()]),
    ],
    ids=["sets of one", "relative", "by value", "by value and relative", "by value again"],
)
def test_a_method_is_found_wherever_the_document_may_hold_it(document: dict[str, Any]) -> None:
    assert _select(document).id == KEY


@pytest.mark.parametrize("document", [None, [], "did:web:academy.example", 5])
def test_what_is_not_an_object_is_no_document(document: object) -> None:
    with pytest.raises(ControllerDocumentError, match="not a JSON object") as caught:
        _read(document)
    assert caught.value.code == "INVALID_CONTROLLED_IDENTIFIER_DOCUMENT"


@pytest.mark.parametrize(
    "name", ["did:web:other.example", "did:web:academy.example/", None, ["did:web:academy.example"]]
)
def test_a_document_of_somebody_else_is_refused(name: object) -> None:
    with pytest.raises(ControllerDocumentIDError, match=r"not for 'did:web:academy.example'") as caught:
        _read(a_document(id=name))
    assert caught.value.code == "INVALID_CONTROLLED_IDENTIFIER_DOCUMENT_ID"


@pytest.mark.parametrize("entry", [None, "x", 5, {}, {"id": 5}, {"type": "Multikey"}])
def test_a_verification_method_is_an_object_with_an_id(entry: object) -> None:
    with pytest.raises(ControllerDocumentError, match="not an object with an id"):
        _read(a_document(verificationMethod=[entry]))


def test_two_keys_of_one_name_are_refused_and_one_key_told_twice_is_not() -> None:
    assert _select(a_document(verificationMethod=[a_method(), a_method()])).id == KEY
    other = a_method(publicKeyMultibase=MULTIKEYS["P-256"])
    for document in (a_document(verificationMethod=[a_method(), other]), a_document(authentication=[other])):
        with pytest.raises(
            ControllerDocumentError, match=r"two keys have the same id 'did:web:academy.example#key-1'"
        ):
            _read(document)


def test_a_key_beside_an_unusable_one_of_the_same_name_is_not_used() -> None:
    for entries in ([a_method(), a_method(type="New2030")], [a_method(type="New2030"), a_method()]):
        with pytest.raises(UnsupportedKeyError):
            _select(a_document(verificationMethod=entries))


@pytest.mark.parametrize("member", ["verificationMethod", PURPOSE, "keyAgreement", "service"])
def test_a_document_with_very_many_entries_is_refused(member: str) -> None:
    with pytest.raises(ControllerDocumentError, match=f"{member} has 101 entries; at most 100 are read"):
        _read(a_document() | {member: [KEY] * 101})


@pytest.mark.parametrize(
    "method",
    [
        a_method(type="EcdsaSecp256k1VerificationKey2019"),
        a_method(type=["Multikey"]),
        a_method(type=None),
        a_method(publicKeyMultibase="zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme"),
        a_method(type="JsonWebKey", publicKeyMultibase=None, publicKeyJwk=P256_JWK | {"crv": "secp256k1"}),
    ],
)
def test_a_kind_of_key_that_we_do_not_have_is_unsupported_and_not_wrong(method: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedKeyError, match=r"'did:web:academy.example#key-1' cannot be used") as caught:
        _select(a_document(verificationMethod=[method]))
    assert caught.value.code == "UNSUPPORTED"


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        (a_method(publicKeyMultibase=None), "begins with 'z'"),
        (a_method(publicKeyMultibase="z0"), "is not a base58btc letter"),
        (a_method(type="JsonWebKey"), "a JSON object"),
        (
            a_method(type="JsonWebKey", publicKeyMultibase=None, publicKeyJwk=P256_JWK | {"d": "AAAA"}),
            "member 'd'",
        ),
        (a_method(publicKeyJwk=ED25519_JWK), "written in two ways at once"),
        (a_method(secretKeyMultibase="z3u2"), "secret half stands beside it in the open, as 'secretKeyMultibase'"),
        (a_method(privateKeyJwk={}), "as 'privateKeyJwk'"),
        (a_method(controller=None), "names no controller"),
        (a_method(controller=[DID]), "names no controller"),
        (a_method(expires="2026-05-03"), "'expires' is not a date and time with zone"),
        (a_method(expires="2026-05-03T10:00:00"), "'expires' is not a date and time with zone"),
        (a_method(revoked=5), "'revoked' is not a date and time with zone"),
        (a_method(revoked="2026-02-30T10:00:00Z"), "'revoked' is not a date of the calendar"),
        (a_method(expires="0001-01-01T00:00:00+14:00"), "'expires' is not a date of the calendar"),
        (a_method(expires="٢٠٢٦-05-03T10:00:00Z"), "'expires' is not a date and time with zone"),
    ],
)
def test_a_bad_key_fails_only_the_proof_that_names_it(method: dict[str, Any], sentence: str) -> None:
    good = a_method(id=f"{DID}#good")
    document = a_document(verificationMethod=[method, good], assertionMethod=[KEY, f"{DID}#good"])
    with pytest.raises(VerificationMethodError, match=sentence) as caught:
        _select(document)
    assert caught.value.code == "INVALID_VERIFICATION_METHOD"
    assert _select(document, f"{DID}#good").id == f"{DID}#good"


def test_a_date_that_says_null_is_no_date() -> None:
    with pytest.raises(VerificationMethodError, match="'revoked' is not a date"):
        _select(a_document(verificationMethod=[a_method() | {"revoked": None}]))


# Controlled Identifiers 1.0, section 3.3, in the order of its steps.
@pytest.mark.parametrize(
    "method_id", ["", "key-1", "#key-1", "did:web:a b#k", "did:web:ä#k", "\ndid:web:a#k", 5, None]
)
def test_a_key_is_named_by_a_url(method_id: object) -> None:
    with pytest.raises(VerificationMethodURLError, match="a key is named by a URL") as caught:
        controller_document_url(method_id)
    assert caught.value.code == "INVALID_VERIFICATION_METHOD_URL"


@pytest.mark.parametrize("method_id", [DID, f"{DID}#", f"{DID}#a#b", "https://academy.example/keys/1"])
def test_a_key_is_named_by_one_fragment(method_id: str) -> None:
    with pytest.raises(VerificationMethodURLError, match="no key in it after a '#'"):
        controller_document_url(method_id)


@pytest.mark.parametrize("url", [DID, "https://academy.example/issuer", "did:web:academy.example?v=1"])
def test_the_document_of_a_key_stands_before_the_hash(url: str) -> None:
    assert controller_document_url(f"{url}#key-1") == url


def test_a_key_of_another_document_is_refused_even_if_it_is_told_here() -> None:
    name = "did:web:other.example#key-1"
    document = a_document(verificationMethod=[a_method(id=name)], assertionMethod=[name])
    with pytest.raises(VerificationMethodError, match=r"'did:web:other.example#key-1' is not one of"):
        _select(document, name)


def test_a_key_that_is_not_there_is_refused() -> None:
    with pytest.raises(VerificationMethodError, match=r"has no key 'did:web:academy.example#key-2'"):
        _select(a_document(), f"{DID}#key-2")


def test_a_reference_without_its_method_is_no_key() -> None:
    with pytest.raises(VerificationMethodError, match="has no key"):
        _select(a_document(verificationMethod=[]))


def test_a_key_of_another_controller_is_refused() -> None:
    document = a_document(verificationMethod=[a_method(controller="did:web:other.example")])
    with pytest.raises(VerificationMethodError, match=r"says its controller is 'did:web:other.example'") as caught:
        _select(document)
    assert caught.value.code == "INVALID_VERIFICATION_METHOD"


@pytest.mark.parametrize(
    "purpose", ["authentication", "keyAgreement", "assertionmethod", "", "verificationMethod"]
)
def test_a_key_is_only_good_for_the_purposes_it_is_listed_under(purpose: str) -> None:
    with pytest.raises(WrongPurposeError, match=f"is not listed under '{purpose}'") as caught:
        _select(a_document(), purpose=purpose)
    assert caught.value.code == "INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD"


def test_a_key_under_authentication_alone_signs_no_badge() -> None:
    with pytest.raises(WrongPurposeError, match="not listed under 'assertionMethod'"):
        _select({"id": DID, "verificationMethod": [a_method()], "authentication": [KEY]})


def test_the_types_of_services_are_told() -> None:
    services = [
        {"id": "#log", "type": "TransparencyLog"},
        {"id": "#x", "type": ["A", "B", 5]},
        "odd",
        {"id": "#y"},
    ]
    assert _read(a_document(service=services)).services == {"TransparencyLog", "A", "B"}
    assert _read(a_document()).services == frozenset()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.sampled_from([DID, KEY, "Multikey"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "type", "controller"]), inner)
    ),
    max_leaves=6,
)


@given(member=st.sampled_from(["id", "verificationMethod", PURPOSE, "service"]), value=JSON)
def test_whatever_stands_in_a_document_is_read_or_refused(member: str, value: object) -> None:
    try:
        _select(a_document() | {member: value})
    except KeysError as error:
        assert error.code.startswith("INVALID_") or error.code == "UNSUPPORTED"  # noqa: PT017 - a refusal is one of two good ends


@pytest.mark.parametrize("kind", ["Ed25519", "P-256", "P-384"])
def test_a_did_key_stands_for_a_document_with_its_one_key(kind: str) -> None:
    text = {str(name): text for name, text in MULTIKEYS.items()}[kind]
    document = did_key_document(f"did:key:{text}")
    method = select_verification_method(document, method_id=f"did:key:{text}#{text}", purpose=PURPOSE)
    assert method.public_key == parse_multikey(text)
    assert method.controller == document.id == f"did:key:{text}"
    with pytest.raises(WrongPurposeError):
        select_verification_method(document, method_id=method.id, purpose="keyAgreement")


def test_a_did_key_has_no_key_under_another_name() -> None:
    text = MULTIKEYS["Ed25519"]
    document = did_key_document(f"did:key:{text}")
    for fragment in ("key-1", MULTIKEYS["P-256"]):
        with pytest.raises(VerificationMethodError, match="has no key"):
            select_verification_method(document, method_id=f"did:key:{text}#{fragment}", purpose=PURPOSE)


@pytest.mark.parametrize(
    ("dates", "at", "force"),
    [
        ({}, RETIRED, "current"),
        ({"expires": RETIRED}, datetime(2026, 5, 3, 9, 59, 59, tzinfo=UTC), "retired"),
        ({"expires": RETIRED}, RETIRED, "too late"),
        ({"expires": RETIRED}, datetime(2027, 1, 1, tzinfo=UTC), "too late"),
        ({"revoked": RETIRED}, ADDED, "revoked"),
        ({"revoked": RETIRED, "expires": RETIRED}, ADDED, "revoked"),
    ],
)
def test_a_retired_key_verifies_what_it_signed_in_time(
    dates: dict[str, datetime], at: datetime, force: str
) -> None:
    method = VerificationMethod(id=KEY, controller=DID, public_key=parse_multikey(MULTIKEYS["Ed25519"]), **dates)
    assert key_force(method, at=at) == force
