"""Parts moved about under a signature that still holds (TRANSPARENCY.md, end of section 1), and what may move.

As RDF, a badge has no order, and nodes of one id are one. So members and whole endorsements can change their
places in the JSON, and the badge's own proof holds. What notices is the rule on nodes, each endorsement's own
proof, and `final`.
"""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import CREDENTIALS_V2, OB_CONTEXT, canonicalize, to_quads
from schemas.decision import sign_answer
from tests.unit.verifier.decision.decided import (
    CHIARA,
    DEV,
    ELI,
    Decided,
    answer,
    check,
    decided,
    issue,
    key_of,
    lines,
    peer,
    response,
)

CONTEXTS = [CREDENTIALS_V2, OB_CONTEXT]
slow_is_fine = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _decided() -> Decided:
    """Return a decision in which two deciders say something to the learner."""
    made = decided()
    given_ = sign_answer(answer(DEV, made.leaf.proposal, comment="You ask well."), signer=peer(DEV))
    responses = [one for one in made.leaf.responses if one.by != key_of(DEV)] + [response(DEV, given_)]
    shown = [made.answers[CHIARA], given_, made.answers[ELI]]
    made = made.with_badge(endorsement=shown)
    return made.relogged(responses=tuple(sorted(responses, key=lambda one: one.by)))


GOOD = issue(_decided())
FIRST, SECOND, THIRD = range(3)


def _copy() -> dict[str, Any]:
    badge: dict[str, Any] = copy.deepcopy(GOOD)
    return badge


def _quads(badge: dict[str, Any]) -> str:
    return canonicalize(to_quads({name: value for name, value in badge.items() if name != "proof"}))


def test_the_badge_of_these_tests_is_good() -> None:
    report = check(GOOD)
    assert (report.verdict, lines(report), report.decision["answersInFile"]) == ("valid", [("pass", "")], 3)


# --- members moved to a second node ---------------------------------------------------------------------------


@pytest.mark.parametrize("member", ["validUntil", "credentialStatus", "evidence", "validFrom", "name"])
def test_a_member_of_the_badge_moved_into_an_endorsements_subject(member: str) -> None:
    badge = _copy()
    badge["endorsement"][FIRST]["credentialSubject"][member] = badge.pop(member)
    report = check(badge)
    assert report.verdict == "invalid"
    assert report.check("context").code == "NOT_COMPACT_FORM"
    assert lines(report) == [("skipped", "")]


@pytest.mark.parametrize("member", ["validUntil", "credentialStatus"])
def test_the_rule_on_nodes_is_needed_as_a_moved_member_changes_no_statement(member: str) -> None:
    badge = _copy()
    subject = badge["endorsement"][FIRST]["credentialSubject"]
    subject |= {"type": ["EndorsementSubject", "VerifiableCredential"], member: badge.pop(member)}
    assert _quads(badge) == _quads(GOOD)  # so the badge's own proof holds
    report = check(badge)
    assert (report.verdict, report.check("context").code) == ("invalid", "NOT_COMPACT_FORM")


@pytest.mark.parametrize("where", ["evidence", "achievement", "issuer", "source"])
def test_a_second_node_of_the_badges_id_anywhere(where: str) -> None:
    badge = _copy()
    second = {"id": badge["id"], "type": ["Evidence"], "validUntil": badge.pop("validUntil")}
    match where:
        case "evidence":
            badge["evidence"].append(second)
        case "achievement":
            badge["credentialSubject"]["achievement"]["creator"] = second
        case "issuer":
            badge["issuer"]["parentOrg"] = second
        case _:
            badge["credentialSubject"]["source"] = second
    assert check(badge).verdict == "invalid"


def test_the_subject_may_not_have_the_id_of_something_else() -> None:
    badge = _copy()
    badge["credentialSubject"]["id"] = badge["id"]
    assert check(badge).verdict == "invalid"


@pytest.mark.parametrize("types", ["EndorsementSubject", ["EndorsementSubject", "Profile"], ["Profile"]])
def test_an_endorsements_subject_of_another_type_is_a_second_node(types: Any) -> None:
    badge = _copy()
    badge["endorsement"][FIRST]["credentialSubject"]["type"] = types
    report = check(badge)
    assert report.verdict == "invalid"


# --- endorsements and what is in them -------------------------------------------------------------------------


