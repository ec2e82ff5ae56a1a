"""The full story once, as people do it: apply, evaluate, object, integrate, consent, accept, download, verify."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from issuer.service.models import AnswerDraft
from issuer.service.seeding import seed_academy
from schemas import extract_png
from tests.journeys.conftest import DESKTOP, PHONE, Service, Somebody, new_page, running, sign_in
from tests.journeys.stories import PENS

pytestmark = pytest.mark.browser
OBJECTION = "The review dates of two decisions were missed."
MEASURE = "Two of us look at the review dates in six months."


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with running(tmp_path, seed_academy) as service:
        yield service


@pytest.fixture
def person(service: Service, browser: Browser) -> Iterator[Callable[..., Somebody]]:
    """People with a browser each; all are closed before the service ends."""
    with ExitStack() as stack:

        def enter(name: str, viewport: dict[str, int], *, script: bool = True) -> Somebody:
            page = stack.enter_context(new_page(browser, viewport=viewport, script=script))
            return sign_in(page, service.base, f"{name}@demo.example")

        yield enter


def test_the_full_story_in_a_browser(
    service: Service, browser: Browser, person: Callable[..., Somebody], tmp_path: Path
) -> None:
    asha, ben = person("asha", PHONE), person("ben", PHONE)
    dev, chiara = person("dev", DESKTOP), person("chiara", DESKTOP)
    eli = person("eli", PHONE, script=False)  # pages work without a script; what is signed is pasted then
    deciders = (dev, chiara, eli)

    application = _apply(asha)
    for witness in (ben, chiara):
        witness.open(application)
        witness.page.get_by_label("Your words").fill("I was there and saw it.")
        witness.press("Give my statement")
    _take_up(dev, application)
    for peer in deciders:
        _evaluate(peer, application)
    asha.open(application)
    asha.sees("Calm and clear.")
    asha.press("I have read all of it")
    dev.open(application)
    process = dev.press("Open the decision").url.partition("#")[0]

    _talk(process, deciders, asking=eli, asha=asha, facilitator=dev)
    _object_and_integrate(process, dev=dev, chiara=chiara, eli=eli)
    _consent(process, eli, version=2)
    for peer in (dev, chiara):
        peer.open(process)
        peer.press("I consent")
    for somebody in (*deciders, asha):
        somebody.open(process)
        somebody.press("I have nothing more to bring")

    badge = _accept(asha, application)
    files = _download(asha, badge, tmp_path)
    with new_page(browser, viewport=PHONE) as stranger:
        _verify_as_a_stranger(stranger, service, badge, files)


def _apply(asha: Somebody) -> str:
    asha.open("/badges/secretary")
    asha.press("Begin a draft")
    page = asha.page
    for number, claim in enumerate(page.locator("textarea[name^=claims]").all()):
        claim.fill(f"In March I did it like this, see page {number + 1}.")
    asha.press("Submit my application")  # too early: what is missing is named, what was typed stays
    asha.sees("Add at least one piece of evidence.")
    assert "see page 1" in page.locator("textarea[name=claims-0]").input_value()
    page.get_by_label("Self-reflection").fill("I listen longer before I write.")
    page.get_by_label("Title").fill("Minutes of three meetings")
    page.locator("input[type=file]").set_input_files(
        {"name": "minutes.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%minutes\n"}
    )
    asha.press("Add this evidence")
    for witness in ("ben", "chiara"):
        page.get_by_label("E-mail address of a witness").fill(f"{witness}@demo.example")
        asha.press("Ask this person")
    page.locator("input[name=named][value=yes]").check()
    page.get_by_label("Name, as it will be signed").fill("Asha Verma")
    asha.press("Submit my application")
    asha.sees("Your application is submitted")
    return page.url


def _take_up(dev: Somebody, application: str) -> None:
    dev.open("/me")
    dev.sees("An application waits for Pod North")
    page = dev.open(application)
    for choice in page.locator("label.choice").filter(has=page.locator("input[name=deciders]")).all():
        if "Ben" not in choice.inner_text():
            choice.locator("input").check()
    page.locator("input[name=mode][value=meeting]").check()
    dev.press("Take it up")


def _evaluate(peer: Somebody, application: str) -> None:
    page = peer.open(application)
    peer.does_not_see("see page 1")
    peer.press("None of these")
    peer.press("Show me the evidence")
    peer.sees("see page 1")
    for choice in page.locator("input[type=radio][value=seen]").all():
        choice.check()
    page.get_by_label("What do you appreciate?").fill("Calm and clear.")
    if page.locator("input[name=passes]").is_checked():
        page.locator("input[name=passes]").uncheck()
    if (key := page.locator("input[name=key][type=text]")).count():
        decision = page.locator("form[data-statement-key]").get_attribute("data-statement-key")
        key.fill(PENS.key("eli", str(decision)))
    peer.press("Send my checklist")


def _talk(
    process: str, deciders: tuple[Somebody, ...], *, asking: Somebody, asha: Somebody, facilitator: Somebody
) -> None:
    page = asking.open(process)
    page.get_by_text("I have a question", exact=True).click()
    page.locator("form[action$='/ask'] textarea").fill("Who reads your minutes?")
    page.locator("form[action$='/ask'] button").click()
    asha.open(process)
    asha.page.locator("form[action$='/answer_question'] textarea").fill("Everybody who was away.")
    asha.page.locator("form[action$='/answer_question'] button").click()
    for peer in deciders:
        peer.open(process)
        if peer is not asking:
            peer.press("I have no question")
    facilitator.open(process)
    facilitator.press("Go on to the next phase")
    for peer in deciders:
        peer.open(process)
        peer.press("I pass")
    facilitator.open(process)
    facilitator.press("Go on to the next phase")


def _object_and_integrate(process: str, *, dev: Somebody, chiara: Somebody, eli: Somebody) -> None:
    page = dev.open(process)
    page.locator("summary", has_text="I have an objection").click()
    page.locator("form[action$='/respond'] textarea[name=reason]").fill(OBJECTION)
    dev.press("Say my objection")
    chiara.open(process)
    chiara.does_not_see(OBJECTION)
    chiara.open(process)
    chiara.page.get_by_label("My name may stand in the record and in the badge").check()
    expect(chiara.page.locator(".answer-consent [data-signed-words]")).to_contain_text("Chiara Bianchi")
    chiara.press("I consent")
    _consent(process, eli, version=1)
    eli.sees(OBJECTION)
    page = eli.open(process)
    page.get_by_label("How we understand it").fill("Others cannot rely on review dates.")
    eli.press("Write this down")
    dev.open(process)
    dev.press("Yes, that is my objection")
    page = eli.open(process)
    page.get_by_label("What we will look at").fill(MEASURE)
    page.locator("textarea[name^='met-']").fill("A measure was added.")
    eli.press("Put this version on the table")
    chiara.open(process)
    chiara.sees(MEASURE)


def _consent(process: str, eli: Somebody, *, version: int) -> None:
    """Consent as somebody whose browser runs no script."""
    eli.open(process)
    expect(eli.page.locator(".answer-consent noscript p")).to_be_visible()  # it says that nothing is signed
    eli.paste_answer(AnswerDraft(version=version, response="consent"), pens=PENS, name="eli")
    eli.sees("You consented.")


def _accept(asha: Somebody, application: str) -> str:
    page = asha.open(application)
    asha.press("Accept my badge")
    expect(page).to_have_url(re.compile(r"/credentials/[a-z0-9]+$"))
    asha.sees("Asha Verma")
    return page.url


def _download(asha: Somebody, badge: str, folder: Path) -> dict[str, Path]:
    files = {}
    for suffix in ("json", "jwt", "png", "svg", "pdf"):
        answer = asha.page.request.get(f"{badge}.{suffix}")
        assert answer.ok, suffix
        files[suffix] = folder / f"badge.{suffix}"
        files[suffix].write_bytes(answer.body())
    baked = json.loads(extract_png(files["png"].read_bytes()).text)
    assert baked == json.loads(files["json"].read_text(encoding="utf-8"))
    assert baked["credentialSubject"]["identifier"][1]["identityHash"] == "Asha Verma"
    assert files["pdf"].read_bytes().startswith(b"%PDF-")
    return files


def _verify_as_a_stranger(page: Page, service: Service, badge: str, files: dict[str, Path]) -> None:
    page.goto(f"{service.base}/verify?url={badge}")
    expect(page.locator("main")).to_contain_text("This badge is good")
    for suffix in ("png", "svg", "json", "jwt"):
        page.goto(f"{service.base}/verify")
        page.locator("input[type=file]").first.set_input_files(files[suffix])
        page.locator("main form button[type=submit], main form button:not([type])").first.click()
        expect(page.locator("main")).to_contain_text("This badge is good")
    changed = files["json"].read_text(encoding="utf-8").replace("Asha Verma", "Someone Else")
    page.goto(f"{service.base}/verify")
    page.locator("textarea").first.fill(changed)
    page.locator("main form button[type=submit], main form button:not([type])").first.click()
    expect(page.locator("main")).to_contain_text("This badge is not good")
