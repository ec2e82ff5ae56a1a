"""Tree heads: what a log signed, who confirmed it, and how old that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from schemas import parse_date_time
from schemas.tlog import (
    MAX_NOTE_BYTES,
    MAX_POLICY_BYTES,
    Policy,
    PolicyError,
    SignedCheckpoint,
    TlogError,
    VerifiedCheckpoint,
    VerifierKey,
    VerifierKeyError,
    format_note,
    format_vkey,
    parse_policy,
    parse_signed_checkpoint,
    parse_vkey,
    verify_checkpoint,
)
from verifier.log.findings import Findings
from verifier.log.source import LogSource, OversizedError, SourceError

MAX_VKEY_BYTES = 64 * 1024
MAX_VKEYS = 64
SKEW = timedelta(minutes=5)
OLD = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A head that its log signed: the note as it came, what was verified, and who confirmed it by their names."""

    signed: SignedCheckpoint
    verified: VerifiedCheckpoint
    times: dict[str, int]

    @property
    def size(self) -> int:
        """How many leaves the tree has."""
        return self.verified.checkpoint.size

    @property
    def root(self) -> bytes:
        """The root of the tree."""
        return self.verified.checkpoint.root

    @property
    def note(self) -> bytes:
        """The signed note."""
        return format_note(self.signed.note)


def read_vkeys(data: bytes) -> tuple[VerifierKey, ...]:
    """Return the keys of a file with one vkey on each line; raise VerifierKeyError."""
    if len(data) > MAX_VKEY_BYTES:
        raise VerifierKeyError(f"a file of vkeys has at most {MAX_VKEY_BYTES:,} bytes")
    try:
        lines = data.decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise VerifierKeyError("a vkey is a line of UTF-8 text") from error
    texts = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if not 0 < len(texts) <= MAX_VKEYS:
        raise VerifierKeyError(f"expected 1 to {MAX_VKEYS} vkeys, one on each line, got {len(texts)}")
    return tuple(parse_vkey(text) for text in texts)


def read_policy(source: LogSource) -> Policy | None:
    """Return the witness policy that a log publishes, or None; raise PolicyError."""
    try:
        data = source.read("policy", max_bytes=MAX_POLICY_BYTES)
    except OversizedError as error:
        raise PolicyError(str(error)) from error
    except SourceError:
        return None
    return parse_policy(data)


def read_head(data: bytes, *, keys: Sequence[VerifierKey], policy: Policy) -> Head:
    """Return a signed head; raise TlogError with the step that failed."""
    if len(data) > MAX_NOTE_BYTES:
        raise PolicyError(f"a checkpoint has at most {MAX_NOTE_BYTES:,} bytes")
    signed = parse_signed_checkpoint(data)
    names = {witness.key: witness.name for witness in policy.witnesses}
    verified = verify_checkpoint(signed, logs=keys, witnesses=names.keys())
    times = {names[key]: time for key, time in verified.cosignatures.items()}
    return Head(signed=signed, verified=verified, times=times)


def fetch_head(
    source: LogSource, *, keys: Sequence[VerifierKey], policy: Policy, findings: Findings
) -> Head | None:
    """Return the head that a log publishes, or None, with the reason among the findings."""
    try:
        data = source.read("checkpoint", max_bytes=MAX_NOTE_BYTES)
    except SourceError as error:
        findings.add("CHECKPOINT_UNREAD", f"There is no checkpoint to begin with: {error}.", level="unread")
        return None
    try:
        return read_head(data, keys=keys, policy=policy)
    except TlogError as error:
        findings.add("CHECKPOINT_REFUSED", f"The checkpoint is refused: {error.message}.")
        return None


def check_witnesses(head: Head, *, policy: Policy, now: datetime, findings: Findings) -> None:
    """Say whether enough witnesses confirmed a head, and whether a witness's clock can be right."""
    count = len(head.times)
    if policy.quorum is None:
        findings.add(
            "NO_WITNESSES",
            "This is logged by the Academy; nobody else has confirmed that everyone sees the same log.",
            level="note",
        )
    elif not policy.is_met(head.times.keys()):
        findings.add("QUORUM_NOT_MET", f"{count} known witnesses confirmed the checkpoint, which is no quorum.")
    for name, time in sorted(head.times.items()):
        if time > (now + SKEW).timestamp():
            findings.add("WITNESS_TIME", f"The witness {name} confirmed the checkpoint at a time that is to come.")


def check_age(
    head: Head, *, last_leaf: str, now: datetime, longest: timedelta | None, findings: Findings
) -> datetime | None:
    """Say how old a head is: by its latest witness, or else by its last leaf; return that time.

    A quiet log is no fault by itself, so that age alone is an alarm only where the caller sets a limit.
    """
    if head.times:
        at, whose = datetime.fromtimestamp(max(head.times.values()), UTC), "its latest witness"
    elif last_leaf:
        at, whose = parse_date_time(last_leaf), "its last leaf, which is the Academy's word"
    else:
        return None
    age = now - at
    if longest is not None and age > longest:
        findings.add("CHECKPOINT_OLD", f"By {whose}, the checkpoint is of {_text(at)}: older than you allow.")
    elif age > OLD:
        findings.add("CHECKPOINT_AGE", f"By {whose}, the checkpoint is of {_text(at)}.", level="note")
    return at


def check_key_logged(head: Head, *, log_key: str, findings: Findings) -> None:
    """Say whether the log signs with the key that its own leaves name."""
    if log_key and format_vkey(head.verified.log) != log_key:
        findings.add(
            "LOG_KEY_NOT_LOGGED", "The checkpoint is signed with a key that the log's leaves do not name."
        )


def _text(time: datetime) -> str:
    return f"{time:%-d %B %Y, %H:%M} UTC"
