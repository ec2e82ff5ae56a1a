"""Proof values and documents made to harm or to deceive: each is refused for its own reason."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from keys import (
    BadSignatureError,
    KeysError,
    PublicKey,
    decode_multibase,
    encode_multibase,
    generate_private_key,
    public_key_of,
)
from schemas import (
    DataLossError,
    DocumentError,
    LimitError,
    MalformedValueError,
    ProofError,
    UnsupportedProofError,
    derive_sd_proof,
    verify_sd_proof,
)
from schemas.ecdsa_sd import cbor
from schemas.ecdsa_sd.proof_value import (
    MAX_POINTER_LENGTH,
    MAX_POINTERS,
    MAX_STATEMENTS,
    MAX_TEXT,
    compress_label_map,
    decompress_label_map,
)
from tests.unit.schemas.ecdsa_sd.material import (
    BADGE,
    ISSUER_KEY,
    components,
    derived,
    signed,
    vector,
    with_components,
)

SHOWN = derived()
BASE = signed()
# Fixed keys: they stand in the names of tests, which every test process must agree on.
KEY_OF_ED25519 = decode_multibase("z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK")
KEY_OF_P384 = decode_multibase("z82LkvCwHNreneWpsgPEbV3gu1C6NFJEBg4srfJ5gdxEsMGRJUz2sG9FE42shbn2xkZJh54")


def _verify(document: dict[str, Any], key: PublicKey = ISSUER_KEY) -> None:
    verify_sd_proof(document, proof=document["proof"], public_key=key)


def _refused(document: dict[str, Any], words: str, error: type[Exception] = ProofError) -> None:
    with pytest.raises(error, match=words) as caught:
        _verify(document)
    refusal: Any = caught.value
    expected = "LIMIT_EXCEEDED" if error is LimitError else "PROOF_VERIFICATION_ERROR"
    assert getattr(refusal, "problem", refusal.code) == expected
    assert getattr(refusal, "pointer", "/proof/proofValue") == "/proof/proofValue"


def _with_value(text: Any) -> dict[str, Any]:
    return {**SHOWN, "proof": {**SHOWN["proof"], "proofValue": text}}


def test_the_untouched_badge_verifies() -> None:
    _verify(SHOWN)
    _verify(with_components(SHOWN, components(SHOWN)))


def test_a_base_proof_is_not_for_verifiers_and_the_sentence_says_so() -> None:
    _refused(BASE, "this is a base proof, which is for the holder alone")


VALUE: str = SHOWN["proof"]["proofValue"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "does not begin with 'u'"),
        (VALUE[1:], "does not begin with 'u'"),
        ("U" + VALUE[1:], "does not begin with 'u'"),
        ("z" + VALUE[1:], "does not begin with 'u'"),
        (" " + VALUE, "does not begin with 'u'"),
        (encode_multibase(decode_multibase(VALUE)[:300]), "does not begin with 'u'"),
        (VALUE + "=", "cannot be read"),
        (VALUE + "\n", "cannot be read"),
        (VALUE.replace("_", "/").replace("-", "+"), "cannot be read"),
        (VALUE[:1] + VALUE[4:], "bytes d9 5d 01"),
        ("u", "bytes d9 5d 01"),
        ("u" + VALUE[5:], "bytes d9 5d 01"),
        (encode_multibase(b"\xd9\x5d\x02" + decode_multibase(VALUE)[3:], base="u"), "bytes d9 5d 01"),
        (encode_multibase(b"\xd9\x5d\x01", base="u"), "ends too early"),
        (encode_multibase(decode_multibase(VALUE)[:-1], base="u"), "ends too early"),
        (encode_multibase(decode_multibase(VALUE) + b"\0", base="u"), "left over"),
    ],
)
def test_a_value_that_is_not_one_is_refused(text: str, words: str) -> None:
    _refused(_with_value(text), words)


def test_a_value_beyond_all_measure_is_not_read() -> None:
    _refused(_with_value("u" + "A" * MAX_TEXT), "longer than", LimitError)


def test_a_value_cut_anywhere_is_refused() -> None:
    data = decode_multibase(VALUE)
    for length in range(len(data)):
        with pytest.raises(ProofError):
            _verify(_with_value(encode_multibase(data[:length], base="u")))


SIGNATURE = bytes(64)


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (0, bytes(63), "the issuer's signature in the proof's value is not 64 bytes"),
        (0, bytes(65), "the issuer's signature in the proof's value is not 64 bytes"),
        (0, "a" * 64, "the issuer's signature in the proof's value is not 64 bytes"),
        (0, [bytes(64)], "the issuer's signature in the proof's value is not 64 bytes"),
        (1, bytes(35), "own public key cannot be used"),
        (1, b"\x80\x24\x02" + b"\xff" * 32, "own public key cannot be used: the point is not on the curve"),
        (1, b"\x80\x24\x04" + bytes(32), "own public key cannot be used"),
        (1, bytes(36), "own public key in the proof's value is not 35 bytes"),
        (1, KEY_OF_ED25519, "own public key in the proof's value is not 35 bytes"),
        (1, KEY_OF_ED25519 + b"\0", "own public key cannot be used"),
        (1, KEY_OF_P384, "own public key in the proof's value is not 35 bytes"),
        (1, 7, "own public key in the proof's value is not 35 bytes"),
        (2, b"", "the signatures in the proof's value are not an array"),
        (2, {}, "the signatures in the proof's value are not an array"),
        (2, [bytes(63)], "a signature in the proof's value is not 64 bytes"),
        (2, [0], "a signature in the proof's value is not 64 bytes"),
        (2, [], "has 0 signatures for"),
        (2, [SIGNATURE] * 50, "has 50 signatures for"),
        (3, [], "the names in the proof's value are not a map"),
        (3, 0, "the names in the proof's value are not a map"),
        (3, {}, "names 0 unnamed parts"),
        (3, {0: bytes(31)}, "a name in the proof's value is not 32 bytes"),
        (3, {0: bytes(33)}, "a name in the proof's value is not 32 bytes"),
        (3, {0: bytes(32), 1: bytes(32)}, "bear one name"),
        (4, {}, "the mandatory indexes in the proof's value are not an array"),
        (4, 0, "the mandatory indexes in the proof's value are not an array"),
        (4, ["0"], "a mandatory index in the proof's value is not a number"),
        (4, [b"0"], "a mandatory index in the proof's value is not a number"),
        (4, [[0]], "an array stands where none may"),
        (4, [1, 0], "not in rising order"),
        (4, [0, 0], "not in rising order"),
        (4, [0, 999], "has a mandatory index of 999"),
        (4, [2**64 - 1], "has a mandatory index of 18,446,744"),
        (4, [], "signatures for"),
    ],
    ids=lambda value: repr(value)[:40] if not isinstance(value, bytes) else f"{len(value)} bytes",
)
def test_each_part_of_the_proof_has_its_shape_and_its_own_refusal(place: int, value: Any, words: str) -> None:
    parts = components(SHOWN)
    parts[place] = value
    _refused(with_components(SHOWN, parts), words)


@pytest.mark.parametrize(
    "parts",
    [[], [0] * 4, [0] * 6, 0, b"", "", {}, {0: b""}],
    ids=["empty", "four", "six", "number", "bytes", "text", "map", "pairs"],
)
def test_what_is_not_five_parts_is_refused(parts: Any) -> None:
    _refused(with_components(SHOWN, parts), "not an array of five parts")


@pytest.mark.parametrize("place", [2, 3, 4])
def test_huge_arrays_are_refused_before_anything_is_computed(place: int) -> None:
    parts = components(SHOWN)
    many = MAX_STATEMENTS + 1
    parts[place] = {
        2: [SIGNATURE] * many,
        3: {n: n.to_bytes(32, "big") for n in range(many)},
        4: list(range(many)),
    }[place]
    _refused(with_components(SHOWN, parts), "more than 2,000", LimitError)


def test_a_length_that_promises_more_than_there_is_costs_nothing() -> None:
    for text in ("9affffffff", "9bffffffffffffffff", "859affffffff", "85bbffffffffffffffff", "855affffffff"):
        _refused(_with_value(encode_multibase(bytes.fromhex("d95d01" + text), base="u")), "ends too early")


def _unknown_label(names: dict[int, bytes]) -> dict[int, bytes]:
    return {**{number: label for number, label in names.items() if number}, 77: names[0]}


def _one_more(names: dict[int, bytes]) -> dict[int, bytes]:
    return {**names, 77: bytes(32)}


def _one_less(names: dict[int, bytes]) -> dict[int, bytes]:
    return {number: label for number, label in names.items() if number}


@pytest.mark.parametrize("change", [_unknown_label, _one_more, _one_less])
def test_the_names_are_those_of_the_documents_unnamed_parts(
    change: Callable[[dict[int, bytes]], dict[int, bytes]],
) -> None:
    parts = components(SHOWN)
    parts[3] = change(parts[3])
    _refused(with_components(SHOWN, parts), "unnamed parts, and the document has")


def test_names_that_changed_places_do_not_fit_the_signatures() -> None:
    pointers = ["/credentialSubject/achievement/alignment", "/credentialSubject/achievement/criteria"]
    shown = derive_sd_proof(BASE, selective_pointers=pointers)
    parts = components(shown)
    assert len(parts[3]) > 2
    parts[3] = dict(zip(parts[3], [*list(parts[3].values())[1:], parts[3][0]], strict=True))
    _refused(with_components(shown, parts), "does not match", BadSignatureError)


def test_every_signature_is_checked() -> None:
    count = len(components(SHOWN)[2])
    assert count > 2
    for place in range(count):
        parts = components(SHOWN)
        parts[2][place] = parts[2][place][:-1] + bytes([parts[2][place][-1] ^ 1])
        _refused(with_components(SHOWN, parts), "does not match", BadSignatureError)
    parts = components(SHOWN)
    parts[2] = [*parts[2][1:], parts[2][0]]
    _refused(with_components(SHOWN, parts), "does not match", BadSignatureError)


def test_zeros_are_no_signature() -> None:
    parts = components(SHOWN)
    _refused(with_components(SHOWN, [SIGNATURE, *parts[1:]]), "does not match", BadSignatureError)
    parts[2] = [SIGNATURE] * len(parts[2])
    _refused(with_components(SHOWN, parts), "does not match", BadSignatureError)


def test_a_forger_with_a_proof_key_of_their_own_lacks_the_issuers_signature() -> None:
    forged = signed({**BADGE, "name": "forged"}, ephemeral_key=generate_private_key("P-256"))
    shown = derive_sd_proof(forged, selective_pointers=["/name"])
    parts = components(shown)
    parts[0] = components(SHOWN)[0]
    _refused(with_components(shown, parts), "does not match", BadSignatureError)
    _verify(shown)


def test_a_statement_made_mandatory_or_freed_breaks_the_issuers_signature() -> None:
    parts = components(SHOWN)
    freed = [parts[0], parts[1], [*parts[2], SIGNATURE], parts[3], parts[4][1:]]
    _refused(with_components(SHOWN, freed), "does not match", BadSignatureError)


def test_an_added_statement_has_no_signature() -> None:
    _refused({**SHOWN, "name": "more"}, "signatures for .* statements that need one")
    changed = {**SHOWN, "validUntil": "2099-01-01T00:00:00Z"}
    _refused(changed, "does not match", BadSignatureError)


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"type": "Ed25519Signature2020"}, UnsupportedProofError, "not one of ecdsa-sd-2023"),
        ({"cryptosuite": "bbs-2023"}, UnsupportedProofError, "not one of ecdsa-sd-2023"),
        ({"cryptosuite": ["ecdsa-sd-2023"]}, UnsupportedProofError, "not one of ecdsa-sd-2023"),
        ({"previousProof": "urn:x:1"}, UnsupportedProofError, "builds on another proof"),
        ({"verificationMethod": None}, MalformedValueError, "has no verificationMethod"),
        ({"proofPurpose": 7}, MalformedValueError, "has no proofPurpose"),
        ({"proofValue": None}, MalformedValueError, "has no proofValue"),
        ({"proofValue": ["u"]}, MalformedValueError, "has no proofValue"),
        ({"@context": "https://www.w3.org/ns/credentials/v2"}, ProofError, "over another @context"),
        ({"created": "2020-01-01T00:00:00Z"}, BadSignatureError, "does not match"),
        ({"proofPurpose": "authentication"}, BadSignatureError, "does not match"),
        ({"domain": "x.example"}, BadSignatureError, "does not match"),
        ({"undefined": "x"}, DocumentError, "no context of the document defines"),
    ],
)
def test_options_of_the_proof_are_checked_and_signed(
    changes: dict[str, Any], error: type[Exception], words: str
) -> None:
    document = {**SHOWN, "proof": {**SHOWN["proof"], **changes}}
    with pytest.raises(error, match=words):
        _verify(document)


def test_a_document_without_contexts_means_nothing() -> None:
    document = {name: value for name, value in SHOWN.items() if name != "@context"}
    with pytest.raises(DataLossError):
        _verify(document)


def test_only_a_p256_key_verifies_and_only_the_right_one() -> None:
    for kind in ("Ed25519", "P-384"):
        with pytest.raises(ProofError, match="cannot be made with a key of kind"):
            _verify(SHOWN, public_key_of(generate_private_key(kind)))
    with pytest.raises(BadSignatureError, match="does not match"):
        _verify(SHOWN, public_key_of(generate_private_key("P-256")))


def _poison_graph() -> dict[str, Any]:
    """Unnamed parts in a clique: each points at all of the others, and all look alike."""
    context = [*BADGE["@context"], {"knows": {"@id": "https://x.example/knows", "@type": "@id"}}]
    clique = [{"id": f"_:p{n}", "knows": [f"_:p{m}" for m in range(12) if m != n]} for n in range(12)]
    return {**BADGE, "@context": context, "knows": clique}


def test_a_poison_graph_ends_at_its_budget() -> None:
    document = {**_poison_graph(), "proof": SHOWN["proof"]}
    with pytest.raises(LimitError, match="point at each other in too many ways"):
        _verify(document)
    with pytest.raises(DocumentError, match="calls a part '_:p"):
        signed(_poison_graph())


def test_more_statements_than_are_signed_one_by_one_are_refused() -> None:
    document = copy.deepcopy(BADGE)
    document["credentialSubject"]["achievement"]["alignment"] = [
        {"type": ["Alignment"], "targetName": f"part {n}", "targetUrl": "https://frame.example/"}
        for n in range(MAX_STATEMENTS // 4)
    ]
    with pytest.raises(LimitError, match="too many to sign one by one"):
        signed(document)


def test_a_document_cannot_use_the_names_that_are_given_to_its_parts() -> None:
    with pytest.raises(ProofError, match="ours to give") as caught:
        signed({**BADGE, "id": "urn:bnid:n0"})
    assert caught.value.problem == "PROOF_GENERATION_ERROR"


@pytest.mark.parametrize(
    ("pointers", "error", "words"),
    [
        (["/nothing"], ProofError, "matches nothing in the document"),
        (["validFrom"], ProofError, "is not a JSON pointer"),
        (["/proof"], ProofError, "matches nothing in the document"),
        ("/issuer", ProofError, "not a list of texts"),
        (None, ProofError, "not a list of texts"),
        ([7], ProofError, "not a list of texts"),
        (["/issuer"] * (MAX_POINTERS + 1), LimitError, "at most 500 JSON pointers"),
        (["/" + "a" * MAX_POINTER_LENGTH], LimitError, "at most 500 JSON pointers"),
    ],
)
def test_pointers_are_few_short_and_match(pointers: Any, error: type[DocumentError], words: str) -> None:
    with pytest.raises(error, match=words):
        signed(mandatory=pointers)
    with pytest.raises(error, match=words):
        derive_sd_proof(BASE, selective_pointers=pointers)


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (2, bytes(31), "the HMAC key in the proof's value is not 32 bytes"),
        (2, "x" * 32, "the HMAC key in the proof's value is not 32 bytes"),
        (3, [], "signs 0 statements, and the document makes"),
        (3, {}, "the signatures in the proof's value are not an array"),
        (4, [7], "the JSON pointers are not a list of texts"),
        (4, {}, "the JSON pointers are not a list of texts"),
        (4, ["/nothing"], "matches nothing in the document"),
        (4, ["/" + "a" * MAX_POINTER_LENGTH], "at most 500 JSON pointers"),
    ],
)
def test_a_broken_base_proof_is_not_derived_from(place: int, value: Any, words: str) -> None:
    parts = components(BASE)
    parts[place] = value
    with pytest.raises(DocumentError, match=words):
        derive_sd_proof(with_components(BASE, parts, header="d95d00"), selective_pointers=[])


def test_nothing_is_derived_from_what_is_derived() -> None:
    with pytest.raises(ProofError, match="already derived"):
        derive_sd_proof(SHOWN, selective_pointers=[])
    with pytest.raises(ProofError, match="bytes d9 5d 00"):
        derive_sd_proof(with_components(SHOWN, [], header="d95d07"), selective_pointers=[])


def test_labels_are_written_short_and_come_back() -> None:
    labels = {"c14n0": "u" + "A" * 42 + "A", "c14n12": "u3Lv2QpFgo-YAegc1cQQKWJFW2sEjQF6FfuZ0VEoMKHg"}
    assert decompress_label_map(compress_label_map(labels)) == labels
    for name, label in [("c14n", "uAA"), ("c14n01", "uAA"), ("b0", "uAA"), ("c14n0", "zAA"), ("c14n٣", "uAA")]:
        with pytest.raises(ProofError, match="not a pair of a label map"):
            compress_label_map({name: label})


_ANY_PART = st.recursive(
    st.one_of(st.integers(0, 2**64 - 1), st.binary(max_size=70), st.text(max_size=10)),
    lambda part: st.one_of(
        st.lists(part, max_size=4), st.dictionaries(st.integers(0, 40), st.binary(max_size=34))
    ),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"", b"\xd9\x5d\x00", b"\xd9\x5d\x01", b"\xd9\x5d\x01\x85"]))
@example(b"", b"\xd9\x5d\x01\x85")
def test_any_bytes_as_a_value_are_refused_by_one_of_our_errors(data: bytes, header: bytes) -> None:
    document = _with_value(encode_multibase(header + data, base="u"))
    with pytest.raises((DocumentError, KeysError)):
        _verify(document)
    with pytest.raises((DocumentError, KeysError)):
        derive_sd_proof(document, selective_pointers=["/issuer"])


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_text_as_a_value_is_refused_by_one_of_our_errors(text: str) -> None:
    for value in (text, "u" + text, VALUE[:40] + text):
        with pytest.raises((DocumentError, KeysError)):
            _verify(_with_value(value))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 4), _ANY_PART)
def test_any_part_in_place_of_another_is_refused_by_one_of_our_errors(place: int, part: Any) -> None:
    parts = components(SHOWN)
    if parts[place] == part:
        return
    parts[place] = part
    document = with_components(SHOWN, parts)
    with pytest.raises((DocumentError, KeysError)):
        _verify(document)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_changed_byte_of_the_value_fails(data: st.DataObject) -> None:
    value = bytearray(decode_multibase(VALUE))
    place = data.draw(st.integers(0, len(value) - 1))
    value[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises((DocumentError, KeysError)):
        _verify(_with_value(encode_multibase(bytes(value), base="u")))


def test_the_vectors_break_in_every_part() -> None:
    shown = copy.deepcopy(vector("windsurf/derivedProof.json"))
    for place in range(5):
        parts = components(shown)
        parts[place] = cbor.encode([0])
        _refused(with_components(shown, parts), "proof's value")
