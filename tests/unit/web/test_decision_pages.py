"""The consent page, the screen in the room, and the record of a decision."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from issuer.errors import InvalidInputError, NotAllowedError, NotFoundError, RefusedError
from issuer.service import processes, records
from issuer.service.models import (
    Amendment,
    AnswerDraft,
    AnswerView,
    ProcessPage,
    QuestionView,
    ReactionView,
    RecordField,
    SaidView,
)
from issuer.web.decisions import mark, phases
from keys import decode_base64url, encode_base64url
from schemas import record_from_json, record_root, record_slots, seal_record, view_record
from tests.unit.web.decision_samples import (
    CHIARA,
    CRITERIA,
    DEV,
    ELI,
    a_decision,
    a_process,
    a_proposal,
    a_to_sign,
    an_objection,
    record_fields,
    seats,
)
from tests.unit.web.served import Calls, a_client, everywhere

PATH = "/processes/prc3"
NASTY = "<script>alert(1)</script><img src=x onerror=alert(2)>\"' [a](javascript:alert(3))"
MINE = AnswerView(by=ELI, response="consent", concern="It may slip.", reason="", version=1, round=1)
THEIRS = AnswerView(by=DEV, response="objection", concern="", reason="Seen in texts only.", version=1, round=1)
QUESTION = QuestionView(id="q1", by=DEV, text="Written during the meeting?", answer="Yes.")
SAID = SaidView(by=ELI, response="consent", concern="It may slip.", reason="", noted_by=CHIARA)
OPEN_QUESTION = QuestionView(id="q2", by=CHIARA, text="Who looks after the backlog?", answer=None)
NOT_YET = a_proposal(
    version=2, outcome="not_yet", preview=None, plan="Two more meetings.", look_again_on=date(2026, 9, 1)
)
ADOPT: dict[str, Any] = {
    "badges": [{"name": "Circle Member", "version": "1", "level": "practitioner", "skill": "Takes part.",
                "criteria": list(CRITERIA), "show": ["Minutes."]}],
    "founders": {"Chiara Bianchi": "Four years of minutes."},
    "founding_until": date(2027, 5, 1),
}  # fmt: skip
CONSTITUTE: dict[str, Any] = {
    "circle": {"kind": "pod", "name": "Pod North", "aim": "Learn by doing.", "domain": "Our meetings.",
               "parent": "Superpod Green", "members": ["Chiara Bianchi", "Dev Patel"],
               "roles": {"leader": "Chiara Bianchi"}, "policy": "small_circle"}
}  # fmt: skip

# Every phase and role once; a name, the page, and words that stand on it.
PAGES: dict[str, tuple[ProcessPage, str]] = {
    "preparing": (
        a_process(phase="preparing", round=0, actions=frozenset({"open"}), blockers=("A checklist is missing.",)),
        "A checklist is missing.",
    ),
    "taking part": (
        a_process(phase="preparing", round=0, actions=frozenset({"give_key", "open"}), without_key=(ELI,)),
        "has still to say “I take part”",
    ),
    "another device": (
        a_process(phase="paused", paused_from="consent_round", actions=frozenset({"change_key"})),
        "I take part with this device",
    ),
    "signing": (a_process(to_sign=a_to_sign()), "Save what is to be signed"),
    "said for me": (
        a_process(to_sign=a_to_sign(), my_said=SAID, said=(replace(SAID, by=DEV, noted_by=None),)),
        "Chiara Bianchi wrote down what you said. It does not count yet: “I consent, and I have a concern”",
    ),
    "an objection said for me": (
        a_process(to_sign=a_to_sign(), my_said=replace(SAID, response="objection", concern="", reason="Not yet.")),
        "Yes, this is my objection",
    ),
    "writing down": (a_process(actions=frozenset({"note_answer"})), "Somebody said their answer aloud?"),
    "questions": (a_process(phase="clarifying", round=0, actions=frozenset({"ask", "pass_questions", "react"}),
                            questions=(QUESTION, OPEN_QUESTION)), "I have no question"),
    "asked already": (a_process(phase="clarifying", round=0, actions=frozenset({"ask"})), "I have a question"),
    "the applicant answers": (
        a_process(phase="clarifying", round=0, questions=(OPEN_QUESTION,), actions=frozenset({"answer_question"})),
        "Your answer",
    ),
    "reactions": (
        a_process(phase="reacting", round=0, reactions=(ReactionView(by=DEV, text="Solid."),),
                  actions=frozenset({"react", "ask"})),
        "I pass",
    ),
    "reacted already": (
        a_process(phase="reacting", round=0, actions=frozenset({"ask"})),
        "I still have a question",
    ),
    "before my answer": (a_process(), "I consent"),
    "after my answer": (
        a_process(my_answer=MINE, answers=(MINE, THEIRS), actions=frozenset()),
        "You consented, and you have a concern.",
    ),
    "an objection to word": (
        a_process(phase="integrating", actions=frozenset({"amend"}), my_answer=MINE, answers=(MINE, THEIRS),
                  objections=(an_objection(actions=frozenset({"word"})),)),
        "How we understand it",
    ),
    "my objection": (
        a_process(phase="integrating", actions=frozenset({"amend", "refer"}), until=None,
                  objections=(an_objection(by=ELI, wording="Notes without feelings were not seen.",
                                           actions=frozenset({"understood", "concern", "take_back"})),)),
        "Yes, that is my objection",
    ),
    "settling": (a_process(phase="settling", actions=frozenset({"object_late"})), "Something new came up"),
    "the closing round": (
        a_process(phase="settling", mode="meeting", meeting_code="k7qm2x", actions=frozenset({"nothing_more"}),
                  closing_said=frozenset({"chiara"}), seats=seats(chiara="spoken")),
        "I have nothing more to bring",
    ),
    "the plan": (
        a_process(phase="settling", proposal=NOT_YET, actions=frozenset({"answer_plan"})),
        "No plan agreed",
    ),
    "consented": (
        a_process(phase="closed", outcome="consented", decision_id="prc3", until=None, actions=frozenset(),
                  objections=(an_objection(state="integrated", how_met="One more meeting was shown."),)),
        "The circle consented",
    ),
    "not yet": (
        a_process(phase="closed", outcome="not_yet", decision_id="prc3", proposal=NOT_YET, actions=frozenset()),
        "Not yet, and here is a plan",
    ),
    "referred": (
        a_process(phase="closed", outcome="referred", actions=frozenset(),
                  objections=(an_objection(state="referred"),)),
        "The question went on to the broader circle",
    ),
    "withdrawn": (a_process(phase="closed", outcome="withdrawn", actions=frozenset()), "Stepped back"),
    "lapsed": (a_process(phase="closed", outcome="lapsed", actions=frozenset()), "This decision is over"),
    "paused": (
        a_process(phase="paused", paused_from="consent_round", actions=frozenset({"resume"})),
        "Go on where it was",
    ),
    "adopting badges": (
        a_process(kind="adopt", concerned=None, application_id=None, criteria=(),
                  proposal=a_proposal(outcome="adopt", preview=ADOPT)),
        "Their founding task ends on 1 May 2027.",
    ),
    "constituting a circle": (
        a_process(kind="constitute", concerned=None, application_id=None, criteria=(),
                  proposal=a_proposal(outcome="constitute", preview=CONSTITUTE)),
        "Superpod Green",
    ),
    "a circle that is not there yet": (
        a_process(circle=replace(a_process().circle, slug="", parent=None), kind="constitute", concerned=None),
        "Pod North",
    ),
}  # fmt: skip

ACTIONS = {
    "give_key": "preparing",
    "note_answer": "consent_round",
    "open": "preparing",
    "ask": "clarifying",
    "answer_question": "clarifying",
    "pass_questions": "clarifying",
    "react": "reacting",
    "advance": "reacting",
    "respond": "consent_round",
    "extend": "consent_round",
    "amend": "integrating",
    "rewrite": "clarifying",
    "nothing_more": "settling",
    "answer_plan": "settling",
    "object_late": "settling",
    "refer": "integrating",
    "withdraw": "consent_round",
    "pause": "consent_round",
    "resume": "paused",
}


@pytest.fixture
def calls() -> Calls:
    return Calls()


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    return a_client(monkeypatch)


Show = Callable[[ProcessPage], str]


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch, client: FlaskClient) -> Show:
    """Show a process page and return its HTML."""

    def shown(page: ProcessPage, path: str = PATH) -> str:
        monkeypatch.setattr(processes, "process_page", lambda _academy, *, id_, reader: page)
        answer = client.get(path)
        assert answer.status_code == 200
        return answer.get_data(as_text=True)

    return shown


def words_of(html: str) -> str:
    """Return what stands on a page, without its markup."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def sent_to(html: str) -> set[str]:
    """Return the actions that a page's forms send."""
    return set(re.findall(rf'<form method="post" action="{PATH}/([a-z_]+)"', html))


