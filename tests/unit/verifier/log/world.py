"""An Academy's log that is valid as it comes, made with `schemas.tlog` only; a test changes one thing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from keys import KeyRecord, build_did_document, did_key, fragment_for, to_multikey
from schemas import build_status_list_credential, set_bit
from schemas.tlog import (
    EMPTY_EDGE,
    TILE_WIDTH,
    AchievementPublished,
    AppReleased,
    AssuranceCounts,
    Checkpoint,
    CredentialIssued,
    CredentialStatusChanged,
    DecisionClosed,
    DecisionEvent,
    IssuerKeyAdded,
    IssuerKeyRetired,
    Leaf,
    LoggedResponse,
    LoggedRules,
    LogGenesis,
    LogKeys,
    MemberEnrolled,
    Policy,
    PolicyChanged,
    Redaction,
    ReleasedFile,
    StatusListPublished,
    append_leaves,
    bundles_of_tree,
    commit,
    digest_text,
    entry_hash,
    format_bundle,
    format_leaf,
    format_note,
    format_policy,
    format_vkey,
    tile_path,
)
from tests.unit.schemas.tlog.builders import NOW, ORIGIN, a_policy, log_key, signed, signer
from verifier.log import Audit, SourceError, audit
from verifier.log.audit import Questions
from verifier.log.heads import Head, read_head

BASE = "https://academy.example"
START = datetime(2026, 3, 1, 9, tzinfo=UTC)
LATER = datetime.fromtimestamp(NOW, UTC) + timedelta(hours=1)
DECISION = f"{BASE}/decisions/{'a' * 26}"
LIST_URL = f"{BASE}/status/1"
SCRIPT = b"export const answer = 42;\n"
AWARD_POLICY = b'{"minPeers": 3}'
ISSUER_KEYS = [signer(seed).public_key for seed in (21, 22)]
NO_WITNESSES = Policy()


def digest(data: bytes | str) -> str:
    return digest_text(hashlib.sha256(data.encode() if isinstance(data, str) else data).digest())


def at(minute: int) -> str:
    return (START + timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%SZ")


def event_id(number: int) -> str:
    return f"event-{number:020}"


def salt(number: int) -> bytes:
    return hashlib.sha256(b"salt %d" % number).digest()


def name_of(leaf: Leaf) -> str:
    """How other leaves name this one."""
    return digest_text(entry_hash(format_leaf(leaf)))


def status_list(*, bits: Sequence[int], hour: int = 0) -> bytes:
    data = bytearray(16_384)
    for index in bits:
        set_bit(data, index)
    begin = START + timedelta(hours=hour)
    document = build_status_list_credential(
        url=LIST_URL, issuer="did:web:academy.example", bits=bytes(data), valid_from=begin,
        valid_until=begin + timedelta(hours=24), ttl_ms=3_600_000,
    )  # fmt: skip
    return json.dumps(document).encode()


def deciders(first: int) -> list[str]:
    return sorted(did_key(signer(seed).public_key) for seed in range(first, first + 3))


def member(first: int, number: int) -> dict[str, str]:
    """What the commitment of a decider opens to."""
    return {
        "name": ("Asha", "Bela", "Chiara")[number],
        "by": deciders(first)[number],
        "decision": f"{DECISION}{first}",
    }


def closed(number: int, *, first: int, minute: int) -> DecisionClosed:
    """A consent of three deciders, whose keys are made for it from seeds."""
    keys = deciders(first)
    return DecisionClosed(
        id=event_id(number),
        at=at(minute),
        proposal=digest(f"{DECISION}{first}/proposals/1"),
        terms=digest(f"terms {first}"),
        deciders=tuple(keys),
        responses=tuple(
            LoggedResponse(
                by=by,
                member=commit(member(first, place), salt=salt(first + place)),
                statement=digest(f"says {by}"),
            )
            for place, by in enumerate(keys)
        ),
        rules=LoggedRules(min_peers=3, min_holders=1),
        left_out=(),
        assurance=AssuranceCounts(passkey=2, link=1),
        policy=digest(AWARD_POLICY),
        record=digest(f"record {first}"),
        closed_at=at(minute),
    )


def issued(
    number: int, closed_leaf: DecisionClosed, *, final: str, replaces: str | None = None, **more: Any
) -> Leaf:
    """A badge of a decision."""
    content = {part.name: getattr(closed_leaf, part.name) for part in fields(closed_leaf)}
    members: dict[str, Any] = {
        **content,
        "id": event_id(number),
        "at": at(number),
        "decision": name_of(closed_leaf),
        "final": digest(final),
        "reason": "wallet" if replaces else "first",
        "replaces": digest(replaces) if replaces else None,
        **more,
    }
    return CredentialIssued(**members)


def list_leaf(number: int, data: bytes, *, bits: int, minute: int | None = None) -> StatusListPublished:
    return StatusListPublished(
        id=event_id(number), at=at(number if minute is None else minute), address=digest(LIST_URL),
        digest=digest(data), bits_set=bits,
    )  # fmt: skip


def changed(number: int, **reason: str) -> CredentialStatusChanged:
    return CredentialStatusChanged(
        id=event_id(number),
        at=at(number),
        c=commit({"list": 1, "index": number}, salt=salt(900 + number)),
        **reason,
    )


ADOPTING, AWARDING = closed(5, first=31, minute=5), closed(21, first=41, minute=21)
LISTS = [status_list(bits=[], hour=0), status_list(bits=[700], hour=1)]
ENROLLED = [{"name": name} for name in ("Asha", "Bela", "Chiara")]
GENESIS = LogGenesis(
    id=event_id(0), at=at(0), policy=digest(AWARD_POLICY),
    keys=LogKeys(log=format_vkey(log_key()), issuer=(to_multikey(ISSUER_KEYS[0]),)),
)  # fmt: skip


def academy_leaves() -> list[Leaf]:
    """A story of 25 leaves in which every rule has something to look at."""
    return [
        GENESIS,
        *(
            MemberEnrolled(id=event_id(number), at=at(number), c=commit(value, salt=salt(number)))
            for number, value in enumerate(ENROLLED, 1)
        ),
        IssuerKeyAdded(id=event_id(4), at=at(4), key=to_multikey(ISSUER_KEYS[1])),
        ADOPTING,
        AchievementPublished(id=event_id(6), at=at(6), achievement=digest("badge"), decision=name_of(ADOPTING)),
        PolicyChanged(id=event_id(7), at=at(7), policy=digest(AWARD_POLICY), decision=name_of(ADOPTING)),
        AppReleased(
            id=event_id(8),
            at=at(8),
            version="1.0",
            files=(ReleasedFile(name="assets/sign.js", digest=digest(SCRIPT)),),
        ),
        list_leaf(9, LISTS[0], bits=0),
        *(
            DecisionEvent(id=event_id(number), at="2026-03-01", c=commit(event(number), salt=salt(100 + number)))
            for number in range(10, 18)
        ),
        IssuerKeyRetired(id=event_id(18), at=at(18), key=to_multikey(ISSUER_KEYS[0])),
        Redaction(id=event_id(19), at=at(19), root=digest("root")),
        Redaction(id=event_id(20), at=at(20), root=digest("other root")),
        AWARDING,
        issued(22, AWARDING, final="first copy"),
        issued(23, AWARDING, final="second copy", replaces="first copy"),
        changed(24, replaced_by=digest("second copy")),
        list_leaf(25, LISTS[1], bits=1),
    ]


def event(number: int) -> dict[str, Any]:
    """What the commitment of a decision's event opens to."""
    return {"proposal": f"{DECISION}41/proposals/1", "statement": digest(f"says {number}")}


