"""What surrounds every page: headers, cookies, forms that only our own pages can send."""

from __future__ import annotations

from typing import Any

import pytest

from issuer.service import badges, people, tasks
from tests.unit.web.page_samples import TRICKY, a_me, a_me_page
from tests.unit.web.site import Site, a_site, faults_of, look


@pytest.fixture
def member(monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setattr(tasks, "my_page", lambda _academy, *, me: a_me_page())
    return a_site(monkeypatch, me=a_me())


def test_every_answer_carries_the_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    client = a_site(monkeypatch).client
    for path in ("/sign-in", "/nowhere", "/privacy"):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"].split("; ")
        assert {"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"} <= set(
            policy
        )
        assert not any("unsafe" in part for part in policy)
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "Strict-Transport-Security" not in headers


def test_over_https_cookies_are_secure_and_browsers_stay_there(monkeypatch: pytest.MonkeyPatch) -> None:
    response = a_site(monkeypatch, secure=True).client.get("/sign-in", base_url="https://localhost")
    assert "max-age=63072000" in response.headers["Strict-Transport-Security"]
    cookies = response.headers.getlist("Set-Cookie")
    assert cookies
    assert all({"Secure", "HttpOnly", "SameSite=Lax"} <= set(cookie.split("; ")) for cookie in cookies)


def test_pages_of_members_are_not_kept_by_caches(monkeypatch: pytest.MonkeyPatch, member: Site) -> None:
    assert member.client.get("/me").headers["Cache-Control"] == "no-store"
    assert member.client.get("/privacy").headers["Cache-Control"] == "no-store"
    visitor = a_site(monkeypatch).client
    assert visitor.get("/privacy").headers["Cache-Control"] == "private, no-cache"
    assert visitor.get("/sign-in").headers["Cache-Control"] == "no-store"


def test_a_visitor_who_only_reads_gets_no_cookie(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(badges, "catalogue", lambda _academy: ())
    client = a_site(monkeypatch).client
    for path in ("/privacy", "/badges", "/assets/academy.css"):
        with client.get(path) as response:
            assert "Set-Cookie" not in response.headers


def test_style_and_script_are_our_own_and_may_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    client = a_site(monkeypatch).client
    page = look(client.get("/privacy").text)
    addresses = [tag["href"] for tag in page.tags("link")] + [tag["src"] for tag in page.tags("script")]
    assert all(address.startswith("/assets/") and "?v=" in address for address in addresses)
    for address in addresses:
        with client.get(address) as response:
            assert response.status_code == 200
            assert response.data
            assert "immutable" in response.headers["Cache-Control"]


def test_a_form_without_its_token_does_nothing_and_keeps_what_was_typed(
    monkeypatch: pytest.MonkeyPatch, member: Site
) -> None:
    saved: list[Any] = []
    monkeypatch.setattr(people, "change_profile", lambda _academy, **what: saved.append(what))
    response = member.client.post("/profile", data={"name": TRICKY, "time_zone": "UTC", "csrf_token": "old"})
    assert response.status_code == 400
    assert saved == []
    assert faults_of(response.text) == []
    page = look(response.text)
    (form,) = (tag for tag in page.tags("form") if tag["method"] == "post")
    assert form["action"] == "/profile"
    kept = {tag["name"]: tag["value"] for tag in page.tags("input")}
    assert (kept["name"], kept["time_zone"]) == (TRICKY, "UTC")
    assert member.client.post("/profile", data=kept).status_code == 303
    assert saved == [{"by": "asha", "name": TRICKY, "time_zone": "UTC"}]


def test_somebody_signed_out_can_copy_their_words_but_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    response = a_site(monkeypatch).client.post("/applications/a/save", data={"claims-0": "Long words."})
    assert response.status_code == 400
    page = look(response.text)
    assert page.tags("form") == []
    assert "Long words." in page.text
    assert faults_of(response.text) == []


def test_another_site_cannot_have_its_form_sent_again(member: Site) -> None:
    response = member.client.post("/sign-out", data={"a": "b"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 400
    assert look(response.text).tags("form") == []


def test_files_cannot_be_kept_and_the_page_says_so(member: Site) -> None:
    from io import BytesIO

    response = member.client.post("/applications/a/add_evidence", data={"file": (BytesIO(b"x"), "talks.pdf")})
    assert "choose talks.pdf again" in response.text


@pytest.mark.parametrize(
    "path",
    [
        "/sign-in",
        "/sign-in/abc",
        "/sign-out",
        "/profile",
        "/setup",
        "/circles/new",
        "/badges/propose",
        "/badges/feedback",
        "/applications/a/accept",
        "/processes/p/respond",
    ],
)
def test_no_form_is_taken_without_a_token(member: Site, path: str) -> None:
    assert member.client.post(path, data={}).status_code == 400
