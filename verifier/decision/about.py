"""A badge and what its issuer says of a log: the lines for what is not there, or not known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from schemas import DocumentError, parse_date_time, proofs_of
from schemas.tlog import TlogProof
from verifier.checks.form import is_badge
from verifier.checks.lines import Situation, issuer_of, line, sentence
from verifier.decision.consented import decision_page
from verifier.decision.logged import skipped
from verifier.decision.service import LogKey, LogService, accepted_keys, log_services, read_service
from verifier.read import Presented
from verifier.report import Check
from verifier.resolve import Resolved
from verifier.texts import quoted

SPEC = "TRANSPARENCY.md, 1"


def services_of(document: Mapping[str, Any], situation: Situation) -> tuple[Mapping[str, Any], ...]:
    """Return what the issuer of a badge says of its log, where its document was asked for."""
    resolved = situation.controllers.get(issuer_of(document))
    return log_services(resolved.services) if isinstance(resolved, Resolved) else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """A badge, and what its issuer says of a log: lines for what is not there or not known."""

    presented: Presented
    situation: Situation
    services: tuple[Mapping[str, Any], ...]

    @property
    def has_parts_left_out(self) -> bool:
        """Say whether the holder may have left parts out: nobody can recompute what was logged then."""
        try:
            proofs = proofs_of(self.presented.document)
        except DocumentError:
            return False
        return any(str(proof.get("cryptosuite")).startswith("ecdsa-sd-") for proof in proofs)

    @property
    def is_demanded(self) -> bool:
        """Say whether the reader asks for a decision: always, or of this issuer since it promises them."""
        policy = self.situation.policy
        of_this = issuer_of(self.presented.document) in policy.require_decision_of
        return (
            policy.require_decision
            or policy.require_named > 0
            or (of_this and (not self.services or self.is_promised()))
        )

    def accepted(self) -> tuple[LogKey, ...]:
        """Return the keys of the logs that may prove this issuer's badges; raise LogServiceError."""
        service: LogService | None = read_service(self.services) if self.services else None
        policy = self.situation.policy
        return accepted_keys(service, policy.log_policy, origins=policy.logs)

    @property
    def knows_log(self) -> bool:
        """Say whether somebody says which log is the issuer's: itself, or the reader's policy."""
        return bool(self.services or self.accepted())

    def is_promised(self) -> bool:
        """Say whether the issuer promises a proof with every badge of that date."""
        if not self.services or not is_badge(self.presented.document):
            return False
        try:
            return parse_date_time(self.presented.document.get("validFrom")) >= read_service(self.services).since
        except DocumentError:
            return True  # without two dates to compare, the promise stands

    def without_proof(self) -> list[Check]:
        """Return the lines for a badge that carries no proof of a log."""
        document = self.presented.document
        form = ""
        if self.presented.jws is not None:
            form = "this form of the badge, a JWT, carries no decision proof"
        elif self.has_parts_left_out:
            form = "this form of the badge, with parts left out, carries no decision proof"
        if self.is_promised() or self.is_demanded:
            reason = "this file has no proof of the peers' decision, though one is expected with this badge"
            if self.is_promised():
                reason = "this Academy promises its peers' decision with every badge; this file has none"
            decision = Check(
                id="decision",
                result="unknown" if self.is_demanded else "warning",
                code="NO_DECISION_PROOF",
                decides=self.is_demanded,
                message=sentence(f"{reason}: {form}" if form else reason),
            )
        elif form:
            decision = skipped("decision", form)
        else:
            named = is_badge(document) and _names_page(document)
            told = "the badge names the page of the decision" if named else "the badge carries nothing about it"
            decision = skipped("decision", f"{told}; it carries no proof of the peers' decision")
        return [decision, skipped("log", "there is no log entry to look at"), self._no_witnesses()]

    def _no_witnesses(self) -> Check:
        required = self.situation.policy.require_witnesses
        check = skipped("witnesses", "nobody else has confirmed the log entry, as there is none")
        return replace(check, result="unknown", code="NO_WITNESSES", decides=True) if required else check

    def undecided(self, reason: str, code: str) -> list[Check]:
        """Return the lines for a proof of which nobody here can say whether it holds."""
        unread = line("log", "unknown", reason, code, pointer="/evidence")
        return [
            self.unknown("the entry of the log was not read, so nothing is known of the decision", code),
            replace(unread, decides=self.is_demanded),
            self._no_witnesses(),
        ]

    def unknown(self, reason: str, code: str) -> Check:
        """Return the line for a decision of which something could not be looked at."""
        return replace(line("decision", "unknown", reason, code, spec=SPEC), decides=self.is_demanded)

    def log_not_known(self, proof: TlogProof) -> list[Check]:
        """Return the lines for a proof of a log that nobody says is the issuer's."""
        origin = quoted(proof.checkpoint.checkpoint.origin)
        told = f"it carries a proof of the log {origin}, and nothing here says that this is the issuer's log"
        return [skipped("log", told), self._no_witnesses()]

    def not_issuers_log(self) -> Check:
        """Return the line for a decision that holds in itself, in a log that nobody says is the issuer's."""
        reason = (
            "the badge and its entry agree with each other, but the issuer names no log of its own; name its log "
            "in your policy to have the decision checked"
        )
        if self.is_demanded:
            return self.unknown(reason, "LOG_NOT_KNOWN")
        return skipped("decision", reason)


def _names_page(document: Mapping[str, Any]) -> bool:
    try:
        return bool(decision_page(document))
    except DocumentError:
        return True
