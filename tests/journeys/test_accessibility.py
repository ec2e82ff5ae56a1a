"""No page has what axe-core calls a violation: public ones, members' ones, forms that came back, both schemes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from issuer.service import processes
from issuer.service.credentials import signed_credential
from issuer.service.models import AnswerDraft
from issuer.service.seeding import seed_academy
from issuer.service.seeding.people import member_ids
from issuer.service.tasks import my_page
from tests.journeys.conftest import DESKTOP, PHONE, Service, new_page, running, sign_in
from tests.journeys.stories import CONSENT, PENS, a_story
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
    with running(tmp_path_factory.mktemp("service"), seed_academy) as service:
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


def test_pages_that_sign_have_no_violation(service: Service, browser: Browser, axe: str) -> None:
    story, academy = a_story(service), service.academy
    with ExitStack() as stack:
        chiara, eli, asha = (
            sign_in(
                stack.enter_context(new_page(browser, viewport=viewport)), service.base, f"{name}@demo.example"
            )
            for name, viewport in (("chiara", PHONE), ("eli", DESKTOP), ("asha", PHONE))
        )
        chiara.open(story.path)
        chiara.unfold("I want to answer on another device")
        assert not _in_both_schemes(chiara.page, axe), "taking part"
        chiara.press("I take part with this device")
        story.go_to_round()
        chiara.open(story.path)
        chiara.page.locator("[data-signed-words] summary").first.click()
        chiara.page.locator(".answer-objection > details > summary").click()
        chiara.unfold("Sign on a command line")
        assert not _in_both_schemes(chiara.page, axe), "the answer, with what is signed"
        eli.open(f"{story.path}/room")
        eli.unfold("Write an answer down")
        assert not _in_both_schemes(eli.page, axe), "writing down what was said"
        said = AnswerDraft(version=1, response="consent", concern="I would like to hear how it goes.")
        processes.note_answer(
            academy, by=story.ids["eli"], id_=story.process, member=story.ids["chiara"], answer=said
        )
        with new_page(browser, viewport=PHONE) as page:
            elsewhere = sign_in(page, service.base, "chiara@demo.example")
            elsewhere.open(story.path)
            elsewhere.sees("Another browser or device keeps the key")
            assert not _in_both_schemes(page, axe), "an answer to be confirmed, on another device"
        chiara.open(story.path)
        chiara.press("Yes, I consent")
        for name in ("dev", "eli"):
            PENS.respond(academy, by=story.ids[name], id_=story.process, answer=CONSENT)
        for name in ("chiara", "dev", "eli", "asha"):
            processes.nothing_more(academy, by=story.ids[name], id_=story.process)
        asha.open(f"/applications/{story.application}")
        asha.page.locator("[data-signed-words] summary").click()
        assert not _in_both_schemes(asha.page, axe), "accepting"


def _in_both_schemes(page: Page, axe: str) -> list[str]:
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += violations(page, axe)
    return found
