"""A circle or badges that are proposed, as people read them before they decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from issuer.web.filters import day
from issuer.web.i18n import _


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCircleView:
    """A circle to constitute: what it is for, who is in it, who holds which role."""

    facts: tuple[tuple[str, str], ...]
    members: tuple[str, ...]
    roles: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedBadgeView:
    """A badge version to adopt."""

    name: str
    version: str
    level: str
    skill: str
    criteria: tuple[str, ...]
    show: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedView:
    """What is proposed besides the text."""

    circle: PlannedCircleView | None = None
    badges: tuple[PlannedBadgeView, ...] = ()
    founders: tuple[tuple[str, str], ...] = ()
    founding_until: str = ""


def planned_view(preview: Mapping[str, Any] | None) -> PlannedView:
    """Return what a proposal of kind constitute or adopt holds (ProposalView.preview)."""
    if preview is None:
        return PlannedView()
    circle = preview.get("circle")
    until = preview.get("founding_until")
    return PlannedView(
        circle=_circle(circle) if isinstance(circle, Mapping) else None,
        badges=tuple(_badge(one) for one in preview.get("badges") or ()),
        founders=tuple((str(name), str(reason)) for name, reason in (preview.get("founders") or {}).items()),
        founding_until=day(until) if isinstance(until, date) else _day_of(until),
    )


def _day_of(text: object) -> str:
    return day(date.fromisoformat(text)) if isinstance(text, str) and text else ""


def _circle(circle: Mapping[str, Any]) -> PlannedCircleView:
    kinds = {
        "academy": _("the Academy's circle"),
        "superpod": _("superpod"),
        "pod": _("pod"),
        "helping": _("helping circle"),
    }
    policies = {"default": _("as usual"), "small_circle": _("small circle")}
    facts = (
        (_("Name"), circle.get("name")),
        (_("Kind"), kinds.get(str(circle.get("kind")), circle.get("kind"))),
        (_("Aim"), circle.get("aim")),
        (_("Domain"), circle.get("domain")),
        (_("Linked to"), circle.get("parent")),
        (_("How it decides"), policies.get(str(circle.get("policy")), circle.get("policy"))),
    )
    return PlannedCircleView(
        facts=tuple((label, str(value)) for label, value in facts if value),
        members=_texts(circle.get("members")),
        roles=tuple((_role(str(role)), str(name)) for role, name in (circle.get("roles") or {}).items()),
    )


def _role(role: str) -> str:
    return {
        "leader": _("Leader"),
        "delegate": _("Delegate"),
        "facilitator": _("Facilitator"),
        "secretary": _("Secretary"),
    }.get(role, role)


def _badge(badge: Mapping[str, Any]) -> PlannedBadgeView:
    return PlannedBadgeView(
        name=str(badge.get("name", "")),
        version=str(badge.get("version", "")),
        level=str(badge.get("level", "")),
        skill=str(badge.get("skill", "")),
        criteria=_texts(badge.get("criteria")),
        show=_texts(badge.get("show")),
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(text) for text in value) if isinstance(value, Sequence) and not isinstance(value, str) else ()
