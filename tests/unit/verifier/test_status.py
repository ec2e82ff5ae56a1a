"""Is it revoked: every kind of entry and list, what is good, what is not, and what cannot be known."""

from __future__ import annotations

import gzip
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from keys import encode_base64url
from schemas import OB_EXTENSIONS, decode_bitstring, encode_bitstring, parse_json
from tests.unit.verifier.world import (
    BADGE_ID,
    DID_URL,
    INDEX,
    ISSUER,
    LIST_URL,
    NOW,
    FakeFetcher,
    a_badge,
    a_did_document,
    a_status_list,
    a_web,
    check,
    signed,
)
from verifier import Check, Policy, Report, SeenLists, read_document, verify_badge
from verifier.checks import status_lists
from verifier.web import create_blueprint


def _status(list_: Any, **policy: Any) -> Check:
    return check(signed(a_badge()), web=a_web(list=list_), **policy).check("status")


def _status_of(**entry: Any) -> Check:
    badge = a_badge()
    badge["credentialStatus"].update(entry)
    badge["credentialStatus"] = {k: v for k, v in badge["credentialStatus"].items() if v is not None}
    return check(badge).check("status")  # the status is asked whatever the signature says


def test_a_revoked_badge_is_invalid_and_the_report_says_since_which_list() -> None:
    line = _status(signed(a_status_list(INDEX)))
    assert (line.result, line.code) == ("fail", "STATUS_SET")
    assert line.message == "It was revoked, says the issuer's list of 3 May 2026, 11:00 UTC."


def test_a_neighbours_revocation_is_not_this_badges() -> None:
    line = _status(signed(a_status_list(INDEX - 1, INDEX + 1)))
    assert line.result == "pass"
    assert "as the issuer stated it on 3 May 2026, 11:00 UTC" in line.message


def test_a_suspended_badge_is_invalid() -> None:
    list_ = a_status_list(INDEX)
    list_["credentialSubject"]["statusPurpose"] = ["suspension", "refresh"]
    badge = a_badge()
    badge["credentialStatus"]["statusPurpose"] = "suspension"
    line = check(signed(badge), web=a_web(list=signed(list_))).check("status")
    assert (line.result, line.code) == ("fail", "STATUS_SET")
    assert "suspended" in line.message


def test_a_badge_without_status_cannot_be_revoked_and_says_so() -> None:
    assert check(signed(a_badge(credentialStatus=None))).check("status").result == "skipped"