# The page in every phase.


@pytest.mark.parametrize("name", PAGES)
def test_every_phase_and_role_has_its_page(name: str, show: Show) -> None:
    page, expected = PAGES[name]
    html = show(page)
    assert expected in words_of(html)
    assert html.count("<h1") == 1
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids)), sorted(id_ for id_ in ids if ids.count(id_) > 1)
    labels = set(re.findall(r'<label[^>]* for="([^"]+)"', html))
    assert labels <= set(ids)
    described = {
        id_ for value in re.findall(r'aria-(?:describedby|labelledby)="([^"]+)"', html) for id_ in value.split()
    }
    assert described <= set(ids)


@pytest.mark.parametrize("name", PAGES)
def test_no_page_speaks_of_votes_or_approval(name: str, show: Show) -> None:
    words = words_of(show(PAGES[name][0])).lower()
    found = re.search(
        r"\b(vote|votes|voting|approve[ds]?|approval|reject(ed|s)?|fail(ed|s)?|denied|pending)\b", words
    )
    assert found is None, found


@pytest.mark.parametrize("name", PAGES)
def test_no_page_has_a_style_or_a_script_of_its_own(name: str, show: Show) -> None:
    html = show(PAGES[name][0])
    assert " style=" not in html
    assert "<style" not in html
    assert not re.search(r"<script(?![^>]* src=\"/assets/)", html)
    assert not re.search(r"<[^>]+ on[a-z]+=", html)


