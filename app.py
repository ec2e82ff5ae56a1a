"""Puts the parts together: the Flask app, and the `academy` command line. Nothing imports this module.

Settings come from the environment once; time comes from one clock.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import logging
import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from flask import Flask

    from issuer.service.academy import Academy
    from issuer.service.mailing import Transport
    from issuer.service.opening import AcademySettings
    from verifier import Fetcher, Policy

WRONG_USE = 64
MAX_REQUEST_BYTES = 12_000_000
# The server takes in more than that, so that a browser that sends too large a file gets to read the answer.
_MAX_TAKEN_IN = 50_000_000
_THREADS = 8
_CONNECTIONS = 900  # those that are open and silent hold no thread, but the server's own limit of 100 is soon full


def utc_now() -> datetime:
    """Return the time: the one place where the service reads a clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment says. Times and limits are not in here: circles decide about those."""

    data_dir: Path = Path("var")
    database_url: str = ""
    base_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    name: str = "Sociocracy Academy"
    email: str | None = None
    smtp_url: str | None = field(default=None, repr=False)
    passphrase: str | None = field(default=None, repr=False)
    policy: Path | None = None
    dev: bool = False

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Read the settings; raise ValueError with a sentence."""
        port = environ.get("PORT", "8000")
        if not port.isdecimal() or not 0 < int(port) < 65_536:  # noqa: PLR2004 - as many ports as there are
            raise ValueError(f"PORT is a number from 1 to 65535, not {port!r}")
        dev = environ.get("ACADEMY_DEV") == "1"
        policy = environ.get("ACADEMY_POLICY")
        return cls(
            data_dir=Path(environ.get("DATA_DIR") or "var"),
            database_url=environ.get("DATABASE_URL", ""),
            base_url=environ.get("BASE_URL") or (f"http://localhost:{port}" if dev else ""),
            host=environ.get("HOST") or "127.0.0.1",
            port=int(port),
            name=environ.get("ACADEMY_NAME") or "Sociocracy Academy",
            email=environ.get("ACADEMY_EMAIL") or None,
            smtp_url=environ.get("SMTP_URL") or None,
            passphrase=environ.get("KEY_PASSPHRASE") or None,
            policy=Path(policy) if policy else None,
            dev=dev,
        )

    def academy(self) -> AcademySettings:
        """Return what the Academy's side needs of them; raise ValueError with a sentence."""
        from issuer.service.opening import AcademySettings

        if not self.base_url:
            raise ValueError("set BASE_URL to the address people will reach, such as https://academy.example")
        try:
            self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ValueError(f"DATA_DIR {self.data_dir} cannot be used: {error.strerror}") from error
        return AcademySettings(
            database_url=self.database_url or f"sqlite:///{self.data_dir.resolve() / 'academy.sqlite'}",
            keys=self.data_dir / "keys",
            base_url=self.base_url,
            name=self.name,
            email=self.email,
            passphrase=self.passphrase,
            dev=self.dev,
        )


def create_app(settings: Settings, clock: Callable[[], datetime] = utc_now) -> Flask:
    """Return the service: the Academy's pages and the verifier's, over one database and one clock."""
    from issuer.service.opening import open_academy

    return build_app(open_academy(settings.academy(), clock=clock), settings)


def build_app(academy: Academy, settings: Settings) -> Flask:
    """Return the service of an academy that is open already."""
    from flask import Flask

    from issuer.web import create_blueprint as academy_pages
    from verifier.web import create_blueprint as verifier_pages
    from verifier.web import verify_bytes

    app = Flask(__name__, static_folder=None)
    key = academy.keyring.journal_key
    app.config["SECRET_KEY"] = hmac.digest(key, b"academy-badges/forms/v1", hashlib.sha256)
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST_BYTES
    app.extensions["academy"] = academy
    fetcher, policy = own_fetcher(academy), _policy(settings.policy)

    def check(badge: bytes) -> Mapping[str, Any]:
        return verify_bytes(badge, fetcher=fetcher, policy=policy, now=academy.clock()).to_json()

    secure = academy.base_url.startswith("https://")
    app.register_blueprint(academy_pages(academy, check=check, secure_cookies=secure))
    app.register_blueprint(verifier_pages(fetcher=fetcher, policy=policy, clock=academy.clock))
    app.add_url_rule("/healthz", "healthz", lambda: ("alive\n", {"Content-Type": "text/plain"}))
    app.add_url_rule("/readyz", "readyz", lambda: _ready(academy))
    return app


def _ready(academy: Academy) -> tuple[str, int, dict[str, str]]:
    """Say whether requests can be served now: the database answers."""
    from sqlalchemy.exc import SQLAlchemyError

    from issuer.service.badges import catalogue

    try:
        catalogue(academy)
    except SQLAlchemyError:
        return "the database does not answer\n", 503, {"Content-Type": "text/plain"}
    return "ready\n", 200, {"Content-Type": "text/plain"}


