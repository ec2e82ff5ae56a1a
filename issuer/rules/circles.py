"""Circles: members with consent rights, roles with terms, double links. State from a circle's events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType

from issuer.errors import InvalidInputError, RefusedError
from issuer.rules.journal import Event
from issuer.rules.policy import PRESETS

ROLES = ("leader", "delegate", "facilitator", "secretary")
KINDS_OF_CIRCLES = ("academy", "superpod", "pod", "helping")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleAssignment:
    """Who holds a role, and until when."""

    role: str
    member: str
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """A circle as its decisions made it. `members` are full members; `leader` and `delegate` link it upward."""

    id: str
    kind: str = ""
    parent: str | None = None
    members: frozenset[str] = frozenset()
    roles: tuple[RoleAssignment, ...] = ()
    policy: str = "default"
    decision: str | None = None
    constituted_on: date | None = None
    review_on: date | None = None

    def holders_of(self, role: str, *, today: date) -> tuple[str, ...]:
        """Return who holds a role now."""
        return tuple(a.member for a in self.roles if a.role == role and a.until >= today)

    def running_roles(self, *, today: date) -> frozenset[str]:
        """Return who holds the process now: facilitators and secretaries with a running term."""
        return frozenset(
            a.member for a in self.roles if a.role in {"facilitator", "secretary"} and a.until >= today
        )

    def single_link(self, *, today: date) -> bool:
        """Say whether one of the two seats between this circle and its parent is empty."""
        links = {a.member for a in self.roles if a.role in {"leader", "delegate"} and a.until >= today}
        return self.parent is not None and len(links) < 2  # noqa: PLR2004 - leader and delegate


def evolve_circle(circle: Circle, event: Event) -> Circle:
    """Return the circle after an event."""
    if event.type == "constituted":
        return replace(
            circle,
            kind=event["kind"],
            parent=event["parent"],
            members=frozenset(event["members"]),
            roles=tuple(
                RoleAssignment(role=a["role"], member=a["member"], until=date.fromisoformat(a["until"]))
                for a in event["roles"]
            ),
            policy=event["policy"],
            decision=event["decision"],
            constituted_on=event.at.date(),
            review_on=date.fromisoformat(event["review_on"]),
        )
    raise AssertionError(f"a circle has no event {event.type}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCircle:
    """A circle as a constituting decision proposes it: members by id."""

    kind: str
    name: str
    aim: str
    domain: str
    parent: str | None
    members: tuple[str, ...]
    roles: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))  # role -> member
    policy: str = "default"


def check_planned(plan: PlannedCircle, *, existing_kinds: Mapping[str, str], parent: Circle | None) -> None:
    """Refuse a plan that could not become a circle.

    `existing_kinds` maps circle ids to kinds. The Academy Circle comes first and has no parent; every other
    circle has one, and its leader and delegate are two people who are full members there as well.
    """
    faults = _faults(plan)
    if faults:
        raise InvalidInputError(faults)
    _check_place(plan, existing_kinds=existing_kinds, parent=parent)


def _faults(plan: PlannedCircle) -> dict[str, str]:
    faults: dict[str, str] = {}
    for name in ("name", "aim", "domain"):
        if not getattr(plan, name).strip():
            faults[name] = f"Say the circle's {name}."
    if plan.kind not in KINDS_OF_CIRCLES:
        faults["kind"] = "Choose what kind of circle it is."
    if len(set(plan.members)) < 2:  # noqa: PLR2004 - nobody decides alone
        faults["members"] = "A circle begins with at least two people: nobody decides alone."
    for role in ("facilitator", "secretary"):
        if role not in plan.roles:
            faults[role] = f"Say who is the {role}."
    if plan.roles.keys() - set(ROLES):
        faults["roles"] = f"A circle has these roles: {', '.join(ROLES)}."
    if plan.policy not in PRESETS:
        faults["policy"] = "Choose the circle's policy."
    if any(member not in plan.members for member in plan.roles.values()):
        faults["roles"] = "Who holds a role in the circle is one of its members."
    return faults


def _check_place(plan: PlannedCircle, *, existing_kinds: Mapping[str, str], parent: Circle | None) -> None:
    kinds = existing_kinds.values()
    if plan.kind == "academy":
        if "academy" in kinds:
            raise RefusedError(
                "There is an Academy Circle already.", rule="constitute", remedy="Choose another kind."
            )
        if parent is not None:
            raise RefusedError(
                "The Academy Circle has no parent circle.",
                rule="constitute",
                remedy="Leave the parent circle empty.",
            )
        return
    if "academy" not in kinds:
        raise RefusedError(
            "The Academy Circle is constituted first.",
            rule="constitute",
            remedy="Begin with the Academy Circle; every other circle is carved out of it.",
        )
    if parent is None:
        raise RefusedError(
            "Every circle but the Academy Circle has a parent circle.",
            rule="constitute",
            remedy="Choose the circle whose domain this one is carved out of.",
        )
    leader, delegate = plan.roles.get("leader"), plan.roles.get("delegate")
    if leader is not None and leader == delegate:
        raise RefusedError(
            "Leader and delegate are two people.", rule="double link", remedy="Choose another person."
        )
    if {person for person in (leader, delegate) if person} - parent.members:
        raise RefusedError(
            "Leader and delegate are full members of both circles.",
            rule="double link",
            remedy="Choose people who are members of the parent circle, or leave the seat empty for now.",
        )
