"""No page has what axe-core calls a violation: public ones, members' ones, forms that came back, both schemes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from issuer.service.credentials import signed_credential
from issuer.service.seeding import seed_academy
from issuer.service.seeding.people import member_ids
from issuer.service.tasks import my_page
from tests.journeys.conftest import DESKTOP, PHONE, Service, new_page, running, sign_in
from tests.tools import missing

pytestmark = pytest.mark.browser
AXE = Path(__file__).parent.parent / "interop" / "node_modules" / "axe-core" / "axe.min.js"
PUBLIC = (
    "/",
    "/badges",
    "/badges/secretary",
    "/circles",
    "/circles/pod-north",
    "/join",
    "/privacy",
    "/sign-in",
    "/verify",
    "/issuer",
    "/nothing-here",
)
MEMBERS = ("/me", "/profile", "/passkeys", "/badges/propose", "/circles/new", "/circles/academy-circle")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running(tmp_path_factory.mktemp("service")) as service:
        seed_academy(service.academy)
        yield service


@pytest.fixture(scope="module")
def axe() -> str:
    if not AXE.exists():
        missing("the accessibility tests", "`npm ci --prefix tests/interop`")
    return AXE.read_text(encoding="utf-8")


def violations(page: Page, axe: str) -> list[str]:
    """Return what axe finds, one line each: rule and place."""
    page.evaluate(axe)
    found = page.evaluate("async () => (await axe.run()).violations")
    return [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_public_pages_have_no_violation(service: Service, browser: Browser, axe: str, scheme: str) -> None:
    badge = my_page(service.academy, me=member_ids(service.academy)["asha"]).badges[0].path
    decision = signed_credential(service.academy, id_=badge.rpartition("/")[2]).credential["evidence"]
    assert isinstance(decision, list)
    with new_page(browser, viewport=PHONE) as page:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # light or dark
        for path in (
            *PUBLIC,
            badge,
            decision[0]["id"].removeprefix(service.base),
            f"/verify?url={service.base}{badge}",
        ):
            page.goto(service.base + path)
            assert not violations(page, axe), path
            width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert width <= 0, f"{path} is wider than the phone"


def test_members_pages_have_no_violation(service: Service, browser: Browser, axe: str) -> None:
    with ExitStack() as stack:
        mira = sign_in(stack.enter_context(new_page(browser, viewport=DESKTOP)), service.base, "mira@demo.example")
        for path in MEMBERS:
            mira.open(path)
            assert not violations(mira.page, axe), path
        asha = sign_in(stack.enter_context(new_page(browser, viewport=PHONE)), service.base, "asha@demo.example")
        asha.open("/badges/feedback")
        asha.press("Begin a draft")
        assert not violations(asha.page, axe), "a draft"
        asha.press("Submit my application")
        assert not violations(asha.page, axe), "a draft that came back"
