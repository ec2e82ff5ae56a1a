"""An application as one reader may see it, and what this reader can do now."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

from issuer.errors import NotFoundError, RefusedError
from issuer.rules import seats
from issuer.rules.applications import WITNESSING, Application
from issuer.rules.guards import refusals
from issuer.rules.kinds import KINDS
from issuer.rules.process import Peer, Process
from issuer.service.academy import Work, query
from issuer.service.applications.access import may_return_incomplete, may_see_evidence, part_in, process_of
from issuer.service.applications.drafts import missing_for
from issuer.service.badges import academy_policy, definition_for, page_of
from issuer.service.cases import application_case, badge_case, circle_case, existing
from issuer.service.circles import STATE_WORDS, card_of
from issuer.service.facts import facts_for, founders_now, holds
from issuer.service.forms import checklist_text, evidence_text
from issuer.service.models import (
    ApplicationPage,
    CheckItem,
    CheckWord,
    Claim,
    Evaluation,
    EvidenceItem,
    Person,
    StoryItem,
    ToSign,
    WitnessItem,
)
from issuer.service.statements.signing import decision_url
from issuer.service.statements.to_sign import about_me_to_sign, acceptance_to_sign

# Ends that are shared with the circle of the case only (DOMAIN.md section 7): a witness from elsewhere sees none.
_STAYS_IN_THE_CIRCLE = frozenset({"not_yet", "lapsed", "declined", "referred"})
_WORDLESS = frozenset({"invited", "taken_back", "declined"})


@query
def application_page(work: Work, *, id_: str, reader: str) -> ApplicationPage:
    """Return an application to somebody who has a part in it, or is a member of its circle."""
    application = existing(application_case(work, id_)).state
    part = part_in(work, application, reader)
    members = circle_case(work, application.circle).state.members
    ended_inside = application.state in _STAYS_IN_THE_CIRCLE and part == "witness" and reader not in members
    if part is None or application.state == "withdrawn" or ended_inside:
        raise NotFoundError("There is nothing here.")
    return _Builder(work, application, reader, part).page()


class _Builder:
    """Puts the page together; each method one part of it."""

    def __init__(self, work: Work, application: Application, reader: str, part: str) -> None:
        self.work = work
        self.application = application
        self.reader = reader
        self.part = part
        self.process = process_of(work, application)
        self.sees_all = may_see_evidence(work, application, reader)
        self.circle = circle_case(work, application.circle).state
        members = {application.applicant, *self.circle.members, *(w.member for w in application.witnesses)}
        members |= set(self.process.peers) if self.process else set()
        self.people = work.unit.people.named(members)
        texts = [*application.claims, application.reflection, application.signed_name, application.returned]
        texts += [application.plan, *(item.text for item in application.evidence)]
        texts += [text for witness in application.witnesses for text in (witness.text, witness.relation)]
        texts += [peer.checklist for peer in self.process.peers.values()] if self.process else []
        self.texts = work.unit.texts.many(texts)

    def page(self) -> ApplicationPage:
        application, process = self.application, self.process
        definition = definition_for(self.work, application)
        badge = page_of(self.work, slug=application.badge, version=application.version, reader=None)
        turn, until = self._turn()
        deciders = process.deciders if process else ()
        evaluations = self._evaluations(definition.criteria)
        return ApplicationPage(
            id=application.id,
            state=application.state,
            state_sentence=STATE_WORDS[application.state],
            turn_sentence=turn,
            until=until,
            badge=badge,
            circle=card_of(self.work, application.circle),
            mode="meeting" if process and process.mode == "meeting" else "async",
            applicant=self._person(application.applicant),
            claims=tuple(
                Claim(criterion=criterion, text=self._text(claim) if self.sees_all else "")
                for criterion, claim in zip(definition.criteria, application.claims, strict=True)
            ),
            reflection=self._text(application.reflection) if self.sees_all else "",
            evidence=self._evidence() if self.sees_all else (),
            witnesses=self._witnesses(),
            evaluations=tuple(e for e in evaluations if self.sees_all or e.by.is_me),
            my_evaluation=next((e for e in evaluations if e.by.is_me), None),
            missing=self._missing(),
            deciders=tuple(self._person(member) for member in deciders),
            facilitator=self._person(process.facilitator) if process else None,
            secretary=self._person(process.secretary) if process else None,
            candidates=self._candidates(),
            role_holders=self._role_holders(),
            holders=self._holders(),
            conflict_asked=self._peer is not None and self._peer.conflict is None and self._evaluating,
            conflicts_to_settle=self._conflicts(),
            heard=tuple(self._person(m) for m in deciders if process and process.peers[m].checklist),
            signed_name=self._text(application.signed_name) or None if self.sees_all else None,
            plan=self._text(application.plan) or None if self._in_case else None,
            look_again_on=application.look_again_on if self._in_case else None,
            returned=self._text(application.returned) or None if self.part == "applicant" else None,
            process_id=process.id if process else None,
            process_phase=process.phase if process else None,
            credential_path=f"/credentials/{application.credential}" if application.state == "issued" else None,
            story=self._story(),
            decision_url=decision_url(self.work, process.id) if process else None,
            my_key=self._peer.key if self._peer else None,
            to_sign=self._to_sign(),
            actions=frozenset(self._actions()),
        )

    def _to_sign(self) -> ToSign | None:
        """Return what the applicant signs now: that the badge is about them, or that they accept it."""
        if self.part != "applicant" or self.process is None or self.application.credential is None:
            return None
        if self.application.state == "in_evaluation":
            return about_me_to_sign(self.work, self.process, self.application)
        if self.application.state == "consented":
            return acceptance_to_sign(self.work, self.process, self.reader)
        return None

    @property
    def _peer(self) -> Peer | None:
        return self.process.peers.get(self.reader) if self.process else None

    @property
    def _evaluating(self) -> bool:
        return self.application.state == "in_evaluation"

    @property
    def _in_case(self) -> bool:
        return self.part in {"applicant", "decider", "facilitator", "secretary", "peer"}

    def _text(self, id_: str | None) -> str:
        return self.texts.get(id_) or ""

    def _person(self, member: str) -> Person:
        row = self.people.get(member)
        return Person(id=member, name=row.name if row else "Somebody", is_me=member == self.reader)

    def _evidence(self) -> tuple[EvidenceItem, ...]:
        items = []
        for item in self.application.evidence:
            text = evidence_text(self._text(item.text))
            items.append(
                EvidenceItem(
                    id=item.id,
                    kind=text.kind,
                    title=text.title,
                    note=text.note,
                    link=text.link,
                    file_name=text.file_name,
                    size=text.size,
                    about_others=item.about_others,
                    data_permission=item.data_permission,
                )
            )
        return tuple(items)

    def _witnesses(self) -> tuple[WitnessItem, ...]:
        """Who was asked; their words are for those of the case, and each sees their own."""
        return tuple(
            WitnessItem(
                id=witness.id,
                name=self._person(witness.member).name,
                relation=self._text(witness.relation),
                text=self._text(witness.text) or None if self.sees_all or witness.member == self.reader else None,
                is_me=witness.member == self.reader,
                state=witness.state,
            )
            for witness in self.application.witnesses
            if witness.state != "released" and (self.sees_all or witness.member == self.reader)
        )

    def _evaluations(self, criteria: tuple[str, ...]) -> tuple[Evaluation, ...]:
        found = []
        for peer in self.process.peers.values() if self.process else ():
            text = self._text(peer.checklist)
            if not text:
                continue
            checklist = checklist_text(text)
            items = tuple(
                CheckItem(criterion=criterion, word=cast("CheckWord", word), note=note)
                for criterion, (word, note) in zip(criteria, checklist.items, strict=True)
            )
            found.append(
                Evaluation(
                    by=self._person(peer.member),
                    items=items,
                    appreciation=checklist.appreciation,
                    suggestion=checklist.suggestion,
                )
            )
        return tuple(found)

    def _missing(self) -> tuple[str, ...]:
        """Return what is missing before the next step: before handing in, or before the decision is opened."""
        application, process = self.application, self.process
        if application.state == "draft" and self.part == "applicant":
            return tuple(missing_for(self.work, application, definition_for(self.work, application)))
        if self._evaluating and process and self._in_case:
            facts = facts_for(self.work, process)
            return tuple(
                f"{refusal.sentence} {refusal.remedy}".strip()
                for refusal in refusals(process, facts, KINDS["award"].open)
            )
        return ()

    def _candidates(self) -> tuple[Person, ...]:
        """Return who may become a decider: when the circle takes it up, and until the decision is opened."""
        process = self.process
        adding = process is not None and self._evaluating and self.reader == process.facilitator
        if not adding and (self.part != "role" or self.application.state != "submitted"):
            return ()
        members = self.circle.members - {self.application.applicant}
        if process is not None:
            out = {m for m, peer in process.peers.items() if peer.recused or peer.conflict == "mentor"}
            members = members - set(process.deciders) - out
        return tuple(sorted((self._person(member) for member in members), key=lambda person: person.name))

    def _holders(self) -> frozenset[str]:
        today = self.work.now.date()
        badge = badge_case(self.work, self.application.badge).state
        people = {person.id for person in self._candidates()}
        people |= set(self.process.deciders) if self.process else set()
        founders = founders_now(self.work, badge, today=today)
        return frozenset(m for m in people if m in founders or holds(self.work, m, badge.slug, today=today))

    def _conflicts(self) -> tuple[Person, ...]:
        process = self.process
        if process is None or self.part != "decider" or not self._evaluating:
            return ()
        return tuple(
            self._person(peer.member)
            for peer in process.peers.values()
            if peer.conflict == "other"
            and peer.member != self.reader
            and self.reader not in peer.conflict_accepted
        )

    def _turn(self) -> tuple[str, datetime | None]:
        """Return whose turn it is and until when (DOMAIN.md section 4)."""
        application, process = self.application, self.process
        policy = academy_policy(self.work)
        match application.state:
            case "draft":
                return "The applicant is writing.", None
            case "submitted":
                until = (application.submitted_at or self.work.now) + timedelta(days=policy.take_up_days)
                return "The circle takes it up.", until
            case "in_evaluation" if process:
                return _evaluation_turn(process), process.deadline
            case "in_consent" if process:
                return "The circle is deciding by consent.", process.deadline
            case "consented":
                return "The applicant accepts the badge, or leaves it.", None
        return "Nothing is to be done here.", None

    def _story(self) -> tuple[StoryItem, ...]:
        events = self.work.unit.journal.read(f"application/{self.application.id}")
        sentences = {
            "started": ("proposal", "The application was begun."),
            "A1": ("proposal", "The application was handed in."),
            "A2": ("pause", "A part was missing; it went back to the applicant."),
            "A3": ("proposal", "The circle took it up."),
            "A4": ("pause", "The applicant took it back to add evidence."),
            "A5": ("round", "The decision by consent was opened."),
            "A6": ("decision", "The circle consented."),
            "A7": ("decision", "Not yet, and there is a plan."),
            "A8": ("decision", "The question was referred to the broader circle."),
            "A10": ("badge", "The applicant accepted, and the badge was issued."),
            "A11": ("badge", "The applicant left the badge."),
        }
        items = []
        for event in events:
            key = event["step"] if event.type == "moved" else event.type
            if key in sentences and (self._in_case or key in {"A1", "A3"}):
                kind, sentence = sentences[key]
                items.append(StoryItem(at=event.at, kind=kind, sentence=sentence))
        return tuple(items)

    def _actions(self) -> set[str]:
        found = {
            "applicant": self._applicants_actions,
            "decider": self._peers_actions,
            "peer": self._peers_actions,
            "facilitator": self._peers_actions,
            "secretary": self._peers_actions,
            "role": self._roles_actions,
        }.get(self.part, set)()
        if self.application.state not in WITNESSING:
            return found
        if self.reader in self.application.witnessing:
            found.add("give_statement")
            asked = (w.member == self.reader and w.state == "invited" for w in self.application.witnesses)
            found |= {"decline_to_witness"} if any(asked) else set()
        if self.part == "applicant" and any(w.state in _WORDLESS for w in self.application.witnesses):
            found.add("stop_asking")
        return found

    def _applicants_actions(self) -> set[str]:
        process = self.process
        actions = {
            "draft": {"edit", "submit", "withdraw", "invite_witness"},
            "submitted": {"withdraw", "invite_witness"},
            "in_evaluation": {"withdraw", "invite_witness", "reopen"},
            "in_consent": {"withdraw"},
            "consented": {"accept", "decline"},
        }.get(self.application.state, set())
        if self._evaluating and process and not (process.feedback_read and process.about_me):
            actions = actions | {"read_feedback"}
        return set(actions)

    def _peers_actions(self) -> set[str]:
        process, peer = self.process, self._peer
        actions: set[str] = set()
        if process is None or not self._evaluating:
            return actions
        if peer is not None and peer.conflict is None:
            actions.add("declare_conflict")
        elif peer is not None and not peer.recused and peer.voice:
            actions |= {"evaluate"} if peer.opened else {"see_evidence"}
        if self._conflicts():
            actions.add("accept_conflict")
        if process.phase != "preparing":
            return actions
        if self.reader == process.facilitator:
            actions |= {"open", "add_decider"} if self._candidates() else {"open"}
        if self.reader in process.deciders and self._may_step_aside(process):
            actions.add("step_aside")
        if self.reader in {process.facilitator, process.secretary} and len(self._role_holders()) > 1:
            actions.add("hand_over")
        return actions

    def _may_step_aside(self, process: Process) -> bool:
        try:
            seats.step_aside(process, by=self.reader, facts=facts_for(self.work, process), now=self.work.now)
        except RefusedError:
            return False
        return True

    def _role_holders(self) -> tuple[Person, ...]:
        """Return who may hold this process: members with a running term, not the applicant."""
        running = self.circle.running_roles(today=self.work.now.date()) - {self.application.applicant}
        return tuple(sorted((self._person(member) for member in running), key=lambda person: person.name))

    def _roles_actions(self) -> set[str]:
        if self.application.state != "submitted":
            return set()
        may_return = self.reader in may_return_incomplete(
            self.circle, self.application, today=self.work.now.date()
        )
        return {"take_up", "return_incomplete"} if may_return else {"take_up"}


def _evaluation_turn(process: Process) -> str:
    if any(peer.conflict is None for peer in process.peers.values()):
        return "Those who decide say first whether they have a conflict of interest."
    if any(process.peers[member].checklist is None for member in process.deciders):
        return "Those who decide look at the evidence and say what they saw."
    if not process.feedback_read:
        return "The applicant reads the feedback."
    if process.about_me is None:
        return "The applicant signs that the badge is about them."
    return "The facilitator opens the decision."
