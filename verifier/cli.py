"""The command line: one badge in, one report out, the verdict as exit status."""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from schemas import DocumentError, parse_date_time
from verifier.fetch import Fetcher, FetchError, HTTPSFetcher, read_documents_map
from verifier.policy import Policy, load_policy
from verifier.read import MAX_BYTES, read_badge
from verifier.report import Check, Report
from verifier.texts import plain
from verifier.verify import not_reached, verify_badge

EXIT = {"valid": 0, "invalid": 1, "unknown": 2}
WRONG_USE = 64
_MARKS = {
    "pass": ("✓", "good"),
    "fail": ("✗", "bad"),
    "unknown": ("?", "not known"),
    "warning": ("!", "odd"),
    "info": ("·", "for you to judge"),
    "skipped": ("-", "not asked"),
}


class _UsageError(Exception):
    """The command cannot be run as it was written."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _UsageError(f"{message}\n{self.format_usage().strip()}")


def _parser(program: str) -> _Parser:
    parser = _Parser(
        prog=program,
        description="Check an Open Badge and say what was found.",
        epilog="Exit status: 0 valid, 1 invalid, 2 unknown, 64 wrong use.",
    )
    parser.add_argument(
        "source", metavar="SOURCE", help="a file (.json .jwt .jws .png .svg), an https address, or -"
    )
    parser.add_argument("--documents", metavar="MAP.json", help="JSON object from URL to file: nothing is fetched")
    parser.add_argument("--trust-documents", action="store_true", help="the files of --documents are the issuer's")
    parser.add_argument("--now", metavar="TIME", help="check as of this time, such as 2026-05-03T10:00:00Z")
    parser.add_argument(
        "--policy", metavar="FILE", help="JSON file with what you ask for beyond the specifications"
    )
    parser.add_argument("--recipient", metavar="ID", help="the e-mail address, name or DID it should be for")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    return parser


def run_verify(argv: Sequence[str], *, program: str = "academy verify") -> int:
    """Run the command; return its exit status."""
    try:
        arguments = _parser(program).parse_args(argv)
        report = _verify(arguments)
    except _UsageError as error:
        print(f"{program}: {error}", file=sys.stderr)  # noqa: T201 - the command's own output
        return WRONG_USE
    text = json.dumps(report.to_json(), ensure_ascii=False, indent=2) if arguments.json else tell(report)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without our marks gets question marks
    print(text)  # noqa: T201 - the command's own output
    return EXIT[report.verdict]


def _verify(arguments: argparse.Namespace) -> Report:
    now = _time(arguments.now) if arguments.now else datetime.now(UTC)
    policy = _policy(arguments.policy)
    if arguments.trust_documents:
        policy = replace(policy, trust_documents=True)
    fetcher: Fetcher = HTTPSFetcher(dev=os.environ.get("ACADEMY_DEV") == "1")
    if arguments.documents:
        try:
            fetcher = read_documents_map(Path(arguments.documents))
        except ValueError as error:
            raise _UsageError(str(error)) from error
    data, problem = _source(arguments.source, fetcher)
    if problem is not None:
        return problem_report(problem, now=now)
    return verify_badge(read_badge(data), now=now, fetcher=fetcher, policy=policy, recipient=arguments.recipient)


def _source(source: str, fetcher: Fetcher) -> tuple[bytes, str | None]:
    """Return the badge's bytes, or the sentence that says why its address gave none."""
    if source == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1), None
    if source.startswith(("https://", "http://")):
        try:
            return fetcher.fetch(source).body, None
        except FetchError as error:
            return b"", str(error)
    try:
        with Path(source).open("rb") as file:
            return file.read(MAX_BYTES + 1), None
    except OSError as error:
        raise _UsageError(f"{source} cannot be read: {error.strerror}") from error


def problem_report(reason: str, *, now: datetime) -> Report:
    """Return the report on a badge that could not be fetched at all."""
    check = Check(
        id="readable", result="unknown", code="NOT_FOUND", message=f"The badge could not be fetched: {reason}."
    )
    return Report(checks=(check, *not_reached("readable")), checked_at=now)


def _time(text: str) -> datetime:
    try:
        return parse_date_time(text)
    except DocumentError as error:
        raise _UsageError(f"--now: {error}") from error


def _policy(path: str | None) -> Policy:
    if path is None:
        return Policy()
    try:
        return load_policy(Path(path))
    except OSError as error:
        raise _UsageError(f"{path} cannot be read: {error.strerror}") from error
    except DocumentError as error:
        place = f" at {error.pointer}" if error.pointer else ""
        raise _UsageError(f"{path}{place}: {error}") from error


def tell(report: Report) -> str:
    """Return a report for people: the verdict first, then a line for each check."""
    lines = [report.verdict.upper(), plain(report.sentence), ""]
    name, issuer = report.credential.get("name"), report.credential.get("issuer", {})
    if name:
        maker = issuer.get("name") or issuer.get("id", "")
        lines += [f'The badge calls itself "{plain(name)}", its issuer "{plain(maker)}".', ""]
    for check in report.checks:
        mark, word = _MARKS[check.result]
        lines.append(f"{mark} {check.id:<15} {word:<17} {plain(check.message)}")
    return "\n".join(lines)
