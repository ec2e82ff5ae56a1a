"""A newer copy on request: asked once, only for the same badge, checked by itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from schemas import OB_EXTENSIONS
from tests.unit.verifier.world import (
    FORGER,
    LIST_URL,
    NOW,
    FakeFetcher,
    a_badge,
    a_status_list,
    a_web,
    as_jwt,
    check,
    signed,
)
from verifier import Policy, Report
from verifier.cli import run_verify
from verifier.tell import tell
from verifier.web import create_blueprint

COPIES = "https://academy.example/credentials/7/newest"
LATER = "2026-05-02T09:00:00Z"


def _badge(**changes: Any) -> dict[str, Any]:
    context = [*a_badge()["@context"], OB_EXTENSIONS]
    service = {"id": COPIES, "type": "1EdTechCredentialRefresh"}
    return signed(a_badge(**{"@context": context, "refreshService": service} | changes))


def _web(copy: Any) -> FakeFetcher:
    web = a_web()
    if copy is not None:
        web.documents[COPIES] = copy
    return web


def _refreshed(copy: Any, *, badge: dict[str, Any] | None = None) -> tuple[Report, FakeFetcher]:
    web = _web(copy)
    return check(badge or _badge(), web=web, refresh=True), web


def test_nobody_is_asked_for_a_newer_copy_by_default() -> None:
    web = _web(_badge(validFrom=LATER))
    report = check(_badge(), web=web)
    assert report
    assert COPIES not in web.asked
    assert report.check("refresh").result == "skipped"
    assert report.newer is None


def test_a_badge_that_names_no_place_gets_no_line() -> None:
    assert "refresh" not in {line.id for line in check(signed(a_badge()), refresh=True).checks}


def test_a_newer_copy_is_asked_for_once_checked_and_told() -> None:
    report, web = _refreshed(_badge(validFrom=LATER))
    assert report
    line = report.check("refresh")
    assert (line.result, line.code) == ("info", "")
    assert line.message == "The issuer has a newer copy of 2 May 2026, and it is good: go by that one."
    assert report.newer
    assert web.asked.count(COPIES) == 1
    assert report.newer.check("refresh").result == "skipped"  # the copy names the place, too, and is not followed
    assert report.to_json()["newer"]["verdict"] == "valid"
    assert "THE NEWER COPY\nVALID" in tell(report)


def test_a_newer_copy_may_be_a_jwt() -> None:
    copy = {name: value for name, value in _badge(validFrom=LATER).items() if name != "proof"}
    report, _ = _refreshed(as_jwt(copy).encode())
    assert report.newer


def test_a_bad_newer_copy_is_told_and_does_not_spoil_this_one() -> None:
    report, _ = _refreshed({**_badge(validFrom=LATER), "name": "changed"})
    line = report.check("refresh")
    assert report
    assert (line.result, line.code) == ("warning", "REFRESH_FAILED")
    assert "that is not good: it was changed after it was signed" in line.message
    assert report.newer is not None
    assert report.newer.verdict == "invalid"


def test_a_newer_copy_signed_by_somebody_else_is_not_good() -> None:
    unsigned = {name: value for name, value in _badge(validFrom=LATER).items() if name != "proof"}
    report, _ = _refreshed(signed(unsigned, signer=FORGER))
    assert report.newer is not None
    assert report.newer.verdict == "invalid"


def test_a_good_newer_copy_does_not_save_a_bad_one() -> None:
    web = _web(_badge(validFrom=LATER))
    report = check({**_badge(), "name": "changed"}, web=web, refresh=True)
    assert report.verdict == "invalid"
    assert COPIES not in web.asked
    assert report.check("refresh").message == "A newer copy was not asked for, as no signature holds."


def test_a_revoked_badge_with_a_good_newer_copy_stays_revoked() -> None:
    copy = _badge(validFrom=LATER, credentialStatus=None)
    web = _web(copy)
    web.documents[LIST_URL] = signed(a_status_list(4711))
    report = check(_badge(), web=web, refresh=True)
    assert report.verdict == "invalid"
    assert report.newer


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "https://academy.example/credentials/8"},
        {"issuer": {**a_badge()["issuer"], "id": "did:web:other.example"}},
    ],
)
def test_another_badge_is_no_copy(changes: dict[str, Any]) -> None:
    report, _ = _refreshed(_badge(validFrom=LATER, **changes))
    assert report
    assert report.newer is None
    assert report.check("refresh").message == "What stands where newer copies should be is another badge."


def test_the_same_badge_may_be_written_with_escapes() -> None:
    report, _ = _refreshed(_badge(validFrom=LATER, id="https://academy.example/%63redentials/7"))
    assert report.newer


def test_badges_without_an_id_are_never_copies_of_each_other() -> None:
    report, _ = _refreshed(_badge(validFrom=LATER, id=None), badge=_badge(id=None))
    assert report.newer is None


@pytest.mark.parametrize(
    ("copy", "result", "words"),
    [
        (None, "info", "we could not get a newer copy: there is nothing at"),
        (b"{", "info", "cannot be read"),
        (_badge(), "info", "has no newer copy than this"),
        (_badge(validFrom="2020-05-02T09:00:00Z"), "info", "has no newer copy than this"),
    ],
    ids=["nothing", "unreadable", "the same", "older"],
)
def test_where_there_is_no_newer_copy_it_says_so(copy: Any, result: str, words: str) -> None:
    report, _ = _refreshed(copy)
    line = report.check("refresh")
    assert report
    assert line.result == result
    assert words in line.message[:1].lower() + line.message[1:]
    assert report.newer is None


def test_only_an_address_of_the_known_kind_is_asked() -> None:
    service = {"id": COPIES, "type": "https://example.org/#ManualRefresh"}
    report, web = _refreshed(_badge(validFrom=LATER), badge=_badge(refreshService=service))
    assert report
    assert COPIES not in web.asked


def test_the_command_asks_when_told_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {**a_web().documents, COPIES: _badge(validFrom=LATER)}
    for number, value in enumerate(files.values()):
        (tmp_path / f"{number}.json").write_text(json.dumps(value))
    names = {url: f"{number}.json" for number, url in enumerate(files)}
    (tmp_path / "map.json").write_text(json.dumps(names))
    (tmp_path / "badge.json").write_text(json.dumps(_badge()))
    usual = [
        str(tmp_path / "badge.json"),
        "--documents",
        str(tmp_path / "map.json"),
        "--now",
        "2026-05-03T12:00:00Z",
    ]
    assert run_verify(usual) == 0
    assert "THE NEWER COPY" not in capsys.readouterr().out
    assert run_verify([*usual, "--refresh"]) == 0
    assert "THE NEWER COPY\nVALID" in capsys.readouterr().out


def test_the_page_and_the_interface_ask_when_told_to() -> None:
    web = _web(_badge(validFrom=LATER))
    app = Flask("refresh")
    app.register_blueprint(create_blueprint(fetcher=web, policy=Policy(), clock=lambda: NOW))
    client = app.test_client()
    text = json.dumps(_badge())
    assert "The newer copy" not in client.post("/verify", data={"badge": text}).text
    assert COPIES not in web.asked
    page = client.post("/verify", data={"badge": text, "refresh": "1"}).text
    assert '<h2 id="newer">The newer copy</h2>' in page
    assert "go by that one" in page
    assert '<input type="hidden" name="refresh" value="1">' in page
    body: dict[str, Any] = {"badges": [text], "options": {"refresh": True}}
    assert client.post("/api/verify", json=body).get_json()["reports"][0]["newer"]["verdict"] == "valid"
    body["options"]["refresh"] = "yes"
    answer = client.post("/api/verify", json=body)
    assert (answer.status_code, answer.get_json()["pointer"]) == (400, "/options/refresh")
    single = {"verifiableCredential": _badge(), "options": {"refresh": True}}
    assert client.post("/credentials/verify", json=single).get_json()["newer"]["verdict"] == "valid"