@pytest.mark.parametrize("name", PAGES)
def test_what_people_type_is_shown_as_they_typed_it(name: str, show: Show) -> None:
    fixed = {"award", "adopt", "constitute", "not_yet", "consented", "referred", "withdrawn", "lapsed", "async",
             "meeting", "consent", "objection", "integrated", "raised", "spoken", "passed", "decider", "mentor",
             "applicant", "facilitator", "name", "small_circle", "pod", "prc3", "obj1"}  # fmt: skip
    fixed |= {
        "preparing",
        "clarifying",
        "reacting",
        "consent_round",
        "integrating",
        "settling",
        "closed",
        "paused",
    }
    page = PAGES[name][0]

    def nasty(text: str) -> str:
        return text if text in fixed or not text else NASTY

    html = show(replace(everywhere(page, nasty), actions=page.actions))
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert 'href="javascript:' not in html
    assert "alert(1)" in words_of(html)


@pytest.mark.parametrize(("action", "phase"), ACTIONS.items())
def test_a_page_offers_exactly_what_the_rules_would_accept(action: str, phase: str, show: Show) -> None:
    page = a_process(
        phase=phase,
        paused_from="reacting" if phase == "paused" else None,
        mode="meeting",
        questions=(OPEN_QUESTION,),
        objections=(an_objection(),),
        actions=frozenset({action}),
    )
    assert sent_to(show(page)) == {action}
    assert sent_to(show(replace(page, actions=frozenset()))) == set()


@pytest.mark.parametrize("action", ["word", "understood", "concern", "take_back"])
def test_an_objection_offers_exactly_what_the_rules_would_accept(action: str, show: Show) -> None:
    html = show(
        a_process(
            phase="integrating", actions=frozenset(), objections=(an_objection(actions=frozenset({action})),)
        )
    )
    assert sent_to(html) == {"word_objection" if action == "word" else "change_objection"}
    assert set(re.findall(r'name="step" value="([a-z_]+)"', html)) == ({action} - {"word"})


def test_when_everybody_has_spoken_the_facilitators_button_stands_on_top(show: Show) -> None:
    page = a_process(phase="reacting", mode="meeting", actions=frozenset({"advance", "pause"}), seats=seats())
    spoken = replace(page, seats=seats(chiara="spoken", dev="passed", eli="spoken"))
    for shown, on_top in ((page, False), (spoken, True)):
        html = show(shown)
        assert html.count(f'action="{PATH}/advance"') == 1
        assert (html.index(f'action="{PATH}/advance"') < html.index("The proposal")) is on_top


def test_consent_is_one_tap_and_binds_to_the_version_that_was_read(show: Show) -> None:
    html = show(a_process(proposal=a_proposal(version=3)))
    form = html[html.index('class="answer answer-consent"') :]
    form = form[: form.index("</form>")]
    assert 'name="version" value="3"' in form
    assert 'name="response" value="consent"' in form
    assert " required" not in form
    assert form.index("I consent") < form.index("My concern")


def test_the_two_answers_look_alike(show: Show) -> None:
    html = show(a_process())
    assert html.count("answer-button") == 2
    assert 'class="button answer-button"' in html
    assert 'class="button primary"' not in html


