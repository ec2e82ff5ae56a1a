"""What was consented to, as one digest that anybody recomputes; and whether answers and rules make a consent."""

from __future__ import annotations

from typing import Any

import pytest

from schemas import Rules, badge_for_consent, consent_digest, multihash, normal_form, why_no_consent
from tests.unit.verifier.world import a_badge, signed

LOG_PROOF = {"id": "data:,x", "type": ["Evidence"], "genre": "c2sp.org/tlog-proof@v1"}


def _digest(badge: dict[str, Any], **changes: Any) -> str:
    given = {"terms": "uTerms", "deciders": ["a", "b"], **changes}
    return consent_digest(subject=badge_for_consent(badge), **given)


def test_what_is_known_only_later_is_no_part_of_the_consent() -> None:
    badge = a_badge()
    later = signed(a_badge(validFrom="2026-06-01T00:00:00Z", credentialStatus=None, evidence=[LOG_PROOF]))
    later["credentialSubject"] = {**later["credentialSubject"], "id": "did:example:asha"}
    assert _digest(later) == _digest(badge)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Other"},
        {"validUntil": "2030-01-01T00:00:00Z"},
        {"evidence": [{**LOG_PROOF, "name": "more"}]},
        {"issuer": "did:web:other.example"},
    ],
)
def test_everything_else_is(change: dict[str, Any]) -> None:
    assert _digest({**a_badge(), **change}) != _digest(a_badge())


def test_what_a_wallet_rearranges_is_the_same() -> None:
    badge = a_badge()
    one = normal_form({"type": ["b", "a"], "tag": "x", "@context": ["2", "1"]})
    assert one == normal_form({"type": ["a", "b"], "tag": ["x"], "@context": ["2", "1"]})
    assert one != normal_form({"type": ["a", "b"], "tag": ["x"], "@context": ["1", "2"]})
    badge["credentialSubject"]["identifier"] = badge["credentialSubject"]["identifier"][0]
    assert _digest(badge) == _digest(a_badge())


def test_terms_and_deciders_are_part_of_the_digest_and_their_order_is_not() -> None:
    badge = a_badge()
    assert _digest(badge, deciders=["b", "a"]) == _digest(badge)
    assert _digest(badge, deciders=["a"]) != _digest(badge)
    assert _digest(badge, terms="uOther") != _digest(badge)
    assert consent_digest(subject={}, terms="u", deciders=[], kind="proposal") != consent_digest(
        subject={}, terms="u", deciders=[]
    )
    assert multihash(b"").startswith("uEiDjsMRCmPwcFJr79MiZb7kkJ65B5GSbk0yklZkbeFK4VQ")


ANSWERS: dict[str, Any] = {"a": "consent", "b": "consent", "c": "consent"}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({}, None),
        ({"deciders": ["a", "b"], "answers": {"a": "consent", "b": "consent"}}, "G2"),
        ({"deciders": ["a", "a", "b"]}, "G2"),
        ({"holders": []}, "G3"),
        ({"holders": ["z"]}, "G3"),
        ({"answers": {"a": "consent", "b": "consent"}}, "G7"),
        ({"answers": {**ANSWERS, "z": "consent"}}, "G7"),
        ({"answers": {**ANSWERS, "c": "objection"}}, "G8"),
        ({"objections": ["raised"]}, "G8"),
        ({"objections": ["integrated", "referred"]}, "G8"),
        ({"objections": ["integrated", "withdrawn"]}, None),
    ],
)
def test_a_consent_names_the_first_rule_that_is_not_met(change: dict[str, Any], rule: str | None) -> None:
    given: dict[str, Any] = {"deciders": ["a", "b", "c"], "holders": ["a"], "answers": ANSWERS, "objections": []}
    assert why_no_consent(rules=Rules(min_peers=3, min_holders=1), **{**given, **change}) == rule
