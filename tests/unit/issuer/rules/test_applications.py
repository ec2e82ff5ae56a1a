"""Applications: the applicant has the first and the last word; nothing incomplete goes to the circle."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from issuer.errors import InvalidInputError, NotAllowedError, RefusedError
from issuer.rules.applications import (
    MAX_WITNESSES,
    Application,
    change_statement,
    decline_statement,
    editable,
    evolve_application,
    invite_witness,
    missing_parts,
    owned,
    permit_evidence,
    release_witness,
    step,
    submit,
)
from issuer.rules.journal import Event
from tests.builders import DAY, NOW, an_application
from tests.unit.issuer.rules.refusing import refused

CRITERIA = ("Minutes can be found.", "Minutes are kind.")


def missing(application: Application, **changes: Any) -> list[str]:
    usual: dict[str, Any] = {"criteria": CRITERIA, "reflection_needed": True, "lacking": ()}
    return missing_parts(application, **(usual | changes))


def after(application: Application, type_: str, **data: Any) -> Application:
    return evolve_application(application, Event(type=type_, at=NOW, actor="asha", data=data))


def asked(application: Application, *members: str) -> Application:
    for member in members:
        event = invite_witness(application, by="asha", id_=f"witness-{member}", member=member, now=NOW)
        application = evolve_application(application, event)
    return application


# A1


def test_a_complete_application_is_submitted() -> None:
    application = an_application()
    assert missing(application) == []
    event = submit(application, by="asha", missing=(), now=NOW)
    application = evolve_application(application, event)
    assert (application.state, application.submitted_at) == ("submitted", NOW)


@pytest.mark.parametrize(
    ("changes", "more", "sentence"),
    [
        ({"claims": (None, "claim-2")}, {}, "Say for criterion 1 how you meet it: Minutes can be found."),
        ({"claims": ("claim-1",)}, {}, "Say for criterion 2 how you meet it: Minutes are kind."),
        ({"reflection": None}, {}, "Write your self-reflection."),
        ({"evidence": ()}, {}, "Add at least one piece of evidence."),
        ({}, {"lacking": ("Circle Member",)}, "Earn the badge Circle Member first: this one builds on it."),
    ],
)
def test_each_missing_part_is_named(changes: dict[str, Any], more: dict[str, Any], sentence: str) -> None:
    application = an_application(**changes)
    assert missing(application, **more) == [sentence]
    with pytest.raises(InvalidInputError, match="^" + sentence.replace(".", "[.]") + "$") as caught:
        submit(application, by="asha", missing=missing(application, **more), now=NOW)
    assert caught.value.faults == {"missing-0": sentence}


def test_all_missing_parts_are_named_at_once() -> None:
    assert len(missing(an_application(claims=(None, None), evidence=(), reflection=None))) == 4


def test_a_reflection_is_asked_for_where_the_badge_asks_for_it() -> None:
    assert missing(an_application(reflection=None), reflection_needed=False) == []


def test_claims_beyond_the_criteria_do_no_harm() -> None:
    assert missing(an_application(claims=("a", "b", "c"))) == []


def test_evidence_in_which_others_appear_needs_their_permission() -> None:
    first = an_application().evidence[0]
    without = an_application(evidence=(replace(first, about_others=True),))
    assert "Somebody else appears" in missing(without)[0]
    permitted = an_application(evidence=(replace(first, about_others=True, data_permission=True),))
    assert missing(permitted) == []


# Who may what


@pytest.mark.parametrize("id_", ["A1", "A4", "A10", "A11", "A12"])
@pytest.mark.parametrize("by", ["dev", "fay", None])
def test_what_is_the_applicants_alone_nobody_else_does(id_: str, by: str | None) -> None:
    state = {"A1": "draft", "A4": "in_evaluation", "A10": "consented", "A11": "consented", "A12": "in_consent"}[
        id_
    ]
    with refused("A", "Only the applicant", NotAllowedError):
        step(an_application(state), id_, by=by, now=NOW)


def test_the_applicant_owns_the_application() -> None:
    owned(an_application(), "asha")
    with refused("A", "Only the applicant", NotAllowedError):
        owned(an_application(), "dev")


def test_a_draft_is_edited_by_its_applicant_only() -> None:
    editable(an_application(), "asha")
    with refused("A", "Only the applicant", NotAllowedError):
        editable(an_application(), "dev")


@pytest.mark.parametrize("state", ["submitted", "in_evaluation", "in_consent", "consented", "issued", "withdrawn"])
def test_what_was_submitted_is_not_changed(state: str) -> None:
    with refused("A4", "was submitted and is not changed"):
        editable(an_application(state), "asha")


def test_adding_evidence_makes_a_draft_again() -> None:
    application = an_application("in_evaluation")
    application = evolve_application(application, step(application, "A4", by="asha", now=NOW))
    editable(application, "asha")


# What events make


def test_a_draft_keeps_what_was_written() -> None:
    application = after(an_application(), "draft_saved", claims=["x", None], reflection=None)
    assert (application.claims, application.reflection) == (("x", None), None)


def test_evidence_comes_and_goes() -> None:
    application = after(an_application(), "evidence_added", id="evidence-2", text="text-2", file_digest="digest")
    assert [item.id for item in application.evidence] == ["evidence-1", "evidence-2"]
    application = after(application, "evidence_removed", id="evidence-1")
    assert [item.file_digest for item in application.evidence] == ["digest"]


def test_the_signed_name_and_the_badges_address_are_fixed_before_the_round() -> None:
    application = after(an_application(), "name_chosen", text="text-9")
    application = after(application, "badge_drafted", credential="c", salt="s")
    assert (application.signed_name, application.credential, application.identity_salt) == ("text-9", "c", "s")


def test_a_step_carries_what_belongs_to_it() -> None:
    application = an_application("submitted")
    returned = evolve_application(application, step(application, "A2", by="sam", now=NOW, returned="text-3"))
    assert (returned.state, returned.returned) == ("draft", "text-3")
    again = evolve_application(returned, submit(returned, by="asha", missing=(), now=NOW))
    assert again.returned is None
    taken = evolve_application(again, step(again, "A3", by="fay", now=NOW, process="process-1"))
    assert taken.process == "process-1"


@pytest.mark.parametrize(("day", "expected"), [("2026-09-01", date(2026, 9, 1)), (None, None)])
def test_not_yet_keeps_the_plan_and_the_day(day: str | None, expected: date | None) -> None:
    application = an_application("in_consent")
    event = step(application, "A7", by=None, now=NOW, plan="plan-1", look_again_on=day)
    application = evolve_application(application, event)
    assert (application.state, application.plan, application.look_again_on) == ("not_yet", "plan-1", expected)


def test_accepting_is_remembered_with_its_time() -> None:
    application = an_application("consented")
    application = evolve_application(
        application, step(application, "A10", by="asha", now=NOW + DAY, award="award-1")
    )
    assert (application.accepted_at, application.award) == (NOW + DAY, "award-1")


def test_an_event_that_no_application_has_is_a_fault_of_ours() -> None:
    with pytest.raises(AssertionError, match="no event opened"):
        after(an_application(), "opened")


# Witnesses


def test_the_applicant_asks_witnesses_before_the_round() -> None:
    for state in ("draft", "submitted", "in_evaluation"):
        application = asked(an_application(state), "ben")
        assert [(one.member, one.state) for one in application.witnesses] == [("ben", "invited")]
    with refused("G6", "before the round opens"):
        asked(an_application("in_consent"), "ben")


def test_nobody_else_asks_witnesses() -> None:
    with refused("A", "Only the applicant", NotAllowedError):
        invite_witness(an_application(), by="dev", id_="w", member="ben", now=NOW)


def test_a_witness_is_somebody_else_and_asked_once() -> None:
    with refused("G1", "your own witness"):
        asked(an_application(), "asha")
    with refused("G6", "asked already"):
        asked(an_application(), "ben", "ben")


def test_there_is_a_limit_to_witnesses() -> None:
    application = asked(an_application(), *(f"member-{number}" for number in range(MAX_WITNESSES)))
    with refused("G6", f"At most {MAX_WITNESSES}"):
        asked(application, "one-more")


def test_a_witness_writes_and_takes_back() -> None:
    application = asked(an_application("in_evaluation"), "ben", "zoe")
    application = evolve_application(application, change_statement(application, by="ben", text="t", now=NOW))
    assert (application.witnesses_given, application.statement_at) == (1, NOW)
    back = change_statement(application, by="ben", text=None, now=NOW + DAY)
    application = evolve_application(application, back)
    assert application.witnesses_given == 0
    assert application.statement_at == NOW
    assert [one.state for one in application.witnesses] == ["taken_back", "invited"]


def test_only_who_was_asked_writes_a_statement() -> None:
    with refused("G6", "not asked for a statement", NotAllowedError):
        change_statement(asked(an_application(), "ben"), by="zoe", text="t", now=NOW)


@pytest.mark.parametrize("text", ["another", None])
def test_statements_stay_as_they_are_once_the_round_has_opened(text: str | None) -> None:
    application = replace(asked(an_application(), "ben"), state="in_consent")
    with refused("G6", "statements stay as they are"):
        change_statement(application, by="ben", text=text, now=NOW)


def test_a_permission_is_added_to_a_piece_of_evidence_in_the_draft() -> None:
    first = an_application().evidence[0]
    application = an_application(evidence=(replace(first, about_others=True), replace(first, id="evidence-2")))
    application = evolve_application(
        application, permit_evidence(application, by="asha", id_="evidence-1", now=NOW)
    )
    assert [item.data_permission for item in application.evidence] == [True, False]
    assert missing(application) == []
    for id_ in ("evidence-1", "evidence-2", "evidence-9"):
        with refused("A1", "Nobody's permission is missing"):
            permit_evidence(application, by="asha", id_=id_, now=NOW)


@pytest.mark.parametrize(("by", "state", "rule"), [("dev", "draft", "A"), ("asha", "submitted", "A4")])
def test_a_permission_is_said_by_the_applicant_in_the_draft_only(by: str, state: str, rule: str) -> None:
    first = an_application().evidence[0]
    application = an_application(state, evidence=(replace(first, about_others=True),))
    with refused(rule, "", NotAllowedError if rule == "A" else RefusedError):
        permit_evidence(application, by=by, id_="evidence-1", now=NOW)


def test_a_witness_would_rather_not_and_may_change_their_mind() -> None:
    application = asked(an_application("submitted"), "ben")
    application = evolve_application(application, decline_statement(application, by="ben", now=NOW))
    assert [one.state for one in application.witnesses] == ["declined"]
    application = evolve_application(application, change_statement(application, by="ben", text="t", now=NOW))
    assert application.witnesses_given == 1
    with refused("G6", "Your words are in already"):
        decline_statement(application, by="ben", now=NOW)
    with refused("G6", "not asked for a statement", NotAllowedError):
        decline_statement(application, by="zoe", now=NOW)
    with refused("G6", "statements stay as they are"):
        decline_statement(replace(application, state="in_consent"), by="ben", now=NOW)


def test_a_witness_without_words_can_be_let_go_and_has_no_part_from_then_on() -> None:
    application = asked(an_application(), "ben", "zoe")
    released = evolve_application(application, release_witness(application, by="asha", id_="witness-ben", now=NOW))
    assert application.witnessing == {"ben", "zoe"}
    assert released.witnessing == {"zoe"}
    with refused("G6", "not asked for a statement", NotAllowedError):
        change_statement(released, by="ben", text="t", now=NOW)
    with refused("G6", "not asked here now"):
        release_witness(released, by="asha", id_="witness-ben", now=NOW)
    with refused("G6", "has been asked already"):
        asked(released, "ben")


def test_words_that_were_given_stay_with_the_witness() -> None:
    application = asked(an_application(), "ben")
    with refused("A", "Only the applicant", NotAllowedError):
        release_witness(application, by="ben", id_="witness-ben", now=NOW)
    with refused("G6", "not asked here now"):
        release_witness(replace(application, state="in_consent"), by="asha", id_="witness-ben", now=NOW)
    application = evolve_application(application, change_statement(application, by="ben", text="t", now=NOW))
    with refused("G6", "only they can take them back"):
        release_witness(application, by="asha", id_="witness-ben", now=NOW)
