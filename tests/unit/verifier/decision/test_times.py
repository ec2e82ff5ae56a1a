"""Keys that are no longer in use, by the witnesses' time alone (TRANSPARENCY.md, section 4; S17 to S19)."""

from __future__ import annotations

from typing import Any

import pytest

from keys import encode_multibase, fragment_for, local_signer
from schemas import parse_date_time
from schemas.tlog import format_leaf
from tests.unit.verifier.decision.decided import check, decided, did_document, issue, lines, prove, web
from tests.unit.verifier.world import ISSUER, a_badge, a_key, a_signer, a_status_list, signed, told
from verifier import Report

MADE = decided()
KEY = a_signer(1).public_key
# Named by its own text, as the academy names its keys: so it is told even where no purpose lists it any more.
OWN = local_signer(a_key(1), verification_method=f"{ISSUER}#{fragment_for(KEY)}")
BEFORE, AFTER = "2026-05-01T09:00:21Z", "2026-05-01T09:00:22Z"  # the witnesses' time is the first of these


def _check(
    badge: Any = None, *, listed: bool = True, options: dict[str, Any] | None = None, **dates: str
) -> Report:
    document = did_document()
    [method] = document["verificationMethod"]
    method |= {"id": OWN.verification_method, **dates}
    document["assertionMethod"] = [OWN.verification_method] if listed else []
    status = a_signer(3)
    document["verificationMethod"].append(
        {
            "id": status.verification_method,
            "type": "Multikey",
            "controller": ISSUER,
            "publicKeyMultibase": encode_multibase(b"\xed\x01" + status.public_key.raw),
        }
    )
    document["assertionMethod"].append(status.verification_method)
    documents = web(did=document, list=signed(a_status_list(), signer=status))
    return check(badge or issue(MADE, signer=OWN), web=documents, **(options or {}))


def test_a_key_in_use_needs_no_words() -> None:
    report = _check()
    assert (report.verdict, told(report)) == ("valid", {})


def test_a_key_retired_after_witnesses_saw_the_entry() -> None:
    report = _check(expires="2026-05-03T00:00:00Z")
    assert (report.verdict, lines(report, "issuer_binding")) == ("valid", [("pass", "")])
    assert "retired later, and this very badge stood in the log by 1 May 2026" in (
        report.check("issuer_binding").message
    )


def test_a_key_retired_before_witnesses_saw_the_entry() -> None:
    """Its own date says that it was signed in time; its proof of the log, inside what is signed, is from after."""
    bare = {name: value for name, value in issue(MADE).items() if name != "proof"}
    badge = signed(bare, signer=OWN, created=parse_date_time("2026-05-01T09:00:00Z"))
    assert lines(_check(badge, expires=AFTER), "issuer_binding") == [("pass", "")]
    report = _check(badge, expires=BEFORE)
    assert (report.verdict, lines(report, "issuer_binding")) == ("invalid", [("fail", "KEY_RETIRED")])


def test_a_retired_key_without_an_independent_date_is_not_known() -> None:
    unwitnessed = issue(MADE, signer=OWN, proof=prove(format_leaf(MADE.leaf), witnesses=()))
    report = _check(unwitnessed, expires="2026-05-03T00:00:00Z")
    assert (report.verdict, lines(report, "issuer_binding")) == ("unknown", [("unknown", "KEY_RETIRED")])
    assert report.check("issuer_binding").message == (
        "It was signed with a retired key, and there is no independent date."
    )
    without = _check(signed(a_badge(), signer=OWN), expires="2026-05-03T00:00:00Z")
    assert lines(without, "issuer_binding") == [("unknown", "KEY_RETIRED")]


def test_a_reader_who_names_no_witnesses_is_told_that_it_is_the_issuers_word() -> None:
    report = _check(expires="2026-05-03T00:00:00Z", options={"with_witnesses": False})
    assert (report.verdict, lines(report, "issuer_binding")) == ("valid", [("warning", "KEY_RETIRED")])


@pytest.mark.parametrize("listed", [True, False])
def test_a_key_stolen_after_witnesses_saw_the_entry(listed: bool) -> None:
    report = _check(revoked=AFTER, listed=listed)
    assert (report.verdict, lines(report, "issuer_binding")) == ("valid", [("warning", "KEY_COMPROMISED")])
    assert "so it is from before" in report.check("issuer_binding").message


@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize("options", [{}, {"with_witnesses": False}])
def test_a_key_stolen_before_anybody_saw_the_entry(listed: bool, options: dict[str, Any]) -> None:
    moment = BEFORE if not options else AFTER
    report = _check(revoked=moment, listed=listed, options=options)
    assert report.verdict == "invalid"
    assert [result for result, _ in lines(report, "issuer_binding")] == ["fail"]


def test_whoever_stole_a_key_gains_nothing_from_the_entry_of_another_badge() -> None:
    """Witnesses saw the entry in time, and it is not that of what is signed."""
    forged = issue(MADE.with_badge(name="Forged"), signer=OWN, proof=prove(format_leaf(MADE.leaf)))
    report = _check(forged, revoked=AFTER)
    assert (report.verdict, lines(report, "issuer_binding"), lines(report)) == (
        "invalid",
        [("fail", "KEY_COMPROMISED")],
        [("fail", "FINAL_MISMATCH")],
    )


def test_another_key_under_the_name_of_a_stolen_one_is_not_believed() -> None:
    """The name says one key, the document lists another: nobody can tell which of them was stolen when."""
    document = did_document()
    [method] = document["verificationMethod"]
    method |= {
        "id": OWN.verification_method,
        "publicKeyMultibase": encode_multibase(b"\xed\x01" + a_signer(5).public_key.raw),
        "revoked": AFTER,
    }
    document["assertionMethod"] = []
    report = check(issue(MADE, signer=OWN), web=web(did=document))
    assert report.verdict == "invalid"
    assert lines(report, "issuer_binding")[0][0] == "fail"


def test_a_second_signature_leaves_the_question_as_it_was() -> None:
    twice = signed(issue(MADE, signer=OWN), signer=a_signer(3))
    report = _check(twice, expires="2026-05-03T00:00:00Z", options={"with_witnesses": False})
    assert ("warning", "KEY_RETIRED") in lines(report, "issuer_binding")
