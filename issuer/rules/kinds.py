"""What differs between kinds of decisions: a row each. The engine is the same for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from issuer.rules.guards import (
    Guard,
    delegate_decides,
    g1_own_badge,
    g2_enough_peers,
    g3_holders,
    g4_conflicts,
    g5_not_only_each_other,
    g6_heard,
    g7_spoken,
    g8_nothing_open,
    roles_running,
    version_open,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of decision.

    `take_up`, `open`, `decide` and `close` are the guards at A3, C1, C5 and C8; `sign` those that G9 asks again
    before a badge is signed; `outcomes` maps what a version proposes to how the process is closed.
    """

    name: str
    question: str
    outcomes: Mapping[str, str]
    take_up: tuple[Guard, ...] = ()
    open: tuple[Guard, ...] = ()
    decide: tuple[Guard, ...] = (g7_spoken, g8_nothing_open)
    close: tuple[Guard, ...] = (g7_spoken, g8_nothing_open)
    evaluates: bool = False


_PEOPLE = (g1_own_badge, g2_enough_peers, g3_holders)
_DECIDED = (g7_spoken, g8_nothing_open)

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Kind(
                name="award",
                question="On what you have seen, are you confident enough that this person shows this skill,"
                " so that we issue the badge: good enough for now, safe enough to try?",
                outcomes=MappingProxyType({"award": "consented", "not_yet": "not_yet"}),
                take_up=(
                    roles_running,
                    g1_own_badge,
                    g2_enough_peers,
                    g3_holders,
                    g5_not_only_each_other,
                    version_open,
                ),
                open=(*_PEOPLE, g4_conflicts, g5_not_only_each_other, g6_heard, version_open),
                decide=(g2_enough_peers, g3_holders, g5_not_only_each_other, *_DECIDED),
                close=(*_PEOPLE, g4_conflicts, g5_not_only_each_other, *_DECIDED),
                evaluates=True,
            ),
            Kind(
                name="adopt",
                question="Do these badges serve the Academy's aim: good enough for now, safe enough to try?",
                outcomes=MappingProxyType({"adopt": "consented"}),
                open=(g2_enough_peers, delegate_decides),
                decide=(g2_enough_peers, delegate_decides, *_DECIDED),
                close=(g2_enough_peers, delegate_decides, *_DECIDED),
            ),
            Kind(
                name="constitute",
                question="Do we begin as this circle, with this aim, these people and these roles: good enough for"
                " now, safe enough to try?",
                outcomes=MappingProxyType({"constitute": "consented"}),
                open=(g2_enough_peers,),
                decide=(g2_enough_peers, *_DECIDED),
                close=(g2_enough_peers, *_DECIDED),
            ),
        )
    }
)
