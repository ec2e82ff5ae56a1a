"""`python -m verifier log audit|check`, and `academy log audit`."""

from __future__ import annotations

import argparse
import io
import json
import math
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TextIO, TypeVar

from schemas import DocumentError
from schemas.tlog import MAX_LEAF_BYTES, MAX_POLICY_BYTES, MAX_TLOG_PROOF_BYTES, Policy, VerifierKey, parse_policy
from verifier.fetch import Fetcher, read_documents_map
from verifier.log.arguments import UnreadableError, UsageError, parser
from verifier.log.audit import Audit, Questions, audit
from verifier.log.check import UNREADABLE, ProofReport, all_of, check_proof
from verifier.log.given import MAX_GIVEN_BYTES
from verifier.log.heads import MAX_VKEY_BYTES, Head, read_head, read_policy, read_vkeys
from verifier.log.openings import Openings, read_openings
from verifier.log.receipts import read_receipts
from verifier.log.source import FolderSource, FreshFetcher, LogSource, SourceError, WebSource, is_this_machine
from verifier.log.state import evidence_file, keep_lists, read_file, read_lists, read_state, write_file
from verifier.log.tell import Progress, tell_audit
from verifier.texts import plain

WRONG_USE = 64
MAX_HOURS = 24 * 366 * 100
T = TypeVar("T")


def run(arguments: Sequence[str], *, program: str = "academy log") -> int:
    """Run `audit` or `check`; return its exit status."""
    try:
        chosen = parser(program).parse_args(arguments)
        return _run_audit(chosen, program) if chosen.command == "audit" else _run_check(chosen)
    except UsageError as error:
        _say(f"{program}: {error}", stream=sys.stderr)
        return WRONG_USE
    except UnreadableError as error:
        _say(plain(f"{program}: {error}"), stream=sys.stderr)
        return UNREADABLE