def test_before_my_answer_the_page_says_why_the_others_are_not_shown(show: Show) -> None:
    assert "What the others say is shown when you have answered" in words_of(show(a_process()))


def test_a_lapsed_answer_says_for_which_version_it_was(show: Show) -> None:
    words = words_of(show(a_process(round=2, proposal=a_proposal(version=2), answers=(THEIRS,))))
    assert "Dev Patel has an objection (version 1, round 1)" in words


def test_an_amendment_starts_from_the_version_on_the_table_and_asks_how_it_meets_each_open_objection(
    show: Show,
) -> None:
    met = an_objection(id="obj0", state="integrated", how_met="Earlier.")
    html = show(a_process(phase="integrating", actions=frozenset({"amend"}), objections=(met, an_objection()),
                          proposal=a_proposal(term_months=24)))  # fmt: skip
    form = html[html.index(f'action="{PATH}/amend"') :]
    assert "We award the badge to **Asha Rao**" in form
    assert 'name="review_on" type="date" value="2028-05-03"' in form
    assert 'type="number" value="24"' in form
    assert 'value="award" checked' in form
    assert re.findall(r'name="(met-[^"]+)"', form) == ["met-obj1"]


def test_the_badge_is_shown_as_people_will_see_it(show: Show) -> None:
    html = show(a_process())
    assert '<img src="/images/secretary.png" alt="" width="120" height="120">' in html
    assert "for Asha Rao" in words_of(html)
    assert CRITERIA[2] in words_of(html)


def test_phases_are_told_in_words_and_working_on_an_objection_only_while_it_is_needed(show: Show) -> None:
    html = show(a_process())
    line = html[html.index('<ol class="phases"') : html.index("</ol>")]
    assert words_of(line.partition(">")[2]) == (
        "Preparing (done) Questions (done) Reactions (done) Consent round Settling Decided"
    )
    assert line.count('aria-current="step"') == 1
    assert [one["name"] for one in phases(a_process(phase="integrating")) if one["state"] == "now"] == [
        "Working on an objection"
    ]


# Sending.


def test_an_answer_reaches_the_rules_as_it_was_given(
    monkeypatch: pytest.MonkeyPatch, client: FlaskClient, calls: Calls
) -> None:
    monkeypatch.setattr(processes, "respond", calls.of("respond"))
    consent = {
        "version": "2",
        "response": "consent",
        "concern": " It may slip. ",
        "reason": "x",
        "show_name": "yes",
    }
    answer = client.post(f"{PATH}/respond", data=consent)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{PATH}#now"
    objection = {
        "version": "2",
        "response": "objection",
        "reason": "Not seen.",
        "about": CRITERIA[1],
        "concern": "x",
    }
    assert client.post(f"{PATH}/respond", data=objection).status_code == 303
    assert calls.seen == [
        ("respond", {"by": "eli", "id_": "prc3", "answer": AnswerDraft(
            version=2, response="consent", concern="It may slip.", show_name=True)}),
        ("respond", {"by": "eli", "id_": "prc3", "answer": AnswerDraft(
            version=2, response="objection", reason="Not seen.", about=CRITERIA[1])}),
    ]  # fmt: skip


def test_what_was_done_is_said_on_the_next_page(
    monkeypatch: pytest.MonkeyPatch, client: FlaskClient, calls: Calls
) -> None:
    monkeypatch.setattr(processes, "pass_questions", calls.of("pass_questions"))
    monkeypatch.setattr(processes, "process_page", lambda _academy, *, id_, reader: a_process())
    html = client.post(f"{PATH}/pass_questions", follow_redirects=True).get_data(as_text=True)
    assert '<p class="notice good" role="status">Noted: you have no question.</p>' in html


