"""Commitments that a circle opens for an audit: who its deciders were, and which events were its own.

A file of openings is a JSON list of {"value", "salt"}: the leaf's commitment is HMAC-SHA-256(salt, JCS(value)),
the salt 32 bytes in base64url. What is committed: for a decider {"name", "by", "decision"}; for member.enrolled
and member.left an object with "name"; for an event whatever the circle wrote, with "statement" where it is an
answer and "proposal" (the address of the version) where it says to which. Findings name places, never people.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas import DocumentError
from schemas.tlog import DecisionClosed, DecisionEvent, MemberEnrolled, MemberLeft, commit, digest_text
from verifier.log.findings import Findings
from verifier.log.given import read_list, read_salt
from verifier.log.story import Place, Story


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """One opened commitment, and its number in the file."""

    number: int
    value: Any


@dataclass(slots=True)
class Openings:
    """The openings of one file by their commitments, and what they showed so far."""

    by_commitment: Mapping[str, Opening] = field(default_factory=dict)
    _met: set[str] = field(default_factory=set)
    _members: set[str] = field(default_factory=set)
    _knows_members: bool = False
    _answers: list[tuple[int, str]] = field(default_factory=list)
    _deciders: int = 0
    _opened: int = 0

    def look(self, place: Place, findings: Findings) -> None:
        """Compare a leaf with the openings."""
        leaf = place.leaf
        if isinstance(leaf, DecisionClosed) and leaf.type == DecisionClosed.type:
            self._decision(leaf, place.index, findings)
        elif isinstance(leaf, MemberEnrolled | MemberLeft):
            name = _text(self._open(leaf.c), "name")
            if name is not None:
                self._knows_members = True
                change = self._members.add if isinstance(leaf, MemberEnrolled) else self._members.discard
                change(name)
        elif isinstance(leaf, DecisionEvent):
            value = self._open(leaf.c)
            proposal = _text(value, "proposal")
            if proposal is not None and _text(value, "statement") is not None:
                self._answers.append((place.index, digest_text(hashlib.sha256(proposal.encode()).digest())))

    def _open(self, commitment: str) -> Any:
        opening = self.by_commitment.get(commitment)
        if opening is None:
            return None
        self._met.add(commitment)
        return opening.value

    def _decision(self, leaf: DecisionClosed, index: int, findings: Findings) -> None:
        names: list[str] = []
        decisions: set[str | None] = set()
        for response in leaf.responses:
            self._deciders += 1
            value = self._open(response.member)
            name = _text(value, "name")
            if name is None:
                continue
            self._opened += 1
            if _text(value, "by") != response.by:
                findings.add("MEMBER_KEY", "A decider is opened as the holder of another key.", index=index)
            if self._knows_members and name not in self._members:
                findings.add("NOT_A_MEMBER", "A decider was no member when this decision was closed.", index=index)
            names.append(name)
            decisions.add(_text(value, "decision"))
        if len(set(names)) != len(names):
            findings.add("MEMBER_TWICE", "One person is opened as two of the deciders.", index=index)
        if len(decisions) > 1:
            findings.add("MEMBER_DECISION", "The deciders are opened as those of several decisions.", index=index)

    def finish(self, story: Story, findings: Findings) -> None:
        """Say what only the end of the log can show."""
        for index, proposal in self._answers:
            closed = story.shelf.find("proposal", proposal)
            if closed is not None and closed.index < index:
                sentence = f"An answer was logged after its decision was closed in leaf {closed.index}."
                findings.add("AFTER_CLOSING", sentence, index=index)
        for commitment, opening in self.by_commitment.items():
            if commitment not in self._met:
                sentence = f"Opening {opening.number} of the file opens nothing that the log holds."
                findings.add("OPENING_NOT_LOGGED", sentence)
        if missing := self._deciders - self._opened:
            findings.add(
                "MEMBERSHIP_NOT_CHECKED",
                f"That {missing} of {self._deciders} deciders are members cannot be checked without openings "
                "of their circle: it is the Academy's word.",
                level="note",
            )
        elif self._deciders and not self._knows_members:
            findings.add(
                "MEMBERSHIP_NOT_CHECKED",
                "The deciders are opened; since when they are members is not: it is the Academy's word.",
                level="note",
            )


def read_openings(data: bytes) -> Openings:
    """Return the openings that a file holds; raise DocumentError."""
    found: dict[str, Opening] = {}
    for number, item in enumerate(read_list(data, what="openings"), 1):
        if "value" not in item or not item.keys() <= {"value", "salt", "c"}:
            raise DocumentError(f"opening {number} has the members value and salt, and no others but c")
        commitment = commit(item["value"], salt=read_salt(item.get("salt"), pointer=f"/{number - 1}/salt"))
        if item.get("c", commitment) != commitment:
            raise DocumentError(f"opening {number} does not open the commitment that it names")
        found[commitment] = Opening(number=number, value=item["value"])
    return Openings(by_commitment=found)


def _text(value: Any, name: str) -> str | None:
    member = value.get(name) if isinstance(value, Mapping) else None
    return member if isinstance(member, str) else None
