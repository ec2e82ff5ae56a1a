"""Who may do what (DOMAIN.md section 6): every step of a case by everybody whose step it is not, in each phase.

The tables name what each part may do at all; everything else has to be refused by a rule, and change nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pytest
from flask.testing import FlaskClient

from issuer.errors import NotAllowedError
from issuer.rules.guards import Facts
from issuer.rules.seats import hand_over
from issuer.web.application_forms import ACTIONS as APPLICATION_ACTIONS
from issuer.web.process_forms import ACTIONS as PROCESS_ACTIONS
from tests.fakes import START
from tests.integration.test_attacks_http import token_of
from tests.integration.test_pages_first_run import ORIGIN, Town, a_town, signed_in
from tests.integration.test_signing_doors import objected
from tests.integration.world import Asked, World
from tests.pens import PENS

# Who, in which case: the names of those who decide.
PARTS: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "applicant": ("asha", ("chiara", "dev", "eli")),
        "decider": ("chiara", ("chiara", "dev", "eli")),
        "facilitator": ("dev", ("chiara", "ben", "eli")),
        "secretary": ("eli", ("chiara", "ben", "dev")),
        "witness": ("ben", ("chiara", "dev", "eli")),
        "academy": ("mira", ("chiara", "dev", "eli")),
        "outsider": ("hana", ("chiara", "dev", "eli")),
    }
)
EVERY_PEER = frozenset({"declare_conflict", "see_evidence", "hand_over", "word_objection"})
MAY: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "applicant": frozenset(
            {
                "save",
                "submit",
                "add_evidence",
                "remove_evidence",
                "permit_evidence",
                "stop_asking",
                "invite_witness",
                "withdraw",
                "reopen",
                "read_feedback",
                "accept",
                "decline",
                "ask",
                "answer_question",
                "react",
                "nothing_more",
                "answer_plan",
                "refer",
            }
        ),
        "decider": frozenset(
            {
                "declare_conflict",
                "accept_conflict",
                "see_evidence",
                "evaluate",
                "step_aside",
                "give_key",
                "ask",
                "pass_questions",
                "react",
                "respond",
                "word_objection",
                "change_objection",
                "amend",
                "nothing_more",
                "object_late",
                "refer",
            }
        ),
        "facilitator": EVERY_PEER
        | frozenset(
            {
                "take_up",
                "add_decider",
                "open",
                "advance",
                "extend",
                "pause",
                "resume",
                "rewrite",
                "answer_question",
                "amend",
                "ask",
                "react",
                "note_answer",
            }
        ),
        "secretary": EVERY_PEER | frozenset({"take_up", "return_incomplete", "note_answer"}),
        "witness": frozenset({"give_statement", "take_back_statement", "decline_to_witness"}),
        "academy": frozenset(),
        "outsider": frozenset(),
    }
)
PHASES: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "submitted": World.handed_in,
        "evaluation": World.evaluated,
        "questions": World.opened,
        "round": World.in_round,
        "integrating": objected,
        "settling": World.settling,
        "consented": World.consented,
    }
)


def fields_for(world: World, asked: Asked) -> dict[str, str]:
    """Return fields with which every step would be taken, if it were one's own."""
    application = world.application(asked)
    process = world.process(asked) if asked.process else None
    objections = process.objections if process else ()
    return {
        "text": "We award the badge.",
        "reason": "It is not complete.",
        "response": "consent",
        "version": "1",
        "step": "take_back",
        "objection": objections[0].id if objections else "",
        "wording": "We understood it so.",
        "question": "",
        "outcome": "award",
        "measures": "We look at it in May.",
        "agreed": "yes",
        "passes": "yes",
        "published": "no",
        "kind": "none",
        "title": "Minutes",
        "note": "Seen",
        "email": "gil@demo.example",
        "evidence": application.evidence[0].id,
        "member": world["eli"],
        "role": "facilitator",
        "deciders": world["chiara"],
        "facilitator": world["dev"],
        "secretary": world["eli"],
        "mode": "meeting",
        "appreciation": "Well done.",
        "key": PENS.key(world["eli"], "https://academy.example/decisions/1"),
        "signed": "{}",
        "claims-0": "A claim",
    } | {f"items-{number}": "seen" for number in range(6)}


