"""From an empty database to the first badge, with nothing but a browser for each person."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import Settings, build_app
from issuer.service import people
from issuer.service.academy import Academy
from issuer.service.applications import application_page
from issuer.service.circles import setup_code
from issuer.service.models import AnswerDraft
from issuer.service.seeding.people import member_ids
from tests.integration.world import World
from tests.pens import PENS
from tests.unit.web.site import faults_of, look

ORIGIN = "https://academy.example"
FIRST = ("chiara", "dev", "asha")
DECIDERS = ("chiara", "dev")
CLAIM = "In our meeting in April I did it, and Dev said what came of it."


@dataclass(slots=True)
class Browser:
    """One person's own browser. Every page that it opens is looked at."""

    client: FlaskClient

    def get(self, path: str) -> TestResponse:
        response = self.client.get(path, base_url=ORIGIN, headers={"Accept": "text/html"})
        if response.status_code == 200:
            assert faults_of(response.text) == [], path
        return response

    def send(self, path: str, data: Mapping[str, Any] | None = None, *, page: str) -> TestResponse:
        """Send a form from a page, with the token that stands in it."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(page).text)
        assert found, f"{page} has no form"
        return self.client.post(path, base_url=ORIGIN, data={"csrf_token": found[1]} | dict(data or {}))


@dataclass(slots=True)
class Town:
    """People with a browser each; their mails are in the local outbox."""

    academy: Academy
    app: Flask
    browsers: dict[str, Browser] = field(default_factory=dict)

    def stranger(self) -> Browser:
        return Browser(self.app.test_client())

    def __getitem__(self, name: str) -> Browser:
        if name not in self.browsers:
            browser = self.stranger()
            link = self.newest_link(name)
            assert browser.send(link, page=link).status_code == 303
            self.browsers[name] = browser
        return self.browsers[name]

    def newest_link(self, name: str) -> str:
        mails = [mail for mail in people.local_mails(self.academy) if mail.to == f"{name}@example.org"]
        found = re.search(rf"{ORIGIN}(/sign-in/\S+)", mails[0].body)
        assert found
        return found[1]

    def step(self, name: str, path: str, action: str, **data: Any) -> None:
        response = self[name].send(f"{path}/{action}", data, page=path)
        assert response.status_code == 303, look(response.text).text

    def member(self, name: str) -> str:
        return member_ids(self.academy)[name]

    def give_key(self, name: str, path: str) -> None:
        """Take part with a key, as a browser's script or `academy sign` would."""
        decision = self.academy.url(f"/decisions/{path.rpartition('/')[2]}")
        self.step(name, path, "give_key", key=PENS.key(self.member(name), decision))

    def key_for(self, name: str, application: str) -> str:
        """Return the key that a browser sends along with a checklist."""
        member = self.member(name)
        page = application_page(self.academy, id_=application.rpartition("/")[2], reader=member)
        return PENS.key(member, page.decision_url or "")

    def consent(self, name: str, path: str) -> None:
        answer = AnswerDraft(version=1, response="consent")
        signed = PENS.signed(self.academy, by=self.member(name), id_=path.rpartition("/")[2], answer=answer).signed
        self.step(name, path, "respond", response="consent", version="1", signed=signed)

    def own_word(self, name: str, path: str, kind: str) -> str:
        """Return what an applicant's script would sign."""
        return PENS.own_word(self.academy, self.member(name), path.rpartition("/")[2], kind)

    def decide(self, path: str, deciders: tuple[str, ...], *, facilitator: str, concerned: str = "") -> None:
        """Hold a decision in meeting mode, in which nobody has anything to add."""
        everybody = [*deciders, *([concerned] if concerned else [])]
        for name in deciders:
            self.step(name, path, "pass_questions")
        self.step(facilitator, path, "advance")
        for name in deciders:
            self.step(name, path, "react", passes="yes")
        self.step(facilitator, path, "advance")
        for name in deciders:
            self.consent(name, path)
        for name in everybody:
            self.step(name, path, "nothing_more")