def more(number: int) -> Leaf:
    """A leaf that can stand anywhere."""
    return Redaction(id=event_id(number), at=at(number), root=digest(f"root {number}"))


def entries_of(leaves: Sequence[Leaf | bytes]) -> list[bytes]:
    return [leaf if isinstance(leaf, bytes) else format_leaf(leaf) for leaf in leaves]


@dataclass(slots=True)
class LogFiles:
    """A log's files by their paths, as it serves them; a source of its own."""

    files: dict[str, bytes] = field(default_factory=dict)
    reads: list[str] = field(default_factory=list)

    def read(self, path: str, *, max_bytes: int) -> bytes:
        self.reads.append(path)
        if path not in self.files:
            raise SourceError(f"{path} is not there")
        if len(self.files[path]) > max_bytes:
            raise SourceError(f"{path} is larger than {max_bytes:,} bytes")
        return self.files[path]

    def write(self, folder: Path) -> Path:
        for path, data in self.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        return folder

    @property
    def checkpoint(self) -> bytes:
        return self.files["checkpoint"]


def log_files(
    leaves: Sequence[Leaf | bytes],
    *,
    witnesses: Sequence[int] = (2, 3),
    policy: Policy | None = None,
    log: int = 1,
    at: int = NOW,
    origin: str = ORIGIN,
) -> LogFiles:
    """The folder of a log with these leaves: checkpoint, tiles, entries, vkey, policy."""
    entries = entries_of(leaves)
    made = append_leaves(EMPTY_EDGE, [entry_hash(entry) for entry in entries])
    files = {tile_path(tile): data for tile, data in made.tiles}
    for bundle in bundles_of_tree(len(entries)):
        first = bundle.index * TILE_WIDTH
        files[tile_path(bundle)] = format_bundle(entries[first : first + bundle.width])
    checkpoint = Checkpoint(origin=origin, size=len(entries), root=made.root)
    files["checkpoint"] = format_note(signed(checkpoint, log=log, witnesses=witnesses, at=at).note)
    files["vkey"] = f"{format_vkey(log_key(log, name=origin))}\n".encode()
    files["policy"] = format_policy(a_policy() if policy is None else policy)
    return LogFiles(files)


