"""Bad input at the use cases: refused with the rule's name and what to do instead, and nothing is changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from issuer.errors import InvalidInputError, NotFoundError
from issuer.service import applications, people, processes
from issuer.service.badges import badge_page, propose_badges
from issuer.service.circles import circle_page, propose_circle
from issuer.service.credentials import signed_credential
from issuer.service.models import Amendment, AnswerDraft, EvidenceDraft, FounderDraft
from issuer.service.processes import process_of_code, process_page
from issuer.service.records import decision_page
from tests.integration.test_stories import _first_badge, _first_circle
from tests.integration.world import CONSENT, DECIDERS, Asked, World
from tests.pens import PENS

NUL = "a\0b"
AGAIN = Amendment(outcome="award")


def test_a_round_does_not_open_before_everybody_was_heard(world: World) -> None:
    id_ = world.handed_in()
    case = world.case()
    applications.take_up(
        world.academy,
        by=world["dev"],
        id_=id_,
        deciders=case.deciders,
        facilitator=world["dev"],
        secretary=world["eli"],
        mode="async",
    )
    process = applications.application_page(world.academy, id_=id_, reader=world["dev"]).process_id
    assert process
    with world.refused("G4"):
        processes.open_process(world.academy, by=world["dev"], id_=process)
    for name in DECIDERS:
        with world.refused("G4"):
            applications.see_evidence(world.academy, by=world[name], id_=id_)
        applications.declare_conflict(world.academy, by=world[name], id_=id_, kind="none")
    with world.refused("G6"):
        processes.open_process(world.academy, by=world["dev"], id_=process)
    with world.refused("C1"):
        processes.open_process(world.academy, by=world["chiara"], id_=process)


def test_a_second_answer_is_refused(both: World) -> None:
    asked = both.in_round()
    PENS.respond(both.academy, by=both["dev"], id_=asked.process, answer=CONSENT)
    for response in ("consent", "objection"):
        answer = AnswerDraft(version=1, response=response, reason="On second thought.")
        with both.refused("G7", about="already"):
            PENS.respond(both.academy, by=both["dev"], id_=asked.process, answer=answer)


@pytest.mark.parametrize("version", [0, 2, -1, 10**12])
def test_an_answer_to_another_version_is_refused(both: World, version: int) -> None:
    asked = both.in_round()
    with both.refused("G7", about="version"):
        answer = AnswerDraft(version=version, response="consent")
        PENS.respond(both.academy, by=both["dev"], id_=asked.process, answer=answer)


@pytest.mark.parametrize("response", ["abstain", "", "Consent", "veto"])
def test_there_is_no_third_answer(world: World, response: str) -> None:
    asked = world.in_round()
    with world.refused("G7"):
        answer = AnswerDraft(version=1, response=response)  # type: ignore[arg-type]  # what a form could hand in
        PENS.respond(world.academy, by=world["dev"], id_=asked.process, answer=answer)


@pytest.mark.parametrize("bring", [World.opened, World.settling, World.consented], ids=lambda b: b.__name__)
def test_no_answer_is_taken_outside_the_round(world: World, bring: Callable[[World], Asked]) -> None:
    asked = bring(world)
    with world.refused("C5"):
        PENS.respond(world.academy, by=world["dev"], id_=asked.process, answer=CONSENT)


def test_nothing_is_done_to_a_decision_that_is_closed(both: World) -> None:
    asked = both.consented()
    academy, dev = both.academy, both["dev"]
    acts: list[tuple[str, Callable[[], object]]] = [
        ("C1", lambda: processes.open_process(academy, by=dev, id_=asked.process)),
        ("C2", lambda: processes.ask(academy, by=dev, id_=asked.process, text="Really?")),
        ("C2", lambda: processes.pass_questions(academy, by=dev, id_=asked.process)),
        ("C4", lambda: processes.react(academy, by=dev, id_=asked.process, text="Nice.")),
        ("C2", lambda: processes.advance(academy, by=dev, id_=asked.process)),
        ("C5", lambda: processes.extend(academy, by=dev, id_=asked.process)),
        ("C7", lambda: processes.amend(academy, by=dev, id_=asked.process, amendment=AGAIN)),
        ("C3", lambda: processes.rewrite(academy, by=dev, id_=asked.process)),
        ("C8", lambda: processes.nothing_more(academy, by=dev, id_=asked.process)),
        ("C9", lambda: processes.object_late(academy, by=dev, id_=asked.process, reason="Hm.", about="")),
        ("C10", lambda: processes.refer(academy, by=dev, id_=asked.process)),
        ("C11", lambda: processes.pause(academy, by=dev, id_=asked.process)),
        ("C13", lambda: processes.resume(academy, by=dev, id_=asked.process)),
        ("A12", lambda: processes.withdraw_process(academy, by=both["asha"], id_=asked.process)),
        ("A12", lambda: applications.withdraw(academy, by=both["asha"], id_=asked.application)),
        ("A4", lambda: applications.reopen(academy, by=both["asha"], id_=asked.application)),
    ]
    for rule, act in acts:
        with both.refused(rule):
            act()


def test_deciding_powers_belong_to_nobody_alone(world: World) -> None:
    """No facilitator, leader or proposer closes somebody's objection or forces an outcome."""
    asked = world.in_round()
    for name in ("chiara", "eli"):
        PENS.respond(world.academy, by=world[name], id_=asked.process, answer=CONSENT)
    objection = AnswerDraft(version=1, response="objection", reason="Not yet seen.")
    PENS.respond(world.academy, by=world["dev"], id_=asked.process, answer=objection)
    open_ = world.process(asked).objections[0].id
    processes.word_objection(
        world.academy, by=world["eli"], id_=asked.process, objection=open_, wording="We have not seen it."
    )
    for name in ("chiara", "eli", "asha"):
        for step, rule in (("understood", "O1"), ("concern", "O2"), ("take_back", "O2")):
            with world.refused(rule):
                processes.change_objection(
                    world.academy,
                    by=world[name],
                    id_=asked.process,
                    objection=open_,
                    step=step,  # type: ignore[arg-type]  # each of them is a step
                )
    with world.refused("C7", about="Nothing was changed"):
        processes.amend(world.academy, by=world["chiara"], id_=asked.process, amendment=AGAIN)
    with world.refused("C7"):
        amendment = Amendment(outcome="award", text="I deserve it.")
        processes.amend(world.academy, by=world["asha"], id_=asked.process, amendment=amendment)
    with world.refused("C10"):
        processes.refer(world.academy, by=world["asha"], id_=asked.process)