def test_two_comments_swapped() -> None:
    badge = _copy()
    first, second = (badge["endorsement"][place]["credentialSubject"] for place in (FIRST, SECOND))
    first["endorsementComment"], second["endorsementComment"] = (
        second["endorsementComment"],
        first["endorsementComment"],
    )
    report = check(badge)
    assert report.verdict == "invalid"
    assert {line.result for line in report.checks if line.id.startswith("endorsement/")} == {"fail", "pass"}
    assert lines(report) == [("fail", "FINAL_MISMATCH")]


@pytest.mark.parametrize("member", ["validFrom", "issuer", "id", "relatedResource", "proof"])
def test_members_of_two_endorsements_swapped(member: str) -> None:
    badge = _copy()
    first, second = (badge["endorsement"][place] for place in (SECOND, THIRD))
    first[member], second[member] = second[member], first[member]
    if first == GOOD["endorsement"][SECOND]:
        return  # both said the same
    report = check(badge)
    assert report.verdict == "invalid"
    assert report.check("decision").result in {"fail", "skipped"}


@pytest.mark.parametrize(
    "member",
    [
        {"validUntil": "2026-12-31T00:00:00Z"},
        {"credentialStatus": GOOD["credentialStatus"]},
        {"name": "Objection, version 2, round 1"},
    ],
)
def test_something_added_to_an_endorsement(member: dict[str, Any]) -> None:
    badge = _copy()
    badge["endorsement"][SECOND] |= member
    report = check(badge)
    assert report.verdict == "invalid"
    assert lines(report) == [("fail", "FINAL_MISMATCH")]


def test_an_endorsements_members_moved_into_the_badge_and_back() -> None:
    badge = _copy()
    badge["endorsement"][SECOND]["credentialSubject"]["validUntil"] = badge["validUntil"]
    report = check(badge)  # beside that of the badge: said twice, and so not changed as RDF
    assert (report.verdict, report.check("context").code) == ("invalid", "NOT_COMPACT_FORM")


# --- contexts -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["credentialSubject", "evidence", "issuer", "relatedResource"])
def test_a_context_inside(place: str) -> None:
    badge = _copy()
    node = {
        "credentialSubject": badge["credentialSubject"],
        "evidence": badge["evidence"][0],
        "issuer": badge["issuer"],
        "relatedResource": badge["endorsement"][0]["relatedResource"],
    }[place]
    node["@context"] = CONTEXTS
    report = check(badge)
    assert (report.verdict, report.check("context").code) == ("invalid", "NOT_COMPACT_FORM")


@pytest.mark.parametrize(
    "context",
    [[*CONTEXTS, {"name": "https://x.example/unsigned"}], {"@vocab": "https://x.example/"}, [CREDENTIALS_V2]],
)
def test_another_context_in_an_endorsement(context: Any) -> None:
    badge = _copy()
    badge["endorsement"][FIRST]["@context"] = context
    assert check(badge).verdict == "invalid"


# --- what may move --------------------------------------------------------------------------------------------


def _shuffle(value: Any, seed: random.Random, *, term: str = "") -> Any:
    """Return a value with its members and its sets in another order; contexts keep theirs."""
    if isinstance(value, dict):
        names = list(value)
        seed.shuffle(names)
        return {name: _shuffle(value[name], seed, term=name) for name in names}
    if isinstance(value, list):
        items = [_shuffle(item, seed) for item in value]
        if term != "@context" and items != ["EndorsementSubject"]:
            seed.shuffle(items)
        return items
    return value


@slow_is_fine
@given(st.integers())
def test_another_order_of_everything_is_the_same_badge(number: int) -> None:
    report = check(_shuffle(_copy(), random.Random(number)))
    assert (report.verdict, lines(report), report.decision["answersInFile"]) == ("valid", [("pass", "")], 3)


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [one for name, child in value.items() for one in _leaves(child, (*path, name))]
    if isinstance(value, list):
        return [one for index, child in enumerate(value) for one in _leaves(child, (*path, index))]
    return [path]


LEAVES = _leaves(GOOD)


@slow_is_fine
@given(st.sampled_from(LEAVES), st.sampled_from(LEAVES))
def test_two_texts_swapped_are_noticed(one: tuple[Any, ...], other: tuple[Any, ...]) -> None:
    badge = _copy()

    def parent(path: tuple[Any, ...]) -> Any:
        node: Any = badge
        for step in path[:-1]:
            node = node[step]
        return node

    first, second = parent(one), parent(other)
    first[one[-1]], second[other[-1]] = second[other[-1]], first[one[-1]]
    if json.dumps(badge, sort_keys=True) == json.dumps(GOOD, sort_keys=True):
        return
    report = check(badge)
    if report.verdict == "valid":  # two items of one set
        assert one[:-1] == other[:-1]
        assert lines(report) == [("pass", "")]
