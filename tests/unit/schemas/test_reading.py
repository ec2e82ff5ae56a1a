"""One reading: the compact form, contexts by address, one node for one id; and the schemas of Open Badges."""

from __future__ import annotations

from typing import Any

import pytest

from schemas import (
    CREDENTIALS_V1,
    CREDENTIALS_V2,
    OB_CONTEXT,
    RereadError,
    UnknownContextError,
    check_compact_form,
    check_contexts,
    check_one_node_per_id,
    schema_kind,
    validate_against,
)

ENDORSED = {"id": "urn:x:badge", "type": ["EndorsementSubject"]}


@pytest.mark.parametrize(
    "node",
    [
        {"name": {"@value": "x", "@language": "en", "@direction": "ltr"}},
        {"@context": [CREDENTIALS_V2], "name": "x"},
        {"endorsement": [{"@context": [CREDENTIALS_V2], "type": ["VerifiableCredential"]}]},
        {"proof": {"@context": [CREDENTIALS_V2]}},
        {"proof": [{"@context": [CREDENTIALS_V2]}]},
        {"type": "https://x.example/OwnType"},
    ],
)
def test_the_compact_form_is_accepted(node: dict[str, Any]) -> None:
    check_compact_form(node)


@pytest.mark.parametrize(
    ("node", "pointer"),
    [
        ({"a": {"@type": "x"}}, "/a/@type"),
        ({"a": [{"@set": []}]}, "/a/0/@set"),
        ({"a": [{"@list": []}]}, "/a/0/@list"),
        ({"@graph": []}, "/@graph"),
        ({"@included": []}, "/@included"),
        ({"@reverse": {}}, "/@reverse"),
        ({"@nest": {}}, "/@nest"),
        ({"@index": "x"}, "/@index"),
        ({"@base": "x"}, "/@base"),
        ({"a": {"@context": []}}, "/a/@context"),
        ({"evidence": {"proof": {"@context": []}}}, "/evidence/proof/@context"),
        ({"a": {"x:y": 1}}, "/a"),
        ({"uid": "x"}, ""),
        ({"a": {"type": "https://w3id.org/security#x"}}, "/a/type"),
        ({"validUntil": []}, "/validUntil"),
        ({"issuer": [{}]}, "/issuer"),
    ],
)
def test_every_other_form_is_refused_with_its_place(node: dict[str, Any], pointer: str) -> None:
    with pytest.raises(RereadError) as caught:
        check_compact_form(node)
    assert caught.value.pointer == pointer


def test_a_pointer_escapes_what_pointers_use() -> None:
    with pytest.raises(RereadError) as caught:
        check_compact_form({"a/b~c": {"@type": "x"}})
    assert caught.value.pointer == "/a~1b~0c/@type"


@pytest.mark.parametrize(
    ("document", "error", "pointer"),
    [
        ({"@context": [CREDENTIALS_V2, {"a": "b"}]}, RereadError, "/@context/1"),
        ({"@context": {"a": "b"}}, RereadError, "/@context"),
        ({"@context": [None]}, RereadError, "/@context/0"),
        ({"@context": [[CREDENTIALS_V2]]}, RereadError, "/@context/0"),
        ({"@context": [CREDENTIALS_V2, "https://x.example"]}, UnknownContextError, "/@context/1"),
        ({"a": {"@context": "https://x.example"}}, UnknownContextError, "/a/@context"),
    ],
)
def test_contexts_are_addresses_that_are_known(
    document: dict[str, Any], error: type[Exception], pointer: str
) -> None:
    with pytest.raises(error) as caught:
        check_contexts(document)
    assert getattr(caught.value, "pointer", None) == pointer
    check_contexts({"@context": [CREDENTIALS_V2, OB_CONTEXT], "a": {"@context": CREDENTIALS_V1}})


@pytest.mark.parametrize(
    "other",
    [
        {"id": "urn:x:badge"},
        {"id": "urn:x:badge", "name": "Badge"},
        ENDORSED,
        {**ENDORSED, "endorsementComment": "good"},
        {"id": "urn:x:other", "validUntil": "x"},
        "urn:x:badge",
    ],
)
def test_a_reference_a_repeat_and_an_endorsed_thing_are_no_second_node(other: Any) -> None:
    check_one_node_per_id({"id": "urn:x:root", "a": {"id": "urn:x:badge", "name": "Badge"}, "b": other})


