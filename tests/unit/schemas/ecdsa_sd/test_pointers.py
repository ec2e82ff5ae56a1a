"""Choosing parts by JSON pointers: what comes along, what is left, what is refused."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import DocumentError, ProofError, badge_mandatory_pointers
from schemas.ecdsa_sd.pointers import json_pointer_to_paths, select_json_ld
from tests.unit.schemas.ecdsa_sd.material import BADGE

DOCUMENT: dict[str, Any] = {
    "@context": ["https://a.example/", {"x": "https://x.example/"}],
    "id": "urn:x:1",
    "type": ["A", "B"],
    "name": "top",
    "things": [
        {"id": "urn:x:2", "type": "T", "size": 1, "parts": ["p", "q", "r"]},
        {"@context": "https://b.example/", "@id": "urn:x:3", "@type": "T", "size": 2, "0": "zero"},
        [{"size": 3}],
    ],
    "a/b": {"m~n": {"": "empty name"}},
    "one": {"two": {"three": None, "four": False}},
}


def _selected(*pointers: str) -> dict[str, Any]:
    selection = select_json_ld(DOCUMENT, pointers)
    assert selection is not None
    for name in ("@context", "id", "type"):
        assert selection.pop(name) == DOCUMENT[name], "the top is always named and typed"
    return selection


@pytest.mark.parametrize(
    ("pointers", "expected"),
    [
        (["/name"], {"name": "top"}),
        (["/things/0/size"], {"things": [{"id": "urn:x:2", "type": "T", "size": 1}]}),
        (
            ["/things/1/size"],
            {"things": [{"@context": "https://b.example/", "@id": "urn:x:3", "@type": "T", "size": 2}]},
        ),
        (
            ["/things/0/parts/2", "/things/0/parts/0"],
            {"things": [{"id": "urn:x:2", "type": "T", "parts": ["p", "r"]}]},
        ),
        (["/things/2/0/size"], {"things": [[{"size": 3}]]}),
        (["/things/0", "/things/0/size"], {"things": [DOCUMENT["things"][0]]}),
        (["/things/0/size", "/things/0"], {"things": [DOCUMENT["things"][0]]}),
        (
            ["/things/1/0"],
            {"things": [{"@context": "https://b.example/", "@id": "urn:x:3", "@type": "T", "0": "zero"}]},
        ),
        (["/a~1b/m~0n/"], {"a/b": {"m~n": {"": "empty name"}}}),
        (["/one/two/three", "/one/two/four"], {"one": {"two": {"three": None, "four": False}}}),
        (["/one"], {"one": DOCUMENT["one"]}),
    ],
)
def test_pointers_select_their_parts_in_the_documents_order(pointers: list[str], expected: dict[str, Any]) -> None:
    assert _selected(*pointers) == expected


def test_a_part_of_what_is_always_shown_can_be_chosen() -> None:
    assert select_json_ld(DOCUMENT, ["/id", "/type/1"]) == {
        "@context": DOCUMENT["@context"],
        "id": "urn:x:1",
        "type": ["B"],
    }


def test_the_empty_pointer_selects_everything_and_no_pointer_nothing() -> None:
    assert select_json_ld(DOCUMENT, [""]) == DOCUMENT
    assert select_json_ld(DOCUMENT, ["/name", ""]) == DOCUMENT
    assert select_json_ld(DOCUMENT, []) is None


def test_a_selection_shares_nothing_with_the_document() -> None:
    before = copy.deepcopy(DOCUMENT)
    selection = _selected("/things", "/one")
    selection["things"][0]["parts"].append("more")
    selection["one"]["two"].clear()
    assert before == DOCUMENT


@pytest.mark.parametrize(
    "pointer",
    [
        "/nothing",
        "/things/3",
        "/things/-",
        "/things/-1",
        "/things/00",
        "/things/01",
        "/things/+1",
        "/things/1e0",
        "/things/²",
        "/things/٣",
        "/things/",
        "/things/99999999999999999999",
        "/things/length",
        "/name/0",
        "/name/",
        "/one/two/three/x",
        "/one/two/four/0",
        "/a/b",
        "/__proto__",
        "/things/0/__class__",
    ],
)
def test_a_pointer_that_matches_nothing_is_an_error_at_issue(pointer: str) -> None:
    with pytest.raises(DocumentError, match="matches nothing") as caught:
        select_json_ld(DOCUMENT, ["/name", pointer])
    assert caught.value.problem == "PROOF_GENERATION_ERROR"
    assert caught.value.pointer == pointer


@pytest.mark.parametrize("pointer", ["name", "#/name", " /name", "/a~b", "/a~", "/a~2b", "~"])
def test_what_is_no_json_pointer_is_told(pointer: str) -> None:
    with pytest.raises(DocumentError, match="is not a JSON pointer") as caught:
        json_pointer_to_paths(pointer)
    assert caught.value.problem == "PROOF_GENERATION_ERROR"


@given(st.lists(st.text(max_size=12), max_size=6))
def test_every_path_has_a_pointer_that_leads_back(paths: list[str]) -> None:
    pointer = "".join("/" + path.replace("~", "~0").replace("/", "~1") for path in paths)
    assert json_pointer_to_paths(pointer) == paths


@given(st.text(max_size=40))
def test_any_pointer_selects_or_is_refused(pointer: str) -> None:
    try:
        selection = select_json_ld(DOCUMENT, [pointer])
    except ProofError:
        return
    assert selection is not None
    assert selection["@context"] == DOCUMENT["@context"]


def test_what_a_holder_may_never_hide_of_a_badge_is_listed() -> None:
    assert badge_mandatory_pointers(BADGE) == [
        "/issuer",
        "/validFrom",
        "/validUntil",
        "/credentialSubject/id",
        "/credentialSubject/achievement/id",
        "/credentialSubject/achievement/name",
        "/credentialSubject/achievement/description",
        "/credentialSubject/achievement/criteria",
    ]
    status = {**BADGE, "credentialStatus": {"type": "BitstringStatusListEntry"}}
    assert "/credentialStatus" in badge_mandatory_pointers(status)
    assert badge_mandatory_pointers({"credentialSubject": [{}], "name": "x"}) == []
    assert badge_mandatory_pointers({"credentialSubject": {"achievement": "urn:x:1"}}) == []
