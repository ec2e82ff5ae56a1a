"""Requests that no page of ours sends: odd addresses, huge forms, other hosts. None is a fault on our side."""

from __future__ import annotations

import random
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from issuer.service.badges import propose_badges
from issuer.service.processes import open_process
from issuer.store.engine import open_engine
from issuer.web.application_forms import ACTIONS as APPLICATION_ACTIONS
from issuer.web.process_forms import ACTIONS as PROCESS_ACTIONS
from tests.integration.test_attacks_people import founders
from tests.integration.test_pages_first_run import ORIGIN, Town, a_town, signed_in
from tests.integration.test_stories import _first_badge
from tests.integration.world import World
from tests.pens import PENS

URLENCODED = "application/x-www-form-urlencoded"
HUGE = ("2147483648", "9223372036854775808", "9" * 30)
HOSTILE = (
    "",
    "yes",
    "a\0b",
    "\x01\x02",
    "\u202eevil\u2066",
    "A" * 9_000,
    "<script>alert(1)</script>",
    "{{7*7}}",
    "\U0001f600" * 50,
    "-1",
    "1",
    "99999999999999999999",
    "9999-12-31",
    "0001-01-01",
    "2027-02-30",
    "award",
    "not_yet",
    "adopt",
    "consent",
    "objection",
    "meeting",
    "none",
    "mentor",
    "facilitator",
    "\ufffe\uffff",
    "\r\nX: y",
    "\uff11\uff12",
    "take_back",
    "seen",
    "signed",
    "{}",
    '{"statement": {"statement": {"type": 1}, "key": [], "signature": null}, "text": [], "salt": 0}',
    '{"answer": {"issuer": {"name": []}, "id": 1}, "concern": "x"}',
    "https://[",
    "=?utf-8?q?a=40b?=@x.example",
)
FIELDS = (
    "signed",
    "key",
    "words",
    "text",
    "review_on",
    "measures",
    "question",
    "response",
    "version",
    "reason",
    "concern",
    "about",
    "show_name",
    "wording",
    "objection",
    "step",
    "outcome",
    "term_months",
    "plan",
    "look_again_on",
    "met-x",
    "agreed",
    "draft",
    "claims-0",
    "claims-1",
    "reflection",
    "named",
    "signed_name",
    "kind",
    "title",
    "note",
    "link",
    "about_others",
    "evidence",
    "email",
    "relation",
    "published",
    "deciders",
    "facilitator",
    "secretary",
    "mode",
    "member",
    "role",
    "items-0",
    "notes-0",
    "appreciation",
    "suggestion",
    "reaction",
    "passes",
    "name",
    "slug",
    "skill",
    "level",
    "bundle",
    "criterion-0",
    "criterion-1",
    "show",
    "requires",
    "min_peers",
    "award_term_months",
    "founder-0",
    "reason-0",
    "founding_until",
    "circle",
    "time_zone",
    "next",
    "more",
    "rows",
    "person-0",
    "email-0",
    "roles-0",
    "aim",
    "domain",
    "parent",
    "policy",
    "setup_code",
    "back",
)


def token_of(client: FlaskClient, page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page, base_url=ORIGIN).text)
    assert found
    return found[1]


@pytest.fixture
def town(both: World) -> Town:
    return a_town(both)


@pytest.mark.parametrize("number", HUGE)
def test_a_status_list_with_a_number_that_no_database_holds_is_not_there(town: Town, number: str) -> None:
    response = town.app.test_client().get(f"/status/{number}", base_url=ORIGIN)
    assert response.status_code == 404
    assert response.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    [
        "/badges/{}",
        "/badges/secretary?version={}",
        "/circles/{}",
        "/sign-in/{}",
        "/applications/{}",
        "/m/{}",
        "/decisions/{}",
        "/credentials/{}.json",
        "/credentials/{}",
        "/achievements/{}",
        "/images/{}.svg",
    ],
)
def test_an_address_that_nobody_has_is_not_there(town: Town, path: str) -> None:
    client = town.app.test_client()
    for id_ in (
        "%00",
        "%ed%a0%80",
        "%ff",
        "..%2f..%2fetc",
        "a" * 5_000,
        "%E2%80%AE",
        "'%20OR%201=1--",
        "%0d%0aX:y",
    ):
        for accepts in ("text/html", "*/*", "text/html;q=nan", "\xff"):
            response = client.get(path.format(id_), base_url=ORIGIN, headers={"Accept": accepts})
            assert response.status_code in {200, 303, 400, 404, 410}, (path, id_)
            assert "Traceback" not in response.text
            assert "X" not in response.headers


@pytest.mark.parametrize("name", ["academy_session", "academy_forms"])
@pytest.mark.parametrize("value", ['"\\355\\240\\200"', "\xff", "a" * 9_000, "x.y.z", ";;=", "%00"])
def test_a_cookie_that_we_did_not_set_signs_nobody_in(town: Town, name: str, value: str) -> None:
    response = town.app.test_client().get("/me", base_url=ORIGIN, headers={"Cookie": f"{name}={value}"})
    assert (response.status_code, response.headers["Location"]) == (303, "/sign-in?next=/me")


