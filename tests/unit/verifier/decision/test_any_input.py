"""Whatever stands in a badge, its leaf, or its issuer's document gives a report; and what that costs."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import PINNED, Work, canonicalize_json
from schemas.decision import with_log_proof
from schemas.tlog import format_leaf
from tests.unit.verifier.decision.decided import (
    CHIARA,
    check,
    decided,
    decision_alone,
    did_document,
    issue,
    lines,
    prove,
    web,
)
from tests.unit.verifier.world import NOW, a_did_document, as_jwt, signed
from verifier import NoFetcher, Policy, read_document, verify_badge
from verifier.checks.lines import Situation
from verifier.decision import check_decision

MADE = decided()
GOOD = issue(MADE)
SILENT = MADE.with_badge(endorsement=None).relogged()
slow_is_fine = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
quick = settings(max_examples=200, deadline=None)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["did:key:z6Mk", "c2sp.org/tlog-proof@v1", "TransparencyLog", "2026-05-01T09:00:00Z"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return found + [one for name, child in items for one in _paths(child, (*path, name))]


def _put(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(document)
    node = changed
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return changed


LEAF = json.loads(format_leaf(SILENT.leaf))
# What the badge says nothing about, so that nobody can recompute it from the badge.
FREE = frozenset({"id", "at", "closedAt", "policy", "record", "assurance", "leftOut", "decision", "rules"})


@slow_is_fine
@given(st.sampled_from(_paths(GOOD)), JSON)
def test_any_badge_gives_a_report(path: tuple[Any, ...], value: Any) -> None:
    badge = _put(GOOD, path, value)
    report = check(badge)
    if json.dumps(badge) != json.dumps(GOOD):
        assert report.verdict != "valid" or lines(report) == [("pass", "")]


@quick
@given(st.sampled_from(_paths(LEAF)), JSON)
def test_any_leaf_gives_a_report(path: tuple[Any, ...], value: Any) -> None:
    leaf = _put(LEAF, path, value)
    try:
        data = canonicalize_json(leaf)
    except Exception:  # noqa: BLE001  numbers that no leaf can hold, as JSON has it
        data = json.dumps(leaf).encode()
    told = decision_alone(with_log_proof(SILENT.badge, prove(data)))
    if leaf != LEAF and path[0] not in FREE | {"responses"}:
        assert told["decision"][0][0] in {"fail", "unknown"} or told["log"][0][0] == "fail"


@quick
@given(st.sampled_from(_paths({"service": did_document()["service"]})), JSON)
def test_any_service_gives_a_report(path: tuple[Any, ...], value: Any) -> None:
    told = decision_alone(PROVEN, did=_put(did_document(), path, value))
    assert told.keys() == {"decision", "log", "witnesses"}


PROVEN = with_log_proof(SILENT.badge, prove(format_leaf(SILENT.leaf)))


# --- what it costs --------------------------------------------------------------------------------------------


def test_nothing_is_canonicalised_twice_for_the_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answers' signatures were checked as endorsements; the decision asks for what that came to."""
    calls: list[str] = []
    original = Work.once

    def counted(self: Work, kind: str, value: Any, make: Any) -> Any:
        def made() -> Any:
            calls.append(kind)
            return make()

        return original(self, kind, value, made)

    monkeypatch.setattr(Work, "once", counted)

    def spent(badge: Any, did: Any) -> tuple[list[str], int]:
        work = Work()
        calls.clear()
        verify_badge(read_document(badge), now=NOW, fetcher=web(did=did), contexts=replace(PINNED, work=work))
        return sorted(calls), work.nodes_left

    silent = issue(MADE, proof=prove(b"{}"))  # the same badge, whose proof of the log is not read to its end
    assert spent(GOOD, did_document())[0] == spent(silent, a_did_document())[0]


def test_three_answers_and_the_proof_add_at_most_seven_kilobytes() -> None:
    """With two witnesses, a thousand entries and one peer named; what peers say to the learner is more."""
    bare = signed({name: value for name, value in MADE.badge.items() if name != "endorsement"})
    said = len(MADE.answers[CHIARA]["credentialSubject"]["endorsementComment"]) + len(',"endorsementComment":""')
    size = len(json.dumps(GOOD, separators=(",", ":"))) - len(json.dumps(bare, separators=(",", ":")))
    assert size - said <= 7 * 1024


def test_a_badge_too_large_to_look_at_is_not_known() -> None:
    made = decided(name="x" * 500_001)
    report = check(issue(made))
    assert (report.verdict, lines(report)) == ("valid", [("unknown", "LIMIT_EXCEEDED")])
    assert check(issue(made), require_decision=True).verdict == "unknown"


def test_more_endorsements_than_are_looked_at_leave_the_answers_unchecked() -> None:
    kind_words = [
        {"id": f"https://x.example/{number}", "type": ["VerifiableCredential", "EndorsementCredential"]}
        for number in range(40)
    ]
    made = MADE.with_badge(endorsement=[*kind_words, *MADE.badge["endorsement"]]).relogged()
    situation = Situation(now=NOW, fetcher=NoFetcher(), policy=Policy())
    badge = with_log_proof(made.badge, prove(format_leaf(made.leaf)))
    told = check_decision(read_document(badge), [], situation=situation)
    assert [(line.result, line.code) for line in told.lines if line.id == "decision"] == [
        ("unknown", "ANSWER_NOT_CHECKED")
    ]


def test_a_jwt_with_the_item_is_read_like_any_other_form() -> None:
    badge = with_log_proof(MADE.badge, prove(format_leaf(MADE.leaf)))
    report = check(as_jwt(badge))
    assert lines(report) == [("pass", "")]
    assert lines(check(as_jwt({**badge, "name": "Other"}))) == [("fail", "FINAL_MISMATCH")]
