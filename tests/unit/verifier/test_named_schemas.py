"""The JSON Schemas that a badge names itself: pinned ones count, others are told and never fetched."""

from __future__ import annotations

from typing import Any

import pytest

from schemas import OB_EXTENSIONS
from tests.unit.verifier.world import a_badge, a_web, check, signed
from verifier import Check, Report

FOLDER = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/"
OFFICIAL = FOLDER + "ob_v3p0_achievementcredential_schema.json"
TYPE = "1EdTechJsonSchemaValidator2019"


def _report(*schemas: Any, web: Any = None, **policy: Any) -> Report:
    context = [*a_badge()["@context"], OB_EXTENSIONS]
    value = list(schemas) if len(schemas) != 1 else schemas[0]
    return check(signed(a_badge(**{"@context": context, "credentialSchema": value})), web=web, **policy)


def _lines(report: Report) -> list[Check]:
    return [line for line in report.checks if line.id == "schema"]


@pytest.mark.parametrize("name", ["achievementcredential", "anyachievementcredential"])
def test_the_official_schema_is_the_one_that_is_checked_anyway(name: str) -> None:
    report = _report({"id": f"{FOLDER}ob_v3p0_{name}_schema.json", "type": TYPE})
    assert report
    assert [line.result for line in _lines(report)] == ["pass"]


@pytest.mark.parametrize("type_", [TYPE, "JsonSchema"])
def test_a_schema_that_is_not_held_here_is_told_and_not_fetched(type_: str) -> None:
    web = a_web()
    url = "https://forms.example/own.json"
    report = _report({"id": OFFICIAL, "type": TYPE}, {"id": url, "type": type_}, web=web)
    assert report
    line = _lines(report)[1]
    assert (line.result, line.code, line.pointer) == ("info", "SCHEMA_NOT_CHECKED", "/credentialSchema/1")
    assert line.message == f'It names a form that is not held here, "{url}"; it was not compared.'
    assert url not in web.asked


def test_a_pinned_address_under_another_type_is_another_kind_of_form() -> None:
    line = _lines(_report({"id": OFFICIAL, "type": "JsonSchemaCredential"}))[1]
    assert (line.result, line.code) == ("info", "SCHEMA_NOT_CHECKED")


def test_a_schema_for_another_kind_of_credential_is_a_breach() -> None:
    entry = {"id": f"{FOLDER}ob_v3p0_endorsementcredential_schema.json", "type": TYPE}
    report = _report(entry)
    assert report.verdict == "invalid"
    assert (_lines(report)[1].result, _lines(report)[1].code) == ("fail", "SCHEMA_ERROR")
    assert _report(entry, compatible=True)


def test_the_official_schema_is_asked_also_when_the_badge_names_another() -> None:
    broken = a_badge(credentialSchema={"id": "https://forms.example/own.json", "type": "JsonSchema"})
    broken["credentialSubject"]["achievement"].pop("description")
    assert [line.result for line in _lines(check(signed(broken)))] == ["fail", "info"]


def test_many_named_schemas_end_with_one_line() -> None:
    report = _report(*({"id": f"https://forms.example/{n}", "type": TYPE} for n in range(40)))
    assert report
    assert len(_lines(report)) == 10
    assert "more than 8" in _lines(report)[-1].message
