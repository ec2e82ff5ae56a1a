"""What a circle has before it, as one document, and the version of it that people answer.

A proposal's document is stored as one text whose id is its salted digest: it cannot be exchanged later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Any

from issuer.errors import NotFoundError
from issuer.rules.achievements import Definition, definition_from_json
from issuer.rules.circles import PlannedCircle
from issuer.rules.process import Process
from issuer.rules.rounds import Draft
from issuer.service.academy import Work
from keys import encode_base64url
from schemas import badge_for_consent, canonicalize_json, consent_input, dump_json, multihash, parse_json

_SALT_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A proposal in full. What it is about is one of: a badge for one person, a circle, badges to adopt."""

    text: str = ""
    plan: str | None = None
    credential: Mapping[str, Any] | None = None
    circle_id: str | None = None
    circle: PlannedCircle | None = None
    badges: tuple[Definition, ...] = ()
    founders: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    founding_until: date | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the document."""
        circle = None
        if self.circle is not None:
            circle = asdict(replace(self.circle, roles={}))
            circle |= {"members": list(self.circle.members), "roles": dict(self.circle.roles)}
        return {
            "text": self.text,
            "plan": self.plan,
            "credential": dict(self.credential) if self.credential else None,
            "circle_id": self.circle_id,
            "circle": circle,
            "badges": [definition.to_json() for definition in self.badges],
            "founders": dict(self.founders),
            "founding_until": self.founding_until.isoformat() if self.founding_until else None,
        }


def parse_proposal(text: str) -> Proposal:
    """Return the proposal in a document that `to_json` made."""
    value = parse_json(text)
    circle = value["circle"]
    return Proposal(
        text=value["text"],
        plan=value["plan"],
        credential=value["credential"],
        circle_id=value["circle_id"],
        circle=PlannedCircle(**(circle | {"members": tuple(circle["members"])})) if circle else None,
        badges=tuple(definition_from_json(badge) for badge in value["badges"]),
        founders=MappingProxyType(value["founders"]),
        founding_until=date.fromisoformat(value["founding_until"]) if value["founding_until"] else None,
    )


def read_proposal(work: Work, text_id: str) -> Proposal:
    """Return a stored proposal; raise NotFoundError when it was erased."""
    text = work.unit.texts.get(text_id)
    if text is None:
        raise NotFoundError("This proposal was erased.")
    return parse_proposal(text)


def write_proposal(work: Work, proposal: Proposal, *, stream: str, author: str | None) -> str:
    """Store a proposal's document and return the id of its text."""
    return work.unit.texts.put(dump_json(proposal.to_json()), stream=stream, author=author)


def draft_version(
    work: Work,
    process: Process,
    proposal: Proposal,
    *,
    by: str,
    outcome: str,
    review_on: date | None,
    term_months: int | None,
    measures: tuple[str, ...],
    look_again_on: date | None = None,
) -> Draft:
    """Return the next version of a proposal, with the digest that people will answer (TRANSPARENCY.md section 1).

    The keys of all who decide are in it, so everybody signs the whole list.
    """
    stream = f"process/{process.id}"
    document = write_proposal(work, proposal, stream=stream, author=by)
    terms = canonicalize_json(
        {
            "decision": process.id,
            "version": len(process.versions) + 1,
            "round": process.round + 1,
            "kind": process.kind,
            "outcome": outcome,
            "term": term_months,
            "review": review_on.isoformat() if review_on else None,
            "lookAgain": look_again_on.isoformat() if look_again_on else None,
            "measures": list(measures),
            "policy": process.policy.digest,
            "text": document,
            "salt": encode_base64url(work.academy.random_bytes(_SALT_BYTES)),
        }
    )
    work.unit.texts.put(terms.decode("utf-8"), stream=stream, author=by)
    return Draft(
        outcome=outcome,
        digest=digest_of(proposal, outcome=outcome, terms=multihash(terms), keys=process.keys),
        terms=multihash(terms),
        text=document,
        review_on=review_on,
        term_months=term_months,
        measures=tuple(work.unit.texts.put(measure, stream=stream, author=by) for measure in measures),
        plan=work.unit.texts.put(proposal.plan, stream=stream, author=by) if proposal.plan else None,
        look_again_on=look_again_on,
    )


def digest_of(proposal: Proposal, *, outcome: str, terms: str, keys: tuple[str, ...]) -> str:
    """Return the consent digest of a proposal: over the exact badge where it awards one."""
    return multihash(consented_bytes(proposal, outcome=outcome, terms=terms, keys=keys))


def consented_bytes(proposal: Proposal, *, outcome: str, terms: str, keys: tuple[str, ...]) -> bytes:
    """Return the bytes that the consent digest is of."""
    if outcome == "award":
        assert proposal.credential is not None
        return consent_input(subject=badge_for_consent(proposal.credential), terms=terms, deciders=keys)
    document = proposal.to_json() | {"credential": None}
    return consent_input(subject=document, terms=terms, deciders=keys, kind="proposal")