@pytest.mark.parametrize(
    ("action", "data", "call", "values"),
    [
        ("open", {"text": "Shall we?", "review_on": "2027-05-03", "measures": "Ask two members.\n\n Look. "},
         "open_process",
         {"text": "Shall we?", "review_on": date(2027, 5, 3), "measures": ("Ask two members.", "Look.")}),
        ("ask", {"text": "Why?"}, "ask", {"text": "Why?"}),
        ("answer_question", {"question": "q2", "text": "Ben."}, "answer_question",
         {"question": "q2", "text": "Ben."}),
        ("react", {"text": "Fine."}, "react", {"text": "Fine."}),
        ("react", {"passes": "yes"}, "react", {"text": None}),
        ("advance", {}, "advance", {}),
        ("extend", {}, "extend", {}),
        ("word_objection", {"objection": "obj1", "wording": "So."}, "word_objection",
         {"objection": "obj1", "wording": "So."}),
        ("change_objection", {"objection": "obj1", "step": "take_back"}, "change_objection",
         {"objection": "obj1", "step": "take_back"}),
        ("rewrite", {}, "rewrite", {}),
        ("nothing_more", {}, "nothing_more", {}),
        ("answer_plan", {"agreed": "no"}, "answer_plan", {"agreed": False}),
        ("object_late", {"reason": "New.", "about": ""}, "object_late", {"reason": "New.", "about": ""}),
        ("refer", {}, "refer", {}),
        ("withdraw", {}, "withdraw_process", {}),
        ("pause", {}, "pause", {}),
        ("resume", {}, "resume", {}),
    ],
)  # fmt: skip
def test_each_step_calls_its_use_case(
    *,
    action: str,
    data: dict[str, str],
    call: str,
    values: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    client: FlaskClient,
    calls: Calls,
) -> None:
    monkeypatch.setattr(processes, call, calls.of(call))
    assert client.post(f"{PATH}/{action}", data=data).status_code == 303
    assert calls.seen == [(call, {"by": "eli", "id_": "prc3"} | values)]


def test_not_yet_comes_with_its_plan_and_says_how_it_meets_the_objection(
    monkeypatch: pytest.MonkeyPatch, client: FlaskClient, calls: Calls
) -> None:
    monkeypatch.setattr(processes, "amend", calls.of("amend"))
    data = {"outcome": "not_yet", "text": "", "plan": "Two more meetings.", "look_again_on": "2026-09-01",
            "term_months": "24", "review_on": "", "measures": "", "met-obj1": "It is looked at again.",
            "met-obj2": " "}  # fmt: skip
    client.post(f"{PATH}/amend", data=data)
    amendment = Amendment(outcome="not_yet", plan="Two more meetings.", look_again_on=date(2026, 9, 1),
                          how_met={"obj1": "It is looked at again."})  # fmt: skip
    assert calls.seen == [("amend", {"by": "eli", "id_": "prc3", "amendment": amendment})]


@pytest.mark.parametrize(
    ("action", "data", "field"),
    [
        ("respond", {"version": "1", "response": "objection", "reason": "  "}, "reason"),
        ("respond", {"version": "1", "response": "maybe"}, "response"),
        ("respond", {"response": "consent"}, "version"),
        ("respond", {"version": "²", "response": "consent"}, "version"),
        ("respond", {"version": "9" * 5000, "response": "consent"}, "version"),
        ("ask", {"text": ""}, "text"),
        ("ask", {"text": "x" * 8001}, "text"),
        ("react", {}, "text"),
        ("open", {"review_on": "3 May"}, "review_on"),
        ("open", {"measures": "one\n" * 7}, "measures"),
        ("change_objection", {"objection": "obj1", "step": "close"}, "step"),
        ("amend", {"outcome": "award", "term_months": "-1"}, "term_months"),
        ("amend", {"outcome": "not_yet", "plan": ""}, "plan"),
        ("amend", {"outcome": "revoke"}, "outcome"),
        ("answer_plan", {}, "agreed"),
    ],
)
def test_what_cannot_be_taken_is_said_and_nothing_is_done(
    *,
    action: str,
    data: dict[str, str],
    field: str,
    monkeypatch: pytest.MonkeyPatch,
    client: FlaskClient,
    calls: Calls,
) -> None:
    for name in ("respond", "ask", "react", "open_process", "change_objection", "amend", "answer_plan"):
        monkeypatch.setattr(processes, name, calls.of(name))
    page = a_process(phase="integrating", actions=frozenset({"amend", "respond", "ask", "react", "open"}))
    monkeypatch.setattr(processes, "process_page", lambda _academy, *, id_, reader: page)
    answer = client.post(f"{PATH}/{action}", data=data)
    assert answer.status_code == 422
    assert not calls.seen
    html = answer.get_data(as_text=True)
    assert 'role="alert"' in html
    assert f"-{field}" in html