def test_a_form_of_more_than_a_megabyte_is_refused_before_it_is_read(town: Town) -> None:
    client = town.app.test_client()
    body = f"csrf_token={token_of(client, '/sign-in')}" + "&a=1" * 400_000
    response = client.post("/sign-in", base_url=ORIGIN, data=body, content_type=URLENCODED)
    assert response.status_code == 413


def test_the_host_that_a_request_names_stands_in_no_answer(town: Town) -> None:
    client = town.app.test_client()
    for path in ("/", "/badges", "/badges//secretary", "/badges/", "/me", "/sign-in?next=//evil.example"):
        response = client.get(path, base_url="https://evil.example")
        assert "evil.example" not in response.headers.get("Location", "")
        assert "//evil.example" not in response.text


@pytest.mark.parametrize(
    ("host", "address", "status"),
    [
        (ORIGIN, "127.0.0.1", 200),
        ("http://localhost:8000", "::1", 200),
        (ORIGIN, "192.0.2.7", 404),  # the service was bound to an address that others reach
        ("http://evil.example", "127.0.0.1", 404),  # a name of somebody else's that leads to this machine
    ],
)
def test_the_outbox_is_shown_on_this_machine_only(town: Town, host: str, address: str, status: int) -> None:
    client = town.app.test_client()
    response = client.get("/outbox", base_url=host, environ_base={"REMOTE_ADDR": address})
    assert response.status_code == status


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_another_site_sent_is_not_offered_again(town: Town, site: str) -> None:
    headers = {"Sec-Fetch-Site": site, "Accept": "text/html"}
    response = town.app.test_client().post(
        "/sign-in", base_url=ORIGIN, data={"email": "x@y.example"}, headers=headers
    )
    assert response.status_code == 400
    assert "x@y.example" not in response.text


def test_a_database_that_others_hold_is_said_to_be_busy(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("issuer.service.academy._PATIENCE_S", 0.0)
    monkeypatch.setattr("issuer.store.engine._BUSY_S", 0)
    engine = open_engine(world.url)
    town = a_town(replace(world, academy=replace(world.academy, engine=engine)))
    client = town.app.test_client()
    token = token_of(client, "/sign-in")
    with closing(sqlite3.connect(tmp_path / "academy.sqlite", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        data = {"csrf_token": token, "email": "asha@demo.example"}
        busy = client.post("/sign-in", base_url=ORIGIN, data=data)
        assert (busy.status_code, busy.headers["Retry-After"]) == (503, "30")
        assert client.get("/badges", base_url=ORIGIN).status_code == 200, "who only reads does not wait"
        holder.execute("ROLLBACK")
    assert client.post("/sign-in", base_url=ORIGIN, data=data).status_code == 200
    engine.dispose()


@pytest.mark.long
def test_hostile_forms_by_everybody_change_only_what_the_rules_allow(world: World) -> None:
    """Bounded: some hundred forms with fields at random, from a fixed seed, into cases of each phase."""
    chance = random.Random(2)
    world.accepted()
    asked = world.in_round(badge="feedback")
    other = world.evaluated(applicant=world["ben"], badge="feedback", witnesses=(world["asha"], world["chiara"]))
    draft = replace(_first_badge(), min_holders=0)
    adopting = propose_badges(
        world.academy,
        by=world["mira"],
        drafts=(draft,),
        founders=founders(world),
        founding_until=date(2027, 1, 1),
        mode="meeting",
    )
    for member in world.process(adopting).deciders:
        PENS.give_key(world.academy, by=member, id_=adopting)
    open_process(world.academy, by=world["mira"], id_=adopting)
    town = a_town(world)
    clients = {name: signed_in(town, name).client for name in ("asha", "chiara", "dev", "mira", "hana")}
    clients["nobody"] = town.stranger().client
    tokens = {name: token_of(c, "/sign-in" if name == "nobody" else "/profile") for name, c in clients.items()}
    paths = [
        f"/applications/{a}/{act}" for a in (asked.application, other.application) for act in APPLICATION_ACTIONS
    ]
    paths += [f"/processes/{p}/{act}" for p in (asked.process, other.process, adopting) for act in PROCESS_ACTIONS]
    paths += ["/profile", "/circles/new", "/badges/propose", "/badges/secretary", "/sign-in", "/setup"]
    badges = world.badges()
    members = list(world.ids.values())
    for name, client in clients.items():
        for path in chance.sample(paths, 60):
            data: MultiDict[str, object] = MultiDict([("csrf_token", tokens[name])])
            for field in chance.sample(FIELDS, chance.randint(0, 25)):
                data.add(field, chance.choice((*HOSTILE, *members)))
            if chance.random() < 0.2:
                data.add(
                    "file", (BytesIO(b"%PDF-1\0"), chance.choice(("../x.pdf", 'a"\r\nX: y.pdf', "\u202e.pdf")))
                )
            response = client.post(path, base_url=ORIGIN, data=data)
            assert response.status_code < 500, (name, path, list(data.items(multi=True)))
            assert "Traceback" not in response.text
    assert world.badges() == badges
