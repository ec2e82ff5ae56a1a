"""The consent page: one process as one reader may see it, and what this reader can do now."""

from __future__ import annotations

from collections.abc import Mapping

from issuer.errors import NotFoundError
from issuer.rules.guards import refusals
from issuer.rules.kinds import KINDS
from issuer.rules.process import Answer, Objection, Process, Version
from issuer.rules.rounds import plan_waits
from issuer.service.academy import Work, query
from issuer.service.badges import definition_for
from issuer.service.cases import application_case
from issuer.service.circles import PHASE_WORDS, card_of
from issuer.service.facts import facts_for
from issuer.service.models import (
    AnswerView,
    CircleCard,
    ObjectionView,
    Person,
    ProcessPage,
    ProposalView,
    QuestionView,
    ReactionView,
    SaidView,
    Seat,
    Spoken,
)
from issuer.service.processes.actions import actions_for, objection_actions
from issuer.service.processes.steps import visible_process
from issuer.service.processes.story import story_of
from issuer.service.proposals import Proposal, read_proposal
from issuer.service.statements.signing import decision_url
from issuer.service.statements.to_sign import answer_to_sign


@query
def process_of_code(work: Work, *, code: str) -> str:
    """Return the process whose meeting has this code."""
    id_ = work.unit.cases.process_by_code(code.strip().lower())
    if id_ is None:
        raise NotFoundError("There is no meeting with this code. Look again at the screen.")
    return id_


@query
def process_page(work: Work, *, id_: str, reader: str) -> ProcessPage:
    """Return a process to those who take part and to its circle."""
    return _Builder(work, visible_process(work, id_, reader).state, reader).page()


