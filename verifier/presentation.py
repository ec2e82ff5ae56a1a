"""The check of a presentation: the holder's own signature, and each credential inside (VCDM 2.0, 4.13 and 7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from schemas import (
    CREDENTIALS_V1,
    PINNED,
    CompactJWS,
    ContextSet,
    DocumentError,
    LimitError,
    MalformedValueError,
    ParsingError,
    RereadError,
    Work,
    format_date_time,
    looks_like_jws,
    parse_compact_jws,
)
from verifier.checks.form import check_context, types_of
from verifier.checks.lines import Situation, line
from verifier.checks.presenter import Occasion, check_own_jwt, check_own_proofs, holder_of
from verifier.envelope import is_enveloped, open_envelope
from verifier.fetch import Fetcher, LimitedFetcher
from verifier.policy import Policy
from verifier.read import jose_type, read_badge, read_document
from verifier.report import Check, Report, Result, Verdict
from verifier.seen import SeenLists
from verifier.verify import verify_badge

MAX_CREDENTIALS = 100
MAX_NODES = 12_000  # of all its credentials together
_JOSE_TYPES = frozenset({"vp+jwt", "vp+ld+jwt", "vp-ld+jwt"})
_CLAIMS = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "nonce"})
_SPEC = "VCDM 2.0, 4.13"


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentationReport:
    """Everything that was found about a presentation. Truthy when it, and every credential in it, is good."""

    checks: tuple[Check, ...]
    credentials: tuple[Report, ...] = ()
    checked_at: datetime
    holder: str = ""
    document: Mapping[str, Any] | None = field(default=None, repr=False)

    def __bool__(self) -> bool:
        return self.verdict == "valid"

    @property
    def verdict(self) -> Verdict:
        """Return the one verdict: known to be false beats not known, and that beats good."""
        verdicts = {report.verdict for report in self.credentials}
        results = {check.result for check in self.checks if check.decides}
        if "fail" in results or "invalid" in verdicts:
            return "invalid"
        shown = {"proof", "holder"} <= {check.id for check in self.checks if check.result == "pass"}
        return "valid" if shown and "unknown" not in results and verdicts <= {"valid"} else "unknown"

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON."""
        return {
            "verdict": self.verdict,
            "holder": self.holder,
            "checks": [check.to_json() for check in self.checks],
            "credentials": [report.to_json() for report in self.credentials],
            "warnings": [check.message for check in self.checks if check.result == "warning"],
            "checkedAt": format_date_time(self.checked_at),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """A presentation as it was handed in, taken apart but not believed."""

    document: Mapping[str, Any]
    jws: CompactJWS | None = None
    form: Literal["plain", "claim", "jose"] = "plain"
    warnings: tuple[str, ...] = ()


def verify_presentation(
    value: object,
    *,
    now: datetime,
    fetcher: Fetcher,
    policy: Policy | None = None,
    domain: str | None = None,
    challenge: str | None = None,
    contexts: ContextSet = PINNED,
    seen: SeenLists | None = None,
) -> PresentationReport:
    """Check a presentation: a JSON object, an envelope, or a JWT as a text. Never raises for a bad one.

    `domain` and `challenge` are what the holder was asked to answer; without a challenge nobody can tell whether
    this was shown before.
    """
    policy = policy or Policy()
    situation = Situation(
        now=now,
        fetcher=LimitedFetcher(fetcher),
        policy=policy,
        contexts=contexts.counted(Work(nodes_left=MAX_NODES)),
    )
    try:
        shown = _read(value)
        credentials = _credentials_of(shown)
    except DocumentError as error:
        result: Result = "unknown" if error.problem == "UNSUPPORTED" else "fail"
        unreadable = line("readable", result, str(error), error.problem, pointer=error.pointer, spec=_SPEC)
        return PresentationReport(checks=(unreadable,), checked_at=now)
    lines = [line("readable", "pass", "it is a presentation")]
    lines += [line("readable", "warning", warning, "CONTAINER") for warning in shown.warnings]
    lines += check_context(shown.document, is_jwt=shown.jws is not None, known=situation.contexts)
    lines += _check_model(shown)
    occasion = Occasion(domain=domain, challenge=challenge)
    if shown.jws is None:
        lines += check_own_proofs(shown.document, occasion=occasion, situation=situation)
    else:
        is_jose = shown.form == "jose"
        lines += check_own_jwt(shown.document, shown.jws, is_jose=is_jose, occasion=occasion, situation=situation)
    reports = tuple(
        verify_badge(
            read_badge(one.encode("ascii")) if isinstance(one, str) else read_document(one),
            now=now,
            fetcher=fetcher,
            policy=policy,
            contexts=situation.contexts,
            seen=seen,
        )
        for one in credentials
    )
    return PresentationReport(
        checks=tuple(lines),
        credentials=reports,
        checked_at=now,
        holder=holder_of(shown.document),
        document=shown.document,
    )


def _read(value: object) -> _Shown:
    """Take a presentation apart; raise a DocumentError."""
    if isinstance(value, str):
        return _from_jwt(value.strip(), media_type="jwt", warnings=())
    if not isinstance(value, Mapping):
        raise ParsingError("a presentation is a JSON object, or a JWT as a text")
    if is_enveloped(value, "EnvelopedVerifiablePresentation"):
        envelope = open_envelope(value, "EnvelopedVerifiablePresentation")
        return _from_jwt(envelope.jwt, media_type=envelope.media_type, warnings=envelope.warnings)
    if "VerifiablePresentation" not in types_of(value):
        raise MalformedValueError("its type does not say that it is a Verifiable Presentation", pointer="/type")
    return _Shown(document=value)


def _from_jwt(text: str, *, media_type: str, warnings: tuple[str, ...]) -> _Shown:
    jws = parse_compact_jws(text)
    if jose_type(jws.header, media_type) in _JOSE_TYPES:
        document = {name: member for name, member in jws.payload.items() if name not in _CLAIMS}
        return _Shown(document=document, jws=jws, form="jose", warnings=warnings)
    inner = jws.payload.get("vp")
    if "@context" in jws.payload or "verifiableCredential" in jws.payload or "vc" in jws.payload:
        raise RereadError("the JWT holds something else beside its claim vp, or instead of it", pointer="/vp")
    if not isinstance(inner, Mapping):
        raise MalformedValueError("the JWT has no claim vp with a presentation", pointer="/vp")
    return _Shown(document=inner, jws=jws, form="claim", warnings=warnings)


def _credentials_of(shown: _Shown) -> list[dict[str, Any] | str]:
    """Return the credentials inside; JWTs as bare texts only where version 1.1 had them, in the claim vp."""
    value = shown.document.get("verifiableCredential", [])
    found = value if isinstance(value, list) else [value]
    if len(found) > MAX_CREDENTIALS:
        raise LimitError(
            f"the presentation holds more than {MAX_CREDENTIALS} credentials", pointer="/verifiableCredential"
        )
    may_be_text = shown.form == "claim" and _first_context(shown.document) == CREDENTIALS_V1
    for index, one in enumerate(found):
        if not isinstance(one, dict) and not (may_be_text and isinstance(one, str) and looks_like_jws(one)):
            raise MalformedValueError(
                "something among its credentials is not one", pointer=f"/verifiableCredential/{index}"
            )
    return found


def _first_context(document: Mapping[str, Any]) -> object:
    contexts = document.get("@context")
    return contexts[0] if isinstance(contexts, list) and contexts else contexts


def _check_model(shown: _Shown) -> list[Check]:
    document = shown.document
    if "VerifiablePresentation" not in types_of(document):
        message = "its type does not say that it is a Verifiable Presentation"
        return [line("model", "fail", message, "MALFORMED_VALUE_ERROR", pointer="/type", spec=_SPEC)]
    if "holder" in document and ":" not in holder_of(document):
        message = "its holder is not named by a URL"
        return [line("model", "fail", message, "MALFORMED_VALUE_ERROR", pointer="/holder", spec=_SPEC)]
    return [line("model", "pass", "it has what a presentation must have")]
