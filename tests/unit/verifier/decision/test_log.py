"""The log's proof in a badge: whose log it is, what it proves, who confirmed it (RELIABILITY.md, S08 to S10)."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from keys import did_key
from schemas.decision import TLOG_PROOF, log_proof_item, with_log_proof
from schemas.decision.evidence import PREFIX
from schemas.tlog import (
    DecisionEvent,
    Policy,
    PolicyLog,
    TlogProof,
    commit,
    format_leaf,
    format_tlog_proof,
    format_vkey,
)
from tests.unit.schemas.tlog.builders import ORIGIN, a_policy, log_key, witness_key
from tests.unit.verifier.decision.decided import (
    SINCE,
    WITNESSED,
    check,
    decided,
    decision_alone,
    did_document,
    issue,
    lines,
    prove,
    web,
)
from tests.unit.verifier.world import NOW, a_signer, signed
from verifier.decision import LogServiceError, log_services, read_service

MADE = decided()
LEAF = format_leaf(MADE.leaf)
PROOF = prove(LEAF)
GOOD = issue(MADE, proof=PROOF)
ENTRY = did_document()["service"][0]


def _with_item(**changes: Any) -> dict[str, Any]:
    """Return the badge, signed by the academy, with another evidence item for its proof."""
    item = {name: value for name, value in {**log_proof_item(PROOF), **changes}.items() if value is not None}
    return signed({**MADE.badge, "evidence": [*MADE.badge["evidence"], item]})


def _all(badge: Any, **options: Any) -> tuple[list[tuple[str, str]], ...]:
    report = check(badge, **options)
    return tuple(lines(report, id_) for id_ in ("log", "witnesses", "decision"))


def _refused(code: str) -> tuple[list[tuple[str, str]], ...]:
    return [("fail", code)], [("skipped", "")], [("skipped", "")]


# --- the item in the badge ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"name": "More than it may say"}, id="a further member"),
        pytest.param({"description": "x"}, id="another one"),
        pytest.param({"id": None}, id="no id"),
        pytest.param({"type": ["Evidence", "Profile"]}, id="a further type"),
        pytest.param({"id": "https://academy.example/proof"}, id="an address"),
        pytest.param({"id": PREFIX}, id="nothing"),
        pytest.param({"id": log_proof_item(PROOF)["id"].replace("utf-8", "UTF-8")}, id="another prefix"),
        pytest.param({"id": log_proof_item(PROOF)["id"] + "="}, id="more padding"),
        pytest.param({"id": PREFIX + base64.b64encode(b"x" * 25_000).decode()}, id="larger than it may be"),
        pytest.param({"id": PREFIX + base64.b64encode(b"not a proof\n\n").decode()}, id="no proof"),
    ],
)
def test_a_proof_in_another_form_is_refused(change: dict[str, Any]) -> None:
    report = check(_with_item(**change))
    assert report.verdict == "invalid"
    if report.check("context").result == "pass":
        assert [result for result, _ in lines(report, "log")] == ["fail"]
        assert lines(report, "log")[0][1] in {"TLOG_PROOF_MALFORMED", "NOTE_MALFORMED", "LIMIT_EXCEEDED"}


def test_two_proofs_are_refused() -> None:
    assert _all(signed(with_log_proof(with_log_proof(MADE.badge, PROOF), prove(LEAF, at=WITNESSED + 1)))) == (
        _refused("TLOG_PROOF_MALFORMED")
    )


def test_evidence_of_another_genre_is_no_proof_of_a_log() -> None:
    report = check(_with_item(genre="a text"))
    assert lines(report) == [("warning", "NO_DECISION_PROOF")]


# --- the leaf -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("leaf", "code"),
    [
        (b"entry", "PARSING_ERROR"),
        (b'{"v":1}', "LEAF_TYPE_UNKNOWN"),
        (b'{"type":"credential.issued","v":1}', "LEAF_MALFORMED"),
        (LEAF.replace(b'"v":1', b'"v":2'), "LEAF_MALFORMED"),
        (LEAF + b" ", "LEAF_MALFORMED"),
        (
            format_leaf(
                DecisionEvent(id="event-of-issuing-000001", at="2026-05-01", c=commit("x", salt=bytes(32)))
            ),
            "LEAF_OF_ANOTHER_KIND",
        ),
    ],
)
def test_an_entry_that_is_not_that_of_a_badge(leaf: bytes, code: str) -> None:
    badge = issue(MADE, proof=prove(leaf))
    if code == "LEAF_TYPE_UNKNOWN":
        assert _all(badge) == ([("unknown", code)], [("skipped", "")], [("unknown", code)])
        assert check(badge).verdict == "valid"
        assert check(badge, require_decision=True).verdict == "unknown"
    else:
        assert _all(badge) == _refused(code)
        assert check(badge).verdict == "invalid"


def test_a_proof_without_its_entry() -> None:
    assert _all(issue(MADE, proof=replace(PROOF, extra=None))) == _refused("LEAF_MALFORMED")


def test_what_a_foreign_issuer_logs_says_nothing_against_its_badge() -> None:
    """Others use tlog-proofs, too: whoever names no log of ours and promises none is not judged by our leaves."""
    made = decided()
    report = check(issue(made, proof=prove(b"their own words")), with_witnesses=False, web=web(did=_no_log()))
    assert (report.verdict, lines(report)[0][0]) == ("valid", "unknown")


def _no_log() -> dict[str, Any]:
    return {name: value for name, value in did_document().items() if name != "service"}


# --- whose log ------------------------------------------------------------------------------------------------


def test_the_proof_of_another_log() -> None:
    other = prove(LEAF, origin="other.example/log")
    assert _all(issue(MADE, proof=other)) == _refused("ORIGIN_NOT_ACCEPTED")


def test_the_proof_of_a_log_that_the_reader_trusts_for_somebody_else() -> None:
    """S09: the reader's policy knows that log, and the issuer names another."""
    other = log_key(name="other.example/log")
    policy = replace(a_policy(), logs=(PolicyLog(key=log_key()), PolicyLog(key=log_key(8, name=other.name))))
    proof = prove(LEAF, origin=other.name, log=8)
    assert _all(issue(MADE, proof=proof), log_policy=policy) == _refused("ORIGIN_NOT_ACCEPTED")


