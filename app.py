"""Puts the parts together: the Flask app, and the `academy` command line. Nothing imports this module.

Settings come from the environment once; time comes from one clock.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from issuer.cli.arguments import Parser, UsageError
from issuer.cli.settings import Settings

if TYPE_CHECKING:
    from flask import Flask

    from issuer.service.academy import Academy
    from issuer.service.opening import AcademySettings
    from verifier import Fetcher, Policy

__all__ = ["Settings", "build_app", "build_conformance", "create_app", "main"]

WRONG_USE = 64
MAX_REQUEST_BYTES = 12_000_000


def utc_now() -> datetime:
    """Return the time: the one place where the service reads a clock."""
    return datetime.now(UTC)


def create_app(settings: Settings, clock: Callable[[], datetime] = utc_now) -> Flask:
    """Return the service: the Academy's pages and the verifier's, over one database and one clock."""
    from issuer.service.opening import open_academy

    return build_app(open_academy(_academy_settings(settings), clock=clock), settings)


def build_app(academy: Academy, settings: Settings) -> Flask:
    """Return the service of an academy that is open already."""
    from flask import Flask

    from issuer.service.log.changes import log_release
    from issuer.web import create_blueprint as academy_pages
    from verifier.web import create_blueprint as verifier_pages
    from verifier.web import verify_bytes

    app = Flask(__name__, static_folder=None)
    key = academy.keyring.journal_key
    app.config["SECRET_KEY"] = hmac.digest(key, b"academy-badges/forms/v1", hashlib.sha256)
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST_BYTES
    app.extensions["academy"] = academy
    fetcher, policy = own_fetcher(academy), _policy_beside(academy, _policy(settings.policy))

    def check(badge: bytes) -> Mapping[str, Any]:
        return verify_bytes(badge, fetcher=fetcher, policy=policy, now=academy.clock()).to_json()

    secure = academy.base_url.startswith("https://")
    app.register_blueprint(academy_pages(academy, check=check, secure_cookies=secure))
    app.register_blueprint(verifier_pages(fetcher=fetcher, policy=policy, clock=academy.clock))
    log_release(academy, version=metadata.version("academy-badges"), files=served_scripts(app))
    app.add_url_rule("/healthz", "healthz", lambda: ("alive\n", {"Content-Type": "text/plain"}))
    app.add_url_rule("/readyz", "readyz", lambda: _ready(academy))
    return app


def _ready(academy: Academy) -> tuple[str, int, dict[str, str]]:
    """Say whether all work can be done now: the database answers, and the log may write.

    Reading goes on while the log does not write: who only wants to know that asks /healthz.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from issuer.errors import AcademyError
    from issuer.service.badges import catalogue
    from issuer.service.log import log_health

    plain = {"Content-Type": "text/plain; charset=utf-8"}
    try:
        catalogue(academy)
        trouble = log_health(academy)
    except (SQLAlchemyError, AcademyError):
        return "the database does not answer\n", 503, plain
    if trouble is not None:
        return f"badges wait: {trouble}\n", 503, plain
    return "ready\n", 200, plain


def own_fetcher(academy: Academy) -> Fetcher:
    """Return a fetcher that answers our own addresses in process, and asks the web for the others."""
    from issuer.service.published import own_document
    from verifier import HTTPSFetcher, OwnFetcher

    def answer(url: str) -> bytes | None:
        return own_document(academy, url.removeprefix(academy.base_url))

    return OwnFetcher(academy.base_url, answer, HTTPSFetcher(dev=academy.dev))


def _policy_beside(academy: Academy, policy: Policy) -> Policy:
    """Return the operator's policy, with what our own academy promises: a decision with every badge of ours.

    An academy on this machine is a did:key, whose document names no log: there our own log is pinned, by a key
    that is made now if need be, so that a log which begins later is known from the first badge on.
    """
    log, did = academy.log, academy.keyring.did
    policy = replace(policy, require_decision_of=policy.require_decision_of | {did})
    if did.startswith("did:web:") or policy.log_policy.logs:
        return policy
    log.key.make()
    return replace(policy, log_policy=log.policy(log.key.verifier_key()), logs=(*policy.logs, log.origin))


def served_scripts(app: Flask) -> dict[str, bytes]:
    """Return every script that browsers get from here, by its path below our address."""
    found: dict[str, bytes] = {}
    for blueprint in app.blueprints.values():
        folder, prefix = blueprint.static_folder, (blueprint.static_url_path or "").strip("/")
        for path in sorted(Path(folder).rglob("*.js")) if folder else ():
            found[f"{prefix}/{path.relative_to(folder or '').as_posix()}"] = path.read_bytes()
    return found


