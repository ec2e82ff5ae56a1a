"""Rules of Open Badges that no other validator checks: results, dates, identifiers, images, endorsements."""

from __future__ import annotations

import zlib
from typing import Any

import pytest

from schemas import bake_png, bake_svg, json_for_baking
from tests.unit.verifier.world import (
    BADGE_ID,
    FORGER,
    FORGER_DID,
    a_badge,
    as_jwt,
    check,
    signed,
    told,
)
from verifier import Check, Report

DESCRIPTION = {"id": "urn:x:r", "type": ["ResultDescription"], "name": "Points", "resultType": "RawScore"}
LEVELS = [
    {"id": "urn:x:low", "type": ["RubricCriterionLevel"], "name": "Low"},
    {"id": "urn:x:high", "type": ["RubricCriterionLevel"], "name": "High"},
]


def _model(report: Report) -> list[Check]:
    return [line for line in report.checks if line.id == "model" and line.result != "pass"]


def _with_result(description: dict[str, Any], result: dict[str, Any] | None) -> dict[str, Any]:
    subject = a_badge()["credentialSubject"]
    subject["achievement"]["resultDescription"] = [{**DESCRIPTION, **description}]
    if result is not None:
        subject["result"] = [{"type": ["Result"], "resultDescription": "urn:x:r", **result}]
    return a_badge(credentialSubject=subject)


# --- results --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("description", "result", "words"),
    [
        ({"valueMin": "10", "valueMax": "1"}, None, "greatest value below its least"),
        ({"valueMin": "few"}, None, "valueMin that is not a number"),
        ({"valueMax": "NaN"}, None, "valueMax that is not a number"),
        (
            {"requiredLevel": "urn:x:none", "rubricCriterionLevel": LEVELS},
            None,
            "demands a level that it does not",
        ),
        ({"requiredLevel": []}, None, "demands a level that it does not"),
        ({"valueMax": "10"}, {"value": "10.01"}, "outside the range"),
        ({"valueMin": "1e1"}, {"value": "9.99"}, "outside the range"),
        ({"allowedValue": ["1"]}, {"value": "1.0"}, "does not allow"),
        ({"rubricCriterionLevel": LEVELS}, {"achievedLevel": "urn:x:middle"}, "a level that its description"),
        ({"resultType": "Status"}, {"value": "x"}, "does not say the status"),
    ],
)
def test_a_result_that_breaks_its_description_makes_the_badge_invalid(
    description: dict[str, Any], result: dict[str, Any] | None, words: str
) -> None:
    report = check(signed(_with_result(description, result)))
    [line] = _model(report)
    assert (report.verdict, line.result, line.code) == ("invalid", "fail", "RESULT_ERROR")
    assert words in line.message


@pytest.mark.parametrize(
    ("description", "result", "words"),
    [
        ({"requiredValue": "5"}, {"value": "4"}, "below what its description demands"),
        ({"requiredValue": "B", "allowedValue": ["C", "B", "A"]}, {"value": "C"}, "below what"),
        ({"requiredLevel": "urn:x:high", "rubricCriterionLevel": LEVELS}, {"achievedLevel": "urn:x:low"}, "below"),
        (
            {
                "requiredLevel": "urn:x:low",
                "rubricCriterionLevel": [{**LEVELS[0], "points": "9"}, {**LEVELS[1], "points": "3"}],
            },
            {"achievedLevel": "urn:x:high"},
            "below",
        ),
        ({"requiredValue": "11", "valueMax": "10"}, None, "demands a value that it does not allow"),
        ({}, {}, "neither a value, nor a level"),
    ],
)
def test_a_result_below_what_is_demanded_is_odd(
    description: dict[str, Any], result: dict[str, Any] | None, words: str
) -> None:
    report = check(signed(_with_result(description, result)))
    [line] = _model(report)
    assert (report.verdict, line.result, line.code) == ("valid", "warning", "RESULT_ERROR")
    assert words in line.message


