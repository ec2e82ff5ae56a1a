"""What differs between kinds of decisions: a row each. The engine is the same for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from issuer.rules.guards import (
    Guard,
    delegate_decides,
    everybody_decides,
    g1_own_badge,
    g2_enough_peers,
    g3_holders,
    g4_conflicts,
    g5_not_only_each_other,
    g6_heard,
    g7_spoken,
    g8_nothing_open,
    own_keys,
    roles_running,
    version_open,
    with_circle,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of decision.

    `people` are the guards about who decides; `take_up`, `open`, `decide` and `close` those at A3, C1, C5 and C8.
    `outcomes` maps what a version proposes to how the process is closed. `evaluates` says that peers look at
    somebody's evidence, so that conflicts of interest and checklists come first.
    """

    name: str
    question: str
    outcomes: Mapping[str, str]
    people: tuple[Guard, ...]
    take_up: tuple[Guard, ...] = ()
    open: tuple[Guard, ...] = ()
    decide: tuple[Guard, ...] = ()
    close: tuple[Guard, ...] = ()
    evaluates: bool = False
    question_not_yet: str = ""

    def question_for(self, outcome: str) -> str:
        """Return what is asked about a version that proposes this outcome."""
        return self.question_not_yet if outcome == "not_yet" else self.question


_DECIDED = (g7_spoken, g8_nothing_open)
_PEERS = (g1_own_badge, g2_enough_peers, g3_holders, g4_conflicts, g5_not_only_each_other)
_ACADEMY = (g2_enough_peers, delegate_decides, everybody_decides)
_NAMED = (g2_enough_peers, everybody_decides)

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Kind(
                name="award",
                question="On what you have seen, are you confident enough that this person shows this skill,"
                " so that we issue the badge: good enough for now, safe enough to try?",
                question_not_yet="Is it good enough for now and safe enough to try to say “not yet”, with this"
                " plan and this day to look again?",
                outcomes=MappingProxyType({"award": "consented", "not_yet": "not_yet"}),
                people=_PEERS,
                # G4 is asked at A5: deciders answer it after they were named, before they see anything.
                take_up=(
                    roles_running,
                    g1_own_badge,
                    g2_enough_peers,
                    g3_holders,
                    g5_not_only_each_other,
                    version_open,
                ),
                open=(*_PEERS, with_circle, g6_heard, own_keys, version_open),
                decide=(g2_enough_peers, g3_holders, g5_not_only_each_other, version_open, *_DECIDED),
                close=(*_PEERS, g6_heard, own_keys, version_open, *_DECIDED),
                evaluates=True,
            ),
            Kind(
                name="adopt",
                question="Do these badges serve the Academy's aim: good enough for now, safe enough to try?",
                outcomes=MappingProxyType({"adopt": "consented"}),
                people=_ACADEMY,
                open=(*_ACADEMY, own_keys),
                decide=(*_ACADEMY, *_DECIDED),
                close=(*_ACADEMY, own_keys, *_DECIDED),
            ),
            Kind(
                name="constitute",
                question="Do we begin as this circle, with this aim, these people and these roles: good enough for"
                " now, safe enough to try?",
                outcomes=MappingProxyType({"constitute": "consented"}),
                people=_NAMED,
                open=(*_NAMED, own_keys),
                decide=(*_NAMED, *_DECIDED),
                close=(*_NAMED, own_keys, *_DECIDED),
            ),
        )
    }
)
