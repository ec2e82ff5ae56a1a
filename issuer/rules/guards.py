"""The guards G1 to G8 of DOMAIN.md 4.1: each says why not, or nothing.

They look at a process and at the facts around it, which the caller read from the journal. G9 is the signing
function itself (issuer/service/issuing.py), which asks all of these again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType

from issuer.errors import RefusedError
from issuer.rules.process import Process
from schemas import Rules, why_no_consent

_NOT_ALONE = 2  # nobody decides alone (DOMAIN.md 1.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What stands around a case at one moment.

    `eligible` may decide (full members now, or the people named when a circle is constituted); `same_person`
    maps a member to the digest of their verified contact; `approved_by_concerned` are members whose badges the
    concerned person decided on in the last twelve months; `outside_recent` says that this decision or one of
    the circle's last five had a decider from outside; `statement_at` is when the newest witness statement came;
    `with_circle` is not so while the applicant has the application back to add evidence (A4).
    """

    today: date
    eligible: frozenset[str] = frozenset()
    same_person: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    holders: frozenset[str] = frozenset()
    founders: frozenset[str] = frozenset()
    approved_by_concerned: frozenset[str] = frozenset()
    outside_recent: bool = False
    role_holders: frozenset[str] = frozenset()  # running facilitator and secretary
    witnesses_given: int = 0
    statement_at: datetime | None = None
    with_circle: bool = True
    version_open: bool = True  # the badge version is current, or superseded for less than 180 days
    delegate: str | None = None  # the superpod's delegate, where there is a superpod


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a guard does not hold, and what would help."""

    rule: str
    sentence: str
    remedy: str = ""


Guard = Callable[[Process, Facts], Refusal | None]


def g1_own_badge(process: Process, facts: Facts) -> Refusal | None:
    """The person concerned is not a decider, facilitator or secretary, under no account."""
    if process.concerned is None:
        return None
    contact = facts.same_person.get(process.concerned)
    parts = {*process.deciders, process.facilitator, process.secretary}
    if process.concerned in parts or (contact and any(facts.same_person.get(part) == contact for part in parts)):
        return Refusal(
            rule="G1",
            sentence="Nobody takes part in deciding about their own badge.",
            remedy="Choose somebody else as decider, facilitator and secretary.",
        )
    return None


def g2_enough_peers(process: Process, facts: Facts) -> Refusal | None:
    """There are enough deciders, and each of them may decide here."""
    if strangers := set(process.deciders) - facts.eligible:
        return Refusal(
            rule="G2",
            sentence="Not everybody named as decider is a full member of the circle.",
            remedy=f"Leave out {len(strangers)} of them, or invite them into the circle first.",
        )
    if len({facts.same_person.get(member, member) for member in process.deciders}) < len(process.deciders):
        return Refusal(
            rule="G2",
            sentence="Two of those named as deciders are one person.",
            remedy="Name each person once.",
        )
    needed = max(process.needs.min_peers, _NOT_ALONE)
    if len(process.deciders) < needed:
        return Refusal(
            rule="G2",
            sentence=f"This decision needs at least {needed} deciding peers.",
            remedy="Invite another peer.",
        )
    return None


def g3_holders(process: Process, facts: Facts) -> Refusal | None:
    """Enough of the deciders hold the badge themselves, or founders do while a founding decision is in force."""
    deciders, needed = set(process.deciders), process.needs.min_holders
    if facts.founders & deciders:
        return None
    if len(facts.holders & deciders) < needed:
        return Refusal(
            rule="G3",
            sentence=f"At least {needed} of the deciding peers must hold this badge.",
            remedy="Invite somebody who holds it, or ask the Academy Circle for a founding decision.",
        )
    return None


def g4_conflicts(process: Process, _facts: Facts) -> Refusal | None:
    """Everybody who has a part has answered the conflict question, and what was named is settled."""
    for peer in process.peers.values():
        if peer.conflict is None:
            return Refusal(
                rule="G4",
                sentence="Not everybody has answered the question about conflicts of interest yet.",
                remedy="Deciders, facilitator and secretary answer it on the page; it takes one tap.",
            )
        if peer.conflict == "other" and set(process.deciders) - {peer.member} - peer.conflict_accepted:
            return Refusal(
                rule="G4",
                sentence="Somebody named a conflict that the others have not settled yet.",
                remedy="Each of the other deciders says whether the person can stay.",
            )
    facilitator, secretary = (process.peers.get(m) for m in (process.facilitator, process.secretary))
    if facilitator and (facilitator.recused or facilitator.conflict == "mentor"):
        return Refusal(
            rule="G4",
            sentence="The facilitator has a conflict of interest here.",
            remedy="Choose another facilitator.",
        )
    if secretary and secretary.recused:
        return Refusal(
            rule="G4",
            sentence="The secretary has a conflict of interest here.",
            remedy="Choose another secretary.",
        )
    return None


def g5_not_only_each_other(process: Process, facts: Facts) -> Refusal | None:
    """Not every decider was approved by the very person they decide about."""
    deciders = set(process.deciders)
    if deciders and deciders <= facts.approved_by_concerned and not facts.outside_recent:
        return Refusal(
            rule="G5",
            sentence="Everybody deciding here had a badge approved by this person in the last twelve months.",
            remedy="Invite at least one decider from outside the pod.",
        )
    return None


def g6_heard(process: Process, facts: Facts) -> Refusal | None:
    """Everybody has looked and said what they saw, and the person concerned has read it."""
    waiting = [m for m in process.deciders if not (process.peers[m].opened and process.peers[m].checklist)]
    if waiting:
        return Refusal(
            rule="G6",
            sentence="Not everybody has looked at the evidence and filled in the checklist yet.",
            remedy="The page shows whose word is still missing.",
        )
    missing = process.needs.min_witnesses - facts.witnesses_given
    if missing > 0:
        return Refusal(
            rule="G6",
            sentence=f"Still {missing} witness statement{'s' if missing > 1 else ''} to come.",
            remedy="The applicant invites witnesses on the application's page.",
        )
    read = process.feedback_read_at if process.feedback_read else None
    if read is None or (facts.statement_at is not None and facts.statement_at > read):
        return Refusal(
            rule="G6",
            sentence="The applicant has not read all of the feedback yet.",
            remedy="The applicant opens the feedback and says that it was read.",
        )
    return None


def own_keys(process: Process, _facts: Facts) -> Refusal | None:
    """The list of keys K is complete before the round: each decider gave one, and who is concerned said so (G6).

    Every decider signs the whole list, so that nobody can be left out of it or put into it later.
    """
    if any(process.peers[member].key is None for member in process.deciders):
        return Refusal(
            rule="G6",
            sentence="Not everybody who decides has a key of their own for this decision yet.",
            remedy="Their browser makes one when they take part; the page shows who is missing.",
        )
    if len(set(process.keys)) < len(process.deciders):
        return Refusal(
            rule="G6",
            sentence="Two of those who decide gave the same key.",
            remedy="Each person gives a key of their own, made for this decision.",
        )
    if process.concerned is not None and process.about_me is None:
        return Refusal(
            rule="G6",
            sentence="The applicant has not signed yet that the badge is about them.",
            remedy="The applicant reads the feedback in a browser with JavaScript, or signs with `academy sign`.",
        )
    return None


def g7_spoken(process: Process, _facts: Facts) -> Refusal | None:
    """Every decider has answered, in this round, on this very version."""
    version = process.version
    for member in process.deciders:
        answer = process.answers.get(member)
        if answer is None or version is None or (answer.version, answer.round) != (version.number, process.round):
            return Refusal(
                rule="G7",
                sentence="Not everybody has spoken yet. Silence is not consent.",
                remedy="The page shows who has not spoken yet.",
            )
    return None


def g8_nothing_open(process: Process, _facts: Facts) -> Refusal | None:
    """No objection is open, by the same rule that a verifier recomputes."""
    answers = {m: process.answers[m].response for m in process.deciders if m in process.answers}
    because = why_no_consent(
        rules=Rules(min_peers=0, min_holders=0),
        deciders=answers.keys(),  # who has not spoken yet is a matter of G7
        holders=(),
        answers=answers,
        objections=[objection.state for objection in process.objections],
    )
    if because is not None:
        return Refusal(
            rule="G8",
            sentence="An objection is open.",
            remedy="Change the proposal, measure the concern, shorten the term, or refer it on.",
        )
    return None


def roles_running(process: Process, facts: Facts) -> Refusal | None:
    """The facilitator and the secretary have a running term (A3)."""
    if {process.facilitator, process.secretary} - facts.role_holders:
        return Refusal(
            rule="A3",
            sentence="The facilitator or the secretary has no running term in this circle.",
            remedy="Choose people who hold these roles now.",
        )
    return None


def with_circle(_process: Process, facts: Facts) -> Refusal | None:
    """The application is in the circle's hands, not taken back to add evidence (A4, A5)."""
    if not facts.with_circle:
        return Refusal(
            rule="A5",
            sentence="The applicant has taken the application back to add evidence.",
            remedy="Wait until it is handed in again; then look at it again.",
        )
    return None


