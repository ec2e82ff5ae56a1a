"""What a newcomer stumbled over once: each of these was a dead end or an untrue sentence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from issuer.errors import InvalidInputError
from issuer.service import applications, processes
from issuer.service.badges import propose_badges
from issuer.service.catalogue import starting_catalogue
from issuer.service.models import Amendment, AnswerDraft
from issuer.service.processes import process_page
from tests.integration.world import DECIDERS, World
from tests.pens import PENS


def test_a_badge_that_nobody_could_decide_about_is_not_adopted(world: World) -> None:
    draft = replace(starting_catalogue()[0], slug="new", name="Something new", requires=())
    with pytest.raises(InvalidInputError) as caught:
        propose_badges(
            world.academy, by=world["mira"], drafts=(draft,), founders=(), founding_until=None, mode="meeting"
        )
    assert "founding evaluators" in caught.value.faults["founders"]


def test_who_holds_the_process_can_take_up_also_as_a_witness(world: World) -> None:
    id_ = world.handed_in(applicant=world["asha"], badge="feedback", witnesses=(world["dev"],))
    page = applications.application_page(world.academy, id_=id_, reader=world["dev"])
    assert {"take_up", "give_statement"} <= page.actions


def test_a_not_yet_neither_says_nor_asks_that_the_badge_is_awarded(world: World) -> None:
    asked = world.in_round()
    for name in DECIDERS:
        objects = name == DECIDERS[0]
        answer = AnswerDraft(
            version=1, response="objection" if objects else "consent", reason="Seen once only." if objects else ""
        )
        PENS.respond(world.academy, by=world[name], id_=asked.process, answer=answer)
    before = process_page(world.academy, id_=asked.process, reader=world["asha"])
    amendment = Amendment(
        outcome="not_yet",
        text=before.proposal.text,
        plan="Two more meetings.",
        look_again_on=world.academy.clock().date().replace(year=2030),
    )
    processes.amend(world.academy, by=world[DECIDERS[0]], id_=asked.process, amendment=amendment)
    page = process_page(world.academy, id_=asked.process, reader=world["asha"])
    assert "award" not in page.proposal.text.lower()
    assert "issue the badge" not in page.question
    assert "not yet" in page.question


def test_everybody_who_decided_hears_how_it_ended(world: World) -> None:
    asked = world.consented()
    mails = [row for row in world.rows("mails") if row["topic"] == f"outcome/{asked.process}"]
    assert {row["recipient"] for row in mails} >= {world.emails[world[name]] for name in (*DECIDERS, "asha")}
