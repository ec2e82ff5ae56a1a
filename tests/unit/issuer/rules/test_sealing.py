"""The sealed record and the leaves of the outbox: complete, checkable, and closed where they must be."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from issuer.rules import rounds
from issuer.rules.guards import Facts
from issuer.rules.policy import DEFAULT, SMALL_CIRCLE, award_policy_digest
from issuer.rules.process import Process
from issuer.rules.sealing import NO_PLAN, Voice, decision_leaf, issued_leaf, record_values
from keys import did_key, public_key_of
from schemas import record_root, redact_record, seal_record
from schemas.decision import member_commitment, same_decision, why_not_consented
from schemas.errors import DocumentError
from schemas.record import leaf_hash
from schemas.tlog import DecisionClosed, LeftOut, digest_text, format_leaf
from tests.builders import DECIDERS, NOW, Decision, a_decision, a_draft, facts

NAMES = {"chiara": "Chiara B.", "dev": "Peer Q7", "eli": "Peer M2", "farah": "Peer X1"}


def counting(start: int = 0) -> Callable[[int], bytes]:
    """Bytes that are each time others, and known to the test."""
    state = [start]

    def random_bytes(number: int) -> bytes:
        state[0] += 1
        return state[0].to_bytes(number, "big")

    return random_bytes


def text_of(id_: str | None) -> str | None:
    return f"[{id_}]" if id_ else None


def values(process: Process, around: Facts | None = None, **changes: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "decision_url": "https://academy.example/decisions/1",
        "circle_name": "North",
        "names": NAMES,
        "texts": text_of,
        "founding": False,
        "outcome": "consented",
        "now": NOW + timedelta(days=9),
    }
    found = record_values(process, around or facts(), **(usual | changes))
    seal_record(found, random_bytes=counting())  # every value has a place
    return {"/".join(path): value for path, value in found.items()}


def test_the_record_of_a_plain_decision_says_how_it_was_decided() -> None:
    found = values(a_decision("settling").process)
    expected = {
        "kind": "award",
        "outcome": "consented",
        "decision": "https://academy.example/decisions/1",
        "circle": "North",
        "mode": "async",
        "opened": "2026-03-02",
        "closed": "2026-03-11",
        "proposal/version": 1,
        "proposal/digest": "digest-1",
        "proposal/terms": "terms-1",
        "proposal/text": "[text-1]",
        "review": "2028-03-02",
        "policy/digest": DEFAULT.digest,
        "rules/min_peers": 3,
        "rules/min_holders": 1,
        "rules/checked": "G1 G2 G3 G4 G5 G6 G7 G8",
        "count/deciders": 3,
        "count/holders": 1,
        "count/rounds": 1,
        "count/objections_met": 0,
        "deciders/0/name": "Chiara B.",
        "deciders/0/holder": True,
        "deciders/1/holder": False,
        "deciders/2/answer": "consent",
        "deciders/2/assurance": "link",
        "deciders/2/statement": "signed",
    }
    assert expected.items() <= found.items()
    for empty in ("term", "flag/founding", "flag/constituted", "flag/each_other", "plan"):
        assert found[empty] is None
    assert "deciders/3/name" not in found


def with_objection() -> Decision:
    decision = a_decision("consent_round")
    decision.object("dev")
    decision.consent("chiara", concern="old concern")
    decision.consent("eli")
    return decision


def test_objections_that_were_met_stand_there_with_how_and_without_who() -> None:
    decision = with_objection()
    decision.do(rounds.word_objection, by="eli", objection="objection-1", wording="wording-1")
    decision.do(rounds.change_objection, by="dev", objection="objection-1", step="O1")
    decision.amend(a_draft(text="text-2", measures=("measure-1",), term_months=6), met={"objection-1": "met-1"})
    decision.consent()
    found = values(decision.process)
    assert (found["count/rounds"], found["count/objections_met"], found["term"]) == (2, 1, 6)
    assert (found["objections/0/summary"], found["objections/0/met"]) == ("[wording-1]", "[met-1]")
    assert found["measures/0"] == "[measure-1]"
    assert "concerns/0" not in found  # said about a version that nobody decided on


def test_a_wording_that_was_not_confirmed_is_not_quoted() -> None:
    decision = with_objection()
    decision.do(rounds.word_objection, by="eli", objection="objection-1", wording="wording-1")
    decision.amend()
    decision.consent()
    found = values(decision.process)
    assert (found["objections/0/summary"], found["objections/0/met"]) == ("[reason-1]", None)


def test_concerns_stand_next_to_the_measures() -> None:
    decision = with_objection()
    decision.do(rounds.change_objection, by="dev", objection="objection-1", step="O2c")
    decision.amend()
    decision.consent("chiara", concern="concern-1")
    decision.consent("dev", "eli")
    found = values(decision.process)
    assert (found["concerns/0"], found["concerns/1"]) == ("[concern-1]", "[reason-1]")
    assert found["count/objections_met"] == 0


def test_founding_and_each_other_are_said_openly() -> None:
    process = a_decision("settling").process
    found = values(process, facts(approved_by_concerned=frozenset(DECIDERS)), founding=True)
    assert (found["flag/founding"], found["flag/each_other"]) == (True, True)
    assert values(process, facts(approved_by_concerned=frozenset({"dev"})))["flag/each_other"] is None


def test_a_constituting_decision_says_so() -> None:
    found = values(a_decision("settling", kind="constitute").process)
    assert (found["flag/constituted"], found["rules/checked"]) == (True, "G2 G7 G8")


@pytest.mark.parametrize(("agreed", "plan"), [(True, "[plan-1]"), (False, NO_PLAN), (None, NO_PLAN)])
def test_a_plan_stands_there_when_the_applicant_agreed_to_it(agreed: bool | None, plan: str) -> None:
    decision = a_decision("settling", draft=a_draft("not_yet"))
    if agreed is not None:
        decision.do(rounds.answer_plan, by="asha", agreed=agreed)
    assert values(decision.process, outcome="not_yet")["plan"] == plan


def test_twelve_deciders_have_a_place_each() -> None:
    twelve = tuple(f"member-{number:02}" for number in range(12))
    around = facts(eligible=frozenset(twelve), holders=frozenset(twelve))
    process = a_decision("settling", deciders=twelve, around=around).process
    found = values(process, around, names={member: member for member in twelve})
    assert (found["deciders/11/name"], found["count/holders"]) == ("member-11", 12)


# Redaction (DOMAIN.md section 11)


def sealed(start: int = 0) -> Any:
    found = values(a_decision("settling").process)
    return seal_record({tuple(path.split("/")): v for path, v in found.items()}, random_bytes=counting(start))


def test_redacting_keeps_the_root() -> None:
    leaves = sealed()
    closed = redact_record(leaves, [leaf.path for leaf in leaves if leaf.path[0] == "deciders"])
    assert record_root(closed) == record_root(leaves)
    assert not any(leaf.open for leaf in closed if leaf.path[0] == "deciders")


def test_an_altered_value_is_detected() -> None:
    leaves = [replace(leaf, value="Eli") if leaf.path == ("deciders", "1", "name") else leaf for leaf in sealed()]
    with pytest.raises(DocumentError, match="deciders/1/name"):
        record_root(leaves)


def test_a_salt_is_not_used_twice() -> None:
    found: dict[tuple[str, ...], Any] = {("kind",): "award", ("outcome",): "consented"}
    leaves = seal_record(found, random_bytes=lambda number: b"s" * number)
    with pytest.raises(DocumentError, match="one salt twice"):
        record_root(leaves)


def test_a_closed_leaf_is_not_confirmed_by_guessing_names() -> None:
    path = ("deciders", "0", "name")
    (leaf,) = redact_record([leaf for leaf in sealed(start=10**6) if leaf.path == path], [path])
    assert (leaf.salt, leaf.value) == (None, None)
    for name in NAMES.values():
        for salt in (bytes(32), b"academy-badges/record/v1".ljust(32, b"\0"), (1).to_bytes(32, "big")):
            assert leaf_hash(path, name, salt=salt) != leaf.hash


def test_the_number_of_leaves_says_nothing_about_objections() -> None:
    decision = with_objection()
    decision.amend()
    decision.consent()
    found = values(decision.process)
    other = seal_record({tuple(path.split("/")): v for path, v in found.items()}, random_bytes=counting())
    assert len(other) == len(sealed())


# Leaves of the outbox


DIGEST = digest_text(hashlib.sha256(b"a digest").digest())


def voice(number: int) -> Voice:
    """A decider as the log knows them."""
    key = public_key_of(Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32))
    member = member_commitment(
        name="Chiara", key=did_key(key), decision="https://a.example", salt=bytes([number]) * 32
    )
    return Voice(key=did_key(key), member=member, statement=DIGEST, assurance="link" if number else "passkey")


VOICES = tuple(voice(number) for number in range(3))


def logged(process: Process) -> DecisionClosed:
    version = replace(
        process.versions[-1], digest=DIGEST, terms=DIGEST, keys=tuple(sorted(one.key for one in VOICES))
    )
    process = replace(process, versions=(*process.versions[:-1], version))
    return decision_leaf(
        process, leaf_id="l" * 26, record_root=hashlib.sha256(b"root").digest(), voices=VOICES, now=NOW
    )


def test_a_decision_is_logged_in_commitments_and_digests_only() -> None:
    leaf = logged(a_decision("settling", policy=SMALL_CIRCLE).process)
    text = format_leaf(leaf).decode("utf-8")
    people = (*DECIDERS, "asha", "fay", "sam", *NAMES.values())
    assert not [name for name in (*people, "north", "process-1", "text-1") if name in text]
    found = json.loads(text)
    assert (found["type"], found["proposal"], found["terms"]) == ("decision.closed", DIGEST, DIGEST)
    assert found["record"] == digest_text(hashlib.sha256(b"root").digest())
    assert (found["rules"], found["assurance"]) == ({"minPeers": 3, "minHolders": 1}, {"passkey": 1, "link": 2})
    assert (found["at"], found["policy"]) == ("2026-03-02T09:00:00Z", award_policy_digest())
    assert [response["by"] for response in found["responses"]] == found["deciders"]
    assert why_not_consented(leaf) is None


def test_who_did_not_decide_is_counted_by_reason() -> None:
    process = a_decision("settling").process
    recused = replace(process.peers["dev"], member="gil", conflict="household", decides=False)
    process = replace(process, released=2, peers={**process.peers, "gil": recused})
    assert logged(process).left_out == (LeftOut(reason="released", n=2), LeftOut(reason="set_aside", n=1))


def test_what_is_issued_names_the_decision_and_what_exactly_is_signed() -> None:
    decision = logged(a_decision("settling").process)
    issued = issued_leaf(
        decision, leaf_id="m" * 26, decision_hash=DIGEST, final=DIGEST, now=NOW + timedelta(days=1)
    )
    assert same_decision(issued, decision)
    assert (issued.type, issued.id, issued.at) == ("credential.issued", "m" * 26, "2026-03-03T09:00:00Z")
    assert (issued.decision, issued.final, issued.reason, issued.replaces) == (DIGEST, DIGEST, "first", None)
