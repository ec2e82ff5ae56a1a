"""The laws of the two digests: what a host or wallet rearranges changes neither, whatever else does."""

from __future__ import annotations

import copy
import json
import random
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import multihash
from schemas.decision import (
    badge_for_consent,
    consent_digest,
    consent_input,
    final_digest,
    normal_form,
    same_decision,
    why_not_consented,
)
from schemas.tlog import CredentialIssued, DecisionClosed, LoggedRules
from tests.unit.verifier.decision.decided import decided
from tests.unit.verifier.world import a_badge

TERMS = multihash(b"terms")
KEYS = ["did:key:z6MkB", "did:key:z6MkA", "did:key:z6MkC"]
MADE = decided()
DRAFT = a_badge(
    evidence=[
        {"id": "https://academy.example/decisions/1", "type": ["Evidence"], "genre": "decision record"},
        {"id": "https://academy.example/works/1", "type": ["Evidence"], "name": "What she made"},
    ],
    credentialSubject={
        **a_badge()["credentialSubject"],
        "achievement": {
            **a_badge()["credentialSubject"]["achievement"],
            "tag": ["rounds", "listening"],
            "alignment": [
                {"type": ["Alignment"], "targetName": "One", "targetUrl": "https://x.example/1"},
                {"type": ["Alignment"], "targetName": "Two", "targetUrl": "https://x.example/2"},
            ],
            "resultDescription": [
                {
                    "id": "https://x.example/r",
                    "type": ["ResultDescription"],
                    "name": "Level",
                    "allowedValue": ["low", "middle", "high"],
                }
            ],
        },
    },
)
SETS = frozenset({"type", "identifier", "evidence", "alignment", "tag", "resultDescription", "endorsement"})
LATER = ("proof", "endorsement", "validFrom", "credentialStatus")


def _digests(badge: dict[str, Any]) -> tuple[str, str]:
    consented = consent_digest(subject=badge_for_consent(badge), terms=TERMS, deciders=KEYS)
    return consented, final_digest(badge)


def _rearranged(value: Any, seed: random.Random, *, term: str = "") -> Any:
    """Return a value as a host or wallet may write it: other orders, sets of one as that one."""
    if isinstance(value, dict):
        names = list(value)
        seed.shuffle(names)
        return {name: _rearranged(value[name], seed, term=name) for name in names}
    if isinstance(value, list):
        items = [_rearranged(item, seed) for item in value]
        if term not in {"@context", "allowedValue"}:
            seed.shuffle(items)
        return items[0] if len(items) == 1 and term in SETS and seed.random() < 0.5 else items
    return value


@settings(max_examples=200, deadline=None)
@given(st.integers())
def test_what_is_rearranged_has_the_same_digests(number: int) -> None:
    badge = _rearranged(copy.deepcopy(DRAFT), random.Random(number))
    assert _digests(badge) == _digests(DRAFT)
    assert normal_form(badge) == normal_form(DRAFT)
    assert normal_form(normal_form(badge)) == normal_form(badge)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return found + [one for name, child in items for one in _paths(child, (*path, name))]


def _at(document: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        document = document[step]
    return document


PATHS = _paths(DRAFT)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)


