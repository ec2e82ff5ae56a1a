"""Signing is impossible without a sealed consent, through every use case and command, in every order."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from issuer.cli.work import work_once
from issuer.errors import AcademyError, NotFoundError, RefusedError
from issuer.rules.journal import Event
from issuer.rules.process import Process
from issuer.service import applications, processes
from issuer.service.academy import Work, use_case
from issuer.service.badges import badge_page
from issuer.service.cases import application_case, award_case, existing, store
from issuer.service.credentials import credential_page, give_back, publish, send_badge, signed_credential
from issuer.service.issuing import complete_award, complete_pending, pending_awards, plan_award, sign
from issuer.service.models import Amendment, AnswerDraft
from issuer.service.people import account_for
from issuer.service.seeding.people import Case, award_in_meeting
from issuer.store.keyring import open_keyring, rotate_keys
from tests.fakes import FakePost
from tests.integration.world import CONSENT, DECIDERS, Asked, World
from tests.pens import PENS

Bring = Callable[[World], Asked]


def objected(world: World) -> Asked:
    asked = world.in_round()
    for name in ("chiara", "eli"):
        PENS.respond(world.academy, by=world[name], id_=asked.process, answer=CONSENT)
    objection = AnswerDraft(version=1, response="objection", reason="I have not seen a backlog.")
    PENS.respond(world.academy, by=world["dev"], id_=asked.process, answer=objection)
    return asked


def one_silent(world: World) -> Asked:
    asked = world.in_round()
    for name in ("chiara", "eli"):
        PENS.respond(world.academy, by=world[name], id_=asked.process, answer=CONSENT)
    return asked


def handed_in(world: World) -> Asked:
    return Asked(application=world.handed_in(), process="")


def declined(world: World) -> Asked:
    asked = world.consented()
    applications.decline(world.academy, by=world["asha"], id_=asked.application)
    return asked


def withdrawn(world: World) -> Asked:
    asked = world.settling()
    applications.withdraw(world.academy, by=world["asha"], id_=asked.application)
    return asked


def late_objection(world: World) -> Asked:
    asked = world.settling()
    processes.object_late(world.academy, by=world["eli"], id_=asked.process, reason="Something new.", about="")
    return asked


def referred(world: World) -> Asked:
    asked = objected(world)
    for number in (2, 3):
        amendment = Amendment(outcome="award", text=f"We award it, try {number}.")
        processes.amend(world.academy, by=world["dev"], id_=asked.process, amendment=amendment)
        for name in DECIDERS:
            answer = AnswerDraft(version=number, response="objection", reason="Still not.")
            PENS.respond(world.academy, by=world[name], id_=asked.process, answer=answer)
    processes.refer(world.academy, by=world["asha"], id_=asked.process)
    return asked


BEFORE: list[Bring] = [
    handed_in,
    World.evaluated,
    World.opened,
    World.in_round,
    one_silent,
    objected,
    World.settling,
    late_objection,
    referred,
    declined,
    withdrawn,
]


@pytest.mark.parametrize("bring", BEFORE, ids=lambda bring: bring.__name__)
def test_nothing_can_be_accepted_that_was_not_consented_to(world: World, bring: Bring) -> None:
    asked = bring(world)
    with world.refused("A10"):
        world.accept(asked)
    assert complete_pending(world.academy) == 0
    assert world.badges() == 4


@pytest.mark.parametrize("who", ["chiara", "dev", "eli", "ben"])
def test_only_the_applicant_accepts(world: World, who: str) -> None:
    asked = world.consented()
    with world.refused("A"):
        world.accept(asked, by=world[who])


@pytest.mark.parametrize("who", ["mira", "hana", "gil"])
def test_a_badge_of_another_circle_does_not_even_exist(world: World, who: str) -> None:
    asked = world.consented()
    with world.hidden():
        world.accept(asked, by=world[who])


def test_accepting_twice_issues_once(both: World) -> None:
    asked = both.consented()
    credential = both.accept(asked)
    before = signed_credential(both.academy, id_=credential)
    with both.refused("A10"):
        both.accept(asked)
    (award,) = [row["id"] for row in both.rows("awards") if row["credential_id"] == credential]
    complete_award(both.academy, award=award)
    assert complete_pending(both.academy) == 0
    assert both.badges() == 5
    assert signed_credential(both.academy, id_=credential) == before


def test_a_badge_that_is_held_is_not_applied_for_again(world: World) -> None:
    world.accepted()
    with world.refused("A1"):
        applications.start(world.academy, by=world["asha"], badge="secretary", circle="pod-north")


def test_completing_what_was_never_planned_finds_nothing(world: World) -> None:
    asked = world.consented()
    for id_ in (asked.application, asked.process, "nothing"):
        with world.hidden():
            complete_award(world.academy, award=id_)


@use_case
def _plan(work: Work, *, id_: str) -> str:
    return plan_award(work, application_case(work, id_), published=False, signed="")


@pytest.mark.parametrize("bring", BEFORE, ids=lambda bring: bring.__name__)
def test_the_plan_itself_refuses_what_was_not_consented_to(world: World, bring: Bring) -> None:
    asked = bring(world)
    with world.refused("A10"):
        _plan(world.academy, id_=asked.application)


# Inside the service: whoever writes events with the journal's key still needs the decision, record and leaf.


@dataclass(frozen=True, slots=True, kw_only=True)
class Lie:
    """What an award claims, and the first thing that sign finds."""

    data: dict[str, object]
    found: str


@use_case
def _plan_by_hand(work: Work, *, like: str, award: str, changes: dict[str, object]) -> None:
    (planned, *_) = work.unit.journal.read(f"award/{like}")
    event = Event(type="planned", at=work.now, actor=planned.actor, data={**planned.data, **changes})
    store(work, award_case(work, award), (event,))


@use_case
def _sign(work: Work, *, award: str) -> None:
    sign(work, existing(award_case(work, award)).state)


@pytest.mark.parametrize(
    "lie",
    [
        Lie(data={}, found="not accepted this badge"),
        Lie(data={"holder": "eli"}, found="not accepted this badge"),
        Lie(data={"application": "other"}, found="nothing here"),
    ],
    ids=["second", "holder", "application"],
)
def test_a_planned_event_alone_signs_nothing(world: World, lie: Lie) -> None:
    credential = world.accepted()
    (like,) = [row["id"] for row in world.rows("awards") if row["credential_id"] == credential]
    _plan_by_hand(world.academy, like=like, award="forged", changes=lie.data)
    with world.unsigned(AcademyError, about=lie.found):
        complete_award(world.academy, award="forged")
    with world.unsigned(AcademyError, about=lie.found):
        _sign(world.academy, award="forged")


# Operators


def test_the_worker_issues_only_what_was_accepted(world: World) -> None:
    asked = world.consented()
    for _ in range(30):
        world.clock.pass_days(7)
        work_once(world.academy, FakePost())
    assert world.application(asked).state == "consented"
    assert world.badges() == 4


def test_no_scheduler_closes_a_decision_in_which_somebody_is_silent(world: World) -> None:
    asked = one_silent(world)
    for _ in range(30):
        world.clock.pass_days(7)
        work_once(world.academy, FakePost())
    assert world.process(asked).phase == "consent_round"
    assert world.badges() == 4


def test_new_keys_issue_nothing(world: World) -> None:
    world.consented()
    keys = world.folder / "keys"
    rotate_keys(keys, base_url=world.academy.base_url, passphrase=None, now=world.clock.now)
    open_keyring(keys, base_url=world.academy.base_url, passphrase=None, now=world.clock.now)
    assert (world.badges(), pending_awards(world.academy)) == (4, [])


def test_an_award_that_is_refused_stops_no_other_and_is_logged(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.accepted()
    (like,) = [row["id"] for row in world.rows("awards") if row["process_id"] == _newest(world)]
    world.sql(
        "INSERT INTO awards SELECT 'forged', holder_id, badge, 'c1', 'p1', 'pending', intent, status_list, 1, at"
        " FROM awards WHERE id = :like",
        like=like,
    )
    _plan_by_hand(world.academy, like=like, award="forged", changes={})
    post = FakePost()
    with caplog.at_level(logging.ERROR):
        work_once(world.academy, post)
    assert world.badges() == 5
    assert "forged" in caplog.text
    assert "cannot be signed" in caplog.text
    assert post.mails, "mails go out all the same"


def _newest(world: World) -> str:
    return str(max(world.rows("awards"), key=lambda row: row["at"])["process_id"])


# What came later undoes no consent: the guards are asked as of the closing.


def test_a_badge_can_be_accepted_when_the_holder_among_the_deciders_gave_theirs_back(world: World) -> None:
    asked = world.consented()
    (chiaras,) = [
        row["credential_id"]
        for row in world.rows("awards")
        if (row["holder_id"], row["badge"]) == (world["chiara"], "secretary")
    ]
    world.clock.pass_days(1)
    give_back(world.academy, by=world["chiara"], id_=chiaras)
    world.accept(asked)
    assert world.badges() == 5


def test_a_badge_can_be_accepted_when_the_founding_window_closed_after_the_decision(world: World) -> None:
    def case(name: str, circle: str, deciders: tuple[str, ...], holds: str) -> Case:
        return world.case(
            applicant=world[name],
            badge="feedback",
            circle=circle,
            deciders=tuple(world[one] for one in deciders),
            facilitator=world[holds],
            secretary=world[holds],
            witnesses=(world[deciders[0]],),
            name=None,
        )

    asked = world.consented(badge="feedback", witnesses=(world["ben"],))
    for name, circle, deciders, holds in (
        ("ben", "pod-north", ("chiara", "dev", "eli"), "dev"),
        ("hana", "pod-south", ("farah", "gil", "ivo"), "ivo"),
        ("ivo", "pod-south", ("farah", "gil", "hana"), "hana"),
    ):
        world.clock.pass_days(1)
        other = case(name, circle, deciders, holds)
        award_in_meeting(world.academy, other, pens=PENS, emails=world.emails, published=False)
    assert not badge_page(world.academy, slug="feedback", reader=None).founding, "three ordinary holders exist"
    world.accept(asked)


def test_a_badge_can_be_accepted_after_talk_and_evidence_were_deleted(world: World) -> None:
    asked = world.consented()
    world.clock.pass_days(120)
    work_once(world.academy, FakePost())
    assert not any(
        row["value"] for row in world.rows("texts") if row["stream"] == f"application/{asked.application}"
    )
    credential = world.accept(asked)
    page = credential_page(world.academy, id_=credential, reader=None)
    assert page.person_name == "Asha Verma", "the name was consented to with the badge"


# The badge itself


def test_only_the_holder_gives_a_badge_back(both: World) -> None:
    credential = both.accepted()
    for who in ("chiara", "dev", "mira"):
        for act in (give_back, send_badge):
            with both.refused("W6"):
                act(both.academy, by=both[who], id_=credential)
        with both.refused("W6"):
            publish(both.academy, by=both[who], id_=credential, published=True)
    both.clock.pass_days(1)
    give_back(both.academy, by=both["asha"], id_=credential)
    with both.refused("W6"):
        give_back(both.academy, by=both["asha"], id_=credential)


def test_nobody_is_told_of_a_badge_that_is_not_there(world: World) -> None:
    for act in (
        lambda: signed_credential(world.academy, id_="nothing"),
        lambda: credential_page(world.academy, id_="nothing", reader=None),
        lambda: give_back(world.academy, by=world["asha"], id_="nothing"),
    ):
        with pytest.raises(NotFoundError):
            act()


@use_case
def _account(work: Work, *, email: str, name: str) -> str:
    return account_for(work, email=email, name=name)


def test_one_accounts_second_address_is_the_same_person(world: World) -> None:
    """G1, also through a second account of the same person: with a sub-address of the same mailbox."""
    second = _account(world.academy, email="asha+second@demo.example", name="A. Verma")
    id_ = world.handed_in(witnesses=())
    with world.refused("G1"):
        applications.take_up(
            world.academy,
            by=world["dev"],
            id_=id_,
            deciders=(second, world["chiara"], world["eli"]),
            facilitator=world["dev"],
            secretary=world["eli"],
            mode="meeting",
        )


@pytest.mark.parametrize("part", ["decider", "facilitator", "secretary"])
def test_nobody_takes_part_in_deciding_about_their_own_badge(world: World, part: str) -> None:
    id_ = world.handed_in(applicant=world["dev"], badge="feedback", witnesses=(world["ben"],), name=None)
    case = world.case()
    deciders = (world["dev"] if part == "decider" else world["asha"], world["chiara"], world["eli"])
    with world.refused("G1"):
        applications.take_up(
            world.academy,
            by=world["eli"],
            id_=id_,
            deciders=deciders,
            facilitator=world["dev"] if part == "facilitator" else world["eli"],
            secretary=world["dev"] if part == "secretary" else case.secretary,
            mode="meeting",
        )


def test_a_mentor_who_says_nothing_about_it_blocks_the_opening(world: World) -> None:
    asked = Asked(application=world.handed_in(), process="")
    case = world.case()
    applications.take_up(
        world.academy,
        by=world["dev"],
        id_=asked.application,
        deciders=(*case.deciders, world["ben"]),
        facilitator=world["dev"],
        secretary=world["eli"],
        mode="meeting",
    )
    for name in DECIDERS:
        applications.declare_conflict(world.academy, by=world[name], id_=asked.application, kind="none")
    page = applications.application_page(world.academy, id_=asked.application, reader=world["dev"])
    assert page.process_id
    with world.refused("G4"):
        processes.open_process(world.academy, by=world["dev"], id_=page.process_id)


def _last(process: Process) -> int:
    assert process.version
    return process.version.number


def test_after_an_amendment_everybody_answers_again(world: World) -> None:
    asked = objected(world)
    processes.amend(
        world.academy,
        by=world["dev"],
        id_=asked.process,
        amendment=Amendment(outcome="award", measures=("We look at it in May.",)),
    )
    state = world.process(asked)
    assert (_last(state), dict(state.answers)) == (2, {})
    for name in ("chiara", "eli"):
        with world.refused("G7", about="version 2"):
            PENS.respond(world.academy, by=world[name], id_=asked.process, answer=CONSENT)
    with pytest.raises(RefusedError):
        world.accept(asked)


def test_deadlines_only_move_forward(world: World) -> None:
    asked = world.in_round(mode="async")
    before = world.process(asked).deadline
    assert before
    processes.extend(world.academy, by=world["dev"], id_=asked.process)
    after = world.process(asked).deadline
    assert after
    assert after - before == timedelta(days=7)
