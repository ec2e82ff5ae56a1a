"""Each line of a report: what makes it pass, fail, unknown, a warning, or skipped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.verifier.world import (
    DID_URL,
    EMAIL,
    ISSUER,
    NOW,
    FakeFetcher,
    a_badge,
    a_did_document,
    a_web,
    check,
    signed,
    told,
)
from verifier import CHECK_IDS, Check, Report


def test_a_report_has_every_check_in_order() -> None:
    assert [line.id for line in check(signed(a_badge())).checks] == list(CHECK_IDS)


def test_a_report_as_json_has_the_members_of_the_design() -> None:
    value = check(signed(a_badge())).to_json()
    assert set(value) == {"verdict", "sentence", "credential", "checks", "warnings", "keySource", "checkedAt"}
    assert value["verdict"] == "valid"
    assert value["checkedAt"] == "2026-05-03T12:00:00Z"
    assert all(set(line) == {"id", "result", "code", "message", "pointer", "spec"} for line in value["checks"])
    assert value["credential"]["issuer"]["name"] == "The Academy"
    assert value["credential"]["name"] == "Facilitator"


def test_every_message_is_a_sentence() -> None:
    reports = [
        check(signed(a_badge())),
        check(a_badge()),
        check("x"),
        check(signed(a_badge()), web=FakeFetcher({})),
    ]
    for line in (line for report in reports for line in report.checks):
        assert line.message[:1].isupper(), line
        assert line.message.endswith((".", "academy.example")), line


# --- the verdict ----------------------------------------------------------------------------------------------


def _line(id_: str, result: Any, *, decides: bool = True, code: str = "") -> Check:
    return Check(id=id_, result=result, message=f"{id_}.", decides=decides, code=code)


GOOD = (_line("proof", "pass"), _line("issuer_binding", "pass"))


def _verdict(*lines: Check) -> str:
    return Report(checks=lines, checked_at=NOW).verdict


def test_false_beats_not_known_and_that_beats_good() -> None:
    assert _verdict(*GOOD) == "valid"
    assert _verdict(*GOOD, _line("time", "unknown")) == "unknown"
    assert _verdict(*GOOD, _line("time", "unknown"), _line("model", "fail")) == "invalid"
    assert _verdict(*GOOD, _line("endorsement/1", "fail", decides=False)) == "valid"
    assert (
        _verdict(*GOOD, _line("time", "warning"), _line("log", "skipped"), _line("issuer_known", "info"))
        == "valid"
    )


def test_nothing_is_good_by_default() -> None:
    assert _verdict() == "unknown"
    assert _verdict(_line("proof", "pass")) == "unknown"
    assert _verdict(_line("proof", "pass"), _line("issuer_binding", "skipped")) == "unknown"
    assert _verdict(_line("proof", "warning"), _line("issuer_binding", "pass")) == "unknown"
    assert not Report(checks=(), checked_at=NOW)


def test_people_hear_first_what_was_done_to_the_badge() -> None:
    ended = [_line("context", "fail"), _line("model", "fail"), _line("time", "fail"), *GOOD]
    lost = "DATA_LOSS_DETECTION_ERROR"
    undefined = [_line("context", "fail", code=lost), _line("schema", "fail"), _line("proof", "fail", code=lost)]
    for lines, first in ((ended, "time"), (undefined, "context")):
        deciding = Report(checks=tuple(lines), checked_at=NOW).deciding
        assert deciding is not None
        assert deciding.id == first


# --- context, model, schema -----------------------------------------------------------------------------------


def test_an_older_context_is_odd_and_not_bad() -> None:
    older = ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json"]
    report = check(signed(a_badge(**{"@context": older})))
    assert (report.verdict, told(report)) == ("valid", {"context": ("warning", "OLD_CONTEXT")})


def test_the_open_badges_context_stands_in_second_place() -> None:
    contexts = a_badge()["@context"]
    swapped = [contexts[0], "https://w3id.org/security/data-integrity/v2", contexts[1]]
    report = check(signed(a_badge(**{"@context": swapped})))
    assert report.check("context").result == "pass"
    assert told(report)["context"] == ("fail", "MALFORMED_VALUE_ERROR")


@pytest.mark.parametrize(
    ("change", "pointer", "words"),
    [
        ({"type": ["OpenBadgeCredential"]}, "/type", "Verifiable Credential"),
        ({"type": "OpenBadgeCredential"}, "/type", "Verifiable Credential"),
        ({"issuer": None}, "/issuer", "no issuer"),
        ({"issuer": {"type": ["Profile"]}}, "/issuer", "no issuer"),
        ({"issuer": {"id": "did:web:academy.example"}}, "/issuer/type", "Profile"),
        ({"credentialSubject": None}, "/credentialSubject", "missing or empty"),
        ({"credentialSubject": []}, "/credentialSubject", "missing or empty"),
        ({"validFrom": "2026-05-01"}, "/validFrom", "date with time and zone"),
        ({"validFrom": "2026-05-01T09:00:00"}, "/validFrom", "date with time and zone"),
        ({"validFrom": "2031-02-30T09:00:00Z"}, "/validFrom", "calendar"),
        ({"validUntil": "2026-04-01T09:00:00Z"}, "/validUntil", "ends before it begins"),
        ({"issuanceDate": "2026-05-01T09:00:00Z"}, "/issuanceDate", "another version"),
        ({"expirationDate": "2026-05-01T09:00:00Z"}, "/expirationDate", "another version"),
        ({"awardedDate": "yesterday"}, "/awardedDate", "cannot be read"),
        ({"evidence": [{"id": "https://x.example"}]}, "/evidence/0", "evidence"),
        ({"credentialStatus": {"id": "https://x.example"}}, "/credentialStatus", "its type"),
        ({"termsOfUse": [{"id": "https://x.example"}]}, "/termsOfUse/0", "its type"),
    ],
)
def test_the_model_is_asked_for(change: dict[str, Any], pointer: str, words: str) -> None:
    lines = [line for line in check({**a_badge(), **change}).checks if line.id == "model"]
    assert any(line.result == "fail" and line.pointer == pointer and words in line.message for line in lines), (
        lines
    )


@pytest.mark.parametrize(
    ("change", "pointer", "words"),
    [
        ({"type": []}, "/credentialSubject/type", "AchievementSubject"),
        ({"identifier": []}, "/credentialSubject", "whom it is for"),
        ({"identifier": [{"type": "X"}]}, "/credentialSubject/identifier/0", "IdentityObject"),
        (
            {"identifier": [{"type": "IdentityObject", "hashed": True, "identityHash": "abc"}]},
            "/credentialSubject/identifier/0/identityHash",
            "SHA-256",
        ),
        ({"source": {"id": "https://x.example"}}, "/credentialSubject/source", "Profile"),
        ({"achievement": None}, "/credentialSubject/achievement", "what was achieved"),
        ({"achievement": {"type": ["Achievement"]}}, "/credentialSubject/achievement/criteria", "criteria"),
        ({"result": [{"type": ["Other"]}]}, "/credentialSubject/result/0", "type Result"),
        (
            {"result": {"type": ["Result"], "resultDescription": "urn:x:none"}},
            "/credentialSubject/result/resultDescription",
            "does not have",
        ),
    ],
)
def test_the_rules_of_open_badges_are_asked_for(change: dict[str, Any], pointer: str, words: str) -> None:
    subject = {**a_badge()["credentialSubject"], **change}
    lines = [line for line in check(a_badge(credentialSubject=subject)).checks if line.id == "model"]
    assert any(line.result == "fail" and line.pointer == pointer and words in line.message for line in lines), (
        lines
    )


DESCRIPTION = {"id": "urn:x:r", "type": ["ResultDescription"], "name": "Points", "resultType": "RawScore"}


@pytest.mark.parametrize(
    ("description", "result", "words"),
    [
        ({"valueMin": "0", "valueMax": "10"}, {"value": "11"}, "outside the range"),
        ({"valueMin": "0", "valueMax": "10"}, {"value": "-1"}, "outside the range"),
        ({"valueMin": "0"}, {"value": "many"}, "outside the range"),
        ({"valueMin": "0"}, {"value": "NaN"}, "outside the range"),
        ({"allowedValue": ["A", "B"]}, {"value": "C"}, "does not allow"),
        ({"resultType": "Status"}, {}, "does not say the status"),
        ({}, {"achievedLevel": "urn:x:level"}, "does not have"),
        ({"type": ["Other"]}, {}, "type ResultDescription"),
        ({"valueMin": "0", "valueMax": "10"}, {"value": "10"}, ""),
        ({"allowedValue": ["A", "B"]}, {"value": "B"}, ""),
        ({"resultType": "Status"}, {"status": "Completed"}, ""),
        ({"rubricCriterionLevel": [{"id": "urn:x:level"}]}, {"achievedLevel": "urn:x:level"}, ""),
    ],
)
def test_results_keep_to_their_descriptions(
    description: dict[str, Any], result: dict[str, Any], words: str
) -> None:
    subject = a_badge()["credentialSubject"]
    subject["achievement"]["resultDescription"] = [{**DESCRIPTION, **description}]
    subject["result"] = [{"type": ["Result"], "resultDescription": "urn:x:r", **result}]
    line = check(a_badge(credentialSubject=subject)).check("model")
    assert (line.result == "fail") is bool(words)
    assert words in line.message


def test_a_badge_for_nobody_is_only_odd_under_the_compatible_policy() -> None:
    subject = {k: v for k, v in a_badge()["credentialSubject"].items() if k != "identifier"}
    badge = signed(a_badge(credentialSubject=subject))
    assert check(badge).verdict == "invalid"
    assert told(check(badge, compatible=True)) == {"model": ("warning", "MALFORMED_VALUE_ERROR")}


def test_a_breach_of_the_schema_is_only_odd_under_the_compatible_policy() -> None:
    badge = a_badge()
    badge["credentialSubject"]["achievement"]["achievementType"] = "Program"
    report = check(signed(badge))
    assert told(report) == {"schema": ("fail", "SCHEMA_ERROR")}
    assert report.check("schema").pointer == "/credentialSubject/achievement/achievementType"
    assert told(check(signed(badge), compatible=True)) == {"schema": ("warning", "SCHEMA_ERROR")}


def test_another_kind_of_credential_has_no_schema() -> None:
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": ISSUER,
        "credentialSubject": {"id": "did:example:somebody"},
    }
    report = check(signed(document))
    assert report.verdict == "valid"
    assert report.check("schema").result == "skipped"
    assert report.credential["isBadge"] is False


# --- time -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "result", "words"),
    [
        (datetime(2026, 5, 1, 8, 55, tzinfo=UTC), "pass", "In force"),
        (datetime(2026, 5, 1, 8, 54, 59, tzinfo=UTC), "fail", "not valid before 1 May 2026"),
        (datetime(2026, 6, 1, 9, 5, tzinfo=UTC), "pass", "In force"),
        (datetime(2026, 6, 1, 9, 5, 1, tzinfo=UTC), "fail", "ended on 1 June 2026"),
        (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), "fail", "ended on"),
        (datetime(1, 1, 1, tzinfo=UTC), "fail", "not valid before"),
    ],
)
def test_clocks_may_be_five_minutes_apart(now: datetime, result: str, words: str) -> None:
    badge = signed(a_badge(validUntil="2026-06-01T09:00:00Z", credentialStatus=None), created=None)
    line = check(badge, now=now).check("time")
    assert (line.result, line.code) == (result, "VALIDITY_PERIOD" if result == "fail" else "")
    assert words in line.message


def test_the_policy_sets_how_far_clocks_may_be_apart() -> None:
    badge = signed(a_badge(validFrom="2026-05-03T12:00:01Z"))
    assert check(badge, clock_skew_s=0).check("time").result == "fail"
    assert check(badge, clock_skew_s=1).check("time").result == "pass"


# --- recipient, issuer, decision ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recipient", "result"),
    [
        (None, "skipped"),
        (EMAIL, "pass"),
        (EMAIL.upper(), "pass"),
        ("ben@example.org", "fail"),
        ("did:example:asha", "fail"),
        ("", "fail"),
    ],
)
def test_the_recipient_is_compared_when_asked(recipient: str | None, result: str) -> None:
    line = check(signed(a_badge()), recipient=recipient).check("recipient")
    assert (line.result, line.code) == (result, "RECIPIENT_MISMATCH" if result == "fail" else "")


def test_a_recipient_is_also_known_by_did_and_by_name() -> None:
    subject = a_badge()["credentialSubject"]
    subject["id"] = "did:example:asha"
    subject["identifier"].append(
        {"type": "IdentityObject", "hashed": False, "identityHash": "Asha", "identityType": "name"}
    )
    badge = signed(a_badge(credentialSubject=subject))
    for recipient in ("did:example:asha", "Asha", EMAIL):
        assert check(badge, recipient=recipient).verdict == "valid"
    assert check(badge, recipient="asha").verdict == "invalid"
    assert check(badge).credential["recipient"] == {"id": "did:example:asha", "name": "Asha"}


def test_an_unlisted_issuer_is_for_the_reader_to_judge_unless_the_policy_demands_a_list() -> None:
    badge = signed(a_badge())
    line = check(badge).check("issuer_known")
    assert (line.result, line.decides) == ("info", False)
    assert line.message.endswith("Here is its website, as it says itself: https://academy.example")
    assert check(badge, require_known_issuer=True).verdict == "unknown"
    listed = check(badge, require_known_issuer=True, issuers=frozenset({ISSUER}))
    assert (listed.verdict, listed.check("issuer_known").result) == ("valid", "pass")


@pytest.mark.parametrize(
    "url", ["https://x.example ✓ VALID", "javascript:alert(1)", "https://x.example\n", 3, "x" * 300]
)
def test_a_website_that_is_more_than_an_address_is_not_repeated(url: Any) -> None:
    badge = a_badge()
    badge["issuer"]["url"] = url
    assert "website" not in check(badge).check("issuer_known").message


def test_a_decision_that_is_asked_for_and_missing_is_not_known() -> None:
    badge = signed(a_badge())
    assert [check(badge).check(id_).result for id_ in ("decision", "log", "witnesses")] == ["skipped"] * 3
    demanding = check(badge, require_decision=True, require_witnesses=True)
    assert demanding.verdict == "unknown"
    assert demanding.check("decision").code == "NO_DECISION_PROOF"
    assert demanding.check("witnesses").code == "NO_WITNESSES"


def test_an_issuer_that_promises_a_log_and_gives_no_proof_is_odd() -> None:
    service = [
        {"id": f"{ISSUER}#log", "type": "TransparencyLog", "serviceEndpoint": "https://academy.example/log"}
    ]
    report = check(signed(a_badge()), web=a_web(did=a_did_document(service=service)))
    assert (report.verdict, told(report)) == ("valid", {"decision": ("warning", "NO_DECISION_PROOF")})


def test_the_page_of_a_decision_is_named() -> None:
    evidence = [{"id": "https://academy.example/decisions/1", "type": ["Evidence"], "genre": "decision record"}]
    assert "names the page" in check(signed(a_badge(evidence=evidence))).check("decision").message


def test_an_issuer_that_cannot_be_asked_leaves_the_badge_unknown() -> None:
    report = check(signed(a_badge()), web=a_web(did=None))
    assert report.verdict == "unknown"
    assert report.check("proof").result == "unknown"
    assert DID_URL in report.sentence


@pytest.mark.parametrize(
    ("identifier", "code"),
    [
        ("did:ion:abc", "UNSUPPORTED"),
        ("did:web:academy.example:8080%", "INVALID_DID"),
        ("did:key:z6MkI", "INVALID_DID"),
    ],
)
def test_an_issuer_of_another_kind(identifier: str, code: str) -> None:
    from tests.unit.verifier.world import a_signer

    badge = a_badge(issuer={"id": identifier, "type": ["Profile"]}, credentialStatus=None)
    report = check(signed(badge, signer=a_signer(1, method=f"{identifier}#key-1")))
    assert report.check("proof").code == code
    assert report.verdict == ("unknown" if code == "UNSUPPORTED" else "invalid")


def test_the_summary_is_cut_to_what_a_page_can_show() -> None:
    badge = a_badge(name="x" * 5000)
    badge["credentialSubject"]["achievement"]["name"] = "y" * 5000
    badge["credentialSubject"]["achievement"]["description"] = {"a": [1, None, "z"]}
    summary = check(badge).credential
    assert summary["name"] == "y" * 2000 + "…"
    assert summary["description"] == {"a": ["1", "null", "z"]}


def test_a_badge_is_checked_as_of_the_time_that_is_given() -> None:
    badge = signed(a_badge(validUntil="2026-05-10T00:00:00Z", credentialStatus=None))
    assert check(badge).verdict == "valid"
    assert check(badge, now=NOW + timedelta(days=30)).verdict == "invalid"
