"""Documents for others' software: the form that was asked for, headers, files, pictures, lists, keys."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from issuer.errors import NotFoundError
from issuer.service import badges, credentials, status
from issuer.service.models import Signed
from schemas import extract_png, extract_svg
from tests.unit.web.decision_samples import BASE_URL, a_badge_page, a_credential, a_credential_page
from tests.unit.web.served import a_client

PATH = "/credentials/bdg7"
SIGNED = json.dumps(a_credential() | {"proof": {"type": "DataIntegrityProof"}}, indent=None)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
VC, HTML = "application/vc+ld+json", "text/html"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """Return a visitor; there is one badge, one definition and one status list."""

    def only(known: object, value: Any) -> Any:
        def read(_academy: object, **asked: Any) -> Any:
            if known not in asked.values():
                raise NotFoundError("There is nothing at this address.")
            return value

        return read

    page = a_credential_page()
    signed = Signed(json=SIGNED, jwt=str(page.jwt), credential=json.loads(SIGNED))
    monkeypatch.setattr(credentials, "signed_credential", only("bdg7", signed))
    monkeypatch.setattr(credentials, "credential_page", only("bdg7", page))
    monkeypatch.setattr(badges, "badge_page", only("secretary", a_badge_page()))
    monkeypatch.setattr(badges, "achievement_document", only("secretary-v1", {"type": ["Achievement"]}))
    issuer = {"id": "did:web:academy.example", "type": ["Profile"], "name": "Academy of Circles", "url": BASE_URL}
    monkeypatch.setattr(badges, "issuer_document", lambda _academy: issuer)
    monkeypatch.setattr(status, "did_document", lambda _academy: {"id": "did:web:academy.example"})
    monkeypatch.setattr(status, "jwks", lambda _academy: {"keys": []})
    monkeypatch.setattr(status, "status_list", only(1, json.dumps({"credentialSubject": {"ttl": 60_000}})))
    return a_client(monkeypatch, signed_in=False)


# The table of DESIGN.md section 4.


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, VC),
        ("*/*", VC),
        ("text/*", VC),
        ("image/gif", VC),
        (VC, VC),
        ("application/json", "application/json"),
        ("application/ld+json", "application/ld+json"),
        ("application/json, application/vc+ld+json", VC),
        ("application/json, application/vc+ld+json;q=0.5", "application/json"),
        ("application/vc+ld+json;q=0, application/json", "application/json"),
        ('application/ld+json;profile="https://www.w3.org/ns/json-ld#compacted"', "application/ld+json"),
        ("text/plain", "text/plain"),
        ("text/plain;q=0.4, application/json;q=0.8", "application/json"),
        ("text/plain, */*;q=0.1", "text/plain"),
        (HTML, HTML),
        (BROWSER, HTML),
        ("TEXT/HTML", HTML),
        ("text/html;q=0.5, application/json", "application/json"),
        ("text/html;q=0", VC),
        ("not a media type at all;;;,", VC),
        ("", VC),
    ],
)
def test_a_badge_comes_in_the_form_that_is_asked_for(
    accept: str | None, media_type: str, client: FlaskClient
) -> None:
    answer = client.get(PATH, headers={} if accept is None else {"Accept": accept})
    assert answer.status_code == 200
    assert answer.mimetype == media_type
    assert "Accept" in answer.headers["Vary"]
    body = answer.get_data(as_text=True)
    if media_type == HTML:
        assert body.startswith("<!doctype html>")
    elif media_type == "text/plain":
        assert body == a_credential_page().jwt
    else:
        assert body == SIGNED


@pytest.mark.parametrize(
    ("suffix", "media_type"),
    [
        ("json", VC),
        ("jwt", "text/plain"),
        ("png", "image/png"),
        ("svg", "image/svg+xml"),
        ("pdf", "application/pdf"),
    ],
)
def test_a_file_has_its_type_and_its_name_whatever_a_browser_accepts(
    suffix: str, media_type: str, client: FlaskClient
) -> None:
    answer = client.get(f"{PATH}.{suffix}", headers={"Accept": BROWSER})
    assert answer.status_code == 200
    assert answer.mimetype == media_type
    assert answer.headers["Content-Disposition"] == f'attachment; filename="secretary-bdg7.{suffix}"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-cache"
    head = client.head(f"{PATH}.{suffix}")
    assert head.status_code == 200
    assert not head.data
    assert head.headers["ETag"] == answer.headers["ETag"]


def test_pictures_carry_the_very_badge(client: FlaskClient) -> None:
    assert json.loads(extract_png(client.get(f"{PATH}.png").data).text) == json.loads(SIGNED)
    assert json.loads(extract_svg(client.get(f"{PATH}.svg").data).text) == json.loads(SIGNED)


def test_the_certificate_is_a_pdf(client: FlaskClient) -> None:
    assert client.get(f"{PATH}.pdf").data.startswith(b"%PDF-")


@pytest.mark.parametrize(
    "path",
    [PATH, f"{PATH}.json", f"{PATH}.jwt", "/status/1", "/.well-known/did.json", "/.well-known/jwks.json",
     "/issuer", "/achievements/secretary-v1", "/images/secretary.svg"],
)  # fmt: skip
def test_pages_of_others_may_read_documents(path: str, client: FlaskClient) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_the_page_is_not_open_to_pages_of_others(client: FlaskClient) -> None:
    assert "Access-Control-Allow-Origin" not in client.get(PATH, headers={"Accept": HTML}).headers


@pytest.mark.parametrize(
    "path",
    ["/credentials/nope", "/credentials/nope.json", "/credentials/nope.jwt", "/credentials/nope.png",
     "/credentials/nope.svg", "/credentials/nope.pdf", "/achievements/nope-v1", "/images/nope.png",
     "/images/nope.svg", "/status/7"],
)  # fmt: skip
def test_what_is_not_there_is_a_problem_for_programs_and_a_page_for_people(path: str, client: FlaskClient) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["status"] == 404
    if not path.startswith("/achievements"):
        page = client.get(path, headers={"Accept": BROWSER})
        assert page.status_code == 404
        assert page.mimetype == HTML


@pytest.mark.parametrize(
    "path", ["/credentials/bdg7.exe", "/credentials/%00", "/status/x", "/status/-1", "/images/x"]
)
def test_odd_addresses_are_not_found(path: str, client: FlaskClient) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "path",
    [PATH, f"{PATH}.json", "/status/1", "/images/secretary.png", "/images/secretary.svg", "/.well-known/did.json"],
)
def test_what_has_not_changed_is_not_sent_again(path: str, client: FlaskClient) -> None:
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert not again.data


@pytest.mark.parametrize(
    ("name", "media_type"), [("secretary.svg", "image/svg+xml"), ("secretary.png", "image/png")]
)
def test_a_picture_is_kept_for_a_day_and_may_do_nothing(name: str, media_type: str, client: FlaskClient) -> None:
    answer = client.get(f"/images/{name}")
    assert answer.mimetype == media_type
    assert answer.headers["Cache-Control"] == "public, max-age=86400"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("subject", "seconds"),
    [
        ({"ttl": 60_000}, 60),
        ({"ttl": 3_600_000}, 300),
        ({}, 300),
        ({"ttl": "soon"}, 300),
        ({"ttl": -5}, 0),
        ([], 300),
    ],
)
def test_a_status_list_is_kept_no_longer_than_it_allows(
    subject: object, seconds: int, monkeypatch: pytest.MonkeyPatch, client: FlaskClient
) -> None:
    text = json.dumps({"credentialSubject": subject})
    monkeypatch.setattr(status, "status_list", lambda _academy, *, number: text)
    answer = client.get("/status/1")
    assert answer.mimetype == VC
    assert answer.headers["Cache-Control"] == f"public, max-age={seconds}"
    assert answer.get_data(as_text=True) == text


def test_people_who_open_an_achievement_are_led_to_the_badge(client: FlaskClient) -> None:
    answer = client.get("/achievements/secretary-v1", headers={"Accept": BROWSER})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/badges/secretary?version=1"
    assert "Accept" in answer.headers["Vary"]


def test_the_issuer_is_a_profile_or_a_page(client: FlaskClient) -> None:
    assert client.get("/issuer").get_json()["id"] == "did:web:academy.example"
    page = client.get("/issuer", headers={"Accept": BROWSER})
    assert page.mimetype == HTML
    assert "did:web:academy.example" in page.get_data(as_text=True)


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_documents_are_only_read(method: str, client: FlaskClient) -> None:
    assert getattr(client, method)(PATH).status_code in {400, 405}
    assert getattr(client, method)("/status/1").status_code in {400, 405}
