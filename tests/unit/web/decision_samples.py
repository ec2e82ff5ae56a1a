"""Pages of decisions and badges, valid as they come: a test changes one thing with dataclasses.replace."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from issuer.service.models import (
    BadgeCard,
    BadgePage,
    CircleCard,
    CredentialPage,
    DecisionPage,
    ObjectionView,
    Person,
    ProcessPage,
    ProposalView,
    RecordField,
    Seat,
    StoryItem,
    ToSign,
)

BASE_URL = "https://academy.example"
NOW = datetime(2026, 5, 3, 9, 30, tzinfo=UTC)
CRITERIA = (
    "Every decision is findable with its text, date, review date and who takes care of it.",
    "Notes are as short as possible and leave out who felt what unless that person wants it recorded.",
    "The backlog is up to date after each meeting and feeds the next agenda.",
    "Reviews that fall due appear on an agenda before their date.",
)
POD = CircleCard(slug="pod-north", name="Pod North", kind="pod", aim="Learn together", parent="superpod-green")
ASHA = Person(id="asha", name="Asha Rao")
BEN = Person(id="ben", name="Ben Ortiz")
CHIARA = Person(id="chiara", name="Chiara Bianchi")
DEV = Person(id="dev", name="Dev Patel")
ELI = Person(id="eli", name="Eli Stone", is_me=True)
SECRETARY = BadgeCard(
    slug="secretary",
    name="Secretary: Minutes and Backlog",
    skill="Keeps a circle's memory so that absent members and later readers can trust it.",
    level="practitioner",
    bundle="Feedback and accountability",
    version="1",
)


def a_seat(
    person: Person,
    state: Literal["spoken", "not_yet", "objection", "passed"] = "not_yet",
    *,
    decides: bool = True,
    holder: bool = False,
    part: str = "decider",
) -> Seat:
    return Seat(person=person, state=state, decides=decides, holder=holder, part=part)


def seats(**states: Literal["spoken", "not_yet", "objection", "passed"]) -> tuple[Seat, ...]:
    """Chiara (holder), Dev and Eli decide; Asha applies, Ben is her mentor. States by name."""
    return (
        a_seat(CHIARA, states.get("chiara", "not_yet"), holder=True, part="facilitator"),
        a_seat(DEV, states.get("dev", "not_yet")),
        a_seat(ELI, states.get("eli", "not_yet")),
        a_seat(BEN, "passed", decides=False, part="mentor"),
        a_seat(ASHA, "passed", decides=False, part="applicant"),
    )


def a_credential(*, name: str | None = "Asha Rao") -> dict[str, Any]:
    identifiers: list[dict[str, Any]] = [
        {"type": "IdentityObject", "hashed": True, "identityHash": "sha256$0", "identityType": "emailAddress"}
    ]
    if name:
        identifiers.append(
            {"type": "IdentityObject", "hashed": False, "identityHash": name, "identityType": "name"}
        )
    return {
        "id": f"{BASE_URL}/credentials/bdg7",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": SECRETARY.name,
        "issuer": {"id": "did:web:academy.example", "type": ["Profile"], "name": "Academy of Circles"},
        "validFrom": "2026-05-03T09:30:00Z",
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": identifiers,
            "achievement": {
                "id": f"{BASE_URL}/achievements/secretary-v1",
                "type": ["Achievement"],
                "name": SECRETARY.name,
                "description": SECRETARY.skill,
                "criteria": {
                    "id": f"{BASE_URL}/badges/secretary?version=1",
                    "narrative": "\n".join(f"{number}. {text}" for number, text in enumerate(CRITERIA, start=1)),
                },
                "image": {"id": f"{BASE_URL}/images/secretary.png", "type": "Image"},
                "tag": ["practitioner"],
                "version": "1",
            },
            "source": {"id": f"{BASE_URL}/circles/pod-north", "type": ["Profile"], "name": "Pod North"},
        },
    }


def a_proposal(**changes: Any) -> ProposalView:
    values: dict[str, Any] = {
        "version": 1,
        "outcome": "award",
        "title": "Secretary: Minutes and Backlog for Asha Rao",
        "text": "We award the badge to **Asha Rao**, on what we have seen in three meetings of the pod.",
        "review_on": date(2028, 5, 3),
        "term_months": None,
        "measures": ("Ask two members after six months whether they find past decisions.",),
        "plan": None,
        "look_again_on": None,
        "digest": "uEiB3kq0Zl6gQm0cQkX2u1yZ9r1h1m5t7b0d4w8e6y2a9fQ",
        "preview": a_credential(),
    }
    return ProposalView(**(values | changes))


def a_story() -> tuple[StoryItem, ...]:
    steps = (
        ("proposal", "The proposal was opened by Chiara Bianchi."),
        ("question", "One question was asked and answered."),
        ("reaction", "Quick reactions."),
        ("round", "The first consent round began."),
    )
    return tuple(
        StoryItem(at=NOW - timedelta(days=4 - number), kind=kind, sentence=sentence)
        for number, (kind, sentence) in enumerate(steps)
    )


def a_process(**changes: Any) -> ProcessPage:
    """Return a process in its consent round, read by Eli, who has not answered yet."""
    values: dict[str, Any] = {
        "id": "prc3",
        "kind": "award",
        "phase": "consent_round",
        "paused_from": None,
        "mode": "async",
        "title": "Secretary: Minutes and Backlog for Asha Rao",
        "question": "On what you have seen, are you confident enough that this person shows this skill, so that we"
        " issue the badge: good enough for now, safe enough to try?",
        "circle": POD,
        "proposal": a_proposal(),
        "seats": seats(chiara="spoken"),
        "turn_sentence": "Who has not spoken yet: Dev Patel, Eli Stone.",
        "until": NOW + timedelta(days=7),
        "round": 1,
        "my_answer": None,
        "answers": (),
        "questions": (),
        "reactions": (),
        "objections": (),
        "blockers": (),
        "extensions_left": 2,
        "meeting_code": None,
        "closing_said": frozenset(),
        "criteria": CRITERIA,
        "outcome": None,
        "decision_id": None,
        "application_id": "app1",
        "concerned": ASHA,
        "story": a_story(),
        "actions": frozenset({"respond"}),
    }
    return ProcessPage(**(values | changes))


def a_to_sign(**changes: Any) -> ToSign:
    """Return what Eli's key would sign in the round."""
    decision = f"{BASE_URL}/decisions/prc3"
    values: dict[str, Any] = {
        "decision": decision,
        "proposal": f"{decision}/proposals/1",
        "badge": f"{BASE_URL}/credentials/bdg7",
        "version": 1,
        "round": 1,
        "digest": "uEiB3kq0Zl6gQm0cQkX2u1yZ9r1h1m5t7b0d4w8e6y2a9fQ",
        "now": "2026-05-03T09:30:00Z",
        "name": "Eli Stone",
        "outcome": "award",
        "deciders": 3,
        "key": "did:key:z6MkEli",
    }
    return ToSign(**(values | changes))


