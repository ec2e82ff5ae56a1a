"""The log over HTTP: its files and no other, kept by caches as long as they may; and the page for people."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import Settings, build_app
from issuer.service.log import flush
from issuer.service.log.serving import copy_log
from tests.integration.log.world import LogWorld, audited


@pytest.fixture
def client(small: LogWorld) -> FlaskClient:
    small.fill(range(300))
    flush(small.academy)
    return build_app(small.academy, Settings(base_url="https://academy.example")).test_client()


@pytest.mark.parametrize(
    ("path", "file", "content_type", "keep"),
    [
        ("/log/checkpoint", "checkpoint", "text/plain; charset=utf-8", "public, max-age=3, no-transform"),
        ("/log/vkey", "vkey", "text/plain; charset=utf-8", "public, max-age=3600, no-transform"),
        ("/log/policy", "policy", "text/plain; charset=utf-8", "public, max-age=3600, no-transform"),
        ("/log/tile/0/000", "tile/0/000", "application/octet-stream", "public, max-age=31536000, immutable"),
        (
            "/log/tile/0/001.p/45",
            "tile/0/001.p/45",
            "application/octet-stream",
            "public, max-age=31536000, immutable",
        ),
        (
            "/log/tile/1/000.p/1",
            "tile/1/000.p/1",
            "application/octet-stream",
            "public, max-age=31536000, immutable",
        ),
        (
            "/log/tile/entries/000",
            "tile/entries/000",
            "application/octet-stream",
            "public, max-age=31536000, immutable",
        ),
    ],
)
def test_each_file_is_served_as_it_lies_there(
    client: FlaskClient, small: LogWorld, path: str, *, file: str, content_type: str, keep: str
) -> None:
    client.set_cookie("academy_session", "somebody")
    response = client.get(path)
    assert response.data == (small.files / file).read_bytes()
    assert response.headers["Content-Type"] == content_type
    assert response.headers["Cache-Control"] == keep
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in response.headers
    assert "Vary" not in response.headers
    again = client.get(path, headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "tile/../../log-key/log.pem",
        "tile/%2e%2e/%2e%2e/log-key/log.pem",
        "%2e%2e/log-key/log.pem",
        "tile/x000/../../../log-key/log.pem",
        "tile/0/../../../head/head",
        "tile//etc/passwd",
        "tile/0/%00",
        "tile/0/000%00",
        ".new",
        "tile/0",
        "tile/0/000.p",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/045",
        "tile/0/001.p/46",
        "tile/0/002",
        "tile/0/0",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/x000/000",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
        "tile/entries/000.p/1e1",
        "tile/entries/%D9%A0%D9%A0%D9%A0",
        "tile/entries/001.p/45/",
        "head",
        "checkpoint/",
        "Checkpoint",
    ],
)
def test_nothing_else_is_served(client: FlaskClient, path: str) -> None:
    assert client.get(f"/log/{path}").status_code in {404, 308}
    assert b"PRIVATE KEY" not in client.get(f"/log/{path}", follow_redirects=True).data


def test_files_are_read_only(client: FlaskClient) -> None:
    for method in ("post", "put", "delete", "patch"):
        assert getattr(client, method)("/log/checkpoint").status_code == 405


def test_the_page_says_how_the_log_stands_and_what_it_does_not_show(client: FlaskClient, small: LogWorld) -> None:
    page = client.get("/log").text
    assert "301" in page
    assert "nobody else has confirmed that everyone sees the same log" in page
    assert "academy log audit https://academy.example/log" in page
    assert "What it does not show" in page
    small.sql("UPDATE log_state SET root = edge")
    assert "badges wait" in client.get("/log").text


def test_a_copy_in_a_folder_is_a_whole_log_and_takes_the_place_of_another(small: LogWorld, tmp_path: Path) -> None:
    copy = tmp_path / "out" / "log"
    (copy / "tile/0").mkdir(parents=True)
    (copy / "tile/0/000").write_bytes(b"another log's")
    small.fill(range(10))
    flush(small.academy)
    copy_log(small.academy, copy)
    assert len(audited(copy)) == 11
