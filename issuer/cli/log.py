"""`academy log`: the transparency log, for those who run it; `audit` and `check` are for anybody."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from issuer.cli.arguments import Parser, Say, UsageError
from issuer.cli.settings import Settings
from issuer.errors import LogRefusedError, NotFoundError
from issuer.service.academy import Academy
from issuer.service.log import begin_log, proof_of, read_state
from issuer.service.log.adopting import adopt_log
from issuer.service.log.finding import leaf_of_credential, leaf_of_event
from issuer.service.log.status import LogStatus, log_status
from issuer.service.status import sign_lists_anew

Open = Callable[[Settings], Academy]
_HASH = re.compile(r"u[A-Za-z0-9_-]{46}")
USAGE = """academy log ACTION ..., each with --help
  init     begin the log, once
  status   how it stands: size, head, witnesses, and why it signs nothing, if so
  proof    print the proof of one leaf
  adopt    take the published log as the truth, after an older copy of the database was restored
  audit    follow a log from outside, as anybody can
  check    check one proof, as anybody can"""


def log(
    arguments: Sequence[str], *, open_: Callable[[], Academy], audit: Callable[[Sequence[str]], int], say: Say
) -> int:
    """Run one action; raises UsageError, LogRefusedError or NotFoundError with a sentence."""
    actions: dict[str, Callable[[Sequence[str], Callable[[], Academy], Say], int]] = {
        "init": _init,
        "status": _status,
        "proof": _proof,
        "adopt": _adopt,
    }
    if not arguments or arguments[0] in {"-h", "--help"}:
        if not arguments:
            raise UsageError(USAGE)
        say(USAGE)
        return 0
    action = arguments[0]
    if action in {"audit", "check"}:
        return audit(arguments)
    if action not in actions:
        raise UsageError(f"there is no action {action!r}\n{USAGE}")
    return actions[action](arguments[1:], open_, say)


def _init(arguments: Sequence[str], open_: Callable[[], Academy], say: Say) -> int:
    parser = Parser(prog="academy log init", description="Begin the log of this academy, once.")
    parser.parse_args(arguments)
    academy = open_()
    head = begin_log(academy)
    say(f"The log {academy.log.origin} has begun. It has {head.size} leaves.")
    say(f"Its key is in {academy.log.key.folder}. Keep a copy of that folder where no one else can read it.")
    say(f"{academy.log.heads.folder} remembers what was signed: never restore it from a backup.")
    return 0


def _status(arguments: Sequence[str], open_: Callable[[], Academy], say: Say) -> int:
    parser = Parser(
        prog="academy log status", description="Say how the log stands. Exit status 1 when it refuses."
    )
    parser.add_argument("--json", action="store_true", help="print for a program")
    chosen = parser.parse_args(arguments)
    status = log_status(open_())
    if chosen.json:
        say(json.dumps(asdict(status), indent=2, default=_plain))
    else:
        for line in status_lines(status):
            say(line)
    return 1 if status.refusal or status.health else 0


def _plain(value: Any) -> str:
    assert isinstance(value, datetime)
    return value.isoformat()


def status_lines(status: LogStatus) -> list[str]:
    """Return the status for people."""
    lines = [f"The log {status.origin}, at {status.url}"]
    if status.begun:
        lines += [
            f"  leaves with a place   {status.size}",
            f"  newest signed head    {_size(status.signed_size)}",
            f"  published             {_size(status.published_size)}{_when(status.published_at)}",
            f"  waiting               {status.waiting}{_since(status.waiting_since)}",
            f"  key                   {status.vkey}",
        ]
    if not status.witnesses:
        lines.append("  no witness is asked: nobody else has confirmed that everyone sees the same log")
    elif status.quorum is not None:
        met = "met" if status.witnessed else "not met"
        lines.append(f"  quorum {status.quorum}: {met} by the published checkpoint")
    for witness in status.witnesses:
        said = (
            f"{witness.sentence}, {witness.answered_at:%Y-%m-%d %H:%M:%S}"
            if witness.answered_at
            else "not asked yet"
        )
        lines.append(f"  witness {witness.name}: {said}")
    trouble = status.refusal or status.health
    lines.append(
        f"It signs nothing now: {status.refusal}"
        if status.refusal
        else f"Look at this: {trouble}"
        if trouble
        else "All is well."
    )
    return lines


def _size(size: int | None) -> str:
    return "none" if size is None else str(size)


def _since(time: str | None) -> str:
    return f" since {time}" if time else ""


def _when(moment: datetime | None) -> str:
    return f", {moment:%Y-%m-%d %H:%M:%S} UTC" if moment else ""


def _proof(arguments: Sequence[str], open_: Callable[[], Academy], say: Say) -> int:
    parser = Parser(prog="academy log proof", description="Print the tlog-proof of one leaf.")
    parser.add_argument(
        "leaf", metavar="LEAF", help="the event's id, the leaf's hash (u...), or a badge's address"
    )
    chosen = parser.parse_args(arguments)
    academy = open_()
    if read_state(academy) is None:
        raise LogRefusedError("no log has begun here: `academy log init` begins one.")
    hash_ = _leaf_hash(academy, chosen.leaf)
    proof = proof_of(academy, hash_)
    if proof is None:
        raise NotFoundError(
            f"the leaf {hash_} is not in a checkpoint that meets the log's policy yet; `academy log status` says"
            " why."
        )
    say(proof.decode("utf-8").rstrip("\n"))
    return 0


def _leaf_hash(academy: Academy, text: str) -> str:
    if _HASH.fullmatch(text):
        return text
    if "/credentials/" in text:
        found = leaf_of_credential(academy, url=text)
        what = "no badge of this academy that carries a proof is at"
    else:
        found = leaf_of_event(academy, event_id=text)
        what = "the log of this academy has no event"
    if found is None:
        raise NotFoundError(f"{what} {text}.")
    return found


def _adopt(arguments: Sequence[str], open_: Callable[[], Academy], say: Say) -> int:
    parser = Parser(
        prog="academy log adopt",
        description="Take the published log as the truth: check it, and bring back leaves that are missing here.",
    )
    parser.add_argument(
        "folder", metavar="DIR", nargs="?", type=Path, help="a copy of the published log; ours if not given"
    )
    parser.add_argument("--json", action="store_true", help="print for a program")
    chosen = parser.parse_args(arguments)
    if chosen.folder is not None and not chosen.folder.is_dir():
        raise UsageError(f"{chosen.folder} is no folder")
    academy = open_()
    done = adopt_log(academy, folder=chosen.folder, progress=_bar)
    sign_lists_anew(academy)
    if chosen.json:
        say(json.dumps(asdict(done), indent=2))
        return 0
    say(f"The log has {done.size} leaves now; this database had {done.size_before}.")
    say(f"{done.added} leaves were brought back, {done.mended} were mended or got their place back.")
    if done.waiting_again:
        say(f"{done.waiting_again} leaves that nobody had signed wait for a place again.")
    if done.added:
        say("Those leaves tell of decisions and badges that this database lacks: restore a newer copy of it.")
        say("Badges that were given back since then are in force again here: have them given back once more.")
    say("Start the service again; it goes on from there.")
    return 0


def _bar(done: int, total: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if done == total else ""
        print(f"\r{done:,} of {total:,} leaves checked", end=end, file=sys.stderr, flush=True)  # noqa: T201 - a progress bar