def test_guests_and_other_circles_have_no_part(both: World) -> None:
    asked = both.in_round()
    outsider = both["hana"]
    academy, process, application = both.academy, asked.process, asked.application
    acts: list[Callable[[], object]] = [
        lambda: process_page(academy, id_=process, reader=outsider),
        lambda: applications.application_page(academy, id_=application, reader=outsider),
        lambda: PENS.respond(academy, by=outsider, id_=process, answer=CONSENT),
        lambda: processes.ask(academy, by=outsider, id_=process, text="?"),
        lambda: processes.react(academy, by=outsider, id_=process, text="!"),
        lambda: processes.extend(academy, by=outsider, id_=process),
        lambda: processes.pause(academy, by=outsider, id_=process),
        lambda: processes.withdraw_process(academy, by=outsider, id_=process),
        lambda: PENS.accept(academy, by=outsider, id_=application, published=True),
        lambda: applications.decline(academy, by=outsider, id_=application),
        lambda: applications.withdraw(academy, by=outsider, id_=application),
        lambda: applications.save_draft(academy, by=outsider, id_=application, claims=(), reflection=""),
        lambda: applications.submit(academy, by=outsider, id_=application),
        lambda: applications.reopen(academy, by=outsider, id_=application),
        lambda: applications.choose_name(academy, by=outsider, id_=application, name="Me"),
        lambda: applications.invite_witness(
            academy, by=outsider, id_=application, email="ben@demo.example", relation=""
        ),
        lambda: applications.give_statement(academy, by=outsider, id_=application, text="I saw it."),
        lambda: applications.take_back_statement(academy, by=outsider, id_=application),
        lambda: applications.return_incomplete(academy, by=outsider, id_=application, reason="No."),
        lambda: applications.declare_conflict(academy, by=outsider, id_=application, kind="none"),
        lambda: applications.see_evidence(academy, by=outsider, id_=application),
        lambda: PENS.read_feedback(academy, by=outsider, id_=application),
        lambda: applications.evidence_file(academy, reader=outsider, id_=application, evidence="x"),
        lambda: decision_page(academy, id_=process, reader=outsider),
    ]
    for act in acts:
        with both.hidden():
            act()


@pytest.mark.parametrize("id_", ["", "nothing", NUL, "x" * 4000, "%", "../..", "\N{SNOWMAN}"])
def test_what_is_not_there_is_not_found_whatever_it_is_called(both: World, id_: str) -> None:
    academy, asha = both.academy, both["asha"]
    acts: list[Callable[[], object]] = [
        lambda: process_page(academy, id_=id_, reader=asha),
        lambda: process_of_code(academy, code=id_),
        lambda: applications.application_page(academy, id_=id_, reader=asha),
        lambda: PENS.accept(academy, by=asha, id_=id_, published=True),
        lambda: decision_page(academy, id_=id_, reader=None),
        lambda: badge_page(academy, slug=id_, reader=None),
        lambda: circle_page(academy, slug=id_, reader=None),
        lambda: signed_credential(academy, id_=id_),
        lambda: applications.start(academy, by=asha, badge=id_, circle="pod-north"),
    ]
    for act in acts:
        with both.hidden():
            act()


