"""Pages of people, circles, badges and applications, valid as they come; a test changes one thing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from issuer.service.models import (
    ApplicationPage,
    BadgeCard,
    BadgePage,
    CaseRow,
    CheckItem,
    CircleCard,
    CirclePage,
    Claim,
    Evaluation,
    EvidenceItem,
    Me,
    MePage,
    Person,
    RoleHolder,
    StoryItem,
    Task,
    ToSign,
    WitnessItem,
)

NOW = datetime(2026, 5, 3, 9, 30, tzinfo=UTC)
TRICKY = "<script>alert(1)</script>\"'&"
ACADEMY = CircleCard(slug="academy-circle", name="Academy Circle", kind="academy", aim="Look after the whole.")
POD = CircleCard(slug="pod-north", name="Pod North", kind="pod", aim="Learn together.", parent="academy-circle")
FEEDBACK = BadgeCard(
    slug="feedback",
    name="Giving and Receiving Feedback",
    skill="Gives feedback others can hear and takes in feedback without defending.",
    level="practitioner",
    bundle="Trust and connection",
    version="1",
)
CRITERIA = ("Says what was seen and its effect.", "Asks before giving feedback.", "Repeats feedback in own words.")
ASHA = Person(id="asha", name="Asha Rao")
BEN = Person(id="ben", name="Ben Ortiz")
CHIARA = Person(id="chiara", name="Chiara Bianchi")
DEV = Person(id="dev", name="Dev Patel")
ELI = Person(id="eli", name="Eli Stone")


def as_me(person: Person) -> Person:
    return replace(person, is_me=True)


def a_me(person: Person = ASHA, **changes: Any) -> Me:
    values: dict[str, Any] = {
        "id": person.id,
        "name": person.name,
        "email": f"{person.id}@example.org",
        "waiting": 2,
    }
    return Me(**(values | changes))


def a_badge_page(**changes: Any) -> BadgePage:
    values: dict[str, Any] = {
        "card": FEEDBACK,
        "criteria": CRITERIA,
        "show": ("Two feedback talks described from both sides.", "Another way: say how it meets the criterion."),
        "evidence_kinds": ("document", "something_new"),
        "requires": (replace(FEEDBACK, slug="circle-member", name="Circle Member"),),
        "min_peers": 3,
        "min_holders": 1,
        "min_witnesses": 1,
        "award_term_months": None,
        "review_on": date(2028, 5, 3),
        "adopted_on": date(2026, 5, 3),
        "decision_id": "adopt1",
        "achievement_url": "https://academy.example/achievements/feedback-v1",
        "founding": False,
        "founding_until": None,
    }
    return BadgePage(**(values | changes))


def a_circle_page(**changes: Any) -> CirclePage:
    values: dict[str, Any] = {
        "card": POD,
        "domain": "How we meet.",
        "parent": ACADEMY,
        "children": (),
        "roles": (
            RoleHolder(role="leader", name="Chiara Bianchi", until=date(2027, 5, 3)),
            RoleHolder(role="delegate", name=None, until=None),
            RoleHolder(role="facilitator", name="Chiara Bianchi", until=date(2027, 5, 3)),
            RoleHolder(role="secretary", name="Dev Patel", until=date(2027, 5, 3)),
        ),
        "single_link": True,
        "member_count": 5,
        "policy": {"Settling time": "2 days"},
        "decided_on": date(2026, 5, 3),
        "review_on": date(2026, 11, 3),
        "decision_id": "constitute1",
    }
    return CirclePage(**(values | changes))


def a_row(**changes: Any) -> CaseRow:
    return CaseRow(**({"path": "/applications/app1", "title": FEEDBACK.name, "sentence": "A draft."} | changes))


def a_me_page(**changes: Any) -> MePage:
    values: dict[str, Any] = {
        "me": a_me(),
        "tasks": (Task(sentence="Your peers' feedback waits for you.", path="/applications/app1", until=NOW),),
        "applications": (a_row(until=NOW),),
        "badges": (),
        "circles": (POD,),
        "statements": (a_row(path="/applications/app2"),),
    }
    return MePage(**(values | changes))


def an_evaluation(by: Person = CHIARA) -> Evaluation:
    words = ("seen", "partly", "not_yet")
    return Evaluation(
        by=by,
        items=tuple(
            CheckItem(criterion=criterion, word=word, note="" if word == "seen" else "I saw half of it.")  # type: ignore[arg-type]  # the words are those of the model
            for criterion, word in zip(CRITERIA, words, strict=True)
        ),
        appreciation="How you asked for permission first.",
        suggestion="Say next time what you chose.",
    )


def an_application(**changes: Any) -> ApplicationPage:
    values: dict[str, Any] = {
        "id": "app1",
        "state": "draft",
        "state_sentence": "A draft that only its author sees.",
        "turn_sentence": "The applicant is writing.",
        "until": NOW,
        "badge": a_badge_page(),
        "circle": POD,
        "mode": "async",
        "applicant": ASHA,
        "claims": tuple(Claim(criterion=criterion, text="In April I did.") for criterion in CRITERIA),
        "reflection": "It comes easily to ask.",
        "evidence": (
            EvidenceItem(
                id="e1",
                kind="minutes",
                title="Minutes of 2 April",
                note="See *point 4*.",
                link="https://example.org/minutes",
                file_name=None,
                size=None,
                about_others=True,
                data_permission=False,
            ),
            EvidenceItem(
                id="e2",
                kind="unheard_of",
                title="Two talks",
                note="",
                link=None,
                file_name="talks.md",
                size=2_500_000,
                about_others=True,
                data_permission=True,
            ),
        ),
        "witnesses": (
            WitnessItem(
                id="w1", name="Ben Ortiz", relation="same pod", text="I saw it.", is_me=False, state="given"
            ),
            WitnessItem(id="w2", name="Fay", relation="", text=None, is_me=False, state="invited"),
            WitnessItem(id="w3", name="Gil", relation="", text=None, is_me=False, state="taken_back"),
        ),
        "evaluations": (),
        "my_evaluation": None,
        "missing": (),
        "deciders": (),
        "facilitator": None,
        "secretary": None,
        "candidates": (),
        "holders": frozenset(),
        "conflict_asked": False,
        "conflicts_to_settle": (),
        "role_holders": (DEV,),
        "heard": (),
        "signed_name": "Asha Rao",
        "plan": None,
        "look_again_on": None,
        "returned": None,
        "process_id": None,
        "process_phase": None,
        "credential_path": None,
        "story": (StoryItem(at=NOW, kind="proposal", sentence="The application was begun."),),
    }
    return ApplicationPage(**(values | changes))


_DRAFT = frozenset({"edit", "submit", "withdraw", "invite_witness"})
_LOOKING: dict[str, Any] = {
    "state": "in_evaluation",
    "deciders": (CHIARA, DEV, ELI),
    "facilitator": CHIARA,
    "secretary": DEV,
    "holders": frozenset({"chiara"}),
    "process_id": "p1",
    "process_phase": "preparing",
}
_MINE: dict[str, Any] = {"applicant": as_me(ASHA)}
_AS_ELI: dict[str, Any] = _LOOKING | {"deciders": (CHIARA, DEV, as_me(ELI))}
_AS_CHIARA: dict[str, Any] = _LOOKING | {"deciders": (as_me(CHIARA), DEV, ELI), "facilitator": as_me(CHIARA)}
_HEARD: dict[str, Any] = {"heard": (CHIARA, DEV, ELI), "evaluations": (an_evaluation(), an_evaluation(DEV))}

A_TO_SIGN = ToSign(
    decision="https://academy.example/decisions/prc3",
    proposal="https://academy.example/decisions/prc3/proposals/1",
    badge="https://academy.example/credentials/bdg7",
    version=1,
    round=1,
    digest="uEiB3kq0Zl6gQm0cQkX2u1yZ9r1h1m5t7b0d4w8e6y2a9fQ",
    now="2026-05-03T09:30:00Z",
    name="Asha Rao",
    outcome="award",
    deciders=3,
    identity={"email": "asha@academy.example", "type": "IdentityObject", "hashed": True, "salt": "c2FsdA"},
)
# Every state as each person sees it: the changes from a plain draft.
STATES: dict[str, dict[str, Any]] = {
    "an empty draft": _MINE
    | {
        "actions": _DRAFT,
        "claims": tuple(Claim(criterion=c, text="") for c in CRITERIA),
        "reflection": "",
        "evidence": (),
        "witnesses": (),
        "signed_name": None,
        "missing": ("Write your self-reflection.", "Add at least one piece of evidence."),
    },
    "a full draft": _MINE | {"actions": _DRAFT},
    "a draft without a name": _MINE | {"actions": _DRAFT, "signed_name": None},
    "a draft that came back": _MINE | {"actions": _DRAFT, "returned": "The minutes cannot be opened."},
    "submitted, for the applicant": _MINE
    | {"state": "submitted", "actions": frozenset({"withdraw", "invite_witness"})},
    "submitted, for the secretary": {
        "state": "submitted",
        "actions": frozenset({"take_up", "return_incomplete"}),
        "candidates": (BEN, CHIARA, as_me(DEV), ELI),
        "holders": frozenset({"chiara"}),
    },
    "submitted again, for the secretary": _LOOKING
    | {"state": "submitted", "actions": frozenset({"take_up", "return_incomplete"})},
    "submitted, for a member": {
        "state": "submitted",
        "claims": tuple(Claim(criterion=c, text="") for c in CRITERIA),
        "evidence": (),
        "witnesses": (),
        "story": (),
    },
    "the conflict question": _AS_ELI | {"actions": frozenset({"declare_conflict"}), "conflict_asked": True},
    "the conflict question, to who took it up": _AS_CHIARA
    | {"actions": frozenset({"declare_conflict"}), "conflict_asked": True, "role_holders": (as_me(CHIARA), DEV)},
    "a mentor looks": _LOOKING | {"actions": frozenset({"see_evidence"})},
    "before the evidence": _AS_ELI | {"actions": frozenset({"see_evidence"})},
    "somebody to settle": _AS_ELI
    | {"actions": frozenset({"see_evidence", "accept_conflict"}), "conflicts_to_settle": (DEV,)},
    "the checklist": _AS_ELI | {"actions": frozenset({"evaluate"})},
    "the checklist filled in": _AS_ELI
    | {
        "actions": frozenset({"evaluate"}),
        "my_evaluation": an_evaluation(as_me(ELI)),
        "evaluations": (an_evaluation(as_me(ELI)), an_evaluation()),
    },
    "a witness is asked": {
        "actions": frozenset({"give_statement"}),
        "claims": tuple(Claim(criterion=c, text="") for c in CRITERIA),
        "witnesses": (WitnessItem(id="w1", name="Ben", relation="", text=None, is_me=True, state="invited"),),
    },
    "a witness has written": {
        "actions": frozenset({"give_statement"}),
        "witnesses": (WitnessItem(id="w1", name="Ben", relation="", text="I saw.", is_me=True, state="given"),),
    },
    "feedback is coming": _MINE
    | _LOOKING
    | {"evaluations": (an_evaluation(),), "heard": (CHIARA,), "actions": frozenset({"read_feedback", "withdraw"})},
    "feedback to read": _MINE
    | _LOOKING
    | _HEARD
    | {"actions": frozenset({"read_feedback", "withdraw", "reopen"})},
    "the facilitator waits": _AS_CHIARA
    | {"actions": frozenset({"open"}), "missing": ("Eli has not looked yet.",)},
    "the facilitator may open": _AS_CHIARA
    | _HEARD
    | {"actions": frozenset({"open", "evaluate"}), "my_evaluation": an_evaluation(as_me(CHIARA))},
    "in consent, for the applicant": _MINE
    | _LOOKING
    | _HEARD
    | {"state": "in_consent", "mode": "meeting", "actions": frozenset({"withdraw"})},
    "in consent, for a decider": _AS_ELI | _HEARD | {"state": "in_consent"},
    "consented": _MINE | _LOOKING | _HEARD | {"state": "consented", "actions": frozenset({"accept", "decline"})},
    "consented, without a name": _MINE
    | _LOOKING
    | {"state": "consented", "signed_name": None, "actions": frozenset({"accept", "decline"})},
    "feedback to sign": _MINE
    | _LOOKING
    | _HEARD
    | {"actions": frozenset({"read_feedback", "withdraw"}), "to_sign": A_TO_SIGN},
    "consented, to be signed": _MINE
    | _LOOKING
    | _HEARD
    | {"state": "consented", "actions": frozenset({"accept", "decline"}), "to_sign": A_TO_SIGN},
    "the checklist with a key": _AS_ELI
    | {"actions": frozenset({"evaluate"}), "decision_url": A_TO_SIGN.decision, "process_phase": "preparing"},
    "the checklist, the key is given": _AS_ELI
    | {"actions": frozenset({"evaluate"}), "decision_url": A_TO_SIGN.decision, "my_key": "did:key:z6MkEli"},
    "the checklist came without a key": _AS_ELI
    | {
        "actions": frozenset({"evaluate"}),
        "decision_url": A_TO_SIGN.decision,
        "process_phase": "preparing",
        "my_evaluation": an_evaluation(as_me(ELI)),
    },
    "not yet": _MINE
    | _LOOKING
    | {"state": "not_yet", "plan": "Show *another* case.", "look_again_on": date(2027, 3, 1)},
    "issued": _MINE | _LOOKING | {"state": "issued", "credential_path": "/credentials/c1"},
    "declined": _MINE | _LOOKING | {"state": "declined"},
}
