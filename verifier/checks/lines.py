"""What all checks share: the situation they look at a badge in, and lines with whole sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from schemas import PINNED, ContextSet, DocumentError, proofs_of
from verifier.fetch import Fetcher
from verifier.policy import Policy
from verifier.report import Check, Result
from verifier.resolve import Resolved, Unresolved, resolve_controller
from verifier.seen import SeenLists

_SELECTIVE = "ecdsa-sd-2023"
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What checks need beside the badge: the time, the policy, and what was looked up so far."""

    now: datetime
    fetcher: Fetcher
    policy: Policy
    contexts: ContextSet = PINNED
    controllers: dict[str, Resolved | Unresolved] = field(default_factory=dict)  # asked once for each identifier
    key_sources: dict[str, str] = field(default_factory=dict)  # where each issuer's own key came from
    seen: SeenLists | None = None  # what this process remembers of status lists
    remembered: dict[tuple[str, str], Any] = field(default_factory=dict)  # what `once` made

    def once(self, kind: str, name: str, make: Callable[[], Made]) -> Made:
        """Return what `make` makes for a name, made once in this check; a refusal is remembered as well.

        A badge names its lists as often as it likes, in each of its endorsements.
        """
        if (kind, name) not in self.remembered:
            try:
                self.remembered[kind, name] = make()
            except DocumentError as error:
                self.remembered[kind, name] = error
        found = self.remembered[kind, name]
        if isinstance(found, DocumentError):
            raise found
        made: Made = found
        return made

    def pay(self, nodes: int) -> None:
        """Take work off the budget of this check; raise LimitError when nothing is left."""
        if self.contexts.work is not None:
            self.contexts.work.take_nodes(nodes)

    def controller(self, identifier: str) -> Resolved | Unresolved:
        """Return the controller document of an identifier, from the first answer on."""
        if identifier not in self.controllers:
            self.controllers[identifier] = resolve_controller(identifier, fetcher=self.fetcher)
        return self.controllers[identifier]

    def is_ahead(self, moment: datetime) -> bool:
        """Say whether a time lies in the future, by more than clocks may be apart."""
        return moment - self.now > self.policy.skew

    def is_over(self, moment: datetime) -> bool:
        """Say whether a time lies in the past, by more than clocks may be apart."""
        return self.now - moment > self.policy.skew


def issuer_of(document: Mapping[str, Any]) -> str:
    """Return the issuer's identifier, "" where there is none."""
    issuer = document.get("issuer")
    name = issuer.get("id") if isinstance(issuer, Mapping) else issuer
    return name if isinstance(name, str) else ""


def may_be_a_part(document: Mapping[str, Any]) -> bool:
    """Say whether the holder may have left parts of a credential out (VC-DI ECDSA 1.0, 3.4)."""
    try:
        return any(proof.get("cryptosuite") == _SELECTIVE for proof in proofs_of(document))
    except DocumentError:
        return False


def line(id_: str, result: Result, reason: str, code: str = "", *, pointer: str = "", spec: str = "") -> Check:
    """Return a line whose message is `reason` as a whole sentence."""
    return Check(id=id_, result=result, code=code, pointer=pointer, spec=spec, message=sentence(reason))


def sentence(text: str) -> str:
    """Return a text with a capital at its beginning and a full stop at its end."""
    return text[:1].upper() + text[1:].rstrip(".") + "."