@pytest.mark.parametrize(
    ("description", "result"),
    [
        ({"requiredValue": "5"}, {"value": "5"}),
        ({"requiredValue": "B", "allowedValue": ["C", "B", "A"]}, {"value": "A"}),
        ({"requiredValue": "good"}, {"value": "bad"}),
        ({"requiredLevel": "urn:x:low", "rubricCriterionLevel": LEVELS}, {"achievedLevel": "urn:x:high"}),
        ({"resultType": "Status"}, {"status": "Completed"}),
        ({"valueMin": "0", "valueMax": "10"}, {"value": "10"}),
    ],
)
def test_a_result_that_keeps_its_description_is_good(description: dict[str, Any], result: dict[str, Any]) -> None:
    report = check(signed(_with_result(description, result)))
    assert (report.verdict, _model(report)) == ("valid", [])


def test_what_is_odd_never_hides_what_is_bad() -> None:
    badge = _with_result({"requiredValue": "5", "valueMax": "10"}, None)
    odd = [{"type": ["Result"], "resultDescription": "urn:x:r", "value": str(n % 5)} for n in range(40)]
    badge["credentialSubject"]["result"] = [*odd, {**odd[0], "value": "11"}]
    report = check(signed(badge))
    assert report.verdict == "invalid"
    assert [line.result for line in _model(report)].count("warning") == 10
    assert any("outside the range" in line.message for line in _model(report))


# --- dates ----------------------------------------------------------------------------------------------------


def _dated(subject: dict[str, Any], **changes: Any) -> Report:
    return check(signed(a_badge(credentialSubject={**a_badge()["credentialSubject"], **subject}, **changes)))


@pytest.mark.parametrize(
    ("subject", "changes", "result", "words"),
    [
        (
            {"activityStartDate": "2026-03-02T00:00:00Z", "activityEndDate": "2026-03-01T00:00:00Z"},
            {},
            "fail",
            "ends before it begins",
        ),
        ({"activityEndDate": "2026-02-30T00:00:00Z"}, {}, "fail", "cannot be read"),
        (
            {"activityStartDate": "2026-03-02T00:00:00Z"},
            {"awardedDate": "2026-03-01T00:00:00Z"},
            "warning",
            "before the activity",
        ),
        (
            {},
            {"awardedDate": "2027-01-02T00:00:00Z", "validUntil": "2027-01-01T00:00:00Z"},
            "warning",
            "after the day",
        ),
    ],
)
def test_dates_that_contradict_each_other_are_told(
    subject: dict[str, Any], changes: dict[str, Any], result: str, words: str
) -> None:
    lines = _model(_dated(subject, **changes))
    assert any(line.result == result and words in line.message for line in lines), lines


def test_dates_in_their_order_are_good() -> None:
    dates = {"activityStartDate": "2026-03-01T00:00:00Z", "activityEndDate": "2026-03-01T00:00:00Z"}
    assert _model(_dated(dates, awardedDate="2026-03-02T00:00:00Z")) == []


# --- identifiers, alignments, related -------------------------------------------------------------------------


def _faults_of(subject: dict[str, Any], achievement: dict[str, Any] | None = None) -> list[Check]:
    inner = {**a_badge()["credentialSubject"], **subject}
    inner["achievement"] = {**inner["achievement"], **(achievement or {})}
    return _model(check(a_badge(credentialSubject=inner)))


@pytest.mark.parametrize(
    ("identifier", "words"),
    [
        ({"hashed": True, "identityHash": "sha256$" + "A" * 64}, "not a SHA-256"),
        ({"hashed": True, "identityHash": "sha1$" + "a" * 40}, "not a SHA-256"),
        ({"hashed": True, "identityHash": 5}, "not a SHA-256"),
        ({"hashed": True, "identityHash": "sha256$" + "a" * 64, "salt": 5}, "salt"),
        ({"hashed": False, "identityHash": "sha256$" + "a" * 64}, "but it is a hash"),
        ({"identityHash": "md5$" + "A" * 32}, "but it is a hash"),
    ],
)
def test_an_identifier_that_nobody_can_be_compared_with_is_refused(identifier: dict[str, Any], words: str) -> None:
    faults = _faults_of({"identifier": [{"type": "IdentityObject", "identityType": "emailAddress", **identifier}]})
    assert any(words in fault.message and fault.result == "fail" for fault in faults)


