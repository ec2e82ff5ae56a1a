"""Which steps there are: the tables of DOMAIN.md 4.3, once, as data. Anything not listed is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from issuer.errors import RefusedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A step of one machine. `target` is "" where the step leads back to a remembered state."""

    id: str
    sources: frozenset[str]
    target: str
    sentence: str

    @property
    def machine(self) -> str:
        """The letter of the machine."""
        return self.id[0]


_TABLE = """
V1 | draft | current | The Academy Circle adopts by consent
V2 | draft | abandoned | The author drops the draft
V3 | current | superseded | A newer version is adopted
V4 | current | retired | The Academy Circle retires the badge by consent
A1 | draft | submitted | The applicant submits
A2 | submitted | draft | The secretary names missing parts
A3 | submitted | in_evaluation | The circle takes it up
A4 | in_evaluation | draft | The applicant adds evidence
A5 | in_evaluation | in_consent | The facilitator opens the round
A6 | in_consent | consented | The circle consented
A7 | in_consent | not_yet | The circle consented to "not yet" with a plan
A8 | in_consent | referred | The circle refers it on
A10 | consented, unclaimed | issued | The applicant accepts
A11 | consented | declined | The applicant declines
A12 | draft, submitted, in_evaluation, in_consent, referred | withdrawn | The applicant steps back
C1 | preparing | clarifying | The facilitator opens
C2 | clarifying | reacting | Every decider asked or passed and every question is answered
C3 | clarifying, reacting | preparing | The proposer rewrites
C4 | reacting | consent_round | Everyone reacted or passed, or the time is over
C5 | consent_round | settling | All consented and nothing is open
C6 | consent_round | integrating | The round is complete and an objection is open
C7 | integrating | consent_round | A new version is written; earlier answers lapse
C8 | settling | closed | Settling is over
C9 | settling | integrating | A late objection with something new
C10 | integrating | closed | Referred after the last round
C11 | clarifying, reacting, consent_round, integrating, settling | paused | Paused
C12 | paused | clarifying | Those who decide now start again at questions
C13 | paused |  | Taken up again where it was
C14 | preparing, clarifying, reacting, consent_round, integrating, settling, paused | closed | Withdrawn
O1 | raised | understood | The objecting person confirms the circle's wording
O2c | raised, understood | concern | The objecting person makes it a concern
O2t | raised, understood | taken_back | The objecting person takes it back
O3 | raised, understood | integrated | The objecting person consents to a later version
O4 | raised, understood | referred | Referred with the process
W1 | pending, unclaimed | issued | Signed after acceptance
W6 | issued, expired | revoked | Revoked, or given back by the holder
"""


def _parse(line: str) -> Transition:
    id_, sources, target, sentence = (part.strip() for part in line.split("|"))
    return Transition(id=id_, sources=frozenset(sources.split(", ")), target=target, sentence=sentence)


TRANSITIONS: Mapping[str, Transition] = MappingProxyType(
    {step.id: step for step in map(_parse, _TABLE.strip().splitlines())}
)


def move(step: str, state: str) -> str:
    """Return the state that a step leads to from a state; raise RefusedError when the table has no such step."""
    transition = TRANSITIONS[step]
    if state not in transition.sources:
        raise RefusedError(
            f"This cannot be done now: “{transition.sentence}” comes after"
            f" {', '.join(sorted(transition.sources)).replace('_', ' ')}, and this is {state.replace('_', ' ')}.",
            rule=step,
            remedy="Look at the page again: it shows what can be done now.",
        )
    return transition.target or state