@pytest.mark.parametrize(
    ("entry", "result", "code"),
    [
        ({"statusListIndex": INDEX}, "warning", "MALFORMED_VALUE_ERROR"),
        ({"statusListIndex": "131071"}, "pass", ""),
        ({"statusListIndex": "131072"}, "unknown", "RANGE_ERROR"),
        ({"statusListIndex": "-1"}, "unknown", "MALFORMED_VALUE_ERROR"),
        ({"statusListIndex": "0x10"}, "unknown", "MALFORMED_VALUE_ERROR"),
        ({"statusListIndex": "007"}, "unknown", "MALFORMED_VALUE_ERROR"),
        ({"statusListIndex": "٣"}, "unknown", "MALFORMED_VALUE_ERROR"),
        ({"statusListIndex": True}, "unknown", "MALFORMED_VALUE_ERROR"),
        ({"statusListIndex": None}, "unknown", "MALFORMED_VALUE_ERROR"),
        ({"statusPurpose": "message"}, "unknown", "STATUS_VERIFICATION_ERROR"),
        ({"statusPurpose": "suspension"}, "unknown", "STATUS_VERIFICATION_ERROR"),
        ({"statusPurpose": "other"}, "unknown", "MALFORMED_VALUE_ERROR"),
        ({"statusSize": 2}, "unknown", "STATUS_LIST_LENGTH_ERROR"),
        ({"statusSize": 1}, "pass", ""),
        ({"statusSize": 0}, "unknown", "MALFORMED_VALUE_ERROR"),
        ({"statusSize": 33}, "unknown", "MALFORMED_VALUE_ERROR"),
        ({"statusSize": True}, "unknown", "MALFORMED_VALUE_ERROR"),
        ({"statusSize": "1"}, "unknown", "MALFORMED_VALUE_ERROR"),
        ({"statusPurpose": ["revocation"]}, "pass", ""),
        ({"statusPurpose": []}, "unknown", "MALFORMED_VALUE_ERROR"),
        ({"statusPurpose": ["revocation", 5]}, "unknown", "MALFORMED_VALUE_ERROR"),
        ({"statusMessage": "x"}, "unknown", "MALFORMED_VALUE_ERROR"),
        ({"statusMessage": [{"status": "1", "message": "x"}]}, "unknown", "MALFORMED_VALUE_ERROR"),
        ({"statusMessage": [{"status": "0x1", "message": 5}]}, "unknown", "MALFORMED_VALUE_ERROR"),
        (
            {"statusMessage": [{"status": "0x1", "message": "x"}, {"status": "0x01", "message": "y"}]},
            "unknown",
            "MALFORMED_VALUE_ERROR",
        ),
        ({"statusListCredential": "https://academy.example/none"}, "unknown", "STATUS_RETRIEVAL_ERROR"),
        ({"statusListCredential": None}, "unknown", "MALFORMED_VALUE_ERROR"),
        ({"type": "1EdTechRevocationList", "id": None}, "unknown", "MALFORMED_VALUE_ERROR"),
        ({"type": "StatusList2021Entry"}, "unknown", "STATUS_VERIFICATION_ERROR"),
        ({"type": "RevocationList2020Status"}, "unknown", "UNSUPPORTED"),
        ({"type": "Unheard"}, "unknown", "UNSUPPORTED"),
    ],
)
def test_an_entry_of_that_form(entry: dict[str, Any], result: str, code: str) -> None:
    line = _status_of(**entry)
    assert (line.result, line.code) == (result, code)


def test_every_entry_is_asked_and_the_worst_decides() -> None:
    entry = a_badge()["credentialStatus"]
    other = {**entry, "id": f"{LIST_URL}#5", "statusListIndex": "5"}
    badge = signed(a_badge(credentialStatus=[other, entry]))
    lines = [
        c.result for c in check(badge, web=a_web(list=signed(a_status_list(INDEX)))).checks if c.id == "status"
    ]
    assert lines == ["pass", "fail"]
    many = [{**entry, "id": f"{LIST_URL}#{n}", "statusListIndex": str(n)} for n in range(9)]
    assert check(signed(a_badge(credentialStatus=many))).check("status").code == "LIMIT_EXCEEDED"


@pytest.mark.parametrize(
    ("list_", "code", "words"),
    [
        (None, "STATUS_RETRIEVAL_ERROR", "Try again later"),
        (b"nothing", "STATUS_VERIFICATION_ERROR", "cannot be read"),
        (a_badge(), "STATUS_VERIFICATION_ERROR", "not a status list"),
        (a_status_list(), "STATUS_VERIFICATION_ERROR", "not signed"),
        (signed(a_status_list(entries=131_064)), "STATUS_LIST_LENGTH_ERROR", "131,072"),
        (
            signed(a_status_list(validUntil="2026-05-02T00:00:00Z")),
            "STATUS_VERIFICATION_ERROR",
            "ended on 2 May 2026",
        ),
        (
            signed(a_status_list(validFrom="2026-05-01T00:00:00Z", validUntil="2026-05-02T00:00:00Z")),
            "STATUS_VERIFICATION_ERROR",
            "ended on 2 May",
        ),
        (
            signed(a_status_list(validFrom="2026-05-04T00:00:00Z", validUntil="2026-05-05T00:00:00Z")),
            "STATUS_VERIFICATION_ERROR",
            "not valid before",
        ),
        ({**signed(a_status_list()), "name": "x"}, "STATUS_VERIFICATION_ERROR", "changed after"),
    ],
)
def test_a_list_that_cannot_be_used_leaves_the_badge_unknown(list_: Any, code: str, words: str) -> None:
    line = _status(list_)
    assert (line.result, line.code) == ("unknown", code)
    assert words in line.message


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        ({"type": "Other"}, "STATUS_VERIFICATION_ERROR"),
        ({"statusPurpose": "suspension"}, "STATUS_VERIFICATION_ERROR"),
        ({"encodedList": "H4sI"}, "STATUS_VERIFICATION_ERROR"),
        ({"encodedList": "u" + encode_base64url(b"no gzip")}, "STATUS_VERIFICATION_ERROR"),
        ({"encodedList": "u" + encode_base64url(gzip.compress(bytes(9_000_000)))}, "LIMIT_EXCEEDED"),
    ],
)
def test_a_signed_list_of_the_wrong_content_leaves_the_badge_unknown(subject: dict[str, Any], code: str) -> None:
    list_ = a_status_list()
    list_["credentialSubject"].update(subject)
    if subject.get("type"):
        list_["@context"] = list_["@context"][:1]
        del list_["credentialSubject"]["type"]
        list_["credentialSubject"] = {"id": list_["credentialSubject"]["id"]}
    line = _status(signed(list_))
    assert (line.result, line.code) == ("unknown", code)


