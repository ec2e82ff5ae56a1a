"""What a form hands in: parsed by the view, judged by the rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberDraft:
    """A person named in a proposal."""

    name: str
    email: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CircleDraft:
    """A circle to constitute: the people named are its deciders."""

    name: str
    kind: str
    aim: str
    domain: str
    parent: str | None  # slug; None for the Academy Circle only
    members: tuple[MemberDraft, ...]
    leader: str | None = None  # e-mail: full member of both circles, when there is a parent
    delegate: str | None = None
    policy: Literal["default", "small_circle"] = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class FounderDraft:
    """A founding evaluator with the reason why the circle trusts them with it."""

    member: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceDraft:
    """A piece of evidence to add: a link or a file."""

    kind: str
    title: str
    note: str = ""
    link: str | None = None
    file_name: str | None = None
    content: bytes | None = field(default=None, repr=False)
    about_others: bool = False
    data_permission: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerDraft:
    """An answer in a round, to one exact version. `signed`: what the person's own key made of it, as JSON text."""

    version: int
    response: Literal["consent", "objection"]
    concern: str = ""
    reason: str = ""
    about: str = ""
    show_name: bool = False
    signed: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """A new version of a proposal: at least one of its parts differs from the one before."""

    outcome: str
    text: str = ""
    review_on: date | None = None
    term_months: int | None = None
    measures: tuple[str, ...] = ()
    plan: str | None = None
    look_again_on: date | None = None
    how_met: Mapping[str, str] = field(default_factory=dict)  # objection id -> how this version meets it
