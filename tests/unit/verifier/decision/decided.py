"""A badge with its decision, good as it comes: three deciders, a log, two witnesses. A test changes one thing.

Made of schemas alone, as an academy makes it: draft, answers, leaf, proof, signature.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from keys import LocalSigner, did_key, did_key_method, local_signer, parse_controller_document, public_key_of
from schemas import badge_for_consent, consent_digest, final_digest, multihash
from schemas.decision import (
    Answer,
    NamedPeer,
    member_commitment,
    sign_answer,
    statement_digest,
    with_log_proof,
)
from schemas.tlog import (
    EMPTY_EDGE,
    AssuranceCounts,
    Checkpoint,
    CredentialIssued,
    LoggedResponse,
    LoggedRules,
    Policy,
    TlogProof,
    append_leaves,
    build_inclusion_proof,
    entry_hash,
    format_leaf,
    format_vkey,
)
from tests.unit.schemas.tlog.builders import ORIGIN, a_policy, log_key
from tests.unit.schemas.tlog.builders import signed as signed_checkpoint
from tests.unit.verifier.world import (
    ACADEMY,
    DID_URL,
    ISSUER,
    LIST_URL,
    NOW,
    FakeFetcher,
    a_badge,
    a_did_document,
    a_key,
    a_status_list,
    signed,
)
from tests.unit.verifier.world import check as check_in_world
from verifier import NoFetcher, Report, read_document
from verifier import Policy as ReadersPolicy
from verifier.checks.lines import Situation
from verifier.decision import check_decision
from verifier.resolve import Resolved

BASE = "https://academy.example"
DECISION = f"{BASE}/decisions/{'a' * 26}"
BADGE = f"{BASE}/credentials/{'b' * 26}"
SINCE = "2026-03-01T00:00:00Z"
ANSWERED, CLOSED, ISSUED = "2026-04-30T10:00:00Z", "2026-05-01T08:59:00Z", "2026-05-01T09:00:00Z"
WITNESSED = int(datetime(2026, 5, 1, 9, 0, 20, tzinfo=UTC).timestamp())
CHIARA, DEV, ELI = 31, 32, 33
NAME, SALT = "Chiara B.", bytes([7]) * 32


def peer(seed: int) -> LocalSigner:
    """Return the statement key of a decider."""
    key = a_key(seed)
    return local_signer(key, verification_method=did_key_method(public_key_of(key)))


def key_of(seed: int) -> str:
    """Return a decider's did:key."""
    return did_key(peer(seed).public_key)