def test_the_compatible_policy_takes_short_lists_and_lists_from_elsewhere_with_a_word() -> None:
    short = signed(a_status_list(entries=100_000, id="https://academy.example/status/2"))
    line = _status(short, compatible=True)
    assert (line.result, line.code) == ("warning", "ODD_STATUS_LIST")
    assert "another address" in line.message


# --- more than good and revoked -------------------------------------------------------------------------------


def _sized(values: dict[int, int], *, size: int, **subject: Any) -> dict[str, Any]:
    """Return a signed list of 131,072 entries of `size` bits."""
    bits = bytearray(131_072 * size // 8)
    for index, value in values.items():
        for bit in range(size):
            if value >> (size - 1 - bit) & 1:
                position = index * size + bit
                bits[position // 8] |= 0x80 >> position % 8
    list_ = a_status_list()
    list_["credentialSubject"] |= {"encodedList": encode_bitstring(bytes(bits)), **subject}
    return signed(list_)


def _lines(report: Report) -> list[Check]:
    return [line for line in report.checks if line.id == "status"]


def _entry(**changes: Any) -> dict[str, Any]:
    entry: dict[str, Any] = {**a_badge()["credentialStatus"], **changes}
    return entry


MESSAGES = [
    {"status": "0x0", "message": "delivered"},
    {"status": "0x1", "message": "under review"},
    {"status": "0x2", "message": 'the "issuer"\n\u202e moved'},
]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, 'The issuer says about it: "delivered".'),
        (1, 'The issuer says about it: "under review".'),
        (2, "The issuer says about it: \"the 'issuer' \ufffd moved\"."),
        (3, "The issuer's list has the value 3 for it, and no text for that value."),
    ],
)
def test_a_message_is_told_and_decides_nothing(value: int, words: str) -> None:
    entry = _entry(statusPurpose="message", statusSize=2, statusMessage=MESSAGES)
    list_ = _sized({INDEX: value}, size=2, statusPurpose="message")
    report = check(signed(a_badge(credentialStatus=entry)), web=a_web(list=list_))
    [line] = _lines(report)
    assert (report.verdict, line.result, line.message) == ("valid", "info", words)


def test_without_texts_there_is_nothing_to_say() -> None:
    entry = _entry(statusPurpose="message")
    list_ = _sized({}, size=1, statusPurpose="message")
    [line] = _lines(check(signed(a_badge(credentialStatus=entry)), web=a_web(list=list_)))
    assert (line.result, line.message) == ("info", "The issuer has nothing to say about it.")


@pytest.mark.parametrize(("value", "words"), [(0, "no newer copy"), (1, "has a newer copy")])
def test_a_newer_copy_is_told_and_decides_nothing(value: int, words: str) -> None:
    entry = _entry(statusPurpose="refresh")
    list_ = _sized({INDEX: value}, size=1, statusPurpose=["refresh", "message"])
    report = check(signed(a_badge(credentialStatus=entry)), web=a_web(list=list_))
    [line] = _lines(report)
    assert (report.verdict, line.result) == ("valid", "info")
    assert words in line.message