def own_fields(path: str) -> dict[str, str]:
    return {"kind": "minutes"} if path.endswith(("/add_evidence", "/submit")) else {}


def bring(world: World, phase: str, deciders: tuple[str, ...]) -> Asked:
    if phase == "integrating":
        return objected(world)
    mode = {} if phase == "submitted" else {"mode": "meeting"}
    case: dict[str, Any] = {"deciders": tuple(world[name] for name in deciders), **mode}
    got = PHASES[phase](world, **case)
    return got if isinstance(got, Asked) else Asked(application=got, process="")


SITTINGS = tuple(dict.fromkeys(deciders for _, deciders in PARTS.values()))


# One phase at each run of the tests; the others take as long again, each, and run with `make test-long`.
EVERY_TIME = {"round"}
SOME_LATER = [p if p in EVERY_TIME else pytest.param(p, marks=pytest.mark.long) for p in PHASES]


@pytest.mark.parametrize("deciders", SITTINGS, ids="-".join)
@pytest.mark.parametrize("phase", SOME_LATER)
def test_nobody_takes_a_step_that_is_not_theirs(world: World, deciders: tuple[str, ...], phase: str) -> None:
    asked = bring(world, phase, deciders)
    town = a_town(world)
    for part, (who, sitting) in PARTS.items():
        if sitting == deciders:
            _takes_no_step_of_others(world, asked, town, part=part, who=who, phase=phase)


def _takes_no_step_of_others(world: World, asked: Asked, town: Town, *, part: str, who: str, phase: str) -> None:
    deciders = PARTS[part][1]
    if phase == "integrating" and part in {"facilitator", "secretary"}:
        deciders = PARTS["decider"][1]  # they decide there, too: only what no part of theirs allows is tried
    may = MAY[part] | (MAY["decider"] if who in deciders else frozenset())
    may |= {"see_evidence"} if part in {"applicant", "witness"} else frozenset()  # it notes nothing about them
    may |= MAY["witness"] if who == "chiara" else frozenset()  # she was asked what she saw, too
    client = signed_in(town, who).client
    token = token_of(client, "/profile")
    before = world.everything()
    paths = [f"/applications/{asked.application}/{act}" for act in APPLICATION_ACTIONS if act not in may]
    paths += [f"/processes/{asked.process}/{act}" for act in PROCESS_ACTIONS if act not in may and asked.process]
    data = {"csrf_token": token} | fields_for(world, asked)
    answers = {path: client.post(path, base_url=ORIGIN, data=data | own_fields(path)) for path in paths}
    taken = {
        path: answer.status_code for path, answer in answers.items() if answer.status_code not in {403, 404, 409}
    }
    assert taken == {}, part
    assert world.everything() == before, part


@pytest.mark.parametrize("phase", ["submitted", "round", "consented"])
def test_without_an_account_every_step_leads_to_signing_in(world: World, phase: str) -> None:
    asked = bring(world, phase, PARTS["decider"][1])
    client = a_town(world).app.test_client()
    token = token_of(client, "/sign-in")
    before = world.everything()
    for path in every_step(asked):
        answer = client.post(path, base_url=ORIGIN, data={"csrf_token": token} | fields_for(world, asked))
        assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=/me"), path
    assert world.everything() == before


def every_step(asked: Asked) -> list[str]:
    steps = [f"/applications/{asked.application}/{action}" for action in APPLICATION_ACTIONS]
    return steps + [f"/processes/{asked.process or 'x'}/{action}" for action in PROCESS_ACTIONS]


