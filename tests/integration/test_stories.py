"""The stories that are tried every time (PAGES.md section 6), over days and in one meeting, on both databases."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

import pytest

from issuer.errors import InvalidInputError, RefusedError
from issuer.rules.achievements import Definition
from issuer.service import applications, processes
from issuer.service.badges import catalogue, propose_badges
from issuer.service.circles import circle_page, propose_circle, setup_code
from issuer.service.credentials import credential_page, signed_credential
from issuer.service.models import Amendment, AnswerDraft, CircleDraft, FounderDraft, MemberDraft, Mode
from issuer.service.records import decision_page
from issuer.service.seeding.people import Case, decide_in_meeting, evaluate_all, hand_in, member_ids
from issuer.service.setup import setup_page
from issuer.service.status import did_document, status_list
from tests.fakes import START
from tests.integration.world import CONSENT, DECIDERS, Asked, World
from tests.pens import PENS
from verifier import Fetched, FetchError, read_badge, verify_badge

MODES: list[Mode] = ["async", "meeting"]


class OwnDocuments:
    """Gives the verifier what strangers would fetch from the Academy."""

    def __init__(self, world: World) -> None:
        self.documents = {
            "https://academy.example/.well-known/did.json": json.dumps(dict(did_document(world.academy))),
            "https://academy.example/status/1": status_list(world.academy, number=1),
        }

    def fetch(self, url: str) -> Fetched:
        if url not in self.documents:
            raise FetchError(f"nobody has {url}")
        return Fetched(body=self.documents[url].encode(), source="fetched")


def verdict(world: World, credential: str) -> str:
    signed = signed_credential(world.academy, id_=credential)
    fetcher = OwnDocuments(world)
    verdicts = {
        verify_badge(read_badge(form.encode()), now=world.clock.now, fetcher=fetcher).to_json()["verdict"]
        for form in (signed.json, signed.jwt)
    }
    assert len(verdicts) == 1
    return str(verdicts.pop())


def settle(world: World, asked: Asked, *, people: tuple[str, ...]) -> None:
    """Let a decision settle: by its time, or by the closing round of the meeting."""
    if world.process(asked).mode == "meeting":
        for name in people:
            processes.nothing_more(world.academy, by=world[name], id_=asked.process)
        return
    world.clock.pass_days(1.9)
    assert processes.close_due(world.academy) == 0
    assert world.process(asked).phase == "settling"
    world.clock.pass_days(0.2)
    assert processes.close_due(world.academy) == 1


def kinds_logged(world: World) -> Counter[str]:
    """Return how many leaves of each type wait for the log or stand in it."""
    return Counter(json.loads(row["leaf"])["type"] for row in world.rows("outbox"))


@pytest.mark.parametrize("mode", MODES)
def test_plain_story_ends_with_a_badge_that_a_stranger_can_check(both: World, mode: Mode) -> None:
    academy, ids = both.academy, both.ids
    case = both.case(mode=mode)
    id_ = hand_in(academy, case, emails=both.emails)
    applications.take_up(
        academy,
        by=ids["dev"],
        id_=id_,
        deciders=(*case.deciders, ids["ben"]),
        facilitator=ids["dev"],
        secretary=ids["eli"],
        mode=mode,
    )
    for name in (*DECIDERS, "ben"):
        kind = "mentor" if name == "ben" else "none"
        applications.declare_conflict(academy, by=ids[name], id_=id_, kind=kind)
    page = applications.application_page(academy, id_=id_, reader=ids["chiara"])
    assert (
        sorted(witness.text or "" for witness in page.witnesses)
        == ["I was in these meetings and saw it as it is written here."] * 2
    )
    for name in (*DECIDERS, "ben"):
        applications.see_evidence(academy, by=ids[name], id_=id_)
        PENS.evaluate(
            academy,
            by=ids[name],
            id_=id_,
            items=tuple(("seen", "") for _ in page.claims),
            appreciation="Calm and clear.",
            suggestion="",
            passes=False,
            reaction=None,
        )
    PENS.read_feedback(academy, by=ids["asha"], id_=id_)
    assert page.process_id
    asked = Asked(application=id_, process=page.process_id)
    assert set(both.process(asked).deciders) == set(case.deciders), "the mentor has a voice, no consent rights"
    processes.open_process(academy, by=ids["dev"], id_=asked.process)

    processes.ask(academy, by=ids["eli"], id_=asked.process, text="Who reads your minutes?")
    question = both.process(asked).questions[0].id
    processes.answer_question(academy, by=ids["asha"], id_=asked.process, question=question, text="All of us.")
    for name in ("chiara", "dev"):
        processes.pass_questions(academy, by=ids[name], id_=asked.process)
    if mode == "meeting":
        processes.advance(academy, by=ids["dev"], id_=asked.process)
    assert both.process(asked).phase == "reacting"
    processes.react(academy, by=ids["ben"], id_=asked.process, text="I have seen her grow.")
    with both.refused("G2"):
        PENS.respond(academy, by=ids["ben"], id_=asked.process, answer=CONSENT)
    for name in DECIDERS:
        processes.react(academy, by=ids[name], id_=asked.process, text="I find what I look for.")
    if mode == "meeting":
        processes.advance(academy, by=ids["dev"], id_=asked.process)

    concern = "I want to hear in six months how it goes."
    for name, said in (("chiara", ""), ("dev", concern), ("eli", "")):
        answer = AnswerDraft(version=1, response="consent", concern=said)
        PENS.respond(academy, by=ids[name], id_=asked.process, answer=answer)
    settle(both, asked, people=(*DECIDERS, "asha"))
    assert both.application(asked).state == "consented"
    assert both.badges() == 4, "nothing is issued before the applicant accepts"

    credential = both.accept(asked)
    assert both.badges() == 5
    both.clock.pass_days(1)
    assert verdict(both, credential) == "valid"
    page_ = credential_page(academy, id_=credential, reader=None)
    assert page_.person_name == "Asha Verma"
    record = decision_page(academy, id_=asked.process, reader=None)
    deciders = [str(field.value) for field in record.fields if field.path[0] == "deciders"]
    assert not any(name in value for value in deciders for name in ("Chiara", "Dev", "Eli")), (
        "pseudonyms by default"
    )
    inside = decision_page(academy, id_=asked.process, reader=ids["chiara"])
    assert concern in {field.value for field in inside.fields}


@pytest.mark.parametrize("mode", MODES)
def test_an_objection_leads_to_not_yet_with_a_plan_and_nothing_is_public(both: World, mode: Mode) -> None:
    academy, ids = both.academy, both.ids
    asked = both.in_round(mode=mode)
    badges, closed = both.badges(), kinds_logged(both)["decision.closed"]
    PENS.respond(academy, by=ids["chiara"], id_=asked.process, answer=CONSENT)
    reason = "Criterion 2 was seen only where the text was changed."
    objection = AnswerDraft(version=1, response="objection", reason=reason)
    PENS.respond(academy, by=ids["dev"], id_=asked.process, answer=objection)
    assert both.process(asked).phase == "consent_round", "the round is finished first"
    PENS.respond(academy, by=ids["eli"], id_=asked.process, answer=CONSENT)
    assert both.process(asked).phase == "integrating"

    open_ = both.process(asked).objections[0].id
    wording = "We have seen one way of integrating only."
    processes.word_objection(academy, by=ids["eli"], id_=asked.process, objection=open_, wording=wording)
    processes.change_objection(academy, by=ids["dev"], id_=asked.process, objection=open_, step="understood")
    plan = "Asha shows another case in which a measure or a term met the objection."
    processes.amend(
        academy,
        by=ids["dev"],
        id_=asked.process,
        amendment=Amendment(
            outcome="not_yet",
            plan=plan,
            look_again_on=(both.clock.now + timedelta(days=90)).date(),
            how_met={open_: "There will be another case to look at."},
        ),
    )
    assert not both.process(asked).answers, "all answers lapse"
    with both.refused("G7", about="version 2"):
        PENS.respond(academy, by=ids["chiara"], id_=asked.process, answer=CONSENT)
    for name in DECIDERS:
        answer = AnswerDraft(version=2, response="consent")
        PENS.respond(academy, by=ids[name], id_=asked.process, answer=answer)
    assert both.process(asked).objections[0].state == "integrated"
    processes.answer_plan(academy, by=ids["asha"], id_=asked.process, agreed=True)
    settle(both, asked, people=(*DECIDERS, "asha"))

    assert both.application(asked).state == "not_yet"
    assert both.badges() == badges
    assert not any(asked.process in row["leaf"] for row in both.rows("outbox"))
    assert kinds_logged(both)["decision.closed"] == closed, "a “not yet” is no leaf that anybody could find"
    assert applications.application_page(academy, id_=asked.application, reader=ids["asha"]).plan == plan
    for reader in (None, ids["hana"]):
        with both.hidden():
            decision_page(academy, id_=asked.process, reader=reader)
    with both.refused("A10"):
        both.accept(asked)


def test_silence_never_becomes_consent(both: World) -> None:
    academy, ids = both.academy, both.ids
    asked = both.in_round(mode="async")
    for name in ("chiara", "dev"):
        PENS.respond(academy, by=ids[name], id_=asked.process, answer=CONSENT)
    first = both.process(asked).deadline
    for _ in range(2):
        processes.extend(academy, by=ids["dev"], id_=asked.process)
    second = both.process(asked).deadline
    assert first is not None
    assert second == first + timedelta(days=14)
    with both.refused("C5", about="extensions"):
        processes.extend(academy, by=ids["dev"], id_=asked.process)

    for _ in range(60):
        both.clock.pass_days(7)
        processes.close_due(academy)
    assert both.process(asked).phase == "consent_round"
    assert both.badges() == 4
    reminders = [row for row in both.rows("mails") if row["topic"] == f"reminder/{asked.process}"]
    assert [row["recipient"] for row in reminders] == ["eli@demo.example"], "one reminder, to who is silent"


def test_a_paused_decision_waits_and_goes_on_with_the_time_that_was_left(both: World) -> None:
    academy, ids = both.academy, both.ids
    asked = both.in_round(mode="async")
    PENS.respond(academy, by=ids["chiara"], id_=asked.process, answer=CONSENT)
    both.clock.pass_days(3)
    processes.pause(academy, by=ids["dev"], id_=asked.process)
    with both.refused("C5"):
        PENS.respond(academy, by=ids["eli"], id_=asked.process, answer=CONSENT)
    both.clock.pass_days(50)
    assert processes.close_due(academy) == 0
    processes.resume(academy, by=ids["dev"], id_=asked.process)
    state = both.process(asked)
    assert (state.phase, state.deadline) == ("consent_round", both.clock.now + timedelta(days=4))
    assert set(state.answers) == {ids["chiara"]}, "what was said before the pause still counts"
    for name in ("dev", "eli"):
        PENS.respond(academy, by=ids[name], id_=asked.process, answer=CONSENT)
    assert both.process(asked).phase == "settling"


def test_what_is_due_happens_in_its_order_when_nobody_looked_for_long(both: World) -> None:
    asked = both.opened(mode="async")
    assert both.process(asked).phase == "reacting", "all passed on questions with their checklists"
    for _ in range(3):
        both.clock.pass_days(30)
        processes.close_due(both.academy)
        assert both.process(asked).phase == "consent_round"


def _first_circle() -> CircleDraft:
    names = ("Mo Adler", "Nia Brook", "Oz Cole")
    roles = (("facilitator",), ("secretary",), ())
    return CircleDraft(
        name="Academy Circle",
        kind="academy",
        aim="People can show what they are able to do.",
        domain="Badges and policy",
        parent=None,
        members=tuple(
            MemberDraft(name=name, email=f"{name.split()[0].lower()}@first.example", roles=held)
            for name, held in zip(names, roles, strict=True)
        ),
        policy="small_circle",
    )


def _first_badge() -> Definition:
    return Definition(
        slug="listening",
        name="Listening",
        skill="Lets others finish",
        level="practitioner",
        bundle="Basics",
        criteria=("Lets others finish.", "Says back what was heard."),
        show=("A meeting in which peers were present", "Another way: say how it meets the criterion"),
    )


def test_first_run_leads_to_the_first_badge_in_meetings_without_waiting_for_a_clock(empty: World) -> None:
    academy = empty.academy
    step = setup_page(academy, reader=None)
    assert step is not None
    assert step.step == "circle"
    process = propose_circle(
        academy, by=None, draft=_first_circle(), mode="meeting", setup_code=setup_code(academy)
    )
    ids = member_ids(academy)
    step = setup_page(academy, reader=ids["mo"])
    assert step is not None
    assert (step.step, step.path) == ("consent", f"/processes/{process}")
    decide_in_meeting(academy, process, pens=PENS)
    assert circle_page(academy, slug="academy-circle", reader=ids["mo"]).is_member
    step = setup_page(academy, reader=ids["mo"])
    assert step is not None
    assert step.step == "badges"
    founders = tuple(FounderDraft(member=ids[name], reason="Has done this for years.") for name in ids)
    process = propose_badges(
        academy,
        by=ids["mo"],
        drafts=(_first_badge(),),
        founders=founders,
        founding_until=(START + timedelta(days=300)).date(),
        mode="meeting",
    )
    decide_in_meeting(academy, process, pens=PENS)
    assert [card.slug for card in catalogue(academy)] == ["listening"]
    step = setup_page(academy, reader=ids["mo"])
    assert step is not None
    assert step.step == "first_application"
    case = Case(
        applicant=ids["oz"],
        badge="listening",
        circle="academy-circle",
        deciders=(ids["mo"], ids["nia"]),
        facilitator=ids["mo"],
        secretary=ids["nia"],
    )
    id_ = hand_in(academy, case, emails={})
    process = evaluate_all(academy, id_, case, pens=PENS)
    decide_in_meeting(academy, process, pens=PENS)
    credential = empty.accept(Asked(application=id_, process=process), by=ids["oz"])
    assert empty.clock.now == START, "nobody waited"
    assert setup_page(academy, reader=None) is None
    page = credential_page(academy, id_=credential, reader=None)
    assert page.person_name is None
    assert any("Founding" in words for _, words in page.decision.facts)
    assert verdict(empty, credential) == "valid"


def test_the_first_circle_needs_the_code_from_the_terminal(empty: World) -> None:
    for code in (None, "", "aaaaaaaaaaaa", setup_code(empty.academy)[:-1]):
        with pytest.raises(InvalidInputError):
            propose_circle(empty.academy, by=None, draft=_first_circle(), mode="meeting", setup_code=code)
    assert not empty.rows("members")


def test_nobody_is_a_member_before_all_who_are_named_have_consented(empty: World) -> None:
    academy = empty.academy
    process = propose_circle(
        academy, by=None, draft=_first_circle(), mode="meeting", setup_code=setup_code(academy)
    )
    ids = member_ids(academy)
    for name in ids:
        PENS.give_key(academy, by=ids[name], id_=process)
    processes.open_process(academy, by=ids["mo"], id_=process)
    assert not empty.rows("memberships")
    with pytest.raises(RefusedError):
        propose_badges(
            academy, by=ids["mo"], drafts=(_first_badge(),), founders=(), founding_until=None, mode="meeting"
        )