def a_town(world: World) -> Town:
    academy = replace(world.academy, dev=True)
    settings = Settings.from_env({"BASE_URL": ORIGIN, "DATA_DIR": str(world.folder)})
    return Town(academy=academy, app=build_app(academy, settings))


def propose_first(town: Town) -> dict[str, Any]:
    """Propose the first circle, once with a wrong code; return the form."""
    stranger = town.stranger()
    assert stranger.get("/").headers["Location"] == "/setup"
    form: dict[str, Any] = {
        "setup_code": setup_code(town.academy),
        "name": "Academy Circle",
        "aim": "Help people learn to decide together.",
        "domain": "Badges and circles.",
        "policy": "small_circle",
        "mode": "meeting",
    }
    for number, name in enumerate(FIRST):
        form |= {f"person-{number}": name.title(), f"email-{number}": f"{name}@example.org"}
    form |= {"roles-0": "facilitator", "roles-1": "secretary"}
    wrong = stranger.send("/setup", form | {"setup_code": "wrong"}, page="/setup")
    assert wrong.status_code == 422
    assert "setup_code-fault" in look(wrong.text).ids
    assert 'value="Chiara"' in wrong.text
    assert stranger.send("/setup", form, page="/setup").status_code == 303
    return form


def the_first_circle(town: Town) -> None:
    propose_first(town)
    path = linked(town["chiara"].get("/setup"), "/processes/")
    for name in FIRST:
        town.give_key(name, path)
    town.step("chiara", path, "open")
    town.decide(path, FIRST, facilitator="chiara")


def linked(response: TestResponse, beginning: str) -> str:
    """Return where a page's link leads."""
    return next(tag["href"] for tag in look(response.text).tags("a") if tag.get("href", "").startswith(beginning))


def the_first_badge(town: Town) -> None:
    ids = {tag["value"] for tag in look(town["chiara"].get("/badges/propose").text).tags("option")}
    ids -= {"", "practitioner", "facilitator", "trainer", "consultant"}
    members = {name: people_id(town, name) for name in FIRST}
    assert ids == set(members.values())
    form: dict[str, Any] = {
        "name": "Keeping Minutes",
        "skill": "Keeps minutes that others find.",
        "level": "practitioner",
        "bundle": "Memory",
        "criterion-0": "Every decision can be found.",
        "criterion-1": "Notes are short and kind.",
        "show": "Minutes of three meetings.",
        "reflection_needed": "yes",
        "founding_until": "2026-12-31",
        "mode": "meeting",
    }
    for number, name in enumerate(DECIDERS):
        form |= {f"founder-{number}": members[name], f"reason-{number}": "Has kept minutes for years."}
    response = town["chiara"].send("/badges/propose", form, page="/badges/propose")
    assert response.status_code == 303, look(response.text).text
    path = response.headers["Location"]
    for name in FIRST:
        town.give_key(name, path)
    town.step("chiara", path, "open")
    town.decide(path, FIRST, facilitator="chiara")


def people_id(town: Town, name: str) -> str:
    cookie = town[name].client.get_cookie("academy_session", domain="academy.example")
    assert cookie is not None
    found = people.member_of_session(town.academy, token=cookie.value)
    assert found is not None
    return found.id


def an_application(town: Town) -> str:
    begun = town["asha"].send(
        "/badges/keeping-minutes", {"circle": "academy-circle"}, page="/badges/keeping-minutes"
    )
    path = begun.headers["Location"]
    words = {"draft": "yes", "claims-0": CLAIM, "claims-1": CLAIM, "reflection": "I learned.", "named": "no"}
    early = town["asha"].send(f"{path}/submit", words, page=path)
    assert early.status_code == 422
    assert "Add at least one piece of evidence." in early.text
    assert CLAIM in early.text
    evidence = {"kind": "shown_live", "title": "Shown on 2 April", "note": "Dev and Chiara were there."}
    town.step("asha", path, "add_evidence", **words, **evidence)
    assert CLAIM in town["asha"].get(path).text
    town.step("asha", path, "submit", **words)
    return path


