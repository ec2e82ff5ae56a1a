"""What a report says of a good decision: what is proven, and what is only the Academy's word."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from schemas import parse_json
from schemas.decision import with_log_proof
from schemas.tlog import format_leaf, format_policy, format_vkey
from tests.unit.schemas.tlog.builders import a_policy, log_key
from tests.unit.verifier.decision.decided import (
    CHIARA,
    DECISION,
    DEV,
    ELI,
    NAME,
    Decided,
    check,
    decided,
    decision_alone,
    did_document,
    issue,
    lines,
    prove,
    web,
)
from tests.unit.verifier.world import (
    FORGER,
    FORGER_DID,
    ISSUER,
    NOW,
    a_badge,
    a_did_document,
    as_jwt,
    signed,
    told,
)
from tests.unit.verifier.world import check as check_in_world
from verifier import load_policy
from verifier.tell import tell
from verifier.web import create_blueprint

MADE = decided()
GOOD = issue(MADE)
NOT_WITNESSED = "logged by the Academy; nobody else has confirmed that everyone sees the same log"


def _shown(*seeds: int) -> Decided:
    badge = {"endorsement": [MADE.answers[seed] for seed in seeds] or None}
    return MADE.with_badge(**badge).relogged()


def test_the_line_says_how_many_consented_and_whom_to_ask() -> None:
    line = check(GOOD).check("decision")
    assert line.result == "pass"
    assert line.message == (
        '3 keys consented. Named: "Chiara B.", says the Academy: ask them. '
        "2 not named: you trust the Academy that they are members."
    )
    assert line.said == '"Chiara B."'


def test_the_lines_on_the_log_say_where_the_entry_is_and_who_confirmed_it() -> None:
    report = check(GOOD)
    assert report.check("log").message == (
        'Its entry stands in the issuer\'s log "academy.example/log", entry 701 of 1,000.'
    )
    assert report.check("witnesses").message == (
        "Witnesses that you name confirmed the log by 1 May 2026, 09:00 UTC: ally, superpod."
    )


def test_with_nobody_named_there_is_nobody_to_ask() -> None:
    report = check(issue(_shown(DEV, ELI)))
    assert lines(report) == [("pass", ""), ("info", "NOBODY_NAMED")]
    first, second = (check for check in report.checks if check.id == "decision")
    assert first.message == ("3 keys consented. None is named: you trust the Academy that they are members.")
    assert second.message == "No peer can be asked; this is worth what the Academy's signature is worth."


def test_without_witnesses_the_decision_is_for_the_reader_to_judge_and_says_so_in_the_same_sentence() -> None:
    report = check(GOOD, with_witnesses=False)
    assert (report.verdict, lines(report), lines(report, "witnesses")) == (
        "valid",
        [("info", "")],
        [("info", "NOT_WITNESSED")],
    )
    assert f"3 keys consented, {NOT_WITNESSED}." in report.check("decision").message
    assert report.check("witnesses").message == f"{NOT_WITNESSED[:1].upper()}{NOT_WITNESSED[1:]}."
    assert report.decision["witnessTime"] is None
    assert "as witnesses confirm" not in " ".join(report.decision["proven"])


@pytest.mark.parametrize(
    ("wanted", "verdict", "more"), [(1, "valid", []), (2, "unknown", [("unknown", "TOO_FEW_NAMED")])]
)
def test_a_reader_may_ask_for_named_peers(wanted: int, verdict: str, more: list[tuple[str, str]]) -> None:
    report = check(GOOD, require_named=wanted)
    assert (report.verdict, lines(report)) == (verdict, [("pass", ""), *more])


def test_a_reader_who_asks_for_named_peers_asks_for_a_proof_too() -> None:
    report = check(signed(a_badge()), require_named=1)
    assert (report.verdict, lines(report)) == ("unknown", [("unknown", "NO_DECISION_PROOF")])


def test_the_report_has_it_as_data() -> None:
    told_ = check(GOOD).to_json()["decision"]
    word = told_.pop("onItsWord")
    proven = told_.pop("proven")
    assert told_ == {
        "keys": 3,
        "named": [NAME],
        "notNamed": 2,
        "answersInFile": 3,
        "page": DECISION,
        "version": 2,
        "round": 1,
        "closedAt": "2026-05-01T08:59:00Z",
        "reason": "first",
        "log": {"origin": "academy.example/log", "index": 700, "size": 1000},
        "witnesses": ["ally", "superpod"],
        "witnessTime": "2026-05-01T09:00:21Z",
    }
    assert proven[0].startswith("All 3 answers are in this file: these keys signed this very badge")
    assert "at least 3" in proven[1]
    assert proven[2].endswith("academy.example/log by 1 May 2026, 09:00 UTC, as witnesses confirm.")
    assert "a different person, a member and not the applicant" in word[0]
    assert "An Academy that invents people passes" in word[1]


def test_with_one_answer_in_the_file_one_key_signed() -> None:
    [first, *_] = check(issue(_shown(DEV))).decision["proven"]
    assert first.startswith("1 of the 3 answers is in this file: that key signed this very badge")


def test_with_no_answer_in_the_file_nothing_is_said_of_signatures() -> None:
    data = check(issue(_shown())).decision
    assert "answers are in this file" not in " ".join(data["proven"])
    assert data["onItsWord"][0].startswith("None of the answers is in this file")
    assert (data["answersInFile"], "version" in data) == (0, False)


def test_a_badge_without_a_decision_has_no_such_data() -> None:
    assert "decision" not in check_in_world(signed(a_badge())).to_json()


def test_a_name_cannot_steer_the_line_that_it_stands_in() -> None:
    from verifier.decision.told import names_text

    assert names_text(['Dev"\u202e; all members\n: true', "Eli"]) == '"Dev\'\ufffd, all members : true; Eli"'
    assert names_text(["x"] * 21).endswith('; x; …"')
    assert names_text([]) == ""
    assert len(names_text(["x" * 500])) < 210


# --- forms of badges that carry no proof ----------------------------------------------------------------------


def test_a_jwt_says_that_its_form_carries_no_decision_proof() -> None:
    line = check_in_world(as_jwt(a_badge())).check("decision")
    assert (line.result, line.message) == ("skipped", "This form of the badge, a JWT, carries no decision proof.")
    promised = check_in_world(as_jwt(a_badge()), web=web())
    assert told(promised) == {"decision": ("warning", "NO_DECISION_PROOF")}
    assert "this form of the badge, a JWT, carries no decision proof" in promised.check("decision").message


def test_a_badge_with_parts_left_out_says_that_its_form_carries_no_decision_proof() -> None:
    """Under selective disclosure the holder chooses what is shown, so nobody can recompute what was logged."""
    proven = with_log_proof(MADE.badge, prove(format_leaf(MADE.leaf)))
    shown = {**proven, "proof": {"type": "DataIntegrityProof", "cryptosuite": "ecdsa-sd-2023"}}
    assert decision_alone(shown)["decision"] == [("warning", "NO_DECISION_PROOF")]
    assert decision_alone({**shown, "proof": 1})["decision"] == [("unknown", "ANSWER_NOT_CHECKED")]


def test_two_pages_of_decisions_are_pages_too() -> None:
    page = {"id": DECISION, "type": ["Evidence"], "genre": "decision record"}
    other = {**page, "id": DECISION.replace("a", "b")}
    line = check(signed(a_badge(evidence=[page, other])), web=web(did=a_did_document())).check("decision")
    assert line.message.startswith("The badge names the page of the decision")


# --- a promise ------------------------------------------------------------------------------------------------


def test_a_promised_proof_that_is_missing_is_odd_and_not_known_where_it_is_demanded() -> None:
    badge = signed(a_badge())
    report = check(badge)
    assert (report.verdict, lines(report)) == ("valid", [("warning", "NO_DECISION_PROOF")])
    assert "promises its peers' decision with every badge; this file has none" in report.check("decision").message
    demanded = check(badge, require_decision=True)
    assert (demanded.verdict, lines(demanded)) == ("unknown", [("unknown", "NO_DECISION_PROOF")])


def test_nothing_is_promised_for_badges_from_before_the_log() -> None:
    later = did_document(since="2026-05-01T09:00:01Z")
    report = check(signed(a_badge()), web=web(did=later))
    assert lines(report) == [("skipped", "")]
    assert lines(check(signed(a_badge()), web=web(did=did_document(since="2026-05-01T09:00:00Z")))) == [
        ("warning", "NO_DECISION_PROOF")
    ]
    assert lines(check(signed(a_badge()), web=web(did=did_document(since="soon")))) == [
        ("warning", "NO_DECISION_PROOF")
    ]


def test_a_decision_may_be_demanded_of_one_issuer_alone() -> None:
    badge = signed(a_badge())
    ours: dict[str, Any] = {"require_decision_of": frozenset({ISSUER})}
    assert lines(check(badge, **ours)) == [("unknown", "NO_DECISION_PROOF")]
    assert lines(check(badge, **ours, web=web(did=a_did_document()))) == [("unknown", "NO_DECISION_PROOF")]
    assert check(GOOD, **ours).verdict == "valid"
    before = web(did=did_document(since="2026-05-01T09:00:01Z"))
    assert check(badge, **ours, web=before).verdict == "valid"
    theirs: dict[str, Any] = {"require_decision_of": frozenset({FORGER_DID})}
    assert lines(check(badge, **theirs)) == [("warning", "NO_DECISION_PROOF")]


def test_only_badges_are_promised_a_decision() -> None:
    plain = signed(a_badge(type=["VerifiableCredential"], credentialStatus=None))
    assert lines(check(plain)) == [("skipped", "")]


# --- an issuer that names no log ------------------------------------------------------------------------------


def _by_key() -> Any:
    issuer = {"id": FORGER_DID, "type": ["Profile"], "name": "A small academy"}
    return issue(decided(issuer=issuer, credentialStatus=None), signer=FORGER)


def test_an_issuer_without_a_document_needs_a_log_in_the_readers_policy(tmp_path: Path) -> None:
    badge = _by_key()
    bare = check(badge, with_witnesses=False)
    assert (bare.verdict, lines(bare), lines(bare, "log")) == ("valid", [("skipped", "")], [("skipped", "")])
    assert "name its log in your policy" in bare.check("decision").message
    demanded = check(badge, with_witnesses=False, require_decision=True)
    assert (demanded.verdict, lines(demanded)) == ("unknown", [("unknown", "LOG_NOT_KNOWN")])
    (tmp_path / "log.policy").write_bytes(format_policy(a_policy()))
    for more, result in (({}, "pass"), ({"logs": ["academy.example/log"]}, "pass"), ({"logs": ["x"]}, "skipped")):
        (tmp_path / "policy.json").write_text(json.dumps({"log_policy": "log.policy", **more}))
        policy = load_policy(tmp_path / "policy.json")
        report = check(badge, with_witnesses=False, log_policy=policy.log_policy, logs=policy.logs)
        assert lines(report)[0] == (result, "")


def test_even_where_no_log_is_known_a_badge_must_agree_with_its_entry() -> None:
    issuer = {"id": FORGER_DID, "type": ["Profile"], "name": "A small academy"}
    made = decided(issuer=issuer, credentialStatus=None)
    report = check(issue(made.with_badge(name="Other"), signer=FORGER), with_witnesses=False)
    assert (report.verdict, lines(report)) == ("invalid", [("fail", "FINAL_MISMATCH")])


def test_an_issuer_with_a_document_and_no_log_is_like_one_without() -> None:
    report = check(GOOD, web=web(did=a_did_document()), with_witnesses=False)
    assert (report.verdict, lines(report)) == ("valid", [("skipped", "")])


# --- the reader's policy --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["none.policy", "https://x.example/policy", 3, ["x"]])
def test_a_log_policy_that_cannot_be_had_is_refused(tmp_path: Path, name: Any) -> None:
    from schemas import MalformedValueError
    from verifier import parse_policy

    (tmp_path / "policy.json").write_text(json.dumps({"log_policy": name}))
    with pytest.raises(MalformedValueError) as caught:
        load_policy(tmp_path / "policy.json")
    assert caught.value.pointer == "/log_policy"
    with pytest.raises(MalformedValueError, match="beside the policy's own"):
        parse_policy({"log_policy": "log.policy"})


def test_a_log_policy_with_a_fault_says_in_which_line(tmp_path: Path) -> None:
    from schemas import MalformedValueError

    (tmp_path / "log.policy").write_text("log nothing\nquorum none\n")
    (tmp_path / "policy.json").write_text(json.dumps({"log_policy": "log.policy"}))
    with pytest.raises(MalformedValueError, match="line 1 of the policy"):
        load_policy(tmp_path / "policy.json")


# --- on a terminal and on a page ------------------------------------------------------------------------------


def test_a_terminal_shows_what_is_proven_apart_from_what_is_said() -> None:
    text = tell(check(GOOD))
    proven, word = text.index("WHAT ANYBODY CAN CHECK"), text.index("WHAT IS ONLY THE ACADEMY'S WORD")
    assert proven < text.index("these keys signed this very badge") < word
    assert word < text.index("a different person, a member and not the applicant")
    assert "WHAT ANYBODY CAN CHECK" not in tell(check_in_world(signed(a_badge())))


def _page(badge: Any) -> str:
    app = Flask("decision")
    from verifier import Policy

    app.register_blueprint(
        create_blueprint(fetcher=web(), policy=Policy(log_policy=a_policy()), clock=lambda: NOW)
    )
    page: str = app.test_client().post("/verify", data={"badge": json.dumps(badge)}).text
    return page


def test_the_page_shows_what_is_proven_apart_from_what_is_said() -> None:
    page = _page(GOOD)
    proven, word = page.index("What anybody can check"), page.index("What is only the Academy")
    assert proven < page.index("these keys signed this very badge") < word
    assert word < page.index("a different person, a member and not the applicant")
    assert "Chiara B." in page
    assert f'href="{DECISION}"' in page
    assert "What anybody can check" not in _page(signed(a_badge()))


def test_the_policy_of_these_tests_is_that_of_the_log() -> None:
    assert format_vkey(log_key()).startswith("academy.example/log+")
    assert parse_json(json.dumps(GOOD)) == GOOD
    assert {CHIARA, DEV, ELI} == set(MADE.answers)


def _verified(badge: Any, **more: Any) -> tuple[int, dict[str, Any]]:
    app = Flask("decision")
    from verifier import Policy

    app.register_blueprint(create_blueprint(fetcher=web(), policy=Policy(), clock=lambda: NOW))
    body = {"verifiableCredential": badge, **more}
    answer = app.test_client().post("/credentials/verify", json=body)
    told_: dict[str, Any] = answer.get_json()
    return answer.status_code, told_


def test_programs_are_not_told_that_a_badge_with_anothers_entry_is_verified() -> None:
    status, answer = _verified(GOOD)
    assert (status, answer["verified"], answer["decision"]["keys"]) == (200, True, 3)
    proof = issue(MADE.with_badge(name="Other"))
    for options in ({}, {"checks": ["proof"]}):
        status, answer = _verified(proof, options=options)
        assert (status, answer["verified"]) == (400, False)
        assert [problem["code"] for problem in answer["problemDetails"]] == ["FINAL_MISMATCH"]