def test_a_message_that_cannot_be_had_is_not_known_and_decides_nothing() -> None:
    entry = _entry(statusPurpose="message")
    report = check(signed(a_badge(credentialStatus=entry)), web=a_web(list=None))
    [line] = _lines(report)
    assert (report.verdict, line.result, line.code) == ("valid", "unknown", "STATUS_RETRIEVAL_ERROR")


def test_an_entry_for_two_purposes_is_asked_for_both() -> None:
    entry = _entry(statusPurpose=["revocation", "suspension"])
    list_ = _sized({}, size=1, statusPurpose=["revocation", "suspension"])
    report = check(signed(a_badge(credentialStatus=entry)), web=a_web(list=list_))
    assert [line.message.partition(":")[0] for line in _lines(report)] == ["Not revoked", "Not suspended"]


def test_a_value_of_two_bits_says_revoked_with_the_issuers_word() -> None:
    entry = _entry(statusSize=2, statusMessage=MESSAGES)
    list_ = _sized({INDEX: 1, INDEX - 1: 3, INDEX + 1: 3}, size=2)
    report = check(signed(a_badge(credentialStatus=entry)), web=a_web(list=list_))
    [line] = _lines(report)
    assert (report.verdict, line.code) == ("invalid", "STATUS_SET")
    assert line.message.endswith('UTC. The issuer\'s words for it: "under review".')
    neighbours = _sized({INDEX - 1: 3, INDEX + 1: 3}, size=2)
    assert check(signed(a_badge(credentialStatus=entry)), web=a_web(list=neighbours)).verdict == "valid"


def test_a_list_is_long_enough_by_its_entries_and_not_by_its_bits() -> None:
    entry = _entry(statusSize=4)
    report = check(signed(a_badge(credentialStatus=entry)), web=a_web(list=_sized({}, size=2)))
    assert _lines(report)[0].code == "STATUS_LIST_LENGTH_ERROR"


# --- an older list in the place of a newer one ----------------------------------------------------------------


def _seen(seen: SeenLists, list_: dict[str, Any]) -> Check:
    report = verify_badge(
        read_document(signed(a_badge())),
        now=NOW,
        fetcher=a_web(list=list_),
        policy=Policy(),
        seen=seen,
    )
    return report.check("status")


