"""The command lines of `log audit` and `log check`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NoReturn


class UsageError(Exception):
    """The command cannot be run as it was written."""


class UnreadableError(Exception):
    """A file that was handed in, or the log's address, gives nothing to work on."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}\n{self.format_usage().strip()}")


def parser(program: str) -> argparse.ArgumentParser:
    """Return the parser of both commands."""
    whole = _Parser(prog=program, description="Look at an Academy's transparency log as a stranger does.")
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _audit(
        commands.add_parser("audit", help="read a whole log, and say what is wrong with it", description=_AUDIT)
    )
    _check(commands.add_parser("check", help="check one tlog-proof", description=_CHECK))
    return whole


_AUDIT = (
    "Read a log and compare every leaf with the tiles, with the rules, and with the leaves before it. "
    "Exit status: 0 clean, 1 alarm, 2 not all could be read, 3 proof of a split view, 64 wrong use."
)
_CHECK = "Check one tlog-proof. Exit status: 0 it holds, 1 it does not, 2 it cannot be read, 64 wrong use."


def _audit(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("url", metavar="URL", help="the log's https address, or the folder that it lies in")
    add("--state", metavar="FILE", type=Path, help="the last head: read, and written again at the end")
    add(
        "--vkey",
        metavar="FILE",
        type=Path,
        help="the log's keys, from elsewhere; else those of --policy, else the log's own word",
    )
    add("--policy", metavar="FILE", type=Path, help="the witnesses that count; without it, those the log names")
    add("--openings", metavar="FILE", type=Path, help="opened commitments of a circle, to check who decided")
    add("--receipts", metavar="FILE", type=Path, help="receipts of answers, to see that they were logged")
    add("--documents", metavar="MAP.json", type=Path, help="JSON object from URL to file: nothing else is fetched")
    add("--lists", metavar="FOLDER", type=Path, help="keep the status lists there, and compare them bit by bit")
    add("--max-age", metavar="HOURS", type=float, help="an older checkpoint is an alarm")
    add(
        "--new-only",
        action="store_true",
        help="alarms that an earlier audit told do not count for the exit status",
    )
    add("--insecure", action="store_true", help="allow http to this machine, for trying out (or ACADEMY_DEV=1)")
    add("--json", action="store_true", help="print the audit as JSON")


def _check(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("proof", metavar="PROOF", type=Path, help="the file of the proof")
    add("--vkey", metavar="FILE", type=Path, required=True, help="the keys of the log that is accepted")
    add(
        "--leaf",
        metavar="FILE",
        type=Path,
        help="the leaf's exact bytes; without it, those that the proof carries",
    )
    add(
        "--witness",
        metavar="FILE",
        type=Path,
        nargs="+",
        action="extend",
        default=[],
        help="each must have confirmed",
    )
    add("--policy", metavar="FILE", type=Path, help="the witnesses of which a quorum must have confirmed")
    add("--json", action="store_true", help="print the report as JSON")
