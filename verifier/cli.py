"""The command line: badges in, reports out, the worst verdict as exit status."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from schemas import DocumentError, parse_date_time
from verifier.fetch import Fetcher, HTTPSFetcher, read_documents_map
from verifier.guarded import FetchError
from verifier.policy import Policy, load_policy
from verifier.read import MAX_BYTES, read_badge
from verifier.report import Check, Report
from verifier.seen import SeenLists
from verifier.tell import tell, tell_several, with_progress, worst
from verifier.texts import plain
from verifier.verify import not_reached, verify_badge

EXIT = {"valid": 0, "invalid": 1, "unknown": 2}
WRONG_USE = 64
SUFFIXES = frozenset({".json", ".jwt", ".jws", ".png", ".svg"})
MAX_FILES = 10_000


class _UsageError(Exception):
    """The command cannot be run as it was written."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _UsageError(f"{message}\n{self.format_usage().strip()}")


def _parser(program: str) -> _Parser:
    parser = _Parser(
        prog=program,
        description="Check an Open Badge and say what was found.",
        epilog="Exit status: 0 valid, 1 invalid, 2 unknown, 64 wrong use. Of several badges the worst counts: "
        "1 if any is invalid, else 2 if any is unknown, else 0.",
    )
    parser.add_argument(
        "sources",
        metavar="SOURCE",
        nargs="+",
        help="a file (.json .jwt .jws .png .svg), a folder of such files, an https address, or -",
    )
    parser.add_argument("--documents", metavar="MAP.json", help="JSON object from URL to file: nothing is fetched")
    parser.add_argument("--trust-documents", action="store_true", help="the files of --documents are the issuer's")
    parser.add_argument("--now", metavar="TIME", help="check as of this time, such as 2026-05-03T10:00:00Z")
    parser.add_argument(
        "--policy", metavar="FILE", help="JSON file with what you ask for beyond the specifications"
    )
    parser.add_argument("--recipient", metavar="ID", help="the e-mail address, name or DID it should be for")
    parser.add_argument(
        "--refresh", action="store_true", help="ask for a newer copy where a badge says that there may be one"
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="print the report as JSON; a list of them for a folder or several sources",
    )
    return parser


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """Where a badge comes from; `in_folder` where nobody named it by itself."""

    name: str
    in_folder: bool = False


def run_verify(argv: Sequence[str], *, program: str = "academy verify") -> int:
    """Run the command; return its exit status."""
    try:
        arguments = _parser(program).parse_args(argv)
        sources = _find_sources(arguments)
        reports = _verify(sources, arguments)
    except _UsageError as error:
        print(f"{program}: {error}", file=sys.stderr)  # noqa: T201 - the command's own output
        return WRONG_USE
    is_one = len(arguments.sources) == 1 and not any(source.in_folder for source in sources)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without our marks gets question marks
    _print(_output(reports, is_one=is_one, as_json=arguments.json))
    return EXIT[worst(report for _, report in reports)]


def _print(text: str) -> None:
    """Print a report; who stops reading in the middle (`| head`) loses nothing but the rest."""
    try:
        print(text, flush=True)  # noqa: T201 - the command's own output
    except BrokenPipeError:
        # The interpreter flushes once more at its end; that goes nowhere then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _output(reports: Sequence[tuple[str, Report]], *, is_one: bool, as_json: bool) -> str:
    if as_json:
        values = [{"source": plain(source), **report.to_json()} for source, report in reports]
        value = reports[0][1].to_json() if is_one else values
        return json.dumps(value, ensure_ascii=False, indent=2)
    return tell(reports[0][1]) if is_one else tell_several(reports)


def _find_sources(arguments: argparse.Namespace) -> list[_Source]:
    """Return every single source: those named, and the files of folders, but not the documents given with them."""
    given = [Path(name).resolve() for name in (arguments.documents, arguments.policy) if name]
    if arguments.documents:
        with contextlib.suppress(ValueError):  # a bad map is told when it is used
            given += [path.resolve() for path in read_documents_map(Path(arguments.documents)).files.values()]
    sources: list[_Source] = []
    for name in arguments.sources:
        if not Path(name).is_dir():
            sources.append(_Source(name=name))
            continue
        files = sorted(
            path
            for path in Path(name).rglob("*")
            if path.suffix.lower() in SUFFIXES and path.is_file() and path.resolve() not in given
        )
        if not files:
            raise _UsageError(f"{name} holds no file that could be a badge ({' '.join(sorted(SUFFIXES))})")
        sources += [_Source(name=str(path), in_folder=True) for path in files]
    if len(sources) > MAX_FILES:
        raise _UsageError(f"these are {len(sources):,} files; at most {MAX_FILES:,} are checked at once")
    if [source.name for source in sources].count("-") > 1:
        raise _UsageError("there is one standard input only, so - can stand once")
    return sources


def _verify(sources: Sequence[_Source], arguments: argparse.Namespace) -> list[tuple[str, Report]]:
    now = _time(arguments.now) if arguments.now else datetime.now(UTC)
    policy = _policy(arguments.policy)
    if arguments.trust_documents:
        policy = replace(policy, trust_documents=True)
    if arguments.refresh:
        policy = replace(policy, refresh=True)
    fetcher: Fetcher = HTTPSFetcher(dev=os.environ.get("ACADEMY_DEV") == "1")
    if arguments.documents:
        try:
            fetcher = read_documents_map(Path(arguments.documents))
        except ValueError as error:
            raise _UsageError(str(error)) from error
    for source in sources:
        _check_there(source.name)
    seen = SeenLists()
    reports = []
    for source in with_progress(sources, stream=sys.stderr):
        data, problem = _read(source, fetcher)
        if problem is not None:
            report = problem_report(problem, now=now)
        else:
            report = verify_badge(
                read_badge(data), now=now, fetcher=fetcher, policy=policy, recipient=arguments.recipient, seen=seen
            )
        # Of many, only what is told is kept: a document may have megabytes.
        reports.append((source.name, report if len(sources) == 1 else replace(report, document=None)))
    return reports


def _is_address(name: str) -> bool:
    return name.startswith(("https://", "http://"))


def _check_there(name: str) -> None:
    """Refuse a file that is not there before the first badge is checked."""
    if name != "-" and not _is_address(name):
        try:
            Path(name).stat()
        except OSError as error:
            raise _UsageError(f"{name} cannot be read: {error.strerror}") from error


def _read(source: _Source, fetcher: Fetcher) -> tuple[bytes, str | None]:
    """Return the badge's bytes, or the sentence that says why there are none."""
    name = source.name
    if name == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1), None
    if _is_address(name):
        try:
            return fetcher.fetch(name).body, None
        except FetchError as error:
            return b"", str(error)
    try:
        with Path(name).open("rb") as file:
            return file.read(MAX_BYTES + 1), None
    except OSError as error:
        if source.in_folder:
            return b"", f"the file cannot be read: {error.strerror}"
        raise _UsageError(f"{name} cannot be read: {error.strerror}") from error


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