def did_document(*keys: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """Return the academy's DID document with its log."""
    service = {
        "id": f"{ISSUER}#log",
        "type": "TransparencyLog",
        "serviceEndpoint": f"{BASE}/log",
        "origin": ORIGIN,
        "vkeys": [*keys] or [{"vkey": format_vkey(log_key()), "since": SINCE}],
        "since": SINCE,
        **changes,
    }
    return a_did_document(service=[service])


def web(**changes: Any) -> FakeFetcher:
    """Return a fetcher that knows the academy's documents."""
    documents = {DID_URL: did_document(), LIST_URL: signed(a_status_list())}
    documents.update({{"did": DID_URL, "list": LIST_URL}[name]: value for name, value in changes.items()})
    return FakeFetcher(documents)


def draft(**changes: Any) -> dict[str, Any]:
    """Return the badge as it is put before the deciders."""
    page = {"id": DECISION, "type": ["Evidence"], "name": "How peers decided", "genre": "decision record"}
    other = {"id": f"{BASE}/works/1", "type": ["Evidence"], "name": "What she made"}
    usual = {"id": BADGE, "evidence": [page, other], "validFrom": ISSUED, "validUntil": "2028-05-01T23:59:59Z"}
    return a_badge(**{**usual, **changes})


def answer(seed: int, digest: str, **changes: Any) -> Answer:
    """Return what a decider answers; Chiara is named and says something to the learner."""
    named = NamedPeer(name=NAME, salt=SALT) if seed == CHIARA else None
    usual = Answer(
        id=f"{DECISION}/answers/{chr(ord('a') + seed % 26) * 26}",
        decision=DECISION,
        version=2,
        round=1,
        key=key_of(seed),
        valid_from=ANSWERED,
        badge=BADGE,
        digest=digest,
        named=named,
        comment="You hold a round so that everybody is heard." if named else None,
    )
    return replace(usual, **changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The parts of a decided badge, before it is logged and signed."""

    badge: dict[str, Any]
    leaf: CredentialIssued
    answers: Mapping[int, dict[str, Any]] = field(default_factory=dict)

    def relogged(self, **changes: Any) -> Decided:
        """Return it with another leaf; `final` is that of the badge unless a change says otherwise."""
        return replace(self, leaf=replace(self.leaf, **{"final": final_digest(self.badge), **changes}))

    def with_badge(self, **changes: Any) -> Decided:
        """Return it with another badge, and the leaf as it was."""
        badge = {name: value for name, value in {**self.badge, **changes}.items() if value is not None}
        return replace(self, badge=badge)


def decided(
    *, deciders: Sequence[int] = (CHIARA, DEV, ELI), shown: Sequence[int] | None = None, **changes: Any
) -> Decided:
    """Return a decision that is good; `changes` are members of the badge."""
    badge = draft(**changes)
    terms = multihash(b"terms")
    keys = sorted(key_of(seed) for seed in deciders)
    digest = consent_digest(subject=badge_for_consent(badge), terms=terms, deciders=keys)
    answers = {seed: sign_answer(answer(seed, digest), signer=peer(seed)) for seed in deciders}
    badge["endorsement"] = [answers[seed] for seed in (deciders if shown is None else shown)]
    if not badge["endorsement"]:
        del badge["endorsement"]
    leaf = CredentialIssued(
        id="event-of-issuing-000001",
        at=ISSUED,
        proposal=digest,
        terms=terms,
        deciders=tuple(keys),
        responses=tuple(sorted((response(seed, answers[seed]) for seed in deciders), key=lambda one: one.by)),
        rules=LoggedRules(min_peers=3, min_holders=1),
        left_out=(),
        assurance=AssuranceCounts(passkey=len(deciders)),
        policy=multihash(b"policy"),
        record=multihash(b"record"),
        closed_at=CLOSED,
        decision=multihash(b"the leaf of the closed decision"),
        final=final_digest(badge),
        reason="first",
        replaces=None,
    )
    return Decided(badge=badge, leaf=leaf, answers=answers)


def response(seed: int, statement: Mapping[str, Any], *, name: str = NAME) -> LoggedResponse:
    """Return what the leaf says of one decider's answer."""
    salt = SALT if seed == CHIARA else bytes([seed]) * 32
    return LoggedResponse(
        by=key_of(seed),
        member=member_commitment(name=name, key=key_of(seed), decision=DECISION, salt=salt),
        statement=statement_digest(statement),
    )


def prove(
    leaf: bytes, *, log: int = 1, origin: str = ORIGIN, witnesses: Sequence[int] = (2, 3), at: int = WITNESSED
) -> TlogProof:
    """Return the proof that a leaf is the 701st of 1,000 entries of a log."""
    entries = [b"entry %d" % number for number in range(1000)]
    entries[700] = leaf
    made = append_leaves(EMPTY_EDGE, [entry_hash(entry) for entry in entries])
    tiles = dict(made.tiles)
    checkpoint = Checkpoint(origin=origin, size=len(entries), root=made.root)
    return TlogProof(
        index=700,
        proof=build_inclusion_proof(700, len(entries), read=lambda tile: tiles[tile]),
        checkpoint=signed_checkpoint(checkpoint, log=log, witnesses=witnesses, at=at),
        extra=leaf,
    )


def issue(made: Decided, *, signer: LocalSigner = ACADEMY, proof: TlogProof | None = None, **log: Any) -> Any:
    """Log the leaf, put the proof into the badge, and sign it as the academy does."""
    return signed(with_log_proof(made.badge, proof or prove(format_leaf(made.leaf), **log)), signer=signer)


def check(badge: Any, *, with_witnesses: bool = True, **options: Any) -> Report:
    """Return the report on a badge for a reader who names two witnesses of three."""
    policy: Policy = a_policy()
    if with_witnesses:
        options.setdefault("log_policy", policy)
    options.setdefault("web", web())
    return check_in_world(json.loads(json.dumps(badge)), **options)


def decision_alone(badge: Any, *, did: Any = None, **policy: Any) -> dict[str, list[tuple[str, str]]]:
    """Return results and codes of the decision's own lines, of a badge that nothing else is asked about."""
    services = (did or did_document())["service"]
    resolved = Resolved(
        document=parse_controller_document(did_document(), expected_id=ISSUER),
        source="fetched",
        services=tuple(services) if isinstance(services, list) else (services,),
    )
    situation = Situation(
        now=NOW,
        fetcher=NoFetcher(),
        policy=ReadersPolicy(**{"log_policy": a_policy(), **policy}),
        controllers={ISSUER: resolved},
    )
    told: dict[str, list[tuple[str, str]]] = {}
    for check_ in check_decision(read_document(badge), [], situation=situation).lines:
        told.setdefault(check_.id, []).append((check_.result, check_.code))
    return told


def lines(report: Report, id_: str = "decision") -> list[tuple[str, str]]:
    """Return result and code of the lines of one id."""
    return [(check.result, check.code) for check in report.checks if check.id == id_]