def _say(text: str, *, stream: TextIO | None = None) -> None:
    out = stream or sys.stdout
    if isinstance(out, io.TextIOWrapper):
        out.reconfigure(errors="replace")  # a terminal without our marks gets question marks
    try:
        print(text, file=out, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _given(path: Path | None, read: Callable[[bytes], T], *, max_bytes: int, otherwise: T) -> T:
    """Return what a file that was handed in holds; raise UnreadableError with its name."""
    if path is None:
        return otherwise
    try:
        return read(read_file(path, max_bytes=max_bytes))
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {error.strerror}") from error
    except DocumentError as error:
        place = f" at {error.pointer}" if error.pointer else ""
        raise UnreadableError(f"{path}{place}: {error.message}") from error


# Checking one proof.


def _run_check(chosen: argparse.Namespace) -> int:
    none: tuple[VerifierKey, ...] = ()
    logs = _given(chosen.vkey, read_vkeys, max_bytes=MAX_VKEY_BYTES, otherwise=none)
    witnesses = [
        key
        for path in chosen.witness
        for key in _given(path, read_vkeys, max_bytes=MAX_VKEY_BYTES, otherwise=none)
    ]
    policies = []
    try:
        if witnesses:
            policies.append(all_of(witnesses))
    except DocumentError as error:
        raise UnreadableError(f"--witness: {error.message}") from error
    if chosen.policy:
        policies.append(_given(chosen.policy, parse_policy, max_bytes=MAX_POLICY_BYTES, otherwise=Policy()))
    leaf = _given(chosen.leaf, _whole, max_bytes=MAX_LEAF_BYTES, otherwise=None)
    # One byte more than a proof may have, so that a longer one is refused with its own sentence.
    proof = _given(chosen.proof, bytes, max_bytes=8 * MAX_TLOG_PROOF_BYTES, otherwise=b"")
    report = check_proof(proof, logs=logs, leaf=leaf, policies=policies)
    _say(_proof_text(report, as_json=chosen.json))
    return report.exit_status


def _whole(data: bytes) -> bytes | None:
    return data


def _proof_text(report: ProofReport, *, as_json: bool) -> str:
    if as_json:
        return json.dumps(report.to_json(), ensure_ascii=False, indent=2)
    verdict = ("GOOD", "BAD", "UNREADABLE")[report.exit_status]
    return "\n".join([verdict, *(plain(sentence) for sentence in report.sentences)])


# Auditing a log.


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a log is, and what the Academy serves beside it."""

    source: LogSource
    is_web: bool
    base_url: str | None


def _run_audit(chosen: argparse.Namespace, program: str) -> int:
    now = datetime.now(UTC)
    dev = chosen.insecure or os.environ.get("ACADEMY_DEV") == "1"
    if chosen.max_age is not None and not (math.isfinite(chosen.max_age) and 0 < chosen.max_age <= MAX_HOURS):
        raise UsageError(f"--max-age is a number of hours, got {chosen.max_age}")
    place = _find(chosen.url, dev=dev)
    policy = _policy(chosen, place)
    keys = _keys(chosen, place, policy)
    stored = _stored(chosen.state, keys=keys)
    documents = _documents(chosen, place, dev=dev)
    try:
        lists = read_lists(chosen.lists)
    except OSError as error:
        raise UnreadableError(f"{chosen.lists} cannot be read: {error.strerror}") from error
    questions = Questions(
        documents=documents,
        base_url=place.base_url or _base_of(keys),
        longest_age=timedelta(hours=chosen.max_age) if chosen.max_age else None,
        openings=_given(chosen.openings, read_openings, max_bytes=MAX_GIVEN_BYTES, otherwise=Openings()),
        receipts=_given(chosen.receipts, read_receipts, max_bytes=MAX_GIVEN_BYTES, otherwise=()),
        lists=lists,
    )
    done = audit(
        place.source, keys=keys, policy=policy, stored=stored, now=now, questions=questions, tell=Progress()
    )
    if chosen.vkey is None and not (chosen.policy and policy.logs):
        sentence = "The log's key is the log's own word here: get it from elsewhere, and give it with --vkey."
        done.findings.add("KEY_FROM_LOG", sentence, level="note")
    elif place.base_url is not None and _base_of(keys) != place.base_url:
        sentence = f"The log calls itself {keys[0].name}, and was read at {place.base_url}."
        done.findings.add("OTHER_ADDRESS", sentence, level="note")
    evidence = _keep(done, chosen, program)
    status = done.exit_status(new_only=chosen.new_only)
    _say(_audit_text(done, status, evidence, as_json=chosen.json))
    return status


def _find(url: str, *, dev: bool) -> _Place:
    """Return the log at an address or in a folder; a log may lie in `log` below what was named."""
    if not url.startswith(("https://", "http://")):
        folder = Path(url)
        if not folder.is_dir():
            raise UnreadableError(f"{url} is neither an https address nor a folder")
        has_log_below = not (folder / "checkpoint").exists() and (folder / "log" / "checkpoint").exists()
        return _Place(
            source=FolderSource(folder / "log" if has_log_below else folder), is_web=False, base_url=None
        )
    fetcher, address = FreshFetcher(dev=dev), url.rstrip("/")
    base = address.removesuffix("/log")
    if base == address:
        try:
            WebSource(address, fetcher).read("checkpoint", max_bytes=MAX_GIVEN_BYTES)
        except SourceError:
            address = f"{base}/log"
    return _Place(source=WebSource(address, fetcher), is_web=True, base_url=base)


def _base_of(keys: Sequence[VerifierKey]) -> str:
    """Return where an Academy is whose log is named <host>/log: a log's key bears its origin's name."""
    host = keys[0].name.removesuffix("/log")
    return f"{'http' if is_this_machine(host.partition(':')[0]) else 'https'}://{host}"


def _keys(chosen: argparse.Namespace, place: _Place, policy: Policy) -> tuple[VerifierKey, ...]:
    """Return the keys that are accepted: those given, else those of the given policy, else the log's own word."""
    if chosen.vkey is not None:
        return _given(chosen.vkey, read_vkeys, max_bytes=MAX_VKEY_BYTES, otherwise=())
    if chosen.policy is not None and policy.logs:
        return tuple(log.key for log in policy.logs)
    try:
        return read_vkeys(place.source.read("vkey", max_bytes=MAX_VKEY_BYTES))
    except SourceError as error:
        raise UnreadableError(f"the log's key is not at hand ({error}); give it with --vkey") from error
    except DocumentError as error:
        raise UnreadableError(f"the log's vkey: {error.message}") from error


def _policy(chosen: argparse.Namespace, place: _Place) -> Policy:
    if chosen.policy is not None:
        return _given(chosen.policy, parse_policy, max_bytes=MAX_POLICY_BYTES, otherwise=Policy())
    try:
        return read_policy(place.source) or Policy()
    except DocumentError as error:
        raise UnreadableError(f"the log's policy: {error.message}") from error


def _stored(path: Path | None, *, keys: Sequence[VerifierKey]) -> Head | None:
    """Return the head of the last audit: a signed note, so that nobody can have changed it."""
    if path is None:
        return None
    if not path.parent.is_dir():
        raise UnreadableError(f"{path} cannot be written: there is no folder {path.parent}")
    try:
        data = read_state(path)
        return None if data is None else read_head(data, keys=keys, policy=Policy())
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {error.strerror}") from error
    except DocumentError as error:
        raise UnreadableError(f"{path} holds no head of this log: {error.message}") from error


def _documents(chosen: argparse.Namespace, place: _Place, *, dev: bool) -> Fetcher | None:
    if chosen.documents is not None:
        try:
            return read_documents_map(chosen.documents)
        except ValueError as error:
            raise UnreadableError(str(error)) from error
    return FreshFetcher(dev=dev) if place.is_web else None


def _keep(done: Audit, chosen: argparse.Namespace, program: str) -> Path | None:
    """Write the evidence, the new head and the status lists; return where the evidence is."""
    evidence = None
    try:
        if done.split is not None:
            evidence = evidence_file(chosen.state, done.split)
            write_file(evidence, done.split)
        if chosen.state is not None and done.new_head and done.head is not None:
            write_file(chosen.state, done.head.note)
        if chosen.lists is not None:
            keep_lists(chosen.lists, done.served_lists)
    except OSError as error:
        sentence = f"what the audit leaves behind cannot be written: {error.strerror}"
        _say(f"{program}: {sentence}", stream=sys.stderr)
        done.findings.add("NOT_WRITTEN", f"{sentence[:1].upper()}{sentence[1:]}.", level="unread")
        if done.split is not None:
            _say(done.split.decode("utf-8", "replace"), stream=sys.stderr)  # evidence is never lost
    return evidence


def _audit_text(done: Audit, status: int, evidence: Path | None, *, as_json: bool) -> str:
    where = str(evidence) if evidence is not None else None
    if as_json:
        verdict = ("clean", "alarm", "unread", "split view")[status]
        value = {"verdict": verdict, "exitStatus": status, **done.to_json()}
        return json.dumps(value | ({"evidence": where} if where else {}), ensure_ascii=False, indent=2)
    text = tell_audit(done, status=status)
    return f"{text}\n\nBoth signed checkpoints are in {plain(where)}: keep that file." if where else text
