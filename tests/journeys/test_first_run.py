"""From an empty database to the first circle and the first badges, in a meeting, without waiting for any clock."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from issuer.service.circles import setup_code
from issuer.service.log import begin_log
from tests.journeys.conftest import PHONE, Service, Somebody, new_page, running, sign_in

pytestmark = pytest.mark.browser
FOUNDERS = {"Nora": "nora@school.example", "Paul": "paul@school.example", "Rosa": "rosa@school.example"}


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with running(tmp_path, begin_log) as service:
        yield service


def test_an_academy_begins_in_one_meeting(service: Service, browser: Browser) -> None:
    with ExitStack() as stack:
        operator = stack.enter_context(new_page(browser, viewport=PHONE))
        operator.goto(service.base)
        expect(operator).to_have_url(re.compile("/setup"))
        _name_the_first_circle(operator, service)

        people = {}
        for name, email in FOUNDERS.items():
            page = stack.enter_context(new_page(browser, viewport=PHONE))
            people[name] = sign_in(page, service.base, email)
        nora = people["Nora"]
        nora.open("/me")
        nora.page.get_by_role("link", name="A decision is being prepared: take part in it.").click()
        process = nora.page.url
        _take_part(process, list(people.values()))
        nora.open(process)
        nora.press("Open the decision")
        _meet(process, list(people.values()), facilitator=nora)
        nora.open("/circles/school-circle")
        nora.sees("Nora")

        _propose_badges(nora)
        process = nora.page.url.partition("#")[0]
        _take_part(process, list(people.values()))
        nora.open(process)
        nora.press("Open the decision")
        _meet(process, list(people.values()), facilitator=nora)
        operator.goto(f"{service.base}/badges")
        expect(operator.locator("main")).to_contain_text("Giving and Receiving Feedback")
        nora.open("/badges/feedback")
        nora.press("Begin a draft")
        nora.sees("My application")


def _name_the_first_circle(page: Page, service: Service) -> None:
    page.goto(f"{service.base}/setup")
    page.get_by_label("Set-up code").fill("wrong-code")
    page.get_by_label("Name of the circle").fill("School Circle")
    page.get_by_label("Aim: what does it do, and for whom?").fill("Learners show what they can do.")
    page.get_by_label("Domain: what does it decide about by itself?").fill("Badges")
    for number, (name, email) in enumerate(FOUNDERS.items()):
        page.locator(f"input[name=person-{number}]").fill(name)
        page.locator(f"input[name=email-{number}]").fill(email)
    page.locator("input[name=roles-0][value=facilitator]").check()
    page.locator("input[name=roles-1][value=secretary]").check()
    page.locator("input[name=mode][value=meeting]").check()
    page.locator("input[name=policy][value=small_circle]").check()
    page.get_by_role("button", name="Propose this beginning").click()
    expect(page.locator("main")).to_contain_text("This is not the set-up code")
    assert page.locator("input[name=person-2]").input_value() == "Rosa", "what was typed is kept"
    page.get_by_label("Set-up code").fill(setup_code(service.academy))
    page.get_by_role("button", name="Propose this beginning").click()
    expect(page.locator("main")).to_contain_text("mail")


def _take_part(process: str, people: list[Somebody]) -> None:
    """Everybody gives a key of their own with one tap; who has not yet is named."""
    for person in people:
        person.open(process)
        person.sees("has still to say “I take part”")
        person.press("I take part")
        person.sees("A key stands for you in this decision.")
    people[-1].does_not_see("has still to say “I take part”")


def _meet(process: str, people: list[Somebody], *, facilitator: Somebody) -> None:
    """Everybody passes on questions and reactions, consents, and has nothing more: four taps each."""
    for button in ("I have no question", "I pass"):
        for person in people:
            person.open(process)
            person.press(button)
        facilitator.open(process)
        facilitator.press("Go on to the next phase")
    for button in ("I consent", "I have nothing more to bring"):
        for person in people:
            person.open(process)
            person.press(button)
    people[-1].sees("consented")


def _propose_badges(nora: Somebody) -> None:
    page = nora.open("/badges/propose")
    page.locator("input[type=checkbox][value=feedback]").check()
    for number, name in enumerate(FOUNDERS):
        choice = page.locator(f"select[name=founder-{number}]")
        choice.select_option(label=next(o for o in choice.locator("option").all_inner_texts() if name in o))
        page.locator(f"input[name=reason-{number}]").fill("Gives feedback that people can hear.")
    page.locator("input[name=founding_until]").fill("2030-01-01")
    page.locator("input[name=mode][value=meeting]").check()
    page.get_by_role("button", name=re.compile("Propose|Put")).last.click()
