"""The Academy's other pages: whole, for visitors and members, empty and full, refused and kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from issuer.errors import InvalidInputError, NotFoundError, RefusedError, TamperedError
from issuer.rules.achievements import Definition
from issuer.service import applications, badges, circles, people, tasks
from issuer.service.models import CircleDraft, MailRow, Me, SetupPage, SignedIn
from issuer.web import badge_forms, public, setup
from tests.unit.web.page_samples import (
    ACADEMY,
    ASHA,
    BEN,
    FEEDBACK,
    NOW,
    POD,
    TRICKY,
    a_badge_page,
    a_circle_page,
    a_me,
    a_me_page,
    a_row,
)
from tests.unit.web.site import Site, a_site, faults_of, look

MEMBER = a_me(is_academy_member=True)
PEOPLE = {
    "person-0": "Asha Rao",
    "email-0": "asha@example.org",
    "roles-0": ["facilitator", "leader"],
    "person-1": "Ben Ortiz",
    "email-1": "ben@example.org",
    "roles-1": ["secretary", "delegate"],
}
CIRCLE = {
    "name": "Pod South",
    "aim": "Learn.",
    "domain": "Our meetings.",
    "policy": "small_circle",
    "mode": "async",
}
CATALOGUE = (
    FEEDBACK,
    replace(FEEDBACK, slug="secretary", name="Secretary", bundle="Feedback and accountability"),
    replace(FEEDBACK, slug="mentoring", name="Mentoring", level="trainer"),
)
STARTING = (
    Definition(
        slug="circle-member",
        name="Circle Member",
        bundle="Circle basics",
        level="practitioner",
        skill="Takes part as an equal.",
        criteria=("Speaks in turn.", "Tells a concern from an objection."),
        show=("Minutes of three meetings.",),
        evidence_kinds=("minutes", "self_reflection"),
        min_holders=1,
    ),
)


def with_academy(
    monkeypatch: pytest.MonkeyPatch,
    *,
    full: bool = True,
    me: Me | None = None,
    step: str | None = None,
    **more: Any,
) -> Site:
    """Return a site over an academy that is empty or full."""
    cards = (ACADEMY, POD) if full else ()
    page = SetupPage(step=step, path=None, sentence="The next step.") if step else None  # type: ignore[arg-type]  # the tests name the model's steps
    for module in (public, setup):
        monkeypatch.setattr(module, "setup_page", lambda _academy, *, reader: page)
    monkeypatch.setattr(setup, "proposed_circle", lambda _academy, *, setup_code: None)
    monkeypatch.setattr(badges, "catalogue", lambda _academy: CATALOGUE * 3 if full else ())
    monkeypatch.setattr(badges, "founder_candidates", lambda _academy, *, by: (ASHA, BEN))
    monkeypatch.setattr(badge_forms, "starting_catalogue", lambda: STARTING)
    monkeypatch.setattr("issuer.web.badges.starting_catalogue", lambda: STARTING)
    monkeypatch.setattr(circles, "all_circles", lambda _academy: cards)
    monkeypatch.setattr(people, "local_mails", lambda _academy: (a_mail(),) if full else ())
    monkeypatch.setattr(tasks, "my_page", lambda _academy, *, me: a_me_page() if full else an_empty_page())
    return a_site(monkeypatch, me=me, **more)


def a_mail() -> MailRow:
    body = f"Hello\n\nhttps://academy.example/sign-in/abc\n{TRICKY}"
    return MailRow(id=1, to="asha@example.org", subject="A link", body=body, at=NOW, sent=True)


def an_empty_page() -> Any:
    return a_me_page(tasks=(), applications=(), badges=(), circles=(), statements=())


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("me", [None, MEMBER, a_me(waiting=0, time_zone="Europe/Berlin")])
@pytest.mark.parametrize(
    "path",
    ["/", "/join", "/privacy", "/rules", "/badges", "/circles", "/sign-in", "/outbox", "/me", "/profile"],
)
def test_every_page_is_whole(monkeypatch: pytest.MonkeyPatch, path: str, me: Me | None, full: bool) -> None:
    site = with_academy(monkeypatch, me=me, full=full, dev=True)
    response = site.client.get(path)
    if response.status_code == 303:
        assert (me is None) is (path in {"/me", "/profile"})
        return
    assert response.status_code == 200
    assert faults_of(response.text) == []
    assert len(response.data) < 100_000


@pytest.mark.parametrize("path", ["/circles/new", "/badges/propose"])
def test_proposals_are_for_members_of_the_academy_circle(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    allowed = with_academy(monkeypatch, me=MEMBER).client.get(path)
    assert allowed.status_code == 200
    assert faults_of(allowed.text) == []
    refused = with_academy(monkeypatch, me=a_me()).client.get(path)
    assert refused.status_code == 403
    assert "Academy Circle" in refused.text
    assert faults_of(refused.text) == []


# Setting up, and circles.


@pytest.mark.parametrize("step", ["circle", "consent", "badges", "first_application"])
def test_each_step_of_the_set_up_is_a_whole_page(monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    site = with_academy(monkeypatch, full=False, step=step, dev=True)
    response = site.client.get("/setup?code=abc")
    assert faults_of(response.text) == []
    assert response.text.count('aria-current="step"') == 1
    assert ('value="abc"' in response.text) is (step in {"circle", "consent"})


def test_an_empty_academy_leads_to_its_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    assert with_academy(monkeypatch, full=False, step="circle").client.get("/").headers["Location"] == "/setup"
    later = with_academy(monkeypatch, step="badges").client.get("/")
    assert later.status_code == 200
    assert 'href="/setup"' in later.text
    assert with_academy(monkeypatch).client.get("/setup").status_code == 404


def test_a_row_more_keeps_what_was_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    site = with_academy(monkeypatch, full=False, step="circle")
    response = site.post("/setup", PEOPLE | CIRCLE | {"rows": "3", "more": "yes"}, page="/sign-in")
    assert response.status_code == 200
    assert {"person-3", "email-3"} <= {tag.get("name") for tag in look(response.text).tags("input")}
    assert 'value="Asha Rao"' in response.text
    assert 'name="roles-0" value="facilitator" checked' in response.text
    assert "Learn." in response.text
    assert faults_of(response.text) == []


@pytest.mark.parametrize("rows", ["", "-1", "99999999999999999999", "²", "0", "40"])
def test_the_number_of_rows_stays_within_bounds(monkeypatch: pytest.MonkeyPatch, rows: str) -> None:
    site = with_academy(monkeypatch, full=False, step="circle")
    text = site.post("/setup", {"rows": rows, "more": "yes"}, page="/sign-in").text
    shown = sum(tag.get("name", "").startswith("person-") for tag in look(text).tags("input"))
    assert 3 <= shown <= 12


def test_the_first_circle_is_proposed_with_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}

    def propose(_academy: object, **what: Any) -> str:
        given.update(what)
        return "p1"

    monkeypatch.setattr(circles, "propose_circle", propose)
    site = with_academy(monkeypatch, full=False, step="circle")
    response = site.post("/setup", PEOPLE | CIRCLE | {"setup_code": " abc "}, page="/sign-in")
    assert (response.status_code, response.headers["Location"]) == (303, "/setup")
    draft: CircleDraft = given["draft"]
    assert (given["by"], given["setup_code"], given["mode"]) == (None, "abc", "async")
    assert (draft.kind, draft.parent, draft.policy) == ("academy", None, "small_circle")
    assert [member.roles for member in draft.members] == [("facilitator",), ("secretary",)]
    assert (draft.leader, draft.delegate) == (None, None)


def test_a_circle_names_its_links(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}

    def propose(_academy: object, **what: Any) -> str:
        given.update(what)
        return "p1"

    monkeypatch.setattr(circles, "propose_circle", propose)
    site = with_academy(monkeypatch, me=MEMBER)
    response = site.post("/circles/new", PEOPLE | CIRCLE | {"kind": "pod", "parent": "academy-circle"})
    assert response.headers["Location"] == "/processes/p1"
    draft: CircleDraft = given["draft"]
    assert (draft.leader, draft.delegate, draft.parent) == (
        "asha@example.org",
        "ben@example.org",
        "academy-circle",
    )
    assert given["by"] == "asha"


def test_a_circle_without_people_is_told_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    site = with_academy(monkeypatch, me=MEMBER)
    one = {
        "person-0": "Asha",
        "email-0": "nothing",
        "roles-0": ["facilitator"],
        "person-1": "",
        "email-1": "b@x.org",
    }
    response = site.post("/circles/new", one | {"aim": "a" * 1001})
    assert response.status_code == 422
    assert faults_of(response.text) == []
    ids = look(response.text).ids
    for name in ("name", "aim", "kind", "parent", "email-0", "person-1", "mode"):
        assert f"{name}-fault" in ids, name
    assert "Say who is the secretary" in response.text


def test_two_facilitators_are_one_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    site = with_academy(monkeypatch, me=MEMBER)
    response = site.post("/circles/new", PEOPLE | CIRCLE | {"roles-1": ["facilitator", "secretary"]})
    assert "Tick this role with one person only: facilitator." in response.text


@pytest.mark.parametrize("is_member", [True, False])
def test_a_circles_page_is_whole(monkeypatch: pytest.MonkeyPatch, is_member: bool) -> None:
    page = a_circle_page(
        is_member=is_member,
        children=(POD,),
        members=(ASHA, BEN) if is_member else (),
        waiting=(a_row(),) if is_member else (),
        actions=frozenset({"propose_badges", "propose_circle"}) if is_member else frozenset(),
    )
    monkeypatch.setattr(circles, "circle_page", lambda _academy, *, slug, reader: page)
    text = with_academy(monkeypatch, me=MEMBER).client.get("/circles/pod-north").text
    assert faults_of(text) == []
    assert ("Applications" in text) is is_member
    assert "Single link" in text


# Badges.


@pytest.mark.parametrize(
    ("me", "changes", "sentence"),
    [
        (None, {}, "Sign in to apply"),
        (MEMBER, {"circles": (POD,)}, "Pod North will look at it."),
        (MEMBER, {"circles": (POD, ACADEMY)}, "Which of your circles"),
        (MEMBER, {"why_not": "You hold this badge."}, "You hold this badge."),
        (MEMBER, {"my_application": "app1", "why_not": "x"}, "Go to my application"),
        (MEMBER, {}, "you are in none yet"),
        (None, {"founding": True, "founding_until": date(2027, 1, 1), "award_term_months": 36}, "36 months"),
    ],
)
def test_a_badges_page_says_who_may_apply(
    monkeypatch: pytest.MonkeyPatch, me: Me | None, changes: dict[str, Any], sentence: str
) -> None:
    monkeypatch.setattr(badges, "badge_page", lambda _academy, **_what: a_badge_page(**changes))
    text = with_academy(monkeypatch, me=me).client.get("/badges/feedback?version=1").text
    assert faults_of(text) == []
    assert sentence in text


def test_applying_begins_a_draft(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(badges, "badge_page", lambda _academy, **_what: a_badge_page(circles=(POD, ACADEMY)))
    monkeypatch.setattr(applications, "start", lambda _academy, *, by, badge, circle: f"{by}-{badge}-{circle}")
    site = with_academy(monkeypatch, me=MEMBER)
    assert site.post("/badges/feedback", {}).status_code == 422
    response = site.post("/badges/feedback", {"circle": "pod-north"})
    assert response.headers["Location"] == "/applications/asha-feedback-pod-north"


OWN = {
    "name": "Übung im Zuhören",
    "skill": "Listens.",
    "level": "practitioner",
    "bundle": "Trust",
    "criterion-0": "Hears.",
    "criterion-2": "Asks.",
    "show": "One talk.\n\n Another. ",
    "mode": "meeting",
    "reflection_needed": "yes",
}


def proposed(monkeypatch: pytest.MonkeyPatch, data: dict[str, Any]) -> tuple[dict[str, Any], str]:
    given: dict[str, Any] = {}

    def propose(_academy: object, **what: Any) -> str:
        given.update(what)
        return "p1"

    monkeypatch.setattr(badges, "propose_badges", propose)
    response = with_academy(monkeypatch, me=MEMBER).post("/badges/propose", data)
    return given, response.headers.get("Location", response.text)


def test_a_badge_of_ones_own_is_proposed_with_founders(monkeypatch: pytest.MonkeyPatch) -> None:
    founders = {
        "founder-0": "asha",
        "reason-0": "Long practice.",
        "founding_until": "2027-05-03",
        "min_peers": "2",
    }
    given, location = proposed(monkeypatch, OWN | founders)
    assert location == "/processes/p1"
    (draft,) = given["drafts"]
    assert (draft.slug, draft.criteria, draft.show) == (
        "ubung-im-zuhoren",
        ("Hears.", "Asks."),
        ("One talk.", "Another."),
    )
    assert (draft.min_peers, draft.min_holders, draft.version, draft.reflection_needed) == (2, None, "1", True)
    assert given["founding_until"] == date(2027, 5, 3)
    assert [(founder.member, founder.reason) for founder in given["founders"]] == [("asha", "Long practice.")]


def test_badges_are_taken_from_the_starting_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    given, location = proposed(monkeypatch, {"take": ["circle-member", "unknown"], "mode": "async"})
    assert location == "/processes/p1"
    (draft,) = given["drafts"]
    assert (draft.slug, draft.min_holders, draft.min_peers, draft.reflection_needed) == (
        "circle-member",
        1,
        None,
        True,
    )
    given, _location = proposed(monkeypatch, OWN | {"take": ["circle-member"]})
    assert [draft.slug for draft in given["drafts"]] == ["ubung-im-zuhoren", "circle-member"]


def test_an_empty_proposal_is_told_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    given, text = proposed(
        monkeypatch,
        {
            "min_peers": "1",
            "founding_until": "tomorrow",
            "founder-0": "asha",
            "reason-1": "Because.",
            "version": "x" * 30,
        },
    )
    assert not given
    assert faults_of(text) == []
    ids = look(text).ids
    for name in (
        "name",
        "skill",
        "level",
        "bundle",
        "min_peers",
        "founding_until",
        "reason-0",
        "founder-1",
        "mode",
    ):
        assert f"{name}-fault" in ids, name


@pytest.mark.parametrize(
    ("faults", "data", "shown"),
    [
        ({"criteria": "Two at least."}, OWN, "criteria"),
        ({"badges-0-slug": "Small letters."}, OWN | {"take": ["circle-member"]}, "slug"),
        ({"badges-1-slug": "Small letters.", "badges": "Twice."}, OWN | {"take": ["circle-member"]}, "take"),
        ({"requires": "There is none."}, {"take": ["circle-member"], "mode": "async"}, "take"),
        ({"founders": "Say why."}, {"take": ["circle-member"], "mode": "async"}, "founders"),
    ],
)
def test_the_rules_faults_stand_next_to_their_fields(
    monkeypatch: pytest.MonkeyPatch, faults: dict[str, str], data: dict[str, Any], shown: str
) -> None:
    def refuse(_academy: object, **_what: Any) -> str:
        raise InvalidInputError(faults)

    monkeypatch.setattr(badges, "propose_badges", refuse)
    response = with_academy(monkeypatch, me=MEMBER).post("/badges/propose", data)
    assert response.status_code == 422
    assert faults_of(response.text) == []
    assert f'href="#{shown}"' in response.text


# Signing in.


def test_known_and_unknown_addresses_get_the_same_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, str]] = []
    monkeypatch.setattr(people, "request_link", lambda _academy, **what: asked.append(what))
    site = with_academy(monkeypatch)
    answers = {
        site.post("/sign-in", {"email": email, "next": "//evil.example"}, page="/sign-in").text.replace(email, "")
        for email in ("asha@example.org", "nobody@example.org")
    }
    assert len(answers) == 1
    assert [what["next_path"] for what in asked] == ["/me", "/me"]


def test_what_is_no_address_is_kept_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_academy: object, *, email: str, next_path: str) -> None:
        raise InvalidInputError({"email": f"{email} is not an address; {next_path}"})

    monkeypatch.setattr(people, "request_link", refuse)
    site = with_academy(monkeypatch)
    response = site.post("/sign-in", {"email": "nonsense", "next": "/circles"}, page="/sign-in")
    assert response.status_code == 422
    assert 'value="nonsense"' in response.text
    assert 'name="next" value="/circles"' in response.text
    assert faults_of(response.text) == []


def test_opening_a_link_uses_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[str] = []

    def sign_in(_academy: object, *, token: str) -> SignedIn:
        if used:
            raise RefusedError("Used.", rule="sign-in", remedy="")
        used.append(token)
        return SignedIn(session="secret", next_path="https://evil.example/")

    monkeypatch.setattr(people, "sign_in", sign_in)
    monkeypatch.setattr(people, "link_owner", lambda _academy, *, token: None if used else TRICKY)
    site = with_academy(monkeypatch)
    first = site.client.get("/sign-in/abc")
    assert faults_of(first.text) == []
    assert TRICKY not in first.text
    assert used == []
    done = site.post("/sign-in/abc", page="/sign-in/abc")
    assert (done.status_code, done.headers["Location"]) == (303, "/me")
    cookie = next(value for value in done.headers.getlist("Set-Cookie") if value.startswith("academy_session="))
    assert {"HttpOnly", "SameSite=Lax", "Max-Age=7776000", "Path=/"} <= set(cookie.split("; "))
    again = site.post("/sign-in/abc", page="/sign-in")
    assert again.status_code == 410
    assert site.client.get("/sign-in/abc").status_code == 410
    assert "Send me a new link" in again.text


def test_signing_out_ends_the_session_and_forgets_the_cookie(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[str] = []
    monkeypatch.setattr(people, "sign_out", lambda _academy, *, token: ended.append(token))
    response = with_academy(monkeypatch, me=MEMBER).post("/sign-out")
    assert ended == ["session"]
    assert any("academy_session=;" in value for value in response.headers.getlist("Set-Cookie"))


def test_who_is_signed_in_goes_on_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    response = with_academy(monkeypatch, me=MEMBER).client.get("/sign-in?next=/circles")
    assert response.headers["Location"] == "/circles"


def test_the_profile_is_saved_or_says_why_not(monkeypatch: pytest.MonkeyPatch) -> None:
    saved: list[dict[str, str]] = []
    monkeypatch.setattr(people, "change_profile", lambda _academy, **what: saved.append(what))
    site = with_academy(monkeypatch, me=MEMBER)
    refused = site.post("/profile", {"name": " ", "time_zone": "Mars/Olympus"})
    assert refused.status_code == 422
    assert {"name-fault", "time_zone-fault"} <= set(look(refused.text).ids)
    assert site.post("/profile", {"name": "Asha  R.", "time_zone": "Asia/Kolkata"}).status_code == 303
    assert saved == [{"by": "asha", "name": "Asha R.", "time_zone": "Asia/Kolkata"}]
    assert "Your profile is saved." in site.client.get("/profile").text


def test_times_follow_the_device_until_somebody_chose_a_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    for me, follows in ((None, True), (a_me(), True), (a_me(time_zone="Europe/Berlin"), False)):
        (html,) = look(with_academy(monkeypatch, me=me).client.get("/join").text).tags("html")
        assert html.get("data-times") == ("{city} time" if follows else None)


def test_my_page_offers_to_keep_the_devices_zone_with_one_tap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "change_profile", lambda _academy, **_what: None)
    site = with_academy(monkeypatch, me=a_me())
    (offer,) = (tag for tag in look(site.client.get("/me").text).tags("form") if "data-zone" in tag)
    assert "hidden" in offer, "without a script nothing is offered"
    answer = site.post("/profile", {"name": "Asha Rao", "time_zone": "Asia/Kolkata", "back": "me"})
    assert answer.headers["Location"] == "/me"
    own = replace(a_me_page(), me=a_me(time_zone="Asia/Kolkata"))
    monkeypatch.setattr(tasks, "my_page", lambda _academy, *, me: own)
    assert "data-zone" not in site.client.get("/me").text


def test_the_rules_have_a_page_and_a_refusal_leads_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = look(with_academy(monkeypatch).client.get("/rules").text).ids
    assert {f"G{number}" for number in range(1, 10)} <= set(ids)


def test_the_form_for_badges_says_what_founders_are_for(monkeypatch: pytest.MonkeyPatch) -> None:
    text = look(with_academy(monkeypatch, me=MEMBER).client.get("/badges/propose").text).text
    assert "Without founding evaluators nobody could decide" in text


def test_the_outbox_exists_only_on_a_machine_for_trying_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert with_academy(monkeypatch).client.get("/outbox").status_code == 404
    text = with_academy(monkeypatch, dev=True).client.get("/outbox").text
    assert '<a href="https://academy.example/sign-in/abc"' in text
    assert "<script>alert" not in text


# Faults.


def test_what_is_not_there_is_a_page_and_for_programs_problem_details(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(_academy: object, **_what: Any) -> None:
        raise NotFoundError("There is no circle of this name.")

    monkeypatch.setattr(circles, "circle_page", nothing)
    site = with_academy(monkeypatch)
    for path in ("/circles/none", "/nowhere"):
        page = site.client.get(path, headers={"Accept": "text/html"})
        assert page.status_code == 404
        assert faults_of(page.text) == []
        answer = site.client.get(path, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
        assert answer.json is not None
        assert answer.json["status"] == 404


@pytest.mark.parametrize(
    ("path", "headers", "program"),
    [
        ("/status/nine", {}, True),
        ("/status/nine", {"Accept": "text/html,*/*;q=0.8"}, False),
        ("/nowhere", {"Accept": "*/*"}, False),
        ("/nowhere", {"Accept": "application/vc+ld+json"}, True),
        ("/nowhere", {}, False),
    ],
)
def test_programs_get_problem_details_and_people_a_page(
    monkeypatch: pytest.MonkeyPatch, path: str, headers: dict[str, str], program: bool
) -> None:
    response = with_academy(monkeypatch).client.get(path, headers=headers)
    assert response.status_code == 404
    assert (response.mimetype == "application/problem+json") is program


def test_a_row_without_our_seal_is_a_plain_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_academy: object, **_what: Any) -> None:
        raise TamperedError("event 3 of circle/x")

    monkeypatch.setattr(circles, "circle_page", broken)
    response = with_academy(monkeypatch).client.get("/circles/pod-north")
    assert response.status_code == 500
    assert "was not written by this service" in response.text
    assert "event 3" not in response.text


def test_a_wrong_method_says_what_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    response = with_academy(monkeypatch).client.delete("/badges")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
    assert faults_of(response.text) == []