def the_circle_looks(town: Town, path: str) -> str:
    chosen = {"facilitator": people_id(town, "chiara"), "secretary": people_id(town, "dev"), "mode": "meeting"}
    short = town["chiara"].send(f"{path}/take_up", chosen | {"deciders": [people_id(town, "dev")]}, page=path)
    assert short.status_code == 409
    assert "Rule G2 of the decision process" in look(short.text).text
    town.step("chiara", path, "take_up", **chosen, deciders=[people_id(town, name) for name in DECIDERS])
    for name in DECIDERS:
        assert CLAIM not in town[name].get(path).text
        town.step(name, path, "declare_conflict", kind="none")
        town.step(name, path, "see_evidence")
        assert CLAIM in town[name].get(path).text
        words = {"items-0": "seen", "items-1": "partly", "notes-1": "Short, and mostly kind."}
        words["key"] = town.key_for(name, path)
        town.step(name, path, "evaluate", **words, appreciation="Always on time.", passes="yes")
    town.step("asha", path, "read_feedback", signed=town.own_word("asha", path, "about-me"))
    action = next(
        tag["action"] for tag in look(town["chiara"].get(path).text).tags("form") if "open" in tag["action"]
    )
    response = town["chiara"].send(action, {}, page=path)
    assert response.status_code == 303, look(response.text).text
    return action.removesuffix("/open")


def test_a_browser_leads_from_nothing_to_the_first_badge_in_meetings(empty: World) -> None:
    town = a_town(empty)
    the_first_circle(town)
    the_first_badge(town)
    assert "Keeping Minutes" in town.stranger().get("/badges").text
    path = an_application(town)
    process = the_circle_looks(town, path)
    for name in DECIDERS:
        if "/react" in town[name].get(process).text:
            town.step(name, process, "react", passes="yes")
    while "/advance" in town["chiara"].get(process).text:
        town.step("chiara", process, "advance")
    for name in DECIDERS:
        town.consent(name, process)
    for name in (*DECIDERS, "asha"):
        town.step(name, process, "nothing_more")
    accepted = town["asha"].send(
        f"{path}/accept", {"published": "no", "signed": town.own_word("asha", path, "accept")}, page=path
    )
    assert accepted.status_code == 303, look(accepted.text).text
    badge = accepted.headers["Location"]
    assert "Keeping Minutes" in town["asha"].get(badge).text
    assert town.stranger().get("/setup").status_code == 404
    assert badge in {tag.get("href") for tag in look(town["asha"].get("/me").text).tags("a")}


def test_what_belongs_to_others_is_nothing_here(world: World) -> None:
    town = a_town(world)
    id_ = world.handed_in()
    for name in ("asha", "farah"):
        town.browsers[name] = signed_in(town, name)
    assert town["asha"].get(f"/applications/{id_}").status_code == 200
    before = world.everything()
    for path in (f"/applications/{id_}", f"/applications/{id_}/evidence/x"):
        assert town["farah"].get(path).status_code == 404
        assert town.stranger().get(path).status_code == 303
    for action in ("submit", "withdraw", "accept", "evaluate", "take_up"):
        assert town["farah"].send(f"/applications/{id_}/{action}", page="/profile").status_code == 404
    assert world.everything() == before


def test_withdrawing_leaves_no_page_behind(world: World) -> None:
    town = a_town(world)
    id_ = world.handed_in()
    town.browsers["asha"] = signed_in(town, "asha")
    path = f"/applications/{id_}"
    response = town["asha"].send(f"{path}/withdraw", page=path)
    assert response.headers["Location"] == "/me"
    assert "is withdrawn" in town["asha"].get("/me").text
    assert town["asha"].get(path).status_code == 404


def signed_in(town: Town, name: str) -> Browser:
    """Sign somebody of the demo academy in by the pages."""
    browser = town.stranger()
    asked = browser.send("/sign-in", {"email": f"{name}@demo.example"}, page="/sign-in")
    assert asked.status_code == 200
    mail = next(mail for mail in people.local_mails(town.academy) if mail.to == f"{name}@demo.example")
    link = re.search(rf"{ORIGIN}(/sign-in/\S+)", mail.body)
    assert link
    assert browser.send(link[1], page=link[1]).status_code == 303
    return browser