class _Builder:
    """Puts the page together; each method one part of it."""

    def __init__(self, work: Work, process: Process, reader: str) -> None:
        self.work = work
        self.process = process
        self.reader = reader
        self.facts = facts_for(work, process)
        self.version = process.version
        self.proposal = (
            read_proposal(work, self.version.text if self.version else process.subject)
            if (self.version or process.kind != "award")
            else Proposal()
        )
        everybody = {*process.peers, process.facilitator, process.secretary, process.proposer}
        everybody |= {answer.by for answer in process.past_answers} | set(self.proposal.founders)
        everybody |= {process.concerned} if process.concerned else set()
        everybody |= set(self.proposal.circle.members) if self.proposal.circle else set()
        self.people = work.unit.people.named(everybody)
        self.texts = work.unit.texts.many(self._text_ids())
        # Others' answers are seen after one's own, and by everybody when the round is complete.
        self.sees_answers = process.phase != "consent_round" or reader in process.answers

    def _text_ids(self) -> list[str | None]:
        process = self.process
        answers = [*process.answers.values(), *process.past_answers, *process.said.values()]
        ids: list[str | None] = [text for answer in answers for text in (answer.concern, answer.reason)]
        ids += [text for question in process.questions for text in (question.text, question.answer)]
        ids += [text for _, text in process.reactions]
        ids += [text for o in process.objections for text in (o.reason, o.about or None, o.wording, o.met)]
        return ids + (list(self.version.measures) if self.version else [])

    def page(self) -> ProcessPage:
        process = self.process
        application = process.subject.removeprefix("application/") if process.kind == "award" else None
        return ProcessPage(
            id=process.id,
            kind=process.kind,
            phase=process.phase,
            paused_from=process.paused_from,
            mode="meeting" if process.mode == "meeting" else "async",
            title=self._title(),
            question=KINDS[process.kind].question_for(self.version.outcome if self.version else process.kind),
            circle=self._circle(),
            proposal=self._proposal(),
            seats=self._seats(),
            turn_sentence=self._turn(),
            until=process.deadline,
            round=process.round,
            my_answer=self._answer(process.answers[self.reader]) if self.reader in process.answers else None,
            answers=self._answers(),
            questions=tuple(
                QuestionView(
                    id=one.id,
                    by=self._person(one.by),
                    text=self._text(one.text),
                    answer=self._text(one.answer) if one.answer else None,
                )
                for one in process.questions
            ),
            reactions=tuple(
                ReactionView(by=self._person(by), text=self._text(text)) for by, text in process.reactions
            ),
            objections=self._objections(),
            blockers=self._blockers(),
            extensions_left=max(0, process.policy.extensions - process.extensions),
            meeting_code=self._code(),
            closing_said=process.nothing_more,
            criteria=self._criteria(),
            outcome=process.outcome,
            decision_id=process.id if process.record else None,
            application_id=application,
            concerned=self._person(process.concerned) if process.concerned else None,
            story=story_of(self.work, process),
            decision_url=decision_url(self.work, process.id),
            my_key=process.peers[self.reader].key if self.reader in process.peers else None,
            without_key=tuple(self._person(m) for m in process.deciders if process.peers[m].key is None),
            to_sign=answer_to_sign(self.work, process, self.reader),
            my_said=self._said(process.said[self.reader]) if self.reader in process.said else None,
            said=tuple(self._said(one) for one in process.said.values() if self._sees_said(one)),
            actions=actions_for(process, self.reader, self.facts),
        )

    def _text(self, id_: str | None) -> str:
        return self.texts.get(id_) or ""

    def _person(self, member: str) -> Person:
        row = self.people.get(member)
        return Person(id=member, name=row.name if row else "Somebody", is_me=member == self.reader)

    def _title(self) -> str:
        process, proposal = self.process, self.proposal
        if process.kind == "constitute":
            return f"Begin as the circle {proposal.circle.name}" if proposal.circle else "Begin as a circle"
        if process.kind == "adopt":
            names = [definition.name for definition in proposal.badges]
            return f"Adopt the badge {names[0]}" if len(names) == 1 else f"Adopt {len(names)} badges"
        application = application_case(self.work, process.subject.removeprefix("application/")).state
        badge = definition_for(self.work, application).name
        return f"{badge} for {self._person(application.applicant).name}"

    def _circle(self) -> CircleCard:
        plan = self.proposal.circle
        if plan is not None and self.work.unit.cases.circle(id_=self.process.circle) is None:
            return CircleCard(slug="", name=plan.name, kind=plan.kind, aim=plan.aim)
        return card_of(self.work, self.process.circle)

    def _proposal(self) -> ProposalView:
        version, proposal = self.version, self.proposal
        return ProposalView(
            version=version.number if version else 0,
            outcome=version.outcome if version else self.process.kind,
            title=self._title(),
            text=proposal.text,
            review_on=version.review_on if version else None,
            term_months=version.term_months if version else None,
            measures=tuple(self._text(measure) for measure in version.measures) if version else (),
            plan=proposal.plan,
            look_again_on=version.look_again_on if version else None,
            digest=version.digest if version else "",
            preview=self._preview(version),
        )

    def _preview(self, version: Version | None) -> Mapping[str, object] | None:
        proposal = self.proposal
        if proposal.circle is not None:
            plan = proposal.circle
            parent = self.work.unit.cases.circle(id_=plan.parent) if plan.parent else None
            return {
                "circle": {
                    "kind": plan.kind,
                    "name": plan.name,
                    "aim": plan.aim,
                    "domain": plan.domain,
                    "parent": parent.name if parent else None,
                    "members": [self._person(member).name for member in plan.members],
                    "roles": {role: self._person(member).name for role, member in plan.roles.items()},
                    "policy": plan.policy,
                }
            }
        if proposal.badges:
            return {
                "badges": [definition.to_json() for definition in proposal.badges],
                "founders": {self._person(m).name: reason for m, reason in proposal.founders.items()},
                "founding_until": proposal.founding_until,
            }
        return proposal.credential if version is not None and version.outcome == "award" else None

    def _seats(self) -> tuple[Seat, ...]:
        process = self.process
        seats = [
            Seat(
                person=self._person(peer.member),
                state=self._spoken(peer.member),
                decides=peer.decides,
                holder=peer.member in self.facts.holders,
                founder=peer.member in self.facts.founders - self.facts.holders,
                part=self._part(peer.member),
            )
            for peer in sorted(process.peers.values(), key=lambda peer: self._person(peer.member).name)
            if not peer.recused
        ]
        others = [m for m in (process.facilitator, process.secretary) if m not in process.peers]
        others += [process.concerned] if process.concerned else []
        seats += [
            Seat(
                person=self._person(member),
                state="spoken" if member in process.nothing_more else "passed",
                decides=False,
                holder=False,
                part=self._part(member),
            )
            for member in dict.fromkeys(others)
        ]
        return tuple(seats)

    def _part(self, member: str) -> str:
        process = self.process
        if member == process.concerned:
            return "applicant"
        if member == process.facilitator:
            return "facilitator"
        if member == process.secretary:
            return "secretary"
        peer = process.peers.get(member)
        return "mentor" if peer and peer.conflict == "mentor" else "decider"

    def _spoken(self, member: str) -> Spoken:
        process = self.process
        peer = process.peers[member]
        if not peer.decides:
            return "passed"
        match process.phase:
            case "clarifying":
                return ("passed" if peer.passed else "spoken") if peer.asked else "not_yet"
            case "reacting":
                said = any(by == member for by, _ in process.reactions)
                return ("spoken" if said else "passed") if peer.reacted else "not_yet"
            case "settling":
                closing = process.mode == "meeting"
                return "spoken" if not closing or member in process.nothing_more else "not_yet"
        answer = process.answers.get(member)
        if answer is None:
            return "not_yet"
        return "objection" if answer.response == "objection" and self.sees_answers else "spoken"

    def _turn(self) -> str:
        process = self.process
        waiting = [self._person(m).name for m in process.deciders if self._spoken(m) == "not_yet"]
        names = ", ".join(waiting)
        match process.phase:
            case "preparing":
                return f"{self._person(process.facilitator).name} opens the decision."
            case "clarifying" if any(one.answer is None for one in process.questions):
                return "A question waits for its answer."
            case "clarifying" | "reacting" | "consent_round" if waiting:
                return f"Who has not spoken yet: {names}."
            case "clarifying" | "reacting" if process.mode == "meeting":
                return f"Everybody has spoken: {self._person(process.facilitator).name} goes on."
            case "integrating":
                return "The objection belongs to the circle now: change the proposal together."
            case "settling" if plan_waits(process):
                return "The applicant says whether the plan is agreed."
            case "settling" if process.mode == "meeting" and waiting:
                return (
                    f"Closing round: {names} {'has' if len(waiting) == 1 else 'have'} not said “nothing more” yet."
                )
        return PHASE_WORDS[process.phase]

    def _answer(self, answer: Answer) -> AnswerView:
        return AnswerView(
            by=self._person(answer.by),
            response=answer.response,
            concern=self._text(answer.concern),
            reason=self._text(answer.reason),
            version=answer.version,
            round=answer.round,
        )

    def _answers(self) -> tuple[AnswerView, ...]:
        past = [self._answer(answer) for answer in self.process.past_answers]
        if not self.sees_answers:
            return tuple(past)
        return (*past, *(self._answer(answer) for answer in self.process.answers.values()))

    def _said(self, answer: Answer) -> SaidView:
        return SaidView(
            by=self._person(answer.by),
            response=answer.response,
            concern=self._text(answer.concern),
            reason=self._text(answer.reason),
            noted_by=self._person(answer.noted_by) if answer.noted_by else None,
        )

    def _sees_said(self, answer: Answer) -> bool:
        """What somebody said is theirs and of who wrote it down, until the reader has answered, too."""
        return answer.by != self.reader and (self.sees_answers or answer.noted_by == self.reader)

    def _objections(self) -> tuple[ObjectionView, ...]:
        return tuple(
            self._objection(objection)
            for objection in self.process.objections
            if self.sees_answers or objection.round < self.process.round
        )

    def _objection(self, objection: Objection) -> ObjectionView:
        return ObjectionView(
            id=objection.id,
            by=self._person(objection.by),
            reason=self._text(objection.reason),
            about=self._text(objection.about or None),
            wording=self._text(objection.wording) or None,
            state=objection.state,
            how_met=self._text(objection.met) or None,
            actions=objection_actions(self.process, objection, self.reader),
        )

    def _blockers(self) -> tuple[str, ...]:
        """Return what keeps the next phase from opening, for those who hold or have a part in it."""
        process, kind = self.process, KINDS[self.process.kind]
        guards = {
            "preparing": kind.open,
            "consent_round": kind.decide,
            "settling": kind.close,
            "paused": kind.people,
        }.get(process.phase, ())
        said = any(answer.response == "objection" for answer in process.answers.values())
        found = [
            f"{refusal.sentence} {refusal.remedy}".strip()
            for refusal in refusals(process, self.facts, guards)
            # What was raised in an earlier round is what this version is meant to meet; what is raised in this
            # one is for those who have answered.
            if refusal.rule != "G8" or process.phase != "consent_round" or (said and self.sees_answers)
        ]
        if process.phase == "integrating":
            found += ["An objection is open."] if any(o.open for o in process.objections) else []
        return tuple(found)

    def _code(self) -> str | None:
        if self.process.mode != "meeting" or self.process.closed:
            return None
        row = self.work.unit.cases.process_row(self.process.id)
        return row.meeting_code if row else None

    def _criteria(self) -> tuple[str, ...]:
        if self.process.kind == "award":
            application = application_case(self.work, self.process.subject.removeprefix("application/")).state
            return definition_for(self.work, application).criteria
        return ()