def _is_same(one: Any, other: Any, *, term: str = "") -> bool:
    """Say by a second way, slow and plain, whether two values differ in orders of sets alone."""
    if term in SETS:
        one, other = (value if isinstance(value, list) else [value] for value in (one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_is_same(one[name], other[name], term=name) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        if term in {"@context", "allowedValue"}:
            return len(one) == len(other) and all(map(_is_same, one, other))
        rest = list(other)
        for item in one:
            found = next((index for index, candidate in enumerate(rest) if _is_same(item, candidate)), None)
            if found is None:
                return False
            del rest[found]
        return not rest
    return type(one) is type(other) and bool(one == other)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(PATHS), VALUES)
def test_every_other_change_has_other_digests(path: tuple[Any, ...], value: Any) -> None:
    badge = copy.deepcopy(DRAFT)
    _at(badge, path[:-1])[path[-1]] = value
    consented, final = _digests(badge)
    same = _is_same(badge, DRAFT)
    if path == ("evidence",) and value == []:
        return  # no evidence, and an empty list of it, are the same
    assert (final == final_digest(DRAFT)) == same
    if path[0] not in LATER:
        assert (consented == _digests(DRAFT)[0]) == same
    else:
        assert consented == _digests(DRAFT)[0]


@pytest.mark.parametrize("path", PATHS)
def test_whatever_is_left_out_has_another_final_digest(path: tuple[Any, ...]) -> None:
    badge = copy.deepcopy(DRAFT)
    del _at(badge, path[:-1])[path[-1]]
    consented, final = _digests(badge)
    assert final != final_digest(DRAFT)
    assert (consented == _digests(DRAFT)[0]) == (path[0] in LATER)


@pytest.mark.parametrize("path", [path for path in PATHS if isinstance(_at(DRAFT, path), dict)])
def test_whatever_is_added_has_another_final_digest(path: tuple[Any, ...]) -> None:
    badge = copy.deepcopy(DRAFT)
    _at(badge, path)["more"] = "x"
    consented, final = _digests(badge)
    assert final != final_digest(DRAFT)
    assert (consented == _digests(DRAFT)[0]) == (path[0] in LATER)


def test_the_order_of_allowed_values_and_of_contexts_means_something() -> None:
    for path in (("@context",), ("credentialSubject", "achievement", "resultDescription", 0, "allowedValue")):
        badge = copy.deepcopy(DRAFT)
        _at(badge, path).reverse()
        assert _digests(badge)[0] != _digests(DRAFT)[0]
        assert _digests(badge)[1] != _digests(DRAFT)[1]


@pytest.mark.parametrize(
    "later",
    [
        {"validFrom": "2027-01-01T00:00:00Z"},
        {"credentialStatus": {"id": "x"}},
        {"endorsement": [{"id": "x"}]},
        {"proof": {"type": "x"}},
        {"credentialSubject": {**DRAFT["credentialSubject"], "id": "did:example:wallet"}},
    ],
)
def test_what_is_known_later_is_in_the_final_digest_but_for_proofs(later: dict[str, Any]) -> None:
    consented, final = _digests({**DRAFT, **later})
    assert consented == _digests(DRAFT)[0]
    assert (final == _digests(DRAFT)[1]) == ("proof" in later)


def test_the_term_is_part_of_what_was_consented_to() -> None:
    assert _digests({**DRAFT, "validUntil": "2027-01-01T23:59:59Z"})[0] != _digests(DRAFT)[0]


def test_the_bytes_that_a_proposals_address_serves_are_those_of_the_digest() -> None:
    data = consent_input(subject=badge_for_consent(DRAFT), terms=TERMS, deciders=KEYS)
    assert json.loads(data) == {
        "badge": badge_for_consent(DRAFT),
        "deciders": sorted(KEYS),
        "terms": TERMS,
    }
    assert multihash(data) == _digests(DRAFT)[0]
    other = consent_input(subject=badge_for_consent(DRAFT), terms=TERMS, deciders=KEYS, kind="proposal")
    assert json.loads(other).keys() == {"proposal", "deciders", "terms"}


# --- the outcome ----------------------------------------------------------------------------------------------


def test_a_leaf_in_which_all_deciders_answered_shows_a_consent() -> None:
    assert why_not_consented(MADE.leaf) is None


def test_a_leaf_with_too_few_deciders_or_other_answers_shows_none() -> None:
    leaf = MADE.leaf
    assert why_not_consented(replace(leaf, rules=LoggedRules(min_peers=4, min_holders=0))) == "G2"
    assert why_not_consented(replace(leaf, deciders=leaf.deciders[1:])) == "K"
    assert why_not_consented(replace(leaf, responses=leaf.responses[1:])) == "K"
    twice = (leaf.responses[0], leaf.responses[0], *leaf.responses[2:])
    assert why_not_consented(replace(leaf, responses=twice)) == "K"
    assert why_not_consented(replace(leaf, rules=LoggedRules(min_peers=3, min_holders=9))) is None  # its word


def test_an_issued_leaf_repeats_all_that_its_decision_says() -> None:
    leaf = MADE.leaf
    names = {field.name for field in fields(DecisionClosed)}
    closed = DecisionClosed(
        **{name: getattr(leaf, name) for name in names} | {"id": "another-event-of-22-letters"}
    )
    assert same_decision(leaf, closed)
    assert same_decision(leaf, replace(closed, at="2026-05-01T08:00:00Z"))
    changes: dict[str, Any] = {
        "proposal": multihash(b"x"),
        "terms": multihash(b"x"),
        "deciders": leaf.deciders[1:],
        "responses": leaf.responses[1:],
        "rules": LoggedRules(min_peers=2, min_holders=1),
        "policy": multihash(b"x"),
        "record": multihash(b"x"),
        "closed_at": "2026-05-01T08:00:00Z",
    }
    for name, value in changes.items():
        assert not same_decision(leaf, replace(closed, **{name: value})), name
    assert set(changes) | {"left_out", "assurance", "id", "at"} == names
    assert isinstance(leaf, CredentialIssued)