def own_fetcher(academy: Academy) -> Fetcher:
    """Return a fetcher that answers our own addresses in process, and asks the web for the others."""
    from issuer.service.published import own_document
    from verifier import HTTPSFetcher, OwnFetcher

    def answer(url: str) -> bytes | None:
        return own_document(academy, url.removeprefix(academy.base_url))

    return OwnFetcher(academy.base_url, answer, HTTPSFetcher(dev=academy.dev))


def _policy(path: Path | None) -> Policy:
    from schemas import DocumentError, parse_json
    from verifier import Policy, parse_policy

    if path is None:
        return Policy()
    try:
        return parse_policy(parse_json(path.read_bytes()))
    except (OSError, DocumentError) as error:
        raise ValueError(f"ACADEMY_POLICY {path} cannot be used: {error}") from error


def _transport(settings: Settings) -> Transport:
    from issuer.cli.outgoing import keep_waiting, parse_smtp_url, to_terminal

    if settings.smtp_url:
        host = settings.base_url.partition("//")[2].partition(":")[0]
        return parse_smtp_url(settings.smtp_url, sender=settings.email or f"academy@{host}")
    return to_terminal if settings.dev else keep_waiting


# The command line.


class _UsageError(Exception):
    """The command cannot be run as it was written."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _UsageError(f"{message}\n{self.format_usage().strip()}")


def _say(sentence: str) -> None:
    print(sentence, flush=True)  # noqa: T201 - the command's own output


def _verify(arguments: Sequence[str]) -> int:
    from verifier.cli import run_verify

    return run_verify(arguments)


def _demo(arguments: Sequence[str]) -> int:
    from issuer.cli.demo import run_demo
    from verifier import read_badge, verify_badge
    from verifier.fetch import read_documents_map

    parser = _Parser(prog="academy demo", description="Tell the whole story of one badge, without network.")
    parser.add_argument("--out", metavar="DIR", required=True, type=Path, help="where its files are written")
    chosen = parser.parse_args(arguments)

    def report_on(badge: Path, documents: Path) -> Mapping[str, Any]:
        fetcher = read_documents_map(documents)
        return verify_badge(read_badge(badge.read_bytes()), now=utc_now(), fetcher=fetcher).to_json()

    try:
        run_demo(chosen.out, report_on=report_on, say=_say)
    except OSError as error:
        raise _UsageError(f"{chosen.out} cannot be written: {error.strerror}") from error
    _say(f"\nCheck it yourself:\n  academy verify {chosen.out}/badge.json --documents {chosen.out}/documents.json")
    return 0


def _serve(arguments: Sequence[str]) -> int:
    import waitress

    from issuer.cli.work import work_once, work_until

    parser = _Parser(prog="academy serve", description="Serve the pages, and do the worker's work beside them.")
    parser.add_argument("--demo", action="store_true", help="begin an empty database with the demo academy")
    parser.add_argument(
        "--no-worker", action="store_true", help="serve pages only; `academy worker` runs elsewhere"
    )
    chosen = parser.parse_args(arguments)
    settings = Settings.from_env(os.environ)
    app = create_app(settings)
    academy: Academy = app.extensions["academy"]
    if chosen.demo:
        _begin_demo(academy)
    transport, stop = _transport(settings), threading.Event()
    if not chosen.no_worker:
        work_once(academy, transport)
        worker = threading.Thread(target=work_until, args=(academy, transport), kwargs={"stop": stop}, daemon=True)
        worker.start()
    _say_where(academy, settings)
    try:
        waitress.serve(
            app,
            host=settings.host,
            port=settings.port,
            threads=_THREADS,
            ident=None,
            max_request_body_size=_MAX_TAKEN_IN,
            connection_limit=_CONNECTIONS,
            asyncore_use_poll=True,
            channel_timeout=60,
        )
    except OSError as error:
        raise _UsageError(f"port {settings.port} on {settings.host} cannot be used: {error.strerror}") from error
    finally:
        stop.set()
    return 0


def _begin_demo(academy: Academy) -> None:
    from issuer.service.mailing import send_due
    from issuer.service.seeding import is_empty, seed_academy

    if is_empty(academy):
        _say("A demo academy begins:")
        seed_academy(academy, progress=lambda sentence: _say(f"  {sentence}"))
        while send_due(academy, lambda _mail: None):
            """Nobody waits for the mails about decisions of the past; /outbox keeps them."""


def _say_where(academy: Academy, settings: Settings) -> None:
    from issuer.service.circles import setup_code
    from issuer.service.setup import setup_page

    _say(f"{academy.name} is at {academy.base_url}")
    step = setup_page(academy, reader=None)
    if step is not None and step.step == "circle":
        _say(f"Begin here: {academy.base_url}/setup?code={setup_code(academy)}")
    if settings.dev and not settings.smtp_url:
        _say(f"Mails are not sent from here: read them at {academy.base_url}/outbox")


def _worker(arguments: Sequence[str]) -> int:
    from issuer.cli.work import work_until
    from issuer.service.opening import open_academy

    _Parser(prog="academy worker", description="Do what is due, sign what waits, send mails.").parse_args(
        arguments
    )
    settings = Settings.from_env(os.environ)
    academy = open_academy(settings.academy(), clock=utc_now)
    _say(f"The worker of {academy.base_url} is at work")
    try:
        work_until(academy, _transport(settings), stop=threading.Event())
    except KeyboardInterrupt:
        return 0
    return 0


def _keys(arguments: Sequence[str]) -> int:
    from issuer.cli.keys import rotate, show_keys
    from issuer.service.opening import open_academy

    parser = _Parser(prog="academy keys", description="Show the keys that sign badges, or make new ones.")
    parser.add_argument("action", choices=("show", "rotate"))
    parser.add_argument("--json", action="store_true", help="print for a program")
    chosen = parser.parse_args(arguments)
    settings = Settings.from_env(os.environ)
    academy = open_academy(settings.academy(), clock=utc_now)
    if chosen.action == "show":
        show_keys(academy.keyring, as_json=chosen.json, say=_say)
        return 0
    rotate(
        settings.data_dir / "keys",
        base_url=academy.base_url,
        passphrase=settings.passphrase,
        now=utc_now(),
        as_json=chosen.json,
        say=_say,
    )
    return 0


def build_conformance(base_url: str, clock: Callable[[], datetime] = utc_now) -> Flask:
    """Return the program for the public test suites. It knows no settings: its keys are made here, in memory."""
    from flask import Flask

    from issuer.conformance import MAX_BYTES, SUITE_CONTEXTS, ThrowAwayKeys, create_blueprint, new_status_list
    from schemas import dump_json
    from verifier import NoFetcher, OwnFetcher, Policy
    from verifier.web import create_blueprint as verifier_pages

    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BYTES
    keys = ThrowAwayKeys.generate()
    status = new_status_list(keys, base_url=base_url, now=clock())
    own = {status.path: dump_json(status.document).encode()}
    fetcher = OwnFetcher(base_url, lambda url: own.get(url.removeprefix(base_url)), NoFetcher())
    app.register_blueprint(create_blueprint(keys=keys, status_list=status, clock=clock))
    app.register_blueprint(verifier_pages(fetcher=fetcher, policy=Policy(), clock=clock, contexts=SUITE_CONTEXTS))
    return app


def _conformance(arguments: Sequence[str]) -> int:
    from issuer.conformance import run_conformance

    return run_conformance(
        arguments, build=build_conformance, clock=utc_now, parser=_Parser(prog="academy conformance"), say=_say
    )


COMMANDS: Mapping[str, tuple[Callable[[Sequence[str]], int], str]] = {
    "demo": (_demo, "tell the whole story of one badge, without server and network"),
    "verify": (_verify, "check a badge"),
    "serve": (_serve, "serve the pages, with the worker beside them"),
    "worker": (_worker, "do what is due, sign what waits, send mails"),
    "keys": (_keys, "show or change the keys that sign badges"),
    "conformance": (_conformance, "serve the VC-API for the public test suites, with throw-away keys"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the `academy` command and return its exit status: 64 for wrong use, else the command's own."""
    from issuer.errors import AcademyError
    from keys import KeysError

    arguments = list(sys.argv[1:] if argv is None else argv)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    if not arguments or arguments[0] in {"-h", "--help"} or arguments[0] not in COMMANDS:
        lines = [f"  {name:11} {help_}" for name, (_, help_) in COMMANDS.items()]
        wrong = bool(arguments) and arguments[0] not in {"-h", "--help"}
        start = f"academy: there is no command {arguments[0]!r}\n" if wrong else ""
        print(f"{start}academy COMMAND ..., each with --help\n" + "\n".join(lines), file=sys.stderr)  # noqa: T201
        return 0 if arguments and not wrong else WRONG_USE
    command, _ = COMMANDS[arguments[0]]
    try:
        return command(arguments[1:])
    except (_UsageError, ValueError, AcademyError, KeysError) as error:
        print(f"academy {arguments[0]}: {error}", file=sys.stderr)  # noqa: T201 - the command's own output
        return WRONG_USE if isinstance(error, (_UsageError, ValueError)) else 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
