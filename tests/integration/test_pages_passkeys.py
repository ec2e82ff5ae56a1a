"""Passkeys over the pages: what the script sends, with the form's token, and what stands on the pages."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from issuer.service.seeding.people import member_ids
from tests.integration.test_pages_first_run import Browser, Town, a_town, signed_in
from tests.integration.world import World
from tests.soft_authenticator import SoftAuthenticator
from tests.unit.web.site import look

ORIGIN = "https://academy.example"
KEY = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"


def asked(browser: Browser, path: str, body: Any, *, page: str = "/passkeys", token: bool = True) -> TestResponse:
    """Send JSON as the page's script does."""
    return _asked(browser.client, path, body, page=page, token=token)


def _asked(client: FlaskClient, path: str, body: Any, *, page: str, token: bool) -> TestResponse:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page, base_url=ORIGIN).text)
    assert found
    headers = {"Accept": "application/json"} | ({"X-CSRFToken": found[1]} if token else {})
    data = body if isinstance(body, str) else json.dumps(body)
    return client.post(
        f"/passkeys/{path}", base_url=ORIGIN, data=data, headers=headers, content_type="application/json"
    )


def published(response: TestResponse) -> Mapping[str, Any]:
    assert response.status_code == 200, response.text
    value = response.get_json()
    assert isinstance(value, dict)
    return value


@pytest.fixture
def town(world: World) -> Town:
    return a_town(world)


@pytest.fixture
def device() -> SoftAuthenticator:
    return SoftAuthenticator(origin=ORIGIN)


def add(browser: Browser, device: SoftAuthenticator, *, name: str = "My <b>phone</b>") -> TestResponse:
    options = published(asked(browser, "add/begin", {}))["publicKey"]
    return asked(browser, "add/finish", {"name": name, "credential": device.create(options)})


def test_a_passkey_is_added_named_used_and_removed(town: Town, device: SoftAuthenticator) -> None:
    asha = signed_in(town, "asha")
    assert published(add(asha, device)) == {"next": "/passkeys"}
    page = asha.get("/passkeys")
    assert "My &lt;b&gt;phone&lt;/b&gt;" in page.text
    assert "The passkey is added." in page.text

    stranger = town.stranger()
    options = published(asked(stranger, "sign-in/begin", {}, page="/sign-in"))["publicKey"]
    body = {"credential": device.get(options), "next": "/profile"}
    response = asked(stranger, "sign-in/finish", body, page="/sign-in")
    assert published(response) == {"next": "/profile"}
    assert "HttpOnly" in response.headers["Set-Cookie"]
    assert "Secure" in response.headers["Set-Cookie"]
    assert stranger.get("/profile").status_code == 200

    decision = {"decision": f"{ORIGIN}/decisions/abc", "key": KEY}
    begun = published(asked(stranger, "bind/begin", decision))
    body = {**decision, "ticket": begun["ticket"], "credential": device.get(begun["publicKey"])}
    assert published(asked(stranger, "bind/finish", body)) == {"assurance": "passkey"}

    path = next(tag["action"] for tag in look(page.text).tags("form") if tag["action"].endswith("/remove"))
    assert asha.send(path, page="/passkeys").status_code == 303
    assert "You have no passkey." in look(asha.get("/passkeys").text).text
    assert stranger.client.get("/profile", base_url=ORIGIN).status_code == 303, "its session has ended"


def test_sign_in_leads_to_no_other_site(town: Town, device: SoftAuthenticator) -> None:
    add(signed_in(town, "asha"), device)
    stranger = town.stranger()
    options = published(asked(stranger, "sign-in/begin", {}, page="/sign-in"))["publicKey"]
    body = {"credential": device.get(options), "next": "https://evil.example/"}
    assert published(asked(stranger, "sign-in/finish", body, page="/sign-in")) == {"next": "/me"}


@pytest.mark.parametrize("path", ["add/begin", "add/finish", "bind/begin", "bind/finish"])
def test_what_another_site_sends_is_not_taken(town: Town, path: str) -> None:
    asha = signed_in(town, "asha")
    assert asked(asha, path, {}, token=False).status_code == 400
    assert asked(town.stranger(), path, {}, page="/sign-in").status_code == 303, "a visitor signs in first"


@pytest.mark.parametrize("path", ["sign-in/begin", "sign-in/finish"])
def test_nobody_is_signed_in_by_another_site(town: Town, path: str) -> None:
    """Else somebody could make a member work in an account that is not theirs."""
    assert asked(town.stranger(), path, {}, page="/sign-in", token=False).status_code == 400


@pytest.mark.parametrize("path", ["add/finish", "sign-in/finish", "bind/begin", "bind/finish"])
@pytest.mark.parametrize("body", ["", "[]", "{", '{"a":1,"a":2}', "[" * 99, '{"name": 7, "next": 7, "key": []}'])
def test_what_the_script_never_sends_is_refused_with_a_sentence(town: Town, path: str, body: str) -> None:
    response = asked(signed_in(town, "asha"), path, body)
    assert 400 <= response.status_code < 500
    assert response.mimetype == "application/problem+json"
    assert response.get_json()["detail"]


def test_a_refusal_says_what_to_do_instead(town: Town, device: SoftAuthenticator) -> None:
    asha = signed_in(town, "asha")
    options = published(asked(asha, "add/begin", {}))["publicKey"]
    device.origin = "https://evil.example"
    refused = asked(asha, "add/finish", {"name": "x", "credential": device.create(options)})
    assert refused.status_code == 409
    assert refused.get_json()["remedy"] == "Try it again, or sign in by a mailed link."


def test_the_circle_says_on_its_page_to_whom_it_spoke(town: Town) -> None:
    path, asha = "/circles/pod-north", _member(town, "asha")
    for name in ("dev", "eli"):
        browser = signed_in(town, name)
        fields = look(browser.get(path).text).tags("input")
        assert asha in [tag["value"] for tag in fields if tag.get("name") == "about"]
        assert browser.send(f"{path}/spoken", {"about": asha}, page=path).status_code == 303
        fields = look(browser.get(path).text).tags("input")
        assert asha not in [tag["value"] for tag in fields if tag.get("name") == "about"]
    assert "Signs in by a mailed link." in look(browser.get(path).text).text
    assert "I spoke to" not in look(town.stranger().get(path).text).text


def _member(town: Town, name: str) -> str:
    return member_ids(town.academy)[name]


def test_an_address_that_is_a_number_says_that_passkeys_do_not_work_there(town: Town) -> None:
    asha = signed_in(town, "asha")
    object.__setattr__(town.academy, "base_url", "http://127.0.0.1:8000")
    assert "Passkeys do not work at this address" in look(asha.get("/passkeys").text).text
    assert "Sign in with a passkey" not in look(town.stranger().get("/sign-in").text).text
    assert asked(asha, "add/begin", {}, page="/profile").status_code == 409
