"""What is signed with a person's own key, as the pages hand it out and take it in; and a badge being sealed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from issuer.cli.signing import read_signing
from issuer.errors import BeingSealedError, NotFoundError
from issuer.service import credentials, processes
from issuer.service.models import AnswerDraft, ProcessPage
from tests.unit.web.decision_samples import DEV, ELI, a_process, a_to_sign
from tests.unit.web.served import Calls, a_client
from tests.unit.web.site import Page, faults_of, look

PATH = "/processes/prc3"
TRICKY = 'O\'Brien "<b>" & Söhne'
Serve = Callable[[ProcessPage], FlaskClient]


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    return a_client(monkeypatch)


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch, client: FlaskClient) -> Serve:
    def served(page: ProcessPage) -> FlaskClient:
        monkeypatch.setattr(processes, "process_page", lambda _academy, *, id_, reader: page)
        return client

    return served


def _forms(page: Page, attribute: str) -> list[dict[str, str]]:
    return [tag for tag in page.tags("form") if attribute in tag]


# What the script reads.


def test_both_answers_carry_what_the_script_signs_whatever_a_name_holds(serve: Serve) -> None:
    to_sign = a_to_sign(name=TRICKY)
    page = look(serve(a_process(to_sign=to_sign)).get(PATH).text)
    forms = _forms(page, "data-sign")
    assert len(forms) == 2
    for form in forms:
        assert json.loads(form["data-signing"]) == to_sign.to_json()
        assert (form["data-sign"], form["data-key"], form["data-who"]) == ("answer", "did:key:z6MkEli", "eli")
        assert "counts when you confirm it with your key" in form["data-unsigned"]
    assert [tag["src"].partition("?")[0] for tag in page.tags("script") if tag.get("type") == "module"] == [
        "/assets/statements/forms.js"
    ]


def test_a_page_with_nothing_to_sign_loads_no_script_for_it(serve: Serve) -> None:
    html = serve(a_process(phase="settling", actions=frozenset())).get(PATH).text
    assert "statements/" not in html


def test_taking_part_is_one_button_and_the_key_comes_by_itself(serve: Serve) -> None:
    url = "https://academy.example/decisions/prc3"
    page = look(
        serve(a_process(phase="preparing", actions=frozenset({"give_key"}), decision_url=url)).get(PATH).text
    )
    (form,) = _forms(page, "data-statement-key")
    assert form["data-statement-key"] == url
    assert form["data-who"] == "eli"


# What comes in.


def _sent(
    monkeypatch: pytest.MonkeyPatch, serve: Serve, action: str, data: dict[str, str], **page: Any
) -> tuple[Calls, Any]:
    calls = Calls()
    monkeypatch.setattr(processes, action, calls.of(action))
    client = serve(a_process(**({"to_sign": a_to_sign()} | page)))
    return calls, client.post(f"{PATH}/{action}", data=data)


def test_what_the_script_signed_goes_along_with_the_answer(monkeypatch: pytest.MonkeyPatch, serve: Serve) -> None:
    data = {"version": "1", "response": "consent", "concern": "It may slip.", "signed": '{"answer": {}}'}
    calls, answer = _sent(monkeypatch, serve, "respond", data)
    assert answer.status_code == 303
    draft = AnswerDraft(version=1, response="consent", concern="It may slip.", signed='{"answer": {}}')
    assert calls.seen == [("respond", {"by": "eli", "id_": "prc3", "answer": draft})]


def test_an_unsigned_answer_is_called_said(monkeypatch: pytest.MonkeyPatch, serve: Serve) -> None:
    _calls, answer = _sent(monkeypatch, serve, "respond", {"version": "1", "response": "consent"})
    assert answer.status_code == 303
    assert "It counts when you confirm it with your key." in serve(a_process()).get(PATH).text


STATEMENT = {"statement": {"statement": {"type": "not-yet"}, "key": "k", "signature": "s"}}
PASTED: dict[str, tuple[dict[str, Any], AnswerDraft]] = {
    "consent to a badge": ({"answer": {"issuer": "did:key:z6"}}, AnswerDraft(version=1, response="consent")),
    "consent by name": (
        {"answer": {"issuer": {"id": "did:key:z6", "name": "Eli"}}},
        AnswerDraft(version=1, response="consent", show_name=True),
    ),
    "with a concern": (
        {"answer": {"issuer": "did:key:z6"}, "concern": {}, "text": "It may slip.", "salt": "c2FsdA"},
        AnswerDraft(version=1, response="consent", concern="It may slip."),
    ),
    "not yet": (STATEMENT, AnswerDraft(version=1, response="consent")),
    "objection": (
        {"statement": {"statement": {"type": "objection"}}, "text": "Not seen.", "salt": "c2FsdA"},
        AnswerDraft(version=1, response="objection", reason="Not seen."),
    ),
}


@pytest.mark.parametrize("name", PASTED)
def test_what_a_command_line_signed_says_by_itself_what_the_answer_is(
    name: str, monkeypatch: pytest.MonkeyPatch, serve: Serve
) -> None:
    value, draft = PASTED[name]
    text = json.dumps(value)
    data = {"version": "1", "response": "signed", "signed": text}
    calls, answer = _sent(monkeypatch, serve, "respond", data)
    assert answer.status_code == 303
    sent: AnswerDraft = calls.seen[0][1]["answer"]
    assert sent.signed == text
    assert (sent.version, sent.response, sent.concern, sent.reason, sent.show_name) == (
        draft.version,
        draft.response,
        draft.concern,
        draft.reason,
        draft.show_name,
    )


@pytest.mark.parametrize("text", ["", "{", "[]", '{"answer": 1, "statement": 2}', '{"other": 1}'])
def test_what_is_pasted_and_is_nothing_signed_comes_back_with_its_field(
    text: str, monkeypatch: pytest.MonkeyPatch, serve: Serve
) -> None:
    data = {"version": "1", "response": "signed", "signed": text}
    calls, answer = _sent(monkeypatch, serve, "respond", data)
    assert answer.status_code == 422
    assert "respond-signed-signed-fault" in look(answer.text).ids
    assert faults_of(answer.text) == []
    assert calls.seen == []


def test_taking_part_without_a_key_says_where_to_get_one(monkeypatch: pytest.MonkeyPatch, serve: Serve) -> None:
    page = {"phase": "preparing", "actions": frozenset({"give_key"})}
    calls, answer = _sent(monkeypatch, serve, "give_key", {}, **page)
    assert answer.status_code == 422
    assert "No key came with it" in answer.text
    assert faults_of(answer.text) == []
    calls, answer = _sent(monkeypatch, serve, "give_key", {"key": " did:key:z6Mk "}, **page)
    assert answer.status_code == 303
    assert calls.seen == [("give_key", {"by": "eli", "id_": "prc3", "key": "did:key:z6Mk"})]


@pytest.mark.parametrize("response", ["consent", "objection"])
def test_what_somebody_said_is_written_down_for_them(
    response: str, monkeypatch: pytest.MonkeyPatch, serve: Serve
) -> None:
    page = {"actions": frozenset({"note_answer"})}
    data = {"member": "dev", "version": "1", "response": response, "words": "Not seen."}
    calls, answer = _sent(monkeypatch, serve, "note_answer", data, **page)
    assert answer.status_code == 303
    noted: AnswerDraft = calls.seen[0][1]["answer"]
    assert calls.seen[0][1]["member"] == "dev"
    assert (noted.concern, noted.reason) == (("Not seen.", "") if response == "consent" else ("", "Not seen."))
    assert noted.signed == ""


def test_an_objection_is_not_written_down_without_its_reason(
    monkeypatch: pytest.MonkeyPatch, serve: Serve
) -> None:
    page = {"actions": frozenset({"note_answer"})}
    data = {"version": "1", "response": "objection"}
    calls, answer = _sent(monkeypatch, serve, "note_answer", data, **page)
    assert answer.status_code == 422
    assert {"note_answer-words-fault", "note_answer-member-fault"} <= set(look(answer.text).ids)
    assert faults_of(answer.text) == []
    assert calls.seen == []


# Files.


def test_what_is_to_be_signed_is_a_file_for_the_one_who_signs(serve: Serve) -> None:
    answer = serve(a_process(to_sign=a_to_sign())).get(f"{PATH}/to-sign.json")
    assert answer.json == a_to_sign().to_json() | {"key": "did:key:z6MkEli"}
    assert read_signing(answer.data) == answer.json, "the command line takes it"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert serve(a_process(actions=frozenset())).get(f"{PATH}/to-sign.json").status_code == 404


def test_the_proposals_bytes_are_served_as_they_are_and_else_nothing(
    monkeypatch: pytest.MonkeyPatch, client: FlaskClient
) -> None:
    def proposal_bytes(_academy: object, *, id_: str, version: int, reader: str) -> bytes:
        if (id_, version, reader) != ("prc3", 1, "eli"):
            raise NotFoundError("There is nothing here.")
        return b'{"badge":{}}'

    monkeypatch.setattr(processes, "proposal_bytes", proposal_bytes)
    answer = client.get("/decisions/prc3/proposals/1")
    assert (answer.data, answer.mimetype) == (b'{"badge":{}}', "application/json")
    assert answer.headers["Cache-Control"] == "no-store"
    for number in ("2", "0", "01", "x", "9" * 5000, "²"):
        nothing = client.get(f"/decisions/prc3/proposals/{number}", headers={"Accept": "text/html"})
        assert (nothing.status_code, nothing.mimetype) == (404, "application/problem+json")
    stranger = a_client(monkeypatch, signed_in=False).get("/decisions/prc3/proposals/1")
    assert (stranger.status_code, stranger.mimetype) == (404, "application/problem+json")


# Who has given a key, and a badge that waits for the log.


def test_seats_say_in_words_who_has_still_to_take_part(serve: Serve) -> None:
    page = a_process(phase="preparing", round=0, actions=frozenset(), without_key=(DEV, ELI))
    seats = [" ".join(row.split()) for row in look(serve(page).get(PATH).text).text.split("\n") if row.strip()]
    words = " ".join(seats)
    assert words.count("has still to say “I take part”") == 2
    assert "takes part" in words


def test_a_badge_that_waits_for_the_log_says_so_and_programs_ask_again(
    monkeypatch: pytest.MonkeyPatch, client: FlaskClient
) -> None:
    def waits(_academy: object, **_given: object) -> None:
        raise BeingSealedError("This badge is being sealed in the public log. Ask again in a minute.")

    for name in ("credential_page", "signed_credential"):
        monkeypatch.setattr(credentials, name, waits)
    html = client.get("/credentials/bdg7", headers={"Accept": "text/html"})
    assert html.status_code == 200
    assert "This badge is being sealed in the public log" in html.text
    assert html.headers["Cache-Control"] == "no-store"
    assert faults_of(html.text) == []
    for suffix in ("", ".json", ".png"):
        answer = client.get(f"/credentials/bdg7{suffix}", headers={"Accept": "application/json"})
        assert (answer.status_code, answer.mimetype) == (503, "application/problem+json"), suffix
        assert answer.headers["Retry-After"]