def _stated(hours: int, *revoked: int) -> dict[str, Any]:
    text = (NOW - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return signed(a_status_list(*revoked, validFrom=text))


def test_an_older_list_than_one_seen_before_is_not_believed() -> None:
    seen = SeenLists()
    assert _seen(seen, _stated(5)).result == "pass"
    assert _seen(seen, _stated(2, INDEX)).result == "fail"
    replayed = _seen(seen, _stated(5))
    assert (replayed.result, replayed.code) == ("unknown", "STATUS_VERIFICATION_ERROR")
    assert "older than one of 3 May 2026, 10:00 UTC" in replayed.message
    undated = a_status_list()
    del undated["validFrom"]
    assert _seen(seen, signed(undated)).result == "unknown"
    assert _seen(seen, _stated(2)).result == "pass"
    assert _seen(seen, _stated(1)).result == "pass"


def test_what_is_no_good_list_is_not_remembered() -> None:
    seen = SeenLists()
    assert _seen(seen, {**_stated(1), "name": "x"}).result == "unknown"
    assert _seen(seen, _stated(5)).result == "pass"


def test_the_memory_has_a_bound() -> None:
    seen = SeenLists()
    for number in range(10_050):
        assert seen.newer_than(ISSUER, f"{LIST_URL}/{number}", NOW) is None
    assert seen.newer_than(ISSUER, f"{LIST_URL}/0", NOW - timedelta(days=1)) is None
    assert seen.newer_than(ISSUER, f"{LIST_URL}/10049", NOW - timedelta(days=1)) == NOW


# --- kinds of before: read, never made ------------------------------------------------------------------------

V1 = ["https://www.w3.org/2018/credentials/v1", "https://w3id.org/security/data-integrity/v2"]
V2021 = "https://w3id.org/vc/status-list/2021/v1"


def _list_2021(*revoked: int, letter: str = "") -> dict[str, Any]:
    text = a_status_list(*revoked)["credentialSubject"]["encodedList"]
    return signed(
        {
            "@context": [*V1, V2021],
            "id": LIST_URL,
            "type": ["VerifiableCredential", "StatusList2021Credential"],
            "issuer": ISSUER,
            "issuanceDate": "2026-05-03T11:00:00Z",
            "credentialSubject": {
                "id": f"{LIST_URL}#list",
                "type": "StatusList2021",
                "statusPurpose": "revocation",
                "encodedList": letter + text.removeprefix("u"),
            },
        }
    )


def _badge_2021() -> dict[str, Any]:
    badge = a_badge()
    contexts = [*badge["@context"], V2021]
    return a_badge(**{"@context": contexts}, credentialStatus=_entry(type="StatusList2021Entry"))


@pytest.mark.parametrize("letter", ["", "u"])
def test_a_status_list_2021_is_read(letter: str) -> None:
    badge = signed(_badge_2021())
    good = check(badge, web=a_web(list=_list_2021(letter=letter)))
    assert (good.verdict, _lines(good)[0].result) == ("valid", "pass")
    revoked = check(badge, web=a_web(list=_list_2021(INDEX, letter=letter)))
    assert (revoked.verdict, _lines(revoked)[0].code) == ("invalid", "STATUS_SET")


def test_a_list_of_one_kind_does_not_stand_for_the_other() -> None:
    report = check(signed(_badge_2021()), web=a_web(list=signed(a_status_list())))
    assert _lines(report)[0].code == "STATUS_VERIFICATION_ERROR"
    report = check(signed(a_badge()), web=a_web(list=_list_2021()))
    assert _lines(report)[0].code == "STATUS_VERIFICATION_ERROR"


PLAIN_URL = "https://academy.example/revocations"


def _plain_line(body: Any, **badge: Any) -> Check:
    contexts = [*a_badge()["@context"], "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"]
    entry = {"id": PLAIN_URL, "type": "1EdTechRevocationList"}
    document = signed(a_badge(**{"@context": contexts, "credentialStatus": entry, **badge}))
    web = FakeFetcher({DID_URL: a_did_document(), PLAIN_URL: body} if body is not None else {})
    return check(document, web=web).check("status")


@pytest.mark.parametrize(
    ("body", "result", "code"),
    [
        ({"revokedCredential": [{"id": "https://academy.example/credentials/7"}]}, "fail", "STATUS_SET"),
        ({"revokedCredentials": ["https://academy.example/credentials/7"]}, "fail", "STATUS_SET"),
        (
            {"revokedCredential": [{"id": "https://academy.example/credentials/7", "revoked": False}]},
            "warning",
            "OLD_STATUS_LIST",
        ),
        ({"revokedCredential": [{"id": "https://academy.example/credentials/8"}]}, "warning", "OLD_STATUS_LIST"),
        ({"revokedCredential": []}, "warning", "OLD_STATUS_LIST"),
        ({"revokedCredential": [5]}, "unknown", "STATUS_VERIFICATION_ERROR"),
        ({"revokedCredential": {}}, "unknown", "STATUS_VERIFICATION_ERROR"),
        ({"revoked": []}, "unknown", "STATUS_VERIFICATION_ERROR"),
        ([], "unknown", "STATUS_VERIFICATION_ERROR"),
        (b"<html>", "unknown", "PARSING_ERROR"),
        (None, "unknown", "STATUS_RETRIEVAL_ERROR"),
    ],
)
def test_a_1edtech_revocation_list_is_read(body: Any, result: str, code: str) -> None:
    line = _plain_line(body)
    assert (line.result, line.code) == (result, code)


def test_such_a_list_from_files_is_said_to_be_from_files() -> None:
    contexts = [*a_badge()["@context"], "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"]
    entry = {"id": PLAIN_URL, "type": "1EdTechRevocationList"}
    badge = signed(a_badge(**{"@context": contexts, "credentialStatus": entry}))
    web = FakeFetcher({DID_URL: a_did_document(), PLAIN_URL: {"revokedCredential": []}}, source="supplied")
    assert "read from files given to you" in check(badge, web=web).check("status").message
    trusted = check(badge, web=web, trust_documents=True).check("status").message
    assert "files" not in trusted


def test_a_badge_without_id_cannot_stand_on_such_a_list() -> None:
    assert _plain_line({"revokedCredential": []}, id=None).code == "STATUS_VERIFICATION_ERROR"


def test_the_page_remembers_lists_for_as_long_as_its_process_lives() -> None:
    web = a_web(list=_stated(2))
    app = Flask(__name__)
    app.register_blueprint(create_blueprint(fetcher=web, policy=Policy(), clock=lambda: NOW))
    client = app.test_client()

    def verdict() -> str:
        answer = client.post("/api/verify", json={"badges": [signed(a_badge())]})
        return str(answer.get_json()["reports"][0]["verdict"])

    assert verdict() == "valid"
    web.documents[LIST_URL] = _stated(5)
    assert verdict() == "unknown"


def _endorsements(entries: list[dict[str, Any]], *, contexts: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "@context": contexts,
            "id": f"urn:x:endorsement:{number}",
            "type": ["VerifiableCredential", "EndorsementCredential"],
            "issuer": a_badge()["issuer"],
            "validFrom": "2026-05-01T09:00:00Z",
            "credentialSubject": {"id": BADGE_ID, "type": ["EndorsementSubject"]},
            "credentialStatus": entries,
        }
        for number in range(8)
    ]