def an_objection(**changes: Any) -> ObjectionView:
    values: dict[str, Any] = {
        "id": "obj1",
        "by": DEV,
        "reason": "I saw criterion 2 only with changes to the text, never with what people felt.",
        "about": CRITERIA[1],
        "wording": None,
        "state": "raised",
        "how_met": None,
        "actions": frozenset(),
    }
    return ObjectionView(**(values | changes))


def record_fields(**values: Any) -> tuple[RecordField, ...]:
    """Return some slots of a record; a value of None is a closed leaf."""
    facts: Mapping[str, Any] = {
        "kind": "award",
        "count/deciders": 3,
        "count/holders": 1,
        "count/rounds": 2,
        "count/objections_met": 1,
        "deciders/0/name": "Chiara Bianchi",
        "deciders/1/name": "Peer 7QKX2MZA",
        "deciders/2/name": "Peer T4WCN3BY",
        "deciders/0/answer": None,
        "objections/0/summary": None,
    }
    labels = {
        "kind": "Kind of decision",
        "count/deciders": "Deciding peers",
        "count/holders": "Of whom hold the badge",
        "count/rounds": "Consent rounds",
        "count/objections_met": "Objections met",
    }
    return tuple(
        RecordField(
            path=tuple(name.split("/")),
            label=labels.get(name, "Decider"),
            value=value,
            open=value is not None,
            leaf="a1Xn0eNqFf7kfXkWqkWqkWqkWqkWqkWqkWqkWqkWqk0",
            salt="c2FsdA" if value is not None else None,
        )
        for name, value in ({**facts, **values}).items()
    )