def delegate_decides(process: Process, facts: Facts) -> Refusal | None:
    """Where there is a superpod, its delegate is among those who decide (V1)."""
    if facts.delegate is not None and facts.delegate not in process.deciders:
        return Refusal(
            rule="V1",
            sentence="The superpod's delegate is not among the deciders.",
            remedy="Invite the delegate: students have a say in which badges exist.",
        )
    return None


def everybody_decides(process: Process, facts: Facts) -> Refusal | None:
    """Consent rights come with full membership: in a decision of the whole circle nobody is left out.

    So nobody becomes a member by a constituting decision without having consented to it (DOMAIN.md section 5).
    """
    if facts.eligible - set(process.deciders):
        return Refusal(
            rule="consent rights",
            sentence="Not everybody with consent rights in this circle is among the deciders.",
            remedy="Begin anew with everybody whom the proposal names or who is a full member.",
        )
    return None


def version_open(process: Process, facts: Facts) -> Refusal | None:
    """The badge's version is current, or was replaced less than 180 days ago (V3); "not yet" can be said later."""
    waits = process.phase != "preparing" and process.version is not None and process.version.outcome == "not_yet"
    if not facts.version_open and not waits:
        return Refusal(
            rule="V3",
            sentence="This version of the badge was replaced or retired too long ago.",
            remedy="Apply for the current version.",
        )
    return None


def refusals(process: Process, facts: Facts, guards: Iterable[Guard]) -> list[Refusal]:
    """Return every guard that does not hold."""
    return [refusal for guard in guards if (refusal := guard(process, facts)) is not None]


def demand(process: Process, facts: Facts, guards: Iterable[Guard]) -> None:
    """Raise RefusedError for the first guard that does not hold."""
    for refusal in refusals(process, facts, guards):
        raise RefusedError(refusal.sentence, rule=refusal.rule, remedy=refusal.remedy)