def test_a_list_that_is_named_again_and_again_is_unpacked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[object] = []

    def decode(text: object, *, legacy: bool) -> bytes:
        calls.append(text)
        return decode_bitstring(text, legacy=legacy)

    monkeypatch.setattr(status_lists, "decode_bitstring", decode)
    entries = [{**a_badge()["credentialStatus"], "id": f"urn:x:{n}", "statusListIndex": str(n)} for n in range(8)]
    badge = a_badge(endorsement=_endorsements(entries, contexts=a_badge()["@context"]))
    assert check(signed(badge)).check("status").result == "pass"
    assert len(calls) == 1


def test_a_plain_list_that_is_named_again_and_again_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[bytes] = []

    def parse(body: bytes) -> Any:
        calls.append(body)
        return parse_json(body)

    monkeypatch.setattr(status_lists, "parse_json", parse)
    entries = [{"id": PLAIN_URL, "type": "1EdTechRevocationList"}] * 8
    contexts = [*a_badge()["@context"], OB_EXTENSIONS]
    badge = a_badge(**{"@context": contexts, "endorsement": _endorsements(entries, contexts=contexts)})
    web = a_web()
    web.documents[PLAIN_URL] = {"revokedCredential": []}
    lines = [line for line in check(signed(badge), web=web).checks if line.id.startswith("endorsement/")]
    assert len(lines) == 8
    assert len(calls) == 1


def test_lists_that_unpack_to_very_much_count_together() -> None:
    web = a_web()
    entries = []
    for number in range(8):
        url = f"https://academy.example/large/{number}"
        web.documents[url] = signed({**a_status_list(entries=64 * 1024 * 1024), "id": url})
        entries.append({**a_badge()["credentialStatus"], "id": f"{url}#0", "statusListCredential": url})
    lines = [
        line for line in check(signed(a_badge(credentialStatus=entries)), web=web).checks if line.id == "status"
    ]
    assert [line.result for line in lines[:3]] == ["pass"] * 3
    assert lines[-1].result == "unknown"
    assert "too much to check" in lines[-1].message


def test_a_plain_list_with_a_nameless_entry_still_revokes_whom_it_names() -> None:
    names = [5, "https://academy.example/credentials/7"]
    assert _plain_line({"revokedCredential": names}).code == "STATUS_SET"