FIELDS: list[tuple[str, Callable[[World, Asked, str], object]]] = [
    ("text", lambda w, a, t: processes.ask(w.academy, by=w["dev"], id_=a.process, text=t)),
    ("text", lambda w, a, t: processes.react(w.academy, by=w["dev"], id_=a.process, text=t)),
    ("name", lambda w, a, t: people.change_profile(w.academy, by=w["dev"], name=t, time_zone="UTC")),
]


@pytest.mark.parametrize("text", [NUL, "x" * 8001, "\ud800"], ids=["nul", "long", "half a character"])
def test_texts_that_cannot_be_stored_are_named_with_their_field(both: World, text: str) -> None:
    asked = both.opened()
    before = both.everything()
    for field, act in FIELDS:
        with pytest.raises(InvalidInputError) as caught:
            act(both, asked, text)
        assert set(caught.value.faults) == {field}
    assert both.everything() == before


@pytest.mark.parametrize("field", ["name", "aim", "domain"])
@pytest.mark.parametrize("text", ["", "  ", NUL, "x" * 9000], ids=["empty", "blank", "nul", "long"])
def test_a_circle_has_words_that_can_be_stored(both: World, field: str, text: str) -> None:
    draft = replace(_first_circle(), kind="pod", parent="superpod", **{field: text})  # type: ignore[arg-type]  # one text field
    before = both.everything()
    with pytest.raises(InvalidInputError) as caught:
        propose_circle(both.academy, by=both["mira"], draft=draft, mode="async")
    assert set(caught.value.faults) == {field}
    assert both.everything() == before


@pytest.mark.parametrize("field", ["name", "skill", "bundle", "slug", "version", "level"])
def test_a_badge_has_words_that_can_be_stored(both: World, field: str) -> None:
    draft = replace(_first_badge(), **{field: NUL})  # type: ignore[arg-type]  # one text field
    founders = tuple(FounderDraft(member=both[name], reason="Knows it.") for name in ("chiara", "dev", "eli"))
    before = both.everything()
    with pytest.raises(InvalidInputError):
        propose_badges(
            both.academy,
            by=both["mira"],
            drafts=(draft,),
            founders=founders,
            founding_until=(both.clock.now + timedelta(days=100)).date(),
            mode="meeting",
        )
    assert both.everything() == before


@pytest.mark.parametrize(
    ("field", "evidence"),
    [
        ("link", EvidenceDraft(kind="link", title="T", link="http://plain.example")),
        ("link", EvidenceDraft(kind="link", title="T", link="javascript:alert(1)")),
        ("link", EvidenceDraft(kind="link", title="T", link="https://")),
        ("link", EvidenceDraft(kind="link", title="T", link="https://[")),
        ("link", EvidenceDraft(kind="link", title="T", link=f"https://x.example/{NUL}")),
        ("file", EvidenceDraft(kind="file", title="T", file_name="../x", content=b"x")),
        ("file", EvidenceDraft(kind="file", title="T", file_name="x", content=b"")),
        ("file", EvidenceDraft(kind="file", title="T", file_name="x", content=bytes(10_000_001))),
        ("title", EvidenceDraft(kind="link", title=" ", link="https://x.example")),
        ("note", EvidenceDraft(kind="live", title="T")),
        ("kind", EvidenceDraft(kind=NUL, title="T", note="n")),
    ],
)
def test_evidence_that_cannot_be_taken_is_named(world: World, field: str, evidence: EvidenceDraft) -> None:
    id_ = applications.start(world.academy, by=world["asha"], badge="secretary", circle="pod-north")
    before = world.everything()
    with pytest.raises(InvalidInputError) as caught:
        applications.add_evidence(world.academy, by=world["asha"], id_=id_, evidence=evidence)
    assert set(caught.value.faults) == {field}
    assert world.everything() == before


def test_an_incomplete_application_is_told_part_by_part(world: World) -> None:
    id_ = applications.start(world.academy, by=world["asha"], badge="secretary", circle="pod-north")
    before = world.everything()
    with pytest.raises(InvalidInputError) as caught:
        applications.submit(world.academy, by=world["asha"], id_=id_)
    sentences = list(caught.value.faults.values())
    assert sum("criterion" in sentence for sentence in sentences) >= 2
    assert any("evidence" in sentence for sentence in sentences)
    assert world.everything() == before


def test_a_badge_that_builds_on_another_is_not_asked_for_before(world: World) -> None:
    id_ = applications.start(world.academy, by=world["ben"], badge="secretary", circle="pod-north")
    missing = applications.application_page(world.academy, id_=id_, reader=world["ben"]).missing
    assert any("Circle Member" in sentence for sentence in missing)


def test_the_plan_of_a_not_yet_is_the_applicants_to_agree_to(world: World) -> None:
    asked = world.settling()
    with world.refused("A7"):
        processes.answer_plan(world.academy, by=world["asha"], id_=asked.process, agreed=True)


def test_nothing_is_there_for_somebody_without_an_account(world: World) -> None:
    with pytest.raises(NotFoundError):
        people.change_profile(world.academy, by="nobody", name="N", time_zone="UTC")