GOOD_ALIGNMENT = {"type": ["Alignment"], "targetName": "Listening", "targetUrl": "https://x.example/1"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"type": ["Other"]}, "does not have the type Alignment"),
        ({"targetName": " "}, "does not name"),
        ({"targetName": 5}, "does not name"),
        ({"targetUrl": "x"}, "does not give the address"),
        ({"targetUrl": None}, "does not give the address"),
        ({"targetType": "Skill"}, "of a kind"),
        ({"targetType": ["CFItem"]}, "of a kind"),
    ],
)
@pytest.mark.parametrize("place", ["achievement", "description", "level"])
def test_an_alignment_says_with_what(place: str, change: dict[str, Any], words: str) -> None:
    alignment = [{**GOOD_ALIGNMENT, **change}]
    level = {**LEVELS[0], **({"alignment": alignment} if place == "level" else {})}
    description = {**DESCRIPTION, "rubricCriterionLevel": [level]}
    if place == "description":
        description["alignment"] = alignment
    achievement = {
        "resultDescription": [description],
        **({"alignment": alignment} if place == "achievement" else {}),
    }
    assert any(words in fault.message for fault in _faults_of({}, achievement))


def test_good_alignments_and_relations_are_good() -> None:
    extended = {**GOOD_ALIGNMENT, "targetType": "ext:Skill"}
    related = [{"id": "https://x.example/2", "type": ["Related"], "version": "2"}]
    assert _faults_of({}, {"alignment": [GOOD_ALIGNMENT, extended], "related": related}) == []


@pytest.mark.parametrize(
    "related", [{"type": ["Related"]}, {"id": "x y", "type": ["Related"]}, {"id": "urn:x:1"}, "x"]
)
def test_a_related_achievement_is_named_by_a_url(related: Any) -> None:
    assert any("related achievement" in fault.message for fault in _faults_of({}, {"related": [related]}))


# --- images ---------------------------------------------------------------------------------------------------


def _chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


def _png(*chunks: bytes) -> bytes:
    header = (1).to_bytes(4, "big") * 2 + b"\x08\x00\x00\x00\x00"
    start = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header)
    return b"".join([start, *chunks, _chunk(b"IDAT", zlib.compress(b"\0\0")), _chunk(b"IEND", b"")])


def _itxt(text: str, keyword: bytes = b"openbadgecredential") -> bytes:
    return _chunk(b"iTXt", keyword + b"\0\0\0\0\0" + text.encode())


GOOD = json_for_baking(signed(a_badge()))
OTHER = json_for_baking(signed(a_badge(name="Other", id="urn:x:other")))


def test_two_badges_in_one_image_are_refused_whichever_is_first() -> None:
    for chunks in ((GOOD, OTHER), (OTHER, GOOD), (GOOD, "nothing")):
        report = check(_png(*(_itxt(chunk) for chunk in chunks)))
        assert (report.verdict, report.deciding and report.deciding.code) == ("invalid", "SEVERAL_BADGES")


def test_one_badge_twice_in_an_image_is_odd() -> None:
    report = check(_png(_itxt(GOOD), _itxt(GOOD)))
    assert (report.verdict, told(report)) == ("valid", {"readable": ("warning", "CONTAINER")})


def test_a_badge_of_version_2_beside_the_one_of_version_3_is_left_alone() -> None:
    assert told(check(_png(_itxt(GOOD), _itxt("{}", b"openbadges")))) == {}


SVG = '<svg xmlns="http://www.w3.org/2000/svg"><title>TITLE</title><g><title>inside</title></g></svg>'
ELEMENT = (
    '<openbadges:credential xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0" {}>{}</openbadges:credential>'
)


def test_two_badges_in_one_drawing_are_refused() -> None:
    baked = bake_svg(SVG.replace("TITLE", "Facilitator"), GOOD)
    assert check(baked.encode()).verdict == "valid"
    token = as_jwt(a_badge())
    for more in (ELEMENT.format("", f"<![CDATA[{OTHER}]]>"), ELEMENT.format(f'verify="{token}"', "")):
        report = check(baked.replace("<g>", f"<g>{more}").encode())
        assert (report.verdict, report.deciding and report.deciding.code) == ("invalid", "SEVERAL_BADGES")
    both = ELEMENT.format(f'verify="{token}"', f"<![CDATA[{OTHER}]]>")
    report = check(SVG.replace("<g>", f"{both}<g>").encode())
    assert report.deciding
    assert report.deciding.code == "SEVERAL_BADGES"