def test_no_form_is_taken_without_its_token(world: World) -> None:
    asked = bring(world, "round", PARTS["decider"][1])
    town = a_town(world)
    client, other = signed_in(town, "chiara").client, signed_in(town, "dev").client
    of_another = token_of(other, "/profile")
    before = world.everything()
    rules = {rule.rule for rule in town.app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    rules = {rule for rule in rules if rule.startswith(("/sign", "/setup", "/profile", "/badges", "/circles"))}
    assert len(rules) >= 7
    paths = [re.sub("<[^>]+>", "x", rule) for rule in rules] + every_step(asked)
    paths += [f"/credentials/{row['id']}/give_back" for row in world.rows("credentials")]
    for path in paths:
        for token in ({}, {"csrf_token": of_another}, {"csrf_token": "x"}):
            answer = client.post(path, base_url=ORIGIN, data=token | fields_for(world, asked))
            assert answer.status_code == 400, path
    assert world.everything() == before


def test_the_applicant_hands_no_seat_on_also_as_a_holder_of_roles(world: World) -> None:
    """G1: whoever is decided about does not choose who holds the process."""
    process = world.process(world.evaluated(applicant=world["ben"], badge="feedback", witnesses=(world["asha"],)))
    facts = Facts(today=START.date(), role_holders=frozenset({world["ben"], world["dev"], world["eli"]}))
    with pytest.raises(NotAllowedError):
        hand_over(process, by=world["ben"], role="facilitator", member=world["eli"], facts=facts, now=START)


# What is kept by whom.


@pytest.fixture
def town(world: World) -> Town:
    return a_town(world)


def test_cookies_are_for_this_site_and_for_no_script(town: Town) -> None:
    client = signed_in(town, "asha").client
    for name in ("academy_session", "academy_forms"):
        cookie = client.get_cookie(name, domain="academy.example")
        assert cookie is not None
        assert (cookie.http_only, cookie.secure, cookie.same_site) == (True, True, "Lax")


def test_a_session_ends_when_its_owner_signs_out(town: Town) -> None:
    client: FlaskClient = signed_in(town, "asha").client
    cookie = client.get_cookie("academy_session", domain="academy.example")
    assert cookie is not None
    token = token_of(client, "/profile")
    assert client.post("/sign-out", base_url=ORIGIN, data={"csrf_token": token}).status_code == 303
    client.set_cookie("academy_session", cookie.value, domain="academy.example", secure=True)
    assert client.get("/me", base_url=ORIGIN).status_code == 303


def test_a_session_that_somebody_chose_beforehand_is_not_the_one_that_begins(town: Town) -> None:
    browser = town.stranger()
    browser.client.set_cookie("academy_session", "chosen", domain="academy.example", secure=True)
    browser.send("/sign-in", {"email": "asha@demo.example"}, page="/sign-in")
    from issuer.service.people import local_mails

    link = re.search(rf"{ORIGIN}(/sign-in/\S+)", local_mails(town.academy)[0].body)
    assert link
    browser.send(link[1], page=link[1])
    cookie = browser.client.get_cookie("academy_session", domain="academy.example")
    assert cookie is not None
    assert cookie.value != "chosen"


def test_what_a_member_sees_is_kept_by_no_cache(world: World) -> None:
    credential = world.accepted()
    process = world.rows("awards")[-1]["process_id"]
    asked = world.in_round(badge="feedback")
    client = signed_in(a_town(world), "chiara").client
    for path in (
        "/me",
        "/profile",
        "/circles/pod-north",
        f"/applications/{asked.application}",
        f"/processes/{asked.process}",
        f"/processes/{asked.process}/pulse",
        f"/credentials/{credential}",
        f"/decisions/{process}",
        f"/decisions/{process}.json",
    ):
        for accepts in ("text/html", "application/json"):
            answer = client.get(path, base_url=ORIGIN, headers={"Accept": accepts})
            if path.startswith("/credentials/") and accepts == "application/json":
                continue  # the signed badge is the same for everybody
            assert answer.status_code == 200, path
            assert answer.headers["Cache-Control"] == "no-store", (path, accepts)


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/%09/evil.example",
        "/\t/evil",
        "javascript:alert(1)",
        "/\n/evil.example",
        "evil.example",
        "http:evil.example",
        "/" + "a" * 600,
    ],
)
def test_signing_in_leads_to_no_other_site(town: Town, wanted: str) -> None:
    client = signed_in(town, "asha").client
    answer = client.get("/sign-in", base_url=ORIGIN, query_string={"next": wanted})
    location = answer.headers["Location"]
    assert answer.status_code == 303
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    assert not re.search(r"[\t\n\r]", location)