def head_of(files: LogFiles, *, log: int = 1) -> Head:
    return read_head(files.checkpoint, keys=[log_key(log)], policy=NO_WITNESSES)


def audited(
    source: LogFiles | Sequence[Leaf | bytes],
    *,
    stored: LogFiles | None = None,
    questions: Questions | None = None,
    policy: Policy | None = None,
    now: datetime = LATER,
) -> Audit:
    files = source if isinstance(source, LogFiles) else log_files(source)
    return audit(
        files,
        keys=[log_key()],
        policy=a_policy() if policy is None else policy,
        stored=head_of(stored) if stored else None,
        now=now,
        questions=questions or Questions(),
    )


def changed_leaf(index: int, **changes: Any) -> list[Leaf]:
    """The story with one leaf that says something else."""
    leaves = academy_leaves()
    leaves[index] = replace(leaves[index], **changes)
    return leaves


def codes(done: Audit) -> list[str]:
    return done.findings.codes


# What is served beside the log.


def served_documents(**changes: bytes | None) -> dict[str, bytes]:
    """What the Academy of the story serves; a change to None takes a document away."""
    records = [
        KeyRecord(
            id=f"did:web:academy.example#{fragment_for(key)}", public_key=key, added=START,
            retired=START if key == ISSUER_KEYS[0] else None,
        )
        for key in ISSUER_KEYS
    ]  # fmt: skip
    did = json.dumps(build_did_document("did:web:academy.example", keys=records)).encode()
    documents: dict[str, bytes | None] = {
        "did": did, "script": SCRIPT, "policy": AWARD_POLICY, "list": LISTS[1], **changes,
    }  # fmt: skip
    urls = {
        "did": f"{BASE}/.well-known/did.json",
        "script": f"{BASE}/assets/sign.js",
        "policy": f"{BASE}/policies/{digest(AWARD_POLICY)}",
        "list": LIST_URL,
    }
    return {urls[name]: data for name, data in documents.items() if data is not None}


def documents_map(folder: Path, documents: dict[str, bytes]) -> Path:
    """Write documents into a folder, with the map that `--documents` reads."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(documents.values()):
        (folder / f"{number}.json").write_bytes(data)
    table = folder / "documents.json"
    table.write_text(json.dumps({url: f"{number}.json" for number, url in enumerate(documents)}), encoding="utf-8")
    return table


Change = Callable[[LogFiles], None]
