"""Who signs, and with what: a second device, what the secretary wrote down, the applicant's last word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from issuer.service import processes
from issuer.service.seeding import seed_academy
from tests.journeys.conftest import PHONE, Service, Somebody, new_page, running, sign_in
from tests.journeys.stories import CONSENT, PENS, Story, a_story

pytestmark = pytest.mark.browser
CONCERN = "I would like to hear in half a year how it goes."


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with running(tmp_path, seed_academy) as service:
        yield service


@contextmanager
def somebody(browser: Browser, service: Service, name: str, *, script: bool = True) -> Iterator[Somebody]:
    with new_page(browser, viewport=PHONE, script=script) as page:
        yield sign_in(page, service.base, f"{name}@demo.example")


def test_only_the_device_that_took_part_can_sign_and_what_others_say_waits(
    service: Service, browser: Browser
) -> None:
    story = a_story(service)
    with somebody(browser, service, "chiara") as phone, somebody(browser, service, "dev") as dev:
        for one in (phone, dev):  # they had pens; now their browsers make keys
            one.open(story.path)
            one.unfold("I want to answer on another device")
            one.press("I take part with this device")
            one.sees("You take part")
        story.go_to_round()

        with somebody(browser, service, "chiara") as laptop:
            laptop.open(story.path)
            laptop.sees("Another browser or device keeps the key that stands for you in this decision")
            laptop.sees("Ask the facilitator to pause the decision")
            laptop.press("I consent")
            laptop.sees("It counts when you confirm it with your key.")
            laptop.sees("You said this without your key. It does not count yet:")
        assert story.answered() == set()

        with somebody(browser, service, "eli", script=False) as eli:
            _write_down(eli, story)
            assert story.answered() == set()
            dev.open(story.path)
            dev.sees("Eli Nguyen wrote down what you said. It does not count yet:")
            dev.sees(CONCERN)
            expect(dev.page.locator(".answer-consent [data-signed-words] > p")).to_contain_text("I have a concern")
            dev.press("Yes, I consent")
            dev.sees("You consented, and you have a concern.")
            dev.sees("has said it, and has still to confirm it")  # Chiara, from her laptop
            assert story.answered() == {"dev"}

            phone.open(story.path)
            phone.press("Yes, I consent")
            phone.sees("You consented.")
            phone.sees(CONCERN)
            eli.open(story.path)
            eli.paste_answer(CONSENT, pens=PENS, name=story.ids["eli"])
            eli.sees("Everybody consented.")
        assert story.answered() == {"chiara", "dev", "eli"}
    _accept_on_a_command_line(browser, story)


def _write_down(eli: Somebody, story: Story) -> None:
    """The secretary writes down what Dev said aloud, on the screen in the room."""
    page = eli.open(f"{story.path}/room")
    eli.unfold("Write an answer down")
    page.get_by_role("radio", name="Dev Anand").check()
    page.get_by_role("radio", name="“I consent”").check()
    page.get_by_label("In their words").fill(CONCERN)
    eli.press("Write it down")
    expect(page).to_have_url(re.compile("/room$"))
    eli.sees("It counts when the person confirms it.")


def _accept_on_a_command_line(browser: Browser, story: Story) -> None:
    """The applicant's browser runs no script: the badge is accepted with what a command line signed."""
    academy, path = story.service.academy, f"/applications/{story.application}"
    for name in ("chiara", "dev", "eli", "asha"):
        processes.nothing_more(academy, by=story.ids[name], id_=story.process)
    with somebody(browser, story.service, "asha", script=False) as asha:
        page = asha.open(path)
        asha.press("Accept my badge")
        asha.sees("It was not signed, and nobody can accept a badge for you.")
        to_sign = asha.facts(f"{path}/to-sign.json")
        page.get_by_label("What was signed").fill(PENS.word(to_sign, by=story.ids["asha"], kind="accept"))
        asha.press("Accept my badge")
        expect(page).to_have_url(re.compile(r"/credentials/[a-z0-9]+$"))
        asha.sees("This badge is yours")
