"""Passkeys in a real Chromium, with a device that the browser itself plays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from issuer.service.academy import Work, query
from issuer.service.passkeys import binding_of
from issuer.service.seeding import seed_academy
from issuer.service.seeding.people import member_ids
from tests.journeys.conftest import PHONE, Service, new_page, running, sign_in

pytestmark = pytest.mark.browser
KEY = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running(tmp_path_factory.mktemp("service"), seed_academy) as service:
        yield service


@query
def assurance(work: Work, *, member: str, decision: str) -> str:
    return binding_of(work, member, decision, KEY)


def a_device(page: Page) -> tuple[CDPSession, str]:
    """Give a browser a device that asks its owner nothing and says yes."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, made["authenticatorId"]


def bind(page: Page, decision: str) -> str:
    call = "async ([decision, key]) => (await import('/assets/passkeys.js')).bind(decision, key)"
    bound: str = page.evaluate(call, [decision, KEY])
    return bound


def test_a_passkey_is_added_used_and_removed_by_keyboard_alone(service: Service, browser: Browser) -> None:
    decision = f"{service.base}/decisions/abc"
    ids = member_ids(service.academy)
    with new_page(browser, viewport=PHONE) as page:
        device, authenticator = a_device(page)
        asha = sign_in(page, service.base, "asha@demo.example")
        asha.open("/me")
        page.get_by_role("link", name="Passkeys").click()
        assert bind(page, decision) == "link", "there is none yet"
        page.get_by_label("A name, so that you know it again").fill("My phone")
        page.keyboard.press("Enter")
        asha.sees("The passkey is added.")
        asha.sees("My phone")
        assert len(device.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"]) == 1

        assert bind(page, decision) == "passkey"
        assert bind(page, decision) == "passkey", "once is enough"
        assert assurance(service.academy, member=ids["asha"], decision=decision) == "passkey"

        page.get_by_label("A name").fill("The same phone")
        page.keyboard.press("Enter")
        asha.sees("this device has one for you already")

        asha.open("/me")
        asha.press("Sign out on this device")
        asha.open("/sign-in?next=/profile")
        button = page.get_by_role("button", name="Sign in with a passkey")
        button.focus()
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{service.base}/profile")

        asha.open("/passkeys")
        asha.sees("used on")
        page.locator("summary", has_text="Remove").press("Enter")
        asha.press("Remove this passkey")
        asha.open("/sign-in")
        button.click()
        asha.sees("This passkey is not known here, or not any more.")


def test_whoever_declines_is_told_that_the_link_remains(service: Service, browser: Browser) -> None:
    with new_page(browser, viewport=PHONE) as page:
        device, authenticator = a_device(page)
        ben = sign_in(page, service.base, "ben@demo.example")
        ben.open("/passkeys")
        ben.press("Add a passkey")
        ben.sees("The passkey is added.")
        device.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
        assert bind(page, f"{service.base}/decisions/abc") == "link"
        ben.open("/me")
        ben.press("Sign out on this device")
        ben.open("/sign-in")
        page.get_by_role("button", name="Sign in with a passkey", exact=True).click()  # no page comes
        ben.sees("A link to your mail signs you in, too.")
        expect(page.get_by_label("Your e-mail address")).to_be_enabled()


def test_without_a_script_the_link_is_the_way(service: Service, browser: Browser) -> None:
    with new_page(browser, viewport=PHONE, script=False) as page:
        asha = sign_in(page, service.base, "asha@demo.example")
        asha.open("/passkeys")
        asha.sees("Adding a passkey needs JavaScript.")
        expect(page.get_by_role("button", name="Add a passkey")).to_have_count(0)