def test_a_fault_stands_beside_its_field_and_what_was_typed_stays(
    monkeypatch: pytest.MonkeyPatch, client: FlaskClient, calls: Calls
) -> None:
    monkeypatch.setattr(processes, "respond", calls.of("respond"))
    monkeypatch.setattr(processes, "process_page", lambda _academy, *, id_, reader: a_process())
    data = {"version": "1", "response": "objection", "reason": "", "about": CRITERIA[2], "show_name": "yes"}
    html = client.post(f"{PATH}/respond", data=data).get_data(as_text=True)
    form = html[html.index('class="answer answer-objection"') :]
    form = form[: form.index("</form>")]
    assert "<details open>" in form
    assert 'id="respond-objection-reason-fault">Say in one sentence what would get in the way of the aim.' in form
    assert f'value="{CRITERIA[2]}" selected' in form
    assert 'value="yes" checked' in form
    other = html[html.index('class="answer answer-consent"') : html.index('class="answer answer-objection"')]
    assert "fault" not in other


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RefusedError("Version 2 is on the table now.", rule="G7", remedy="Read it and answer again."), 409),
        (NotAllowedError("Only those who decide can do this.", rule="G1", remedy=""), 403),
    ],
)
def test_a_refusal_names_its_rule_and_keeps_what_was_typed(
    error: RefusedError, status: int, monkeypatch: pytest.MonkeyPatch, client: FlaskClient, calls: Calls
) -> None:
    monkeypatch.setattr(processes, "respond", calls.of("respond", raises=error))
    later = a_process(phase="integrating", actions=frozenset())
    monkeypatch.setattr(processes, "process_page", lambda _academy, *, id_, reader: later)
    data = {"version": "1", "response": "objection", "reason": "A long thought that took me a while."}
    answer = client.post(f"{PATH}/respond", data=data)
    assert answer.status_code == status
    words = words_of(answer.get_data(as_text=True))
    assert error.message in words
    assert f"Nothing was changed. Rule {error.rule} of the decision process" in words
    assert "A long thought that took me a while." in words


def test_a_refusal_without_a_page_is_still_a_sentence(
    monkeypatch: pytest.MonkeyPatch, client: FlaskClient, calls: Calls
) -> None:
    monkeypatch.setattr(
        processes, "respond", calls.of("respond", raises=NotAllowedError("Not yours.", rule="G1", remedy=""))
    )

    def gone(_academy: object, *, id_: str, reader: str) -> ProcessPage:
        raise NotFoundError(id_)

    monkeypatch.setattr(processes, "process_page", gone)
    answer = client.post(f"{PATH}/respond", data={"version": "1", "response": "consent"})
    assert answer.status_code == 403
    assert "Not yours." in answer.get_data(as_text=True)


def test_programs_get_a_refusal_as_problem_details(
    monkeypatch: pytest.MonkeyPatch, client: FlaskClient, calls: Calls
) -> None:
    refusal = RefusedError("Closed.", rule="C5", remedy="Look again.")
    monkeypatch.setattr(processes, "pause", calls.of("pause", raises=refusal))
    answer = client.post(f"{PATH}/pause", headers={"Accept": "application/json"})
    assert answer.status_code == 409
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["rule"] == "C5"


@pytest.mark.parametrize("action", ["approve", "close", "process_page", "__class__", "seal"])
def test_there_is_no_step_but_those_of_the_process(action: str, client: FlaskClient) -> None:
    assert client.post(f"{PATH}/{action}").status_code == 404


def test_a_form_of_another_site_does_nothing(monkeypatch: pytest.MonkeyPatch, calls: Calls) -> None:
    monkeypatch.setattr(processes, "respond", calls.of("respond"))
    client = a_client(monkeypatch, own_forms=False)
    answer = client.post(f"{PATH}/respond", data={"version": "1", "response": "consent"})
    assert answer.status_code == 400
    assert not calls.seen