def test_a_log_of_the_same_name_with_another_key() -> None:
    assert _all(issue(MADE, proof=prove(LEAF, log=8))) == _refused("NOTE_SIGNATURE_ERROR")


def test_an_entry_that_is_not_in_the_log() -> None:
    changed = TlogProof(index=699, proof=PROOF.proof, checkpoint=PROOF.checkpoint, extra=LEAF)
    assert _all(issue(MADE, proof=changed)) == _refused("INCLUSION_PROOF_ERROR")
    other = replace(PROOF, extra=format_leaf(replace(MADE.leaf, reason="wallet", replaces=MADE.leaf.final)))
    assert _all(issue(MADE, proof=other)) == _refused("INCLUSION_PROOF_ERROR")


def test_every_key_that_the_log_ever_had_counts() -> None:
    keys = [
        {"vkey": format_vkey(log_key()), "since": SINCE, "until": "2026-05-02T00:00:00Z"},
        {"vkey": format_vkey(log_key(8)), "since": "2026-05-02T00:00:00Z"},
    ]
    policy, document = replace(a_policy(), logs=()), web(did=did_document(*keys))
    assert check(GOOD, web=document, log_policy=policy).verdict == "valid"
    assert check(issue(MADE, proof=prove(LEAF, log=8)), web=document, log_policy=policy).verdict == "valid"


def test_a_key_that_the_log_had_retired() -> None:
    keys = [{"vkey": format_vkey(log_key()), "since": SINCE, "until": "2026-05-01T09:00:00Z"}]
    late = web(did=did_document(*keys))
    assert _all(GOOD, web=late) == _refused("LOG_KEY_RETIRED")
    report = check(GOOD, web=late, with_witnesses=False)
    assert lines(report, "log") == [("pass", ""), ("warning", "LOG_KEY_RETIRED")]
    assert report.verdict == "valid"