@pytest.mark.parametrize(
    "other",
    [
        {"id": "urn:x:badge", "validUntil": "x"},
        {"id": "urn:x:badge", "name": "Other"},
        {**ENDORSED, "validUntil": "x"},
        {**ENDORSED, "type": "EndorsementSubject"},
        {**ENDORSED, "type": ["EndorsementSubject", "Other"]},
        {"a": [{"id": "urn:x:badge", "name": "Other"}]},
    ],
)
def test_a_second_node_of_one_id_is_refused(other: Any) -> None:
    for document in ({"id": "urn:x:badge", "b": other}, {"a": {"id": "urn:x:badge", "name": "Badge"}, "b": other}):
        with pytest.raises(RereadError, match="claim to be 'urn:x:badge'"):
            check_one_node_per_id(document)


# --- JSON Schema ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ({"type": ["VerifiableCredential", "OpenBadgeCredential"]}, "achievement-2.0"),
        ({"type": "AchievementCredential", "@context": [CREDENTIALS_V2]}, "achievement-2.0"),
        ({"type": ["OpenBadgeCredential"], "@context": [CREDENTIALS_V1]}, "achievement-1.1"),
        ({"type": ["EndorsementCredential"]}, "endorsement"),
        ({"type": ["VerifiableCredential"]}, None),
        ({"type": [{}, "OpenBadgeCredential"]}, "achievement-2.0"),
        ({"type": {}}, None),
        ({}, None),
    ],
)
def test_the_schema_is_chosen_by_type_and_version(document: dict[str, Any], kind: str | None) -> None:
    assert schema_kind(document) == kind


def test_faults_name_their_place_and_no_branch_that_was_not_meant() -> None:
    faults = {
        fault.pointer: fault.message
        for fault in validate_against("achievement-1.1", {"@context": [CREDENTIALS_V1]})
    }
    assert any("issuanceDate" in message or "missing" in message for message in faults.values())
    assert not any("validFrom" in message for message in faults.values())


@pytest.mark.parametrize(
    ("change", "pointer", "words"),
    [
        ({"image": "https://x.example/i.png"}, "/image", "expected object"),
        ({"validFrom": "yesterday"}, "/validFrom", "expected a date-time"),
        ({"id": None}, "/id", "expected"),
        ({"image": {"id": "https://x.example/i.png", "type": "Image", "size": 3}}, "/image", "'size'"),
    ],
)
def test_a_fault_is_a_sentence_for_people(change: dict[str, Any], pointer: str, words: str) -> None:
    from tests.unit.verifier.world import a_badge

    assert validate_against("achievement-2.0", a_badge()) == []
    faults = validate_against("achievement-2.0", {**a_badge(), **change})
    assert any(fault.pointer == pointer and words in fault.message for fault in faults), faults


def test_only_the_first_faults_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.unit.verifier.world import a_badge

    broken = a_badge(validFrom="yesterday", image="x", name=3)
    assert len(validate_against("achievement-2.0", broken)) == 3
    monkeypatch.setattr("schemas.json_schema.MAX_FAULTS", 2)
    assert len(validate_against("achievement-2.0", broken)) == 2


@pytest.mark.parametrize("value", [[], {}, [[]], None, ["x"]])
@pytest.mark.parametrize("where", ["top", "proof", "name"])
def test_the_keywords_of_values_stand_in_values_alone(where: str, value: object) -> None:
    document: dict[str, Any] = {"id": "urn:x:1", "name": "x", "proof": {"type": "DataIntegrityProof"}}
    match where:
        case "top":
            document["@value"] = value
        case "proof":
            document["proof"]["@value"] = value
        case "name":
            document["name"] = {"@value": value, "@language": "en"}
    with pytest.raises(RereadError, match="the keywords of a value"):
        check_compact_form(document)


def test_a_text_with_its_language_is_a_value() -> None:
    check_compact_form({"name": {"@value": "x", "@language": "en", "@direction": "ltr"}})
    for name in ("@value", "@language", "@direction"):
        with pytest.raises(RereadError, match="the keywords of a value"):
            check_compact_form({"name": {name: "x", "more": "y"}})
