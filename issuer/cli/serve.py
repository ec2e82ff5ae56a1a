"""`academy serve` and `academy worker`: the pages, and what is due beside them or elsewhere."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from issuer.cli.arguments import Parser, Say, UsageError
from issuer.cli.outgoing import keep_waiting, parse_smtp_url, to_terminal
from issuer.cli.settings import Settings
from issuer.cli.work import work_once, work_until
from issuer.service.academy import Academy
from issuer.service.circles import setup_code
from issuer.service.log import read_state
from issuer.service.mailing import Transport, send_due
from issuer.service.seeding import is_empty, seed_academy
from issuer.service.setup import setup_page

if TYPE_CHECKING:
    from flask import Flask

# More than a request may have, so that a browser that sends too large a file gets to read the answer.
_MAX_TAKEN_IN = 50_000_000
_THREADS = 8
_CONNECTIONS = 900  # those that are open and silent hold no thread, but the server's own limit of 100 is soon full


def serve(
    arguments: Sequence[str],
    *,
    settings: Settings,
    open_: Callable[[Settings], Academy],
    build: Callable[[Academy, Settings], Flask],
    say: Say,
) -> int:
    """Serve the pages until stopped. Raises UsageError where the port cannot be used."""
    import waitress

    parser = Parser(prog="academy serve", description="Serve the pages, and do the worker's work beside them.")
    parser.add_argument("--demo", action="store_true", help="begin an empty database with the demo academy")
    parser.add_argument(
        "--no-worker", action="store_true", help="serve pages only; `academy worker` runs elsewhere"
    )
    chosen = parser.parse_args(arguments)
    academy = open_(settings)
    if chosen.demo:
        _begin_demo(academy, say)
    app = build(academy, settings)
    transport, stop = _transport(settings), threading.Event()
    if not chosen.no_worker:
        work_once(academy, transport)
        worker = threading.Thread(target=work_until, args=(academy, transport), kwargs={"stop": stop}, daemon=True)
        worker.start()
    try:
        server = waitress.create_server(
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
        _say_where(academy, settings, say)
        server.run()
    except OSError as error:
        raise UsageError(f"port {settings.port} on {settings.host} cannot be used: {error.strerror}") from error
    finally:
        stop.set()
    return 0


def work(arguments: Sequence[str], *, settings: Settings, open_: Callable[[Settings], Academy], say: Say) -> int:
    """Do what is due until stopped."""
    parser = Parser(prog="academy worker", description="Do what is due, sign what waits, send mails.")
    parser.parse_args(arguments)
    academy = open_(settings)
    say(f"The worker of {academy.base_url} is at work")
    work_until(academy, _transport(settings), stop=threading.Event())
    return 0


def _transport(settings: Settings) -> Transport:
    if settings.smtp_url:
        host = settings.base_url.partition("//")[2].partition(":")[0]
        return parse_smtp_url(settings.smtp_url, sender=settings.email or f"academy@{host}")
    return to_terminal if settings.dev else keep_waiting


def _begin_demo(academy: Academy, say: Say) -> None:
    if not is_empty(academy):
        return
    say("A demo academy begins:")
    seed_academy(academy, progress=lambda sentence: say(f"  {sentence}"))
    while send_due(academy, lambda _mail: None):
        """Nobody waits for the mails about decisions of the past; /outbox keeps them."""


def _say_where(academy: Academy, settings: Settings, say: Say) -> None:
    say(f"{academy.name} is at {academy.base_url}")
    step = setup_page(academy, reader=None)
    if step is not None and step.step == "circle":
        say(f"Begin here: {academy.base_url}/setup?code={setup_code(academy)}")
    if read_state(academy) is None:
        say("No log has begun here, and badges wait for it: run `academy log init` once")
    if settings.dev and not settings.smtp_url:
        say(f"Mails are not sent from here: read them at {academy.base_url}/outbox")