@pytest.mark.parametrize("path", [PATH, f"{PATH}/room", f"{PATH}/pulse", "/m/k7qm2x"])
def test_visitors_sign_in_first_and_come_back(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = a_client(monkeypatch, signed_in=False).get(path)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/sign-in?next={path}"


def test_visitors_cannot_send_an_answer(monkeypatch: pytest.MonkeyPatch, calls: Calls) -> None:
    monkeypatch.setattr(processes, "respond", calls.of("respond"))
    answer = a_client(monkeypatch, signed_in=False).post(
        f"{PATH}/respond", data={"version": "1", "response": "consent"}
    )
    assert answer.status_code == 303
    assert not calls.seen


# The meeting.


def test_the_code_on_the_screen_leads_to_the_decision(
    monkeypatch: pytest.MonkeyPatch, client: FlaskClient
) -> None:
    monkeypatch.setattr(processes, "process_of_code", lambda _academy, *, code: {"K7QM2X": "prc3"}[code])
    assert client.get("/m/K7QM2X").headers["Location"] == PATH


def test_the_screen_in_the_room_draws_itself_again_and_no_other_page_does(show: Show) -> None:
    page = a_process(mode="meeting", meeting_code="k7qm2x", actions=frozenset())
    room = show(page, f"{PATH}/room")  # type: ignore[call-arg]  # the fixture takes a path
    assert re.search(r'<noscript><meta http-equiv="refresh" content="\d+"></noscript>', room)
    assert "http-equiv" not in show(page)
    ended = replace(page, phase="closed", outcome="consented")
    assert "http-equiv" not in show(ended, f"{PATH}/room")  # type: ignore[call-arg]  # the fixture takes a path


def test_the_screen_in_the_room_shows_how_to_join_and_who_has_not_spoken(show: Show) -> None:
    page = a_process(mode="meeting", meeting_code="k7qm2x", actions=frozenset())
    html = show(page, f"{PATH}/room")  # type: ignore[call-arg]  # the fixture takes a path
    assert "QR code that opens https://academy.example/m/k7qm2x" in html
    waiting = html[html.index("Who has not spoken yet") : html.index("room-join")]
    assert re.findall(r'<span lang="">([^<]+)</span>', waiting) == ["Dev Patel", "Eli Stone"]
    assert sent_to(html) == set()
    held = show(replace(page, actions=frozenset({"advance", "pause"})), f"{PATH}/room")  # type: ignore[call-arg]  # the fixture takes a path
    assert sent_to(held) == {"advance"}


def test_going_on_from_the_room_comes_back_to_the_room(
    monkeypatch: pytest.MonkeyPatch, client: FlaskClient, calls: Calls
) -> None:
    monkeypatch.setattr(processes, "advance", calls.of("advance"))
    answer = client.post(f"{PATH}/advance", data={"back": "room"})
    assert answer.headers["Location"] == f"{PATH}/room"


def test_a_page_notices_what_others_do(monkeypatch: pytest.MonkeyPatch, client: FlaskClient) -> None:
    page = a_process()
    monkeypatch.setattr(processes, "process_page", lambda _academy, *, id_, reader: page)
    answer = client.get(f"{PATH}/pulse")
    assert answer.get_json() == {"mark": mark(page), "phase": "consent_round"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert f'data-mark="{mark(page)}"' in client.get(PATH).get_data(as_text=True)
    changed = [
        replace(page, phase="settling"),
        replace(page, round=2),
        replace(page, seats=seats(chiara="spoken", dev="spoken")),
        replace(page, questions=(OPEN_QUESTION,)),
        replace(page, reactions=(ReactionView(by=DEV, text="Fine."),)),
        replace(page, objections=(an_objection(),)),
        replace(page, closing_said=frozenset({"dev"})),
        replace(page, proposal=a_proposal(version=2)),
        replace(page, actions=frozenset()),
    ]
    assert len({mark(one) for one in [page, *changed]}) == len(changed) + 1


# The record.


def sealed(values: dict[tuple[str, ...], Any], *, open_to: set[str]) -> tuple[RecordField, ...]:
    """Seal a record and return its slots as one of these groups sees them."""
    seeds = iter(range(10_000))
    leaves = seal_record(values, random_bytes=lambda size: next(seeds).to_bytes(size, "big"))
    labels = {slot.path: slot.label for slot in record_slots()}
    return tuple(
        RecordField(
            path=leaf.path,
            label=labels[leaf.path],
            value=leaf.value,
            open=leaf.open,
            leaf=encode_base64url(leaf.hash),
            salt=encode_base64url(leaf.salt) if leaf.salt is not None else None,
        )
        for leaf in view_record(leaves, open_to=open_to)
    )


VALUES: dict[tuple[str, ...], Any] = {
    ("kind",): "award",
    ("circle",): "Pod North",
    ("count", "deciders"): 3,
    ("flag", "founding"): True,
    ("objections", "0", "summary"): "Only the circle reads this.",
}


@pytest.mark.parametrize("path", ["/decisions/prc3", "/decisions/prc3.json"])
def test_anybody_recomputes_the_root_from_the_file(
    path: str, monkeypatch: pytest.MonkeyPatch, client: FlaskClient
) -> None:
    roots = set()
    for open_to in ({"credential"}, {"credential", "members", "circle"}):
        fields = sealed(VALUES, open_to=open_to)
        page = a_decision(fields=fields)
        monkeypatch.setattr(records, "decision_page", lambda _academy, *, id_, reader, page=page: page)
        answer = client.get(path, headers={"Accept": "application/json"})
        record = json.loads(answer.data)
        assert list(record) == ["version", "leaves", "root", "signature", "recordKey"]
        assert record["version"] == "academy-badges/record/v1"
        roots.add(record_root(record_from_json(record["leaves"])))
        assert ("Only the circle reads this." in answer.get_data(as_text=True)) == ("circle" in open_to)
    assert len(roots) == 1
    assert decode_base64url(encode_base64url(next(iter(roots))))


def test_a_closed_leaf_shows_its_hash_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, client: FlaskClient
) -> None:
    page = a_decision(fields=sealed(VALUES, open_to={"credential"}))
    monkeypatch.setattr(records, "decision_page", lambda _academy, *, id_, reader: page)
    html = client.get("/decisions/prc3", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert "Only the circle reads this." not in html
    leaf = next(one for one in page.fields if one.path == ("objections", "0", "summary"))
    assert leaf.leaf in html
    assert "Pod North" in html


def record_page(monkeypatch: pytest.MonkeyPatch, client: FlaskClient, **changes: Any) -> str:
    monkeypatch.setattr(records, "decision_page", lambda _academy, *, id_, reader: a_decision(**changes))
    return words_of(client.get("/decisions/prc3", headers={"Accept": "text/html"}).get_data(as_text=True))


def test_a_record_begins_with_plain_sentences(monkeypatch: pytest.MonkeyPatch, client: FlaskClient) -> None:
    words = record_page(monkeypatch, client, fields=record_fields(**{"flag/founding": True}))
    for sentence in (
        "Pod North decided this by consent on 3 May 2026.",
        "The circle looks at it again on 3 May 2028.",
        "3 peers decided, and each of them spoke. One of them holds this badge.",
        "It took 2 consent rounds. One objection was raised and met.",
        "Founding decision: members who founded this badge decided.",
    ):
        assert sentence in words


def test_a_record_says_what_is_proven_and_what_is_the_academys_word(
    monkeypatch: pytest.MonkeyPatch, client: FlaskClient
) -> None:
    words = record_page(monkeypatch, client)
    assert "What is proven, and what is the Academy's word" in words
    assert "Each answer is signed with a key that its peer keeps." in words


def test_a_sparse_record_leaves_out_what_it_does_not_say(
    monkeypatch: pytest.MonkeyPatch, client: FlaskClient
) -> None:
    words = record_page(monkeypatch, client, fields=(), badge=None, review_on=None, story=(), outcome="not_yet")
    assert "Pod North decided by consent on 3 May 2026: not yet, and here is a plan." in words
    assert "peers decided" not in words


def test_a_record_that_is_not_there_is_a_page_for_people_and_a_problem_for_programs(
    monkeypatch: pytest.MonkeyPatch, client: FlaskClient
) -> None:
    def nothing(_academy: object, *, id_: str, reader: str | None) -> None:
        raise NotFoundError("There is no such decision.")

    monkeypatch.setattr(records, "decision_page", nothing)
    assert client.get("/decisions/x", headers={"Accept": "text/html"}).mimetype == "text/html"
    for path in ("/decisions/x", "/decisions/x.json"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert answer.mimetype == "application/problem+json"


def test_what_stands_in_a_record_never_becomes_markup(
    monkeypatch: pytest.MonkeyPatch, client: FlaskClient
) -> None:
    page = everywhere(a_decision(), lambda _text: NASTY)
    monkeypatch.setattr(records, "decision_page", lambda _academy, *, id_, reader: page)
    html = client.get("/decisions/prc3", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert "<script>alert" not in html
    assert "<img src=x" not in html


def test_an_error_of_the_form_is_not_lost_on_the_way(monkeypatch: pytest.MonkeyPatch, client: FlaskClient) -> None:
    """A use case may find a fault that the form could not see."""

    def judge(_academy: object, **_values: Any) -> None:
        raise InvalidInputError({"review_on": "The review lies in the past."})

    monkeypatch.setattr(processes, "amend", judge)
    page = a_process(phase="integrating", actions=frozenset({"amend"}))
    monkeypatch.setattr(processes, "process_page", lambda _academy, *, id_, reader: page)
    data = {"outcome": "award", "review_on": "2020-01-01", "text": "Typed with care."}
    answer = client.post(f"{PATH}/amend", data=data)
    assert answer.status_code == 422
    html = answer.get_data(as_text=True)
    assert 'id="amend-review_on-fault">The review lies in the past.' in html
    assert "Typed with care." in html