def _policy(path: Path | None) -> Policy:
    from schemas import DocumentError
    from verifier import Policy, load_policy

    if path is None:
        return Policy()
    try:
        return load_policy(path)
    except (OSError, DocumentError) as error:
        raise ValueError(f"ACADEMY_POLICY {path} cannot be used: {error}") from error


# The command line.


def _say(sentence: str) -> None:
    print(sentence, flush=True)  # noqa: T201 - the command's own output


def _verify(arguments: Sequence[str]) -> int:
    from verifier.cli import run_verify

    return run_verify(arguments)


def _demo(arguments: Sequence[str]) -> int:
    from issuer.cli.demo import run_demo
    from verifier import read_badge, verify_badge
    from verifier.fetch import read_documents_map

    parser = Parser(prog="academy demo", description="Tell the whole story of one badge, without network.")
    parser.add_argument("--out", metavar="DIR", required=True, type=Path, help="where its files are written")
    chosen = parser.parse_args(arguments)

    def report_on(badge: Path, documents: Path) -> Mapping[str, Any]:
        fetcher = read_documents_map(documents)
        return verify_badge(read_badge(badge.read_bytes()), now=utc_now(), fetcher=fetcher).to_json()

    try:
        run_demo(chosen.out, report_on=report_on, say=_say)
    except OSError as error:
        raise UsageError(f"{chosen.out} cannot be written: {error.strerror}") from error
    command = f"{sys.argv[0]} verify {chosen.out}/badge.json --documents {chosen.out}/documents.json"
    _say(f"\nCheck it yourself:\n  {command}")
    return 0


def _open(settings: Settings) -> Academy:
    from issuer.service.opening import open_academy

    return open_academy(_academy_settings(settings), clock=utc_now)


def _academy_settings(settings: Settings) -> AcademySettings:
    return replace(settings.academy(), post=witness_post(dev=settings.dev))


def witness_post(*, dev: bool) -> Callable[[str, bytes, float], tuple[int, bytes]]:
    """Return how the log asks its witnesses: through the one guard that all of our outgoing bytes go through."""
    from schemas.tlog import MAX_NOTE_BYTES
    from verifier.guarded import FetchError, post

    def send(url: str, body: bytes, deadline: float) -> tuple[int, bytes]:
        try:
            answer = post(
                url,
                body,
                content_type="text/plain; charset=utf-8",
                max_bytes=MAX_NOTE_BYTES,
                deadline=deadline,
                dev=dev,
            )
        except FetchError as error:
            raise ConnectionError(str(error)) from error
        return answer.status, answer.body

    return send


def _serve(arguments: Sequence[str]) -> int:
    from issuer.cli.serve import serve

    settings = Settings.from_env(os.environ)
    return serve(arguments, settings=settings, open_=_open, build=build_app, say=_say)


def _worker(arguments: Sequence[str]) -> int:
    from issuer.cli.serve import work

    return work(arguments, settings=Settings.from_env(os.environ), open_=_open, say=_say)


def _keys(arguments: Sequence[str]) -> int:
    from issuer.cli.keys import keys

    return keys(arguments, settings=Settings.from_env(os.environ), open_=_open, say=_say)


def _sign(arguments: Sequence[str]) -> int:
    from issuer.cli.sign import sign

    def tell(sentence: str) -> None:
        print(sentence, file=sys.stderr, flush=True)  # noqa: T201 - beside the output, which goes into the page

    def ask(question: str) -> str:
        print(question, end="", file=sys.stderr, flush=True)  # noqa: T201 - as above
        return sys.stdin.readline()

    return sign(arguments, say=_say, tell=tell, ask=ask)


def _log(arguments: Sequence[str]) -> int:
    from issuer.cli.log import log

    def audit(arguments: Sequence[str]) -> int:
        from verifier.log.cli import run

        return run(arguments)

    return log(arguments, open_=lambda: _open(Settings.from_env(os.environ)), audit=audit, say=_say)


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
        arguments, build=build_conformance, clock=utc_now, parser=Parser(prog="academy conformance"), say=_say
    )


COMMANDS: Mapping[str, tuple[Callable[[Sequence[str]], int], str]] = {
    "demo": (_demo, "tell the whole story of one badge, without server and network"),
    "verify": (_verify, "check a badge"),
    "serve": (_serve, "serve the pages, with the worker beside them"),
    "worker": (_worker, "do what is due, sign what waits, send mails"),
    "keys": (_keys, "show or change the keys that sign badges"),
    "sign": (_sign, "sign what you say in a decision, without network"),
    "log": (_log, "the transparency log: begin it, see how it stands, prove, repair, audit"),
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
    except (UsageError, ValueError, AcademyError, KeysError) as error:
        print(f"academy {arguments[0]}: {error}", file=sys.stderr)  # noqa: T201 - the command's own output
        return WRONG_USE if isinstance(error, (UsageError, ValueError)) else 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
