"""The application's page in every state, for everybody who has a part in it."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from issuer.errors import InvalidInputError, NotFoundError, RefusedError
from issuer.service import applications
from issuer.service.models import ApplicationPage, EvidenceDraft
from issuer.web import applications as application_views
from tests.unit.web.page_samples import A_TO_SIGN, CRITERIA, STATES, TRICKY, a_circle_page, a_me, an_application
from tests.unit.web.site import Site, a_site, faults_of, look

PATH = "/applications/app1"
CLAIMS = {f"claims-{number}": f"Words {number}" for number in range(len(CRITERIA))}
DRAFT = {"draft": "yes", "reflection": "Mine.", "named": "yes", "signed_name": "Asha Rao"} | CLAIMS


class Calls(list[tuple[str, dict[str, Any]]]):
    """The use cases that were called, in order, with what they were given."""

    @property
    def names(self) -> list[str]:
        return [name for name, _given in self]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    found = Calls()

    def record(name: str) -> Any:
        def call(_academy: object, **given: Any) -> str | None:
            found.append((name, given))
            return "/credentials/c1" if name == "accept" else None

        return call

    for name in applications.__all__:
        if name not in {"application_page", "evidence_file", "start"}:
            monkeypatch.setattr(applications, name, record(name))
    return found


def post_file(site: Site, path: str, content: bytes, **fields: str) -> TestResponse:
    """Send a large file in one piece of memory; the client's own way leaves a temporary file open."""
    values = (
        DRAFT | fields | {"csrf_token": site.token("/profile"), "file": FileStorage(BytesIO(content), "talks.pdf")}
    )
    boundary, body = encode_multipart(values)
    return site.client.post(path, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def site_with(monkeypatch: pytest.MonkeyPatch, state: str) -> Site:
    page = an_application(**STATES[state])

    def application_page(_academy: object, *, id_: str, reader: str) -> ApplicationPage:
        if id_ != page.id:
            raise NotFoundError(f"{reader} has no part in it")
        return page

    monkeypatch.setattr(applications, "application_page", application_page)
    monkeypatch.setattr(application_views, "circle_page", lambda _academy, *, slug, reader: a_circle_page())
    return a_site(monkeypatch, me=a_me())


@pytest.mark.parametrize("state", STATES)
def test_every_state_is_a_whole_page(monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    response = site_with(monkeypatch, state).client.get(PATH)
    assert response.status_code == 200
    assert faults_of(response.text) == []
    assert len(response.data) < 100_000


@pytest.mark.parametrize("state", STATES)
def test_a_page_has_at_most_one_primary_action(monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    page = look(site_with(monkeypatch, state).client.get(PATH).text)
    primary = [tag for tag in page.tags("a", "button") if "primary" in tag.get("class", "").split()]
    assert len(primary) <= 1


def test_the_evidence_is_not_shown_before_the_conflict_question(monkeypatch: pytest.MonkeyPatch) -> None:
    for state in ("the conflict question", "before the evidence"):
        text = site_with(monkeypatch, state).client.get(PATH).text
        assert "In April I did." not in text
        assert "Minutes of 2 April" not in text
    assert "In April I did." in site_with(monkeypatch, "the checklist").client.get(PATH).text


def test_what_people_typed_is_never_markup(monkeypatch: pytest.MonkeyPatch, calls: Calls) -> None:
    site = site_with(monkeypatch, "a full draft")
    response = site.post(f"{PATH}/add_evidence", DRAFT | {"claims-0": TRICKY, "title": TRICKY, "kind": "nothing"})
    assert response.status_code == 422
    assert "<script>alert" not in response.text
    assert "&lt;script&gt;alert(1)" in response.text
    assert faults_of(response.text) == []
    assert "add_evidence" not in calls.names


def test_no_button_of_the_draft_loses_words(monkeypatch: pytest.MonkeyPatch, calls: Calls) -> None:
    site = site_with(monkeypatch, "a full draft")
    more = {"title": "Minutes", "kind": "minutes", "link": "https://example.org", "email": "b@example.org"}
    for action in ("save", "add_evidence", "remove_evidence", "invite_witness"):
        calls.clear()
        response = site.post(f"{PATH}/{action}", DRAFT | more | {"relation": "pod", "evidence": "e1"})
        assert response.status_code == 303
        assert calls.names == ["save_draft", *([] if action == "save" else [action])]
        assert calls[0][1]["claims"] == ("Words 0", "Words 1", "Words 2")


def test_handing_in_takes_along_what_was_typed_beside_it_and_only_once(
    monkeypatch: pytest.MonkeyPatch, calls: Calls
) -> None:
    site = site_with(monkeypatch, "a full draft")
    beside = {"title": "More minutes", "kind": "minutes", "note": "See 4.", "email": "b@example.org"}
    assert site.post(f"{PATH}/submit", DRAFT | beside).status_code == 303
    assert calls.names == ["save_draft", "add_evidence", "invite_witness", "submit"]

    full = an_application(**STATES["a full draft"])
    pages = [replace(full, evidence=full.evidence[:1]), full]
    monkeypatch.setattr(applications, "application_page", lambda _academy, *, id_, reader: pages.pop(0))

    def refuse(_academy: object, **_given: Any) -> None:
        raise InvalidInputError({"missing-0": "Write your self-reflection."})

    monkeypatch.setattr(applications, "submit", refuse)
    again = site.post(f"{PATH}/submit", DRAFT | beside)
    assert again.status_code == 422
    assert "More minutes" not in again.text
    assert "b@example.org" in again.text
    assert "Words 0" in again.text


def test_a_draft_that_did_not_change_is_not_stored_again(monkeypatch: pytest.MonkeyPatch, calls: Calls) -> None:
    site = site_with(monkeypatch, "a full draft")
    same = {f"claims-{number}": "In April I did." for number in range(3)} | {
        "reflection": "It comes easily to ask."
    }
    site.post(f"{PATH}/save", DRAFT | same)
    assert calls.names == []


def test_an_empty_file_is_called_empty(monkeypatch: pytest.MonkeyPatch, calls: Calls) -> None:
    site = site_with(monkeypatch, "a full draft")
    answer = post_file(site, f"{PATH}/add_evidence", b"", title="Talks", kind="minutes")
    assert answer.status_code == 422
    assert "This file is empty." in answer.text
    assert "not of a kind" not in answer.text
    assert "add_evidence" not in calls.names


def test_you_have_looked_and_others_have_not(monkeypatch: pytest.MonkeyPatch, calls: Calls) -> None:
    text = look(site_with(monkeypatch, "the checklist").client.get(PATH).text).text
    assert "you has" not in " ".join(text.split())
    assert "you have not looked yet" in " ".join(text.split())


def test_one_holder_is_not_many(monkeypatch: pytest.MonkeyPatch, calls: Calls) -> None:
    text = look(site_with(monkeypatch, "submitted, for the secretary").client.get(PATH).text).text
    assert "At least one of them holds this badge" in " ".join(text.split())


def test_who_has_a_voice_only_is_told_so_and_nothing_else(monkeypatch: pytest.MonkeyPatch, calls: Calls) -> None:
    for state, told in (("a mentor looks", True), ("before the evidence", False)):
        text = look(site_with(monkeypatch, state).client.get(PATH).text).text
        assert ("You have a voice here, and you do not decide" in text) is told
        assert ("since everybody who decides has to have seen it" in text) is not told


def test_who_took_it_up_is_not_told_that_they_saw_nothing_yet(
    monkeypatch: pytest.MonkeyPatch, calls: Calls
) -> None:
    for state, seen in (("the conflict question", False), ("the conflict question, to who took it up", True)):
        text = look(site_with(monkeypatch, state).client.get(PATH).text).text
        assert ("You are asked before you see the evidence." in text) is not seen
        assert ("also who saw the application" in text) is seen


def test_the_name_is_chosen_or_left_out(monkeypatch: pytest.MonkeyPatch, calls: Calls) -> None:
    site = site_with(monkeypatch, "a full draft")
    site.post(f"{PATH}/save", DRAFT | {"signed_name": "A. Rao"})
    assert ("choose_name", {"by": "asha", "id_": "app1", "name": "A. Rao"}) in calls
    site.post(f"{PATH}/save", DRAFT | {"named": "no"})
    assert calls[-1][1]["name"] is None
    response = site.post(f"{PATH}/save", DRAFT | {"signed_name": " "})
    assert response.status_code == 422
    assert "edit-signed_name-fault" in look(response.text).ids


def test_evidence_is_looked_at_by_content(monkeypatch: pytest.MonkeyPatch, calls: Calls) -> None:
    site = site_with(monkeypatch, "a full draft")
    good = {"kind": "document", "title": "Talks", "about_others": "yes", "data_permission": "yes"}
    response = site.post(f"{PATH}/add_evidence", DRAFT | good | {"file": (BytesIO(b"MZ\x90"), "talks.pdf")})
    assert response.status_code == 422
    assert "not of a kind that we can take" in response.text
    response = site.post(f"{PATH}/add_evidence", DRAFT | good | {"file": (BytesIO(b"%PDF-1.7"), "../a/talks.pdf")})
    assert response.status_code == 303
    evidence: EvidenceDraft = calls[-1][1]["evidence"]
    assert (evidence.file_name, evidence.content, evidence.data_permission) == ("talks.pdf", b"%PDF-1.7", True)
    assert evidence.link is None


def test_a_file_above_ten_megabytes_is_refused_next_to_its_field(
    monkeypatch: pytest.MonkeyPatch, calls: Calls
) -> None:
    site = site_with(monkeypatch, "a full draft")
    large = b"%PDF-" + b"0" * 10_000_000
    response = post_file(site, f"{PATH}/add_evidence", large, kind="document", title="Talks")
    assert response.status_code == 422
    assert "up to 10 MB" in response.text
    assert "add_evidence" not in calls.names


def test_a_request_above_the_limit_gets_a_page_that_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, calls: Calls
) -> None:
    site = site_with(monkeypatch, "a full draft")
    response = post_file(site, f"{PATH}/add_evidence", b"0" * 12_000_001)
    assert response.status_code == 413
    assert calls == []
    assert "Make it smaller" in response.text
    assert faults_of(response.text) == []


def test_the_checklist_asks_for_words_only_where_they_help(monkeypatch: pytest.MonkeyPatch, calls: Calls) -> None:
    site = site_with(monkeypatch, "the checklist")
    words = {"items-0": "seen", "items-1": "partly", "items-2": "cannot_say", "appreciation": "Your calm."}
    response = site.post(f"{PATH}/evaluate", words)
    assert response.status_code == 422
    assert look(response.text).ids.count("evaluate-notes-1-fault") == 1
    assert 'value="partly" checked' in response.text
    assert faults_of(response.text) == []
    response = site.post(
        f"{PATH}/evaluate", words | {"notes-1": "Half of it.", "passes": "yes", "reaction": "Glad."}
    )
    assert response.status_code == 303
    given = calls[-1][1]
    assert given["items"] == (("seen", ""), ("partly", "Half of it."), ("cannot_say", ""))
    assert (given["passes"], given["reaction"], given["suggestion"]) == (True, "Glad.", "")


def test_a_checklist_takes_no_other_word(monkeypatch: pytest.MonkeyPatch, calls: Calls) -> None:
    site = site_with(monkeypatch, "the checklist")
    words = {"items-0": "9", "items-1": "seen", "appreciation": "x"}
    response = site.post(f"{PATH}/evaluate", words)
    assert {"evaluate-items-0-fault", "evaluate-items-2-fault"} <= set(look(response.text).ids)
    assert calls == []


def test_a_refusal_shows_its_rule_and_remedy_and_keeps_what_was_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    site = site_with(monkeypatch, "submitted, for the secretary")

    def refuse(_academy: object, **_given: Any) -> None:
        raise RefusedError("Too few deciding peers.", rule="G2", remedy="Invite one more.")

    monkeypatch.setattr(applications, "take_up", refuse)
    chosen = {"deciders": ["chiara"], "facilitator": "chiara", "secretary": "dev", "mode": "meeting"}
    response = site.post(f"{PATH}/take_up", chosen)
    assert response.status_code == 409
    text = look(response.text).text
    assert "Too few deciding peers." in text
    assert "Invite one more." in text
    assert "Rule G2 of the decision process" in text
    assert 'name="deciders" value="chiara" checked' in response.text
    assert faults_of(response.text) == []


def test_only_role_holders_are_offered_to_hold_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    page = look(site_with(monkeypatch, "submitted, for the secretary").client.get(PATH).text)
    offered = [tag["value"] for tag in page.tags("option") if tag["value"]]
    assert offered == ["chiara", "dev", "dev", "chiara"]


def test_what_is_missing_is_named_one_by_one(monkeypatch: pytest.MonkeyPatch, calls: Calls) -> None:
    site = site_with(monkeypatch, "an empty draft")

    def refuse(_academy: object, **_given: Any) -> None:
        raise InvalidInputError({"missing-0": "Write your self-reflection.", "missing-1": "Add evidence."})

    monkeypatch.setattr(applications, "submit", refuse)
    response = site.post(f"{PATH}/submit", DRAFT)
    assert response.status_code == 422
    assert "2 things need another look" in response.text
    assert faults_of(response.text) == []
    assert calls.names == ["save_draft", "choose_name"]


def test_what_cannot_be_undone_says_so_first(monkeypatch: pytest.MonkeyPatch) -> None:
    for state, sentence in (("a full draft", "Withdraw and delete"), ("consented", "Leave the badge")):
        text = site_with(monkeypatch, state).client.get(PATH).text
        before = text[: text.index(sentence)]
        assert "cannot be undone" in before


def test_a_badge_stays_closed_unless_its_holder_says_otherwise(
    monkeypatch: pytest.MonkeyPatch, calls: Calls
) -> None:
    site = site_with(monkeypatch, "consented")
    assert 'name="published" value="no" checked' in site.client.get(PATH).text
    response = site.post(f"{PATH}/accept", {"published": "no", "signed": "{}"})
    assert response.headers["Location"] == "/credentials/c1"
    assert calls == [("accept", {"by": "asha", "id_": "app1", "published": False, "signed": "{}"})]


def test_a_badge_is_accepted_with_a_signature_only(monkeypatch: pytest.MonkeyPatch, calls: Calls) -> None:
    response = site_with(monkeypatch, "consented, to be signed").post(f"{PATH}/accept", {"published": "no"})
    assert response.status_code == 422
    assert "nobody can accept a badge for you" in look(response.text).text
    assert faults_of(response.text) == []
    assert calls == []


def test_reading_without_a_signature_says_what_is_missing_still(
    monkeypatch: pytest.MonkeyPatch, calls: Calls
) -> None:
    site = site_with(monkeypatch, "feedback to sign")
    for signed, told in (("", "Your signature is missing still"), ("{}", "The decision can be opened now.")):
        site.post(f"{PATH}/read_feedback", {"signed": signed})
        assert calls.pop() == ("read_feedback", {"by": "asha", "id_": "app1", "signed": signed})
        assert told in site.client.get(PATH).text


def test_the_applicants_forms_carry_what_their_own_browser_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    page = look(site_with(monkeypatch, "feedback to sign").client.get(PATH).text)
    form = next(tag for tag in page.tags("form") if tag.get("data-sign"))
    assert (form["data-sign"], form["data-type"], form["data-who"]) == ("statement", "about-me", "asha")
    assert json.loads(form["data-identity"])["email"] == "asha@academy.example"
    assert json.loads(form["data-signing"])["digest"] == A_TO_SIGN.digest


def test_only_the_applicant_saves_what_is_to_be_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = site_with(monkeypatch, "feedback to sign").client.get(f"{PATH}/to-sign.json")
    assert answer.json is not None
    assert answer.json["decision"] == A_TO_SIGN.decision
    assert answer.headers["Cache-Control"] == "no-store"
    assert site_with(monkeypatch, "the checklist").client.get(f"{PATH}/to-sign.json").status_code == 404


def test_a_decider_gives_a_key_with_the_checklist_once(monkeypatch: pytest.MonkeyPatch, calls: Calls) -> None:
    site = site_with(monkeypatch, "the checklist with a key")
    forms = look(site.client.get(PATH).text).tags("form")
    assert [tag["data-statement-key"] for tag in forms if "data-statement-key" in tag] == [A_TO_SIGN.decision]
    words = {f"items-{number}": "seen" for number in range(3)} | {"appreciation": "Calm.", "key": "did:key:z6Mk"}
    site.post(f"{PATH}/evaluate", words)
    assert calls[-1][1]["key"] == "did:key:z6Mk"
    for state in ("the checklist, the key is given", "a mentor looks"):
        assert "data-statement-key" not in site_with(monkeypatch, state).client.get(PATH).text


@pytest.mark.parametrize(
    ("state", "action", "data", "call"),
    [
        ("the conflict question", "declare_conflict", {"kind": "mentor"}, "declare_conflict"),
        ("before the evidence", "see_evidence", {}, "see_evidence"),
        ("somebody to settle", "accept_conflict", {"member": "dev"}, "accept_conflict"),
        ("submitted, for the secretary", "return_incomplete", {"reason": "No minutes."}, "return_incomplete"),
        (
            "submitted again, for the secretary",
            "take_up",
            {"facilitator": "c", "secretary": "d", "mode": "async"},
            "take_up",
        ),
        ("feedback to read", "read_feedback", {}, "read_feedback"),
        ("feedback to read", "reopen", {}, "reopen"),
        ("feedback to read", "withdraw", {}, "withdraw"),
        ("consented", "decline", {}, "decline"),
        ("a witness is asked", "give_statement", {"text": "I saw."}, "give_statement"),
        ("a witness has written", "take_back_statement", {}, "take_back_statement"),
    ],
)
def test_each_step_calls_its_use_case_and_goes_on(  # noqa: PLR0917 - pytest hands in what the table holds
    monkeypatch: pytest.MonkeyPatch, calls: Calls, state: str, action: str, data: dict[str, str], call: str
) -> None:
    response = site_with(monkeypatch, state).post(f"{PATH}/{action}", data)
    assert response.status_code == 303
    assert calls.names == [call]
    assert calls[0][1]["by"] == "asha"


@pytest.mark.parametrize(
    ("action", "field"),
    [
        ("declare_conflict", "kind"),
        ("return_incomplete", "reason"),
        ("take_up", "deciders"),
        ("accept", "published"),
        ("give_statement", "text"),
        ("invite_witness", "email"),
    ],
)
def test_an_empty_form_does_nothing(
    monkeypatch: pytest.MonkeyPatch, calls: Calls, action: str, field: str
) -> None:
    response = site_with(monkeypatch, "submitted, for the secretary").post(f"{PATH}/{action}", {})
    assert response.status_code == 422
    assert calls == []
    assert field


def test_a_step_that_does_not_exist_is_nothing_here(monkeypatch: pytest.MonkeyPatch, calls: Calls) -> None:
    site = site_with(monkeypatch, "a full draft")
    assert site.post(f"{PATH}/issue").status_code == 404
    assert site.post("/applications/other/submit").status_code == 404
    assert site.client.get("/applications/other").status_code == 404
    assert calls == []


def test_a_file_is_handed_out_to_be_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    site = site_with(monkeypatch, "the checklist")
    monkeypatch.setattr(
        applications, "evidence_file", lambda _academy, *, reader, id_, evidence: ("übung.html", b"<script>")
    )
    response = site.client.get(f"{PATH}/evidence/e2")
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert "sandbox" in response.headers["Content-Security-Policy"]


def test_visitors_are_led_to_sign_in_and_back(monkeypatch: pytest.MonkeyPatch) -> None:
    site = a_site(monkeypatch)
    response = site.client.get(f"{PATH}?a=b")
    assert response.status_code == 303
    assert response.headers["Location"] == "/sign-in?next=/applications/app1?a%3Db"