@pytest.mark.parametrize(
    ("title", "is_odd"),
    [("Facilitator", False), ("FACILITATOR!", False), ("Badge: facilitator", False), ("Chair", True)],
)
def test_an_image_that_calls_itself_something_else_is_odd(title: str, *, is_odd: bool) -> None:
    expected = {"readable": ("warning", "IMAGE_CONTRADICTS")} if is_odd else {}
    forms = [
        bake_png(_png(_chunk(b"tEXt", b"Title\0" + title.encode())), GOOD),
        bake_png(_png(_itxt(title, b"Title")), GOOD),
        bake_png(_png(_chunk(b"zTXt", b"Title\0\0" + zlib.compress(title.encode()))), GOOD),
        bake_svg(SVG.replace("TITLE", title), GOOD).encode(),
    ]
    for image in forms:
        report = check(image)
        assert (report.verdict, told(report)) == ("valid", expected)


def test_an_image_by_somebody_else_than_the_issuer_is_odd() -> None:
    image = bake_png(_png(_chunk(b"tEXt", b"Author\0Oxford\x1b[2J")), GOOD)
    [warning] = check(image).warnings
    assert warning.code == "IMAGE_CONTRADICTS"
    assert 'names as its author "Oxford\ufffd[2J"' in warning.message


def test_words_of_an_image_that_cannot_be_read_say_nothing() -> None:
    for chunk in (_chunk(b"zTXt", b"Title\0\0broken"), _chunk(b"iTXt", b"Title\0\0"), _chunk(b"tEXt", b"Title\0")):
        assert told(check(bake_png(_png(chunk), GOOD))) == {}


# --- endorsements ---------------------------------------------------------------------------------------------


def _endorsement(**changes: Any) -> dict[str, Any]:
    document = {
        "@context": a_badge()["@context"],
        "id": "urn:uuid:2ad0e5e4-5bd1-4d77-b7a8-11c7ac6a1a11",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": "Endorsement",
        "issuer": {"id": FORGER_DID, "type": ["Profile"], "name": "A neighbour"},
        "validFrom": "2026-05-01T00:00:00Z",
        "credentialSubject": {"id": BADGE_ID, "type": ["EndorsementSubject"], "endorsementComment": "Well held."},
    }
    return signed({**document, **changes}, signer=FORGER)


def test_an_endorsement_moved_apart_under_a_signature_that_does_not_see_it_makes_the_badge_invalid() -> None:
    first = _endorsement()
    comment = {**first["credentialSubject"], "endorsementComment": "Badly held."}
    second = _endorsement(id="urn:uuid:3ad0e5e4-5bd1-4d77-b7a8-11c7ac6a1a11", credentialSubject=comment)
    badge = signed(a_badge(endorsement=[first, second]))
    assert check(badge).verdict == "valid"
    one, other = badge["endorsement"]
    one["credentialSubject"], other["credentialSubject"] = other["credentialSubject"], one["credentialSubject"]
    report = check(badge)
    assert report.check("proof").result == "pass"
    assert report.verdict == "invalid"
    assert told(report)["endorsement/1"] == ("fail", "REARRANGED")
    assert told(report)["endorsement/2"] == ("fail", "REARRANGED")


def test_a_bad_endorsement_under_a_signature_over_the_text_is_the_issuers_own_doing() -> None:
    changed = {**_endorsement(), "name": "Changed"}
    for form in (
        signed(a_badge(endorsement=[changed]), cryptosuite="eddsa-jcs-2022"),
        as_jwt(a_badge(endorsement=[changed])),
    ):
        report = check(form)
        assert (report.verdict, told(report)) == ("valid", {"endorsement/1": ("fail", "PROOF_VERIFICATION_ERROR")})


def test_an_endorsement_that_nobody_signed_does_not_harm_the_badge() -> None:
    bare = {name: value for name, value in _endorsement().items() if name != "proof"}
    report = check(signed(a_badge(endorsement=[bare])))
    assert (report.verdict, told(report)) == ("valid", {"endorsement/1": ("fail", "PROOF_VERIFICATION_ERROR")})
