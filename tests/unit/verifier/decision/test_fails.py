"""What fails offline, from the badge's file alone (TRANSPARENCY.md, section 1; RELIABILITY.md, S01 to S16).

The attacker is the strongest that there is: the academy itself, which signs whatever it likes with its own key.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from keys import did_key
from schemas import add_proof, badge_for_consent, consent_digest, final_digest, multihash
from schemas.decision import NamedPeer, sign_answer, statement_digest
from schemas.tlog import AssuranceCounts, LoggedResponse, LoggedRules, format_leaf
from tests.unit.verifier.decision.decided import (
    BADGE,
    BASE,
    CHIARA,
    CLOSED,
    DECISION,
    DEV,
    ELI,
    NAME,
    SALT,
    Decided,
    answer,
    check,
    decided,
    draft,
    issue,
    key_of,
    lines,
    peer,
    prove,
    response,
)
from tests.unit.verifier.world import a_signer, signed
from verifier.decision.answers import read_answers

MADE = decided()
WALLET = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
OTHER_DECISION = f"{BASE}/decisions/{'c' * 26}"


def _subject(**changes: Any) -> dict[str, Any]:
    return {**MADE.badge["credentialSubject"], **changes}


def _reordered(made: Decided, *endorsements: Any) -> Decided:
    """Return it with other endorsements, and a leaf of its own for that."""
    return made.with_badge(endorsement=[*endorsements]).relogged()


def _answered(seed: int, **changes: Any) -> Decided:
    """Return a decision in which one answer is another one, logged as it is."""
    given = sign_answer(answer(seed, **{"digest": MADE.leaf.proposal, **changes}), signer=peer(seed))
    others = [MADE.answers[other] for other in (CHIARA, DEV, ELI) if other != seed and "digest" not in changes]
    responses = [one for one in MADE.leaf.responses if one.by != key_of(seed)] + [response(seed, given)]
    made = MADE.with_badge(endorsement=[*others, given])
    return made.relogged(responses=tuple(sorted(responses, key=lambda one: one.by)))


def _signed_by(seed: int, **changes: Any) -> dict[str, Any]:
    """Return an endorsement that a decider signed with members of their own."""
    unsigned = {name: value for name, value in MADE.answers[seed].items() if name != "proof"} | changes
    return add_proof(unsigned, signer=peer(seed), cryptosuite="eddsa-rdfc-2022", created=None)


def test_the_badge_of_these_tests_is_good() -> None:
    report = check(issue(MADE))
    assert report.verdict == "valid"
    assert lines(report) == [("pass", "")]


# --- a copy without an entry of its own ----------------------------------------------------------------------


STATUS = {
    **MADE.badge["credentialStatus"],
    "statusListIndex": "4712",
    "id": "https://academy.example/status/1#4712",
}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"credentialSubject": _subject(id=WALLET)}, id="bound to a wallet"),
        pytest.param({"validUntil": "2038-05-01T23:59:59Z"}, id="a longer term"),
        pytest.param({"validUntil": None}, id="no term"),
        pytest.param({"validFrom": "2026-05-01T09:00:01Z"}, id="another date of issue"),
        pytest.param({"evidence": MADE.badge["evidence"][:1]}, id="evidence taken out"),
        pytest.param(
            {"evidence": [*MADE.badge["evidence"], {"id": f"{BASE}/works/2", "type": ["Evidence"]}]},
            id="evidence put in",
        ),
        pytest.param({"credentialStatus": STATUS}, id="another place in the status list"),
        pytest.param({"credentialStatus": None}, id="no status entry"),
        pytest.param({"endorsement": MADE.badge["endorsement"][:2]}, id="an endorsement removed"),
        pytest.param({"endorsement": None}, id="all endorsements removed"),
        pytest.param({"name": "Grand facilitator"}, id="another name"),
    ],
)
def test_what_is_changed_without_an_entry_of_its_own(change: dict[str, Any]) -> None:
    report = check(issue(MADE.with_badge(**change), proof=prove(format_leaf(MADE.leaf))))
    assert report.verdict == "invalid"
    assert lines(report) == [("fail", "FINAL_MISMATCH")]
    assert report.check("proof").result == "pass"  # the academy signed it
    assert not report.decision


@pytest.mark.parametrize(
    "change",
    [
        {"validUntil": "2038-05-01T23:59:59Z"},
        {"name": "Grand facilitator"},
        {"evidence": MADE.badge["evidence"][:1]},
        {"id": f"{BASE}/credentials/{'z' * 26}"},
        {"credentialSubject": _subject(achievement={**_subject()["achievement"], "criteria": {"narrative": "-"}})},
        {"credentialSubject": _subject(identifier=[{**_subject()["identifier"][0], "salt": "other"}])},
    ],
)
def test_what_the_peers_did_not_consent_to_fails_even_when_it_is_logged(change: dict[str, Any]) -> None:
    report = check(issue(MADE.with_badge(**change, endorsement=None).relogged()))
    assert lines(report) == [("fail", "PROPOSAL_MISMATCH")]
    assert report.verdict == "invalid"


def test_a_wallets_copy_with_an_entry_of_its_own_is_good() -> None:
    made = MADE.with_badge(credentialSubject=_subject(id=WALLET), credentialStatus=STATUS)
    report = check(issue(made.relogged(reason="wallet", replaces=MADE.leaf.final)))
    assert report.verdict == "valid"
    assert "linked this badge to the wallet that showed it on 1 May 2026" in report.decision["onItsWord"][-1]


def test_fewer_endorsements_than_deciders_are_good_when_it_was_logged_so() -> None:
    report = check(issue(_reordered(MADE, MADE.answers[ELI])))
    assert (report.verdict, lines(report)) == ("valid", [("pass", ""), ("info", "NOBODY_NAMED")])
    assert report.decision["answersInFile"] == 1


# --- who decided ----------------------------------------------------------------------------------------------


def _without(seed: int, *, deciders: bool, responses: bool) -> Decided:
    """Return it with a decider left out of the leaf, and of the badge."""
    leaf = MADE.leaf
    keys = tuple(key for key in leaf.deciders if key != key_of(seed)) if deciders else leaf.deciders
    kept = tuple(one for one in leaf.responses if one.by != key_of(seed)) if responses else leaf.responses
    shown = [MADE.answers[other] for other in (CHIARA, DEV, ELI) if other != seed]
    rules = LoggedRules(min_peers=2, min_holders=1)
    return _reordered(MADE, *shown).relogged(deciders=keys, responses=kept, rules=rules)


@pytest.mark.parametrize(
    ("deciders", "responses", "code"),
    [
        (True, True, "PROPOSAL_MISMATCH"),  # the others signed the whole list
        (False, True, "DECIDERS_INCOMPLETE"),
        (True, False, "PROPOSAL_MISMATCH"),
    ],
)
def test_a_decider_left_out(deciders: bool, responses: bool, code: str) -> None:
    report = check(issue(_without(ELI, deciders=deciders, responses=responses)))
    assert lines(report) == [("fail", code)]
    assert report.verdict == "invalid"


def test_a_decider_left_out_with_another_proposal_is_found_by_the_others_answers() -> None:
    made = _without(ELI, deciders=True, responses=True)
    digest = consent_digest(
        subject=badge_for_consent(made.badge), terms=made.leaf.terms, deciders=made.leaf.deciders
    )
    report = check(issue(made.relogged(proposal=digest)))
    assert lines(report) == [("fail", "ANSWER_OF_ANOTHER_PROPOSAL")]


def test_a_key_that_answered_and_was_no_decider() -> None:
    more = LoggedResponse(by=key_of(40), member=MADE.leaf.responses[0].member, statement=multihash(b"x"))
    responses = tuple(sorted([*MADE.leaf.responses, more], key=lambda one: one.by))
    assert lines(check(issue(MADE.relogged(responses=responses)))) == [("fail", "DECIDERS_INCOMPLETE")]


def test_fewer_deciders_than_the_rule_asks_for() -> None:
    report = check(issue(MADE.relogged(rules=LoggedRules(min_peers=4, min_holders=1))))
    assert lines(report) == [("fail", "OUTCOME_NOT_MET")]


# --- the answers in it ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["Objection, version 2, round 1", "Not yet, version 2, round 1", "Consent to nothing"]
)
def test_an_objection_dressed_as_consent(name: str) -> None:
    given = _signed_by(DEV, name=name)
    responses = [one for one in MADE.leaf.responses if one.by != key_of(DEV)] + [response(DEV, given)]
    made = MADE.with_badge(endorsement=[MADE.answers[CHIARA], given])
    made = made.relogged(responses=tuple(sorted(responses, key=lambda one: one.by)))
    assert lines(check(issue(made))) == [("fail", "ANSWER_MALFORMED")]


def test_a_consent_of_somebody_who_then_objected() -> None:
    """The log has the digest of the last answer, which was an objection; the badge shows the consent before it."""
    responses = tuple(
        replace(one, statement=multihash(b"an objection")) if one.by == key_of(DEV) else one
        for one in MADE.leaf.responses
    )
    assert lines(check(issue(MADE.relogged(responses=responses)))) == [("fail", "ANSWER_NOT_LOGGED")]


@pytest.mark.parametrize(
    "more",
    [
        {"validUntil": "2026-12-31T00:00:00Z"},
        {"credentialStatus": STATUS},
        {"refreshService": {"id": f"{BASE}/refresh", "type": "https://x.example/Refresh"}},
        {"description": "More than an answer says."},
    ],
)
def test_a_switch_hidden_in_an_answer(more: dict[str, Any]) -> None:
    """Even signed by the peer and logged with its digest: nobody else knows of that switch."""
    given = _signed_by(DEV, **more)
    responses = [one for one in MADE.leaf.responses if one.by != key_of(DEV)] + [response(DEV, given)]
    made = MADE.with_badge(endorsement=[given]).relogged(
        responses=tuple(sorted(responses, key=lambda one: one.by))
    )
    assert lines(check(issue(made))) == [("fail", "ANSWER_MALFORMED")]


def test_what_somebody_else_says_stays_an_ordinary_endorsement() -> None:
    unsigned = {name: value for name, value in MADE.answers[DEV].items() if name != "proof"}
    unsigned |= {"id": f"{DECISION}/answers/{'z' * 26}"}
    unsigned |= {"issuer": did_key(peer(50).public_key), "validUntil": "2026-12-31T00:00:00Z"}
    kind_word = add_proof(unsigned, signer=peer(50), cryptosuite="eddsa-rdfc-2022", created=None)
    report = check(issue(_reordered(MADE, *MADE.answers.values(), kind_word)))
    assert report.verdict == "valid"
    assert (report.decision["keys"], report.decision["answersInFile"]) == (3, 3)
    assert report.check("endorsement/4").result == "pass"


def test_an_answer_by_a_key_that_is_not_in_the_log() -> None:
    stray = sign_answer(answer(40, MADE.leaf.proposal), signer=peer(40))
    report = check(issue(_reordered(MADE, MADE.answers[CHIARA], stray)))
    assert lines(report) == [("fail", "ANSWER_NOT_LOGGED")]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"badge": f"{BASE}/credentials/{'y' * 26}"}, "ANSWER_OF_ANOTHER_BADGE"),
        (
            {"decision": OTHER_DECISION, "id": f"{OTHER_DECISION}/answers/{'a' * 26}"},
            "DECISION_MISMATCH",
        ),
        ({"digest": multihash(b"other")}, "ANSWER_OF_ANOTHER_PROPOSAL"),
        ({"version": 3}, "ANSWER_OF_ANOTHER_PROPOSAL"),
        ({"round": 2}, "ANSWER_OF_ANOTHER_PROPOSAL"),
        ({"valid_from": "2026-05-01T08:59:01Z"}, "ANSWER_TOO_LATE"),
    ],
)
def test_an_answer_from_elsewhere_fails_though_it_is_logged(changes: dict[str, Any], code: str) -> None:
    report = check(issue(_answered(DEV, **changes)))
    assert lines(report) == [("fail", code)]
    assert report.verdict == "invalid"


def test_an_answer_at_the_very_end_still_counts() -> None:
    assert check(issue(_answered(DEV, valid_from=CLOSED))).verdict == "valid"


def test_another_answer_of_the_same_key_is_not_the_one_in_the_log() -> None:
    again = sign_answer(answer(DEV, MADE.leaf.proposal, comment="Changed my words."), signer=peer(DEV))
    report = check(issue(_reordered(MADE, MADE.answers[CHIARA], again)))
    assert lines(report) == [("fail", "ANSWER_NOT_LOGGED")]


def test_an_answer_whose_signature_is_of_another_key() -> None:
    """Logged as it stands, so that the digest fits; the peer never signed it."""
    forged = {**MADE.answers[DEV], "proof": {**MADE.answers[DEV]["proof"]}}
    forged["proof"]["proofValue"] = MADE.answers[ELI]["proof"]["proofValue"]
    responses = [one for one in MADE.leaf.responses if one.by != key_of(DEV)] + [response(DEV, forged)]
    made = MADE.with_badge(endorsement=[forged]).relogged(
        responses=tuple(sorted(responses, key=lambda one: one.by))
    )
    report = check(issue(made))
    assert lines(report) == [("fail", "ANSWER_NOT_SIGNED")]
    assert report.check("endorsement/1").code == "REARRANGED"


def test_the_same_answer_twice_counts_once() -> None:
    badge = {**MADE.badge, "endorsement": [MADE.answers[CHIARA]] * 2}
    [counted] = read_answers(badge, MADE.leaf, page=DECISION, held=lambda _: "valid")
    assert counted.answer.named == NamedPeer(name=NAME, salt=SALT)


# --- names ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "named",
    [NamedPeer(name="Chiara Bella", salt=SALT), NamedPeer(name=NAME, salt=bytes([8]) * 32)],
)
def test_a_name_that_the_log_did_not_commit_to_is_not_shown_as_one(named: NamedPeer) -> None:
    report = check(issue(_answered(CHIARA, named=named)))
    assert report.verdict == "valid"
    assert lines(report) == [("pass", ""), ("warning", "NAME_NOT_COMMITTED"), ("info", "NOBODY_NAMED")]
    assert "3 keys consented. None is named" in report.check("decision").message
    assert (report.decision["named"], report.decision["notNamed"]) == ([], 3)


# --- times ----------------------------------------------------------------------------------------------------


def test_a_badge_issued_before_its_decision_was_closed() -> None:
    made = MADE.with_badge(validFrom="2026-05-01T08:58:59Z").relogged()
    assert lines(check(issue(made))) == [("fail", "ISSUED_BEFORE_DECISION")]
    assert lines(check(issue(made), with_witnesses=False)) == [("fail", "ISSUED_BEFORE_DECISION")]


def test_the_first_badge_is_issued_when_it_is_logged() -> None:
    late = "2026-05-01T09:06:00Z"
    first = MADE.with_badge(validFrom=late).relogged()
    assert lines(check(issue(first))) == [("fail", "ISSUED_AFTER_LOGGING")]
    assert check(issue(first), with_witnesses=False).verdict == "valid"  # nobody else dates the entry
    assert check(issue(first.relogged(reason="key", replaces=MADE.leaf.final))).verdict == "valid"
    assert check(issue(MADE.with_badge(validFrom="2026-05-01T09:05:00Z").relogged())).verdict == "valid"


def test_a_date_of_issue_that_cannot_be_read_is_told_by_the_model_alone() -> None:
    report = check(issue(MADE.with_badge(validFrom="2026-05-01").relogged()))
    assert report.check("model").pointer == "/validFrom"
    assert lines(report) == [("pass", "")]


def test_a_decision_that_closed_after_witnesses_had_seen_its_entry() -> None:
    made = MADE.with_badge(validFrom="2026-05-01T12:00:00Z").relogged(
        closed_at="2026-05-01T12:00:00Z", reason="key", replaces=MADE.leaf.final
    )
    assert lines(check(issue(made))) == [("fail", "ISSUED_BEFORE_DECISION")]


# --- the proof of another badge, decision, log or issuer ---------------------------------------------------------


def test_the_proof_of_another_decision() -> None:
    other = decided(id=f"{BASE}/credentials/{'d' * 26}", name="Circle member")
    report = check(issue(MADE, proof=prove(format_leaf(other.leaf))))
    assert lines(report) == [("fail", "FINAL_MISMATCH")]


def test_the_proof_of_another_copy_of_the_same_badge() -> None:
    copy = MADE.with_badge(credentialSubject=_subject(id=WALLET)).relogged(
        reason="wallet", replaces=MADE.leaf.final
    )
    assert lines(check(issue(MADE, proof=prove(format_leaf(copy.leaf))))) == [("fail", "FINAL_MISMATCH")]


def test_two_records_of_decisions() -> None:
    page = {**draft()["evidence"][0], "id": OTHER_DECISION}
    made = decided(evidence=[draft()["evidence"][0], page], shown=())
    assert lines(check(issue(made))) == [("fail", "DECISION_MISMATCH")]


def test_answers_without_the_record_that_they_are_about() -> None:
    made = decided(evidence=draft()["evidence"][1:])
    assert lines(check(issue(made))) == [("fail", "DECISION_MISMATCH")]
    assert check(issue(decided(evidence=None, shown=()))).verdict == "valid"


def test_a_badge_changed_after_signing_fails_twice_over() -> None:
    good = issue(MADE)
    report = check({**good, "name": "Grand facilitator"})
    assert report.check("proof").code == "PROOF_VERIFICATION_ERROR"
    assert lines(report) == [("fail", "FINAL_MISMATCH")]


@pytest.mark.parametrize(
    "change",
    [
        lambda leaf: replace(leaf, final=multihash(b"")),
        lambda leaf: replace(leaf, terms=multihash(b"other terms")),
        lambda leaf: replace(leaf, proposal=multihash(b"")),
        lambda leaf: replace(leaf, deciders=leaf.deciders[:2]),
        lambda leaf: replace(leaf, responses=leaf.responses[:2]),
        lambda leaf: replace(leaf, rules=LoggedRules(min_peers=9, min_holders=1)),
        lambda leaf: replace(
            leaf, responses=tuple(replace(one, statement=multihash(b"")) for one in leaf.responses)
        ),
        lambda leaf: replace(leaf, closed_at="2026-05-02T00:00:00Z"),
        lambda leaf: replace(leaf, closed_at="2026-04-01T00:00:00Z"),
    ],
)
def test_every_member_of_the_leaf_that_can_be_recomputed_is(change: Callable[[Any], Any]) -> None:
    report = check(issue(replace(MADE, leaf=change(MADE.leaf))))
    assert report.verdict == "invalid"
    assert lines(report)[0][0] == "fail"


def test_a_forger_cannot_use_the_academys_entry() -> None:
    """Whoever copies the badge with its proof and signs it with a key of their own is not the issuer."""
    report = check(issue(MADE, signer=a_signer(9)))
    assert report.verdict == "invalid"


def test_the_digest_of_what_is_signed_ignores_nothing_but_proofs() -> None:
    assert final_digest(signed(MADE.badge)) == MADE.leaf.final
    assert statement_digest(MADE.answers[DEV]) != statement_digest(MADE.answers[ELI])
    assert AssuranceCounts(passkey=3) == MADE.leaf.assurance
    assert (MADE.badge["id"], MADE.answers[DEV]["id"].startswith(DECISION)) == (BADGE, True)