def test_where_the_reader_knows_the_logs_key_only_that_one_counts() -> None:
    """A DID document that suddenly names another key is the issuer's word against the reader's knowledge."""
    swapped = web(did=did_document({"vkey": format_vkey(log_key(8)), "since": SINCE}))
    shadow = issue(MADE, proof=prove(LEAF, log=8))
    report = check(shadow, web=swapped)
    assert report.verdict == "invalid"
    assert lines(report, "log") == [("fail", "ORIGIN_NOT_ACCEPTED")]
    assert check(shadow, web=swapped, log_policy=replace(a_policy(), logs=())).verdict == "valid"


BAD_SERVICES = {
    "two logs": [ENTRY, ENTRY],
    "a further member": [{**ENTRY, "more": 1}],
    "no origin": [{name: value for name, value in ENTRY.items() if name != "origin"}],
    "no keys": [{**ENTRY, "vkeys": []}],
    "keys that are no list": [{**ENTRY, "vkeys": {}}],
    "too many keys": [{**ENTRY, "vkeys": ENTRY["vkeys"] * 65}],
    "an origin that is no text": [{**ENTRY, "origin": 1}],
    "another origin": [{**ENTRY, "origin": "other.example/log"}],
    "no start": [{**ENTRY, "since": None}],
    "two types": [{**ENTRY, "type": ["TransparencyLog", "Other"]}],
    "a key that is a text": [{**ENTRY, "vkeys": [format_vkey(log_key())]}],
    "a key with more": [{**ENTRY, "vkeys": [{**ENTRY["vkeys"][0], "more": 1}]}],
    "a key that is none": [{**ENTRY, "vkeys": [{"vkey": "x", "since": SINCE}]}],
    "a key that is a number": [{**ENTRY, "vkeys": [{"vkey": 1, "since": SINCE}]}],
    "a witness's key": [{**ENTRY, "vkeys": [{"vkey": format_vkey(witness_key(2)), "since": SINCE}]}],
    "a key of no time": [{**ENTRY, "vkeys": [{"vkey": format_vkey(log_key()), "since": "soon"}]}],
    "a key that ends some time": [{**ENTRY, "vkeys": [{**ENTRY["vkeys"][0], "until": 5}]}],
}


@pytest.mark.parametrize("name", BAD_SERVICES)
def test_a_log_that_the_issuer_names_badly_is_not_known(name: str) -> None:
    services = BAD_SERVICES[name]
    with pytest.raises(LogServiceError):
        read_service(services)
    report = check(GOOD, web=web(did={**did_document(), "service": services}))
    assert (report.verdict, lines(report)) == ("valid", [("unknown", "LOG_SERVICE_MALFORMED")])
    demanded = check(GOOD, web=web(did={**did_document(), "service": services}), require_decision=True)
    assert demanded.verdict == "unknown"


def test_the_service_is_read_whole() -> None:
    service = read_service([ENTRY])
    assert (service.endpoint, service.origin) == ("https://academy.example/log", ORIGIN)
    assert [one.key for one in service.keys] == [log_key()]
    assert f"{service.since:%Y-%m-%dT%H:%M:%SZ}" == SINCE
    assert log_services([1, {"type": "Other"}, {"type": ["TransparencyLog"]}, {}]) == (
        {"type": ["TransparencyLog"]},
    )


def test_a_single_service_may_stand_alone() -> None:
    assert check(GOOD, web=web(did={**did_document(), "service": ENTRY})).verdict == "valid"
    assert lines(check(GOOD, web=web(did={**did_document(), "service": [{"type": "Other"}, ENTRY]}))) == [
        ("pass", "")
    ]


# --- witnesses ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("witnesses", [(), (2,), (9, 10), (2, 9)])
def test_too_few_witnesses_leave_the_decision_for_the_reader_to_judge(witnesses: tuple[int, ...]) -> None:
    badge = issue(MADE, proof=prove(LEAF, witnesses=witnesses))
    report = check(badge)
    assert (report.verdict, lines(report, "witnesses"), lines(report)) == (
        "valid",
        [("warning", "QUORUM_NOT_MET")],
        [("info", "")],
    )
    assert "nobody else has confirmed that everyone sees the same log" in report.check("witnesses").message
    demanded = check(badge, require_witnesses=True)
    assert (demanded.verdict, lines(demanded, "witnesses")) == ("unknown", [("unknown", "QUORUM_NOT_MET")])


