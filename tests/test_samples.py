"""Samples that others made, good and bad: the verdict on each, and its reason (tests/vectors/expected.tsv).

The files are unchanged; INDEX.tsv says where each is from. They are checked without network as of a fixed day,
with the few documents that came along (documents.json). The column `code` is that of the reason people hear first,
`also` holds the other lines that decide, so that no verdict rests on a wrong reason unseen.
"""

from __future__ import annotations

import csv
import hashlib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from verifier import Policy, Report, read_badge, verify_badge
from verifier.fetch import read_documents_map

VECTORS = Path(__file__).parent / "vectors"
# Some samples end, or say that they were made, in 2025 and 2026: as of this day each is what its name says.
NOW = datetime(2026, 8, 1, tzinfo=UTC)


def _rows(name: str) -> list[dict[str, str]]:
    with (VECTORS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


EXPECTED = _rows("expected.tsv")
INDEX = {row["file"]: row for row in _rows("INDEX.tsv")}


@cache
def _report(file: str, *, compatible: bool = False) -> Report:
    return verify_badge(
        read_badge((VECTORS / file).read_bytes()),
        now=NOW,
        fetcher=read_documents_map(VECTORS / "documents.json"),
        policy=Policy(compatible=compatible),
    )


@pytest.mark.parametrize("row", EXPECTED, ids=lambda row: row["file"])
def test_each_sample_gets_its_verdict_for_its_own_reason(row: dict[str, str]) -> None:
    report = _report(row["file"])
    reason = report.deciding
    assert report.verdict == row["verdict"], report.to_json()
    assert (reason.code if reason else "") == row["code"], report.to_json()
    deciding = {f"{c.id}:{c.code}" for c in report.checks if c.decides and c.result in {"fail", "unknown"}}
    assert deciding - ({f"{reason.id}:{reason.code}"} if reason else set()) == set(row["also"].split())


@pytest.mark.parametrize("row", EXPECTED, ids=lambda row: row["file"])
def test_no_sample_that_is_invalid_for_its_makers_is_valid_here(row: dict[str, str]) -> None:
    made_invalid = row["file"].startswith("samples-invalid/")
    if made_invalid:
        for compatible in (False, True):
            assert _report(row["file"], compatible=compatible).verdict != "valid"
    differs = row["verdict"] != ("invalid" if made_invalid else "valid")
    assert row["why it differs from INDEX.tsv"] or not differs, "a difference needs its reason"


def test_the_table_has_every_sample() -> None:
    files = {
        str(path.relative_to(VECTORS))
        for folder in ("samples-valid", "samples-invalid")
        for path in (VECTORS / folder).rglob("*")
        if path.is_file()
    }
    assert {row["file"] for row in EXPECTED} == files
    assert files <= INDEX.keys()


@pytest.mark.parametrize("file", INDEX, ids=str)
def test_the_samples_are_unchanged(file: str) -> None:
    assert INDEX[file]["source"]
    assert hashlib.sha256((VECTORS / file).read_bytes()).hexdigest() == INDEX[file]["sha256"]


@pytest.mark.parametrize("file", [r["file"] for r in EXPECTED if "expired" in INDEX[r["file"]]["note"]])
def test_an_expired_sample_is_said_to_have_ended(file: str) -> None:
    if "status list expired" in INDEX[file]["note"]:
        assert _report(file).check("status").code == "STATUS_VERIFICATION_ERROR"
        return
    line = _report(file).check("time")
    assert (line.result, line.code) == ("fail", "VALIDITY_PERIOD")
    assert line.message.startswith("It ended on")


@pytest.mark.parametrize("container", ["png", "svg"])
@pytest.mark.parametrize("form", ["simple-jwt", "simple-jwt_v1"])
def test_the_lax_jwt_samples_pass_the_compatible_policy_with_warnings(form: str, container: str) -> None:
    report = _report(f"samples-valid/1edtech/{form}.{container}", compatible=True)
    assert report.verdict == "valid"
    assert {"CLAIM_MISMATCH", "KEY_NOT_BOUND"} <= {line.code for line in report.warnings}


SHORT_LISTS = [row["file"] for row in EXPECTED if "STATUS_LIST_LENGTH_ERROR" in row["also"]]


@pytest.mark.parametrize("file", SHORT_LISTS)
def test_a_list_of_12500_bytes_counts_only_under_the_compatible_policy(file: str) -> None:
    assert _report(file).check("status").result == "unknown"
    line = _report(file, compatible=True).check("status")
    if "revoked" in INDEX[file]["note"]:
        assert (line.result, line.code) == ("fail", "STATUS_SET")
    else:
        assert (line.result, line.code) == ("warning", "ODD_STATUS_LIST")
        assert "131,072" in line.message


def test_there_are_samples_with_short_lists() -> None:
    assert len(SHORT_LISTS) >= 10