def a_decision(**changes: Any) -> DecisionPage:
    values: dict[str, Any] = {
        "id": "prc3",
        "kind": "award",
        "outcome": "consented",
        "title": "Secretary: Minutes and Backlog",
        "circle": POD,
        "decided_on": date(2026, 5, 3),
        "review_on": date(2028, 5, 3),
        "facts": (),
        "fields": record_fields(),
        "root": "dGhlIHJvb3Qgb2YgYWxsIGxlYXZlcyBpcyBhIGhhc2g",
        "signature": "c2lnbmF0dXJlIG9mIHRoZSByb290IGluIGJhc2U2NHVybA",
        "record_key": "did:key:z6MkRecordKeyOfTheAcademy",
        "story": a_story(),
        "badge": SECRETARY,
    }
    return DecisionPage(**(values | changes))


def a_badge_page() -> BadgePage:
    return BadgePage(
        card=SECRETARY,
        criteria=CRITERIA,
        show=("Minutes of three meetings in a row.",),
        evidence_kinds=("minutes",),
        requires=(),
        min_peers=3,
        min_holders=1,
        min_witnesses=2,
        award_term_months=None,
        review_on=date(2028, 1, 1),
        adopted_on=date(2026, 1, 1),
        decision_id="prc1",
        achievement_url=f"{BASE_URL}/achievements/secretary-v1",
        founding=False,
        founding_until=None,
    )


def a_credential_page(**changes: Any) -> CredentialPage:
    values: dict[str, Any] = {
        "id": "bdg7",
        "path": "/credentials/bdg7",
        "credential": a_credential(),
        "jwt": "eyJhbGciOiJFZERTQSJ9.e30.c2ln",
        "badge": a_badge_page(),
        "circle": POD,
        "issuer_name": "Academy of Circles",
        "issuer_url": BASE_URL,
        "person_name": "Asha Rao",
        "issued_on": date(2026, 5, 3),
        "valid_until": None,
        "review_on": date(2028, 5, 3),
        "decision": a_decision(),
        "published_evidence": (),
        "is_mine": False,
        "published": True,
        "given_back": False,
        "actions": frozenset(),
    }
    return CredentialPage(**(values | changes))


def a_report(verdict: str = "valid", **results: str) -> dict[str, Any]:
    """Return a report as the verifier gives it; the result of a check by its id."""
    messages = {
        "readable": "It is JSON.",
        "context": "All words in it have a published meaning.",
        "proof": "The signature is good.",
        "issuer_binding": "The key is one of the issuer's own.",
        "status": "It was not revoked.",
        "time": "In force since 3 May 2026, and has no end date.",
        "recipient": "Whether it is for a certain person was not asked. Give their e-mail address to compare.",
        "issuer_known": "The issuer is on no list of yours: you decide whether you trust it.",
    }
    usual = {"recipient": "skipped", "issuer_known": "info"}
    sentences = {
        "valid": "This badge is good: unaltered, signed by the issuer that it names, and in force now.",
        "invalid": "This badge is not good. It was revoked by its issuer.",
        "unknown": "We could not find out whether this badge is good. The status list could not be fetched.",
    }
    return {
        "verdict": verdict,
        "sentence": sentences[verdict],
        "checkedAt": "2026-05-03T09:30:00Z",
        "checks": [
            {"id": id_, "result": results.get(id_, usual.get(id_, "pass")), "message": message, "code": ""}
            for id_, message in messages.items()
        ],
        "warnings": [],
    }