def test_a_demand_for_witnesses_without_naming_any_is_never_met() -> None:
    report = check(GOOD, with_witnesses=False, require_witnesses=True)
    assert (report.verdict, lines(report, "witnesses")) == ("unknown", [("unknown", "NOT_WITNESSED")])


def test_a_witness_with_the_logs_key_is_not_counted() -> None:
    own = replace(a_policy().witnesses[0], key=replace(witness_key(1)))
    policy = Policy(witnesses=(own,), quorum=own.name)
    report = check(issue(MADE, proof=prove(LEAF, witnesses=(1,))), log_policy=policy)
    assert lines(report, "witnesses") == [("warning", "QUORUM_NOT_MET")]


def test_a_cosignature_that_does_not_hold_spoils_the_page() -> None:
    """Two checkpoints of different times: the lines of one under the text of another."""
    other = prove(b"another entry").checkpoint.note
    note = PROOF.checkpoint.note
    mixed = replace(note, signatures=(note.signatures[0], *other.signatures[1:]))
    proof = replace(PROOF, checkpoint=replace(PROOF.checkpoint, note=mixed))
    assert _all(issue(MADE, proof=proof)) == _refused("NOTE_SIGNATURE_ERROR")


@pytest.mark.parametrize("at", [int(NOW.timestamp()) + 301, 2**62])
def test_a_time_of_witnesses_that_has_not_come_is_none(at: int) -> None:
    report = check(issue(MADE, proof=prove(LEAF, at=at)))
    assert lines(report, "witnesses") == [("warning", "QUORUM_NOT_MET")]
    assert report.decision["witnessTime"] is None


# --- mutations ------------------------------------------------------------------------------------------------


SILENT = MADE.with_badge(endorsement=None).relogged()
SILENT_TEXT = format_tlog_proof(prove(format_leaf(SILENT.leaf)))


def _decision_alone(proof: bytes) -> dict[str, list[tuple[str, str]]]:
    """Return the lines on the decision alone, of a badge with these bytes as its proof."""
    item = {**log_proof_item(PROOF), "id": PREFIX + base64.b64encode(proof).decode()}
    badge = {**SILENT.badge, "evidence": [*SILENT.badge["evidence"], item]}
    return decision_alone(badge, require_witnesses=True)


PROVEN = {"log": [("pass", "")], "witnesses": [("pass", "")], "decision": [("pass", ""), ("info", "NOBODY_NAMED")]}


def test_the_proof_of_the_mutations_is_good() -> None:
    assert _decision_alone(SILENT_TEXT) == PROVEN


@pytest.mark.parametrize("start", range(8))
def test_no_letter_of_a_proof_can_be_changed(start: int) -> None:
    for place in range(start, len(SILENT_TEXT), 24):
        letter = SILENT_TEXT[place : place + 1]
        other = b"B" if letter != b"B" else b"C"
        for mutated in (
            SILENT_TEXT[:place] + other + SILENT_TEXT[place + 1 :],
            SILENT_TEXT[:place] + SILENT_TEXT[place + 1 :],
            SILENT_TEXT[:place] + letter + SILENT_TEXT[place:],
        ):
            if mutated != SILENT_TEXT:  # one of two equal letters taken out, or the other
                assert _decision_alone(mutated) != PROVEN, place


LINES = SILENT_TEXT.split(b"\n")


@pytest.mark.parametrize("number", range(len(LINES)))
def test_no_line_of_a_proof_can_be_left_out_repeated_or_moved(number: int) -> None:
    line = LINES[number]
    for others in ([], [line, line], [line + b" "], [b" " + line], [line + b"\r"]):
        assert _decision_alone(b"\n".join([*LINES[:number], *others, *LINES[number + 1 :]])) != PROVEN
    moved = [*LINES[:number], *LINES[number + 1 :]]
    moved.insert(max(number - 1, 0), line)
    if moved != LINES and not line.startswith(b"\xe2\x80\x94"):  # signature lines have no order
        assert _decision_alone(b"\n".join(moved)) != PROVEN


def test_the_badge_of_these_tests_is_good() -> None:
    assert _all(GOOD) == ([("pass", "")], [("pass", "")], [("pass", "")])
    assert json.loads(json.dumps(GOOD))["evidence"][-1]["genre"] == TLOG_PROOF
    assert did_key(a_signer().public_key).startswith("did:key:z6Mk")
