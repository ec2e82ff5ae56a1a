"""`academy conformance`: what may be said to it, and what it says."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from datetime import datetime

from flask import Flask

from issuer.conformance.serving import HOST, serve

_DESCRIPTION = (
    "Serve the VC-API for the public test suites, on this machine only. It signs whatever conforms, with keys "
    "that are made in memory when it starts: it reads no data folder and no setting, and takes no keys."
)


def run_conformance(
    arguments: Sequence[str],
    *,
    build: Callable[[str], Flask],
    clock: Callable[[], datetime],
    parser: ArgumentParser,
    say: Callable[[str], None],
) -> int:
    """Serve until interrupted; `build` makes the program for its own address.

    Raises ValueError with a sentence.
    """
    parser.description = _DESCRIPTION
    parser.add_argument("--port", type=int, required=True, help="where it listens, on 127.0.0.1")
    parser.add_argument("--tls", action="store_true", help="https, with a certificate of the moment")
    chosen, strange = parser.parse_known_args(arguments)
    if strange:
        raise ValueError(
            f"there is no {strange[0][:80]!r} here: this program makes its own keys in memory, and refuses "
            "every other key and every data folder, the Academy's above all"
        )
    if not 0 < chosen.port < 65_536:  # noqa: PLR2004 - as many ports as there are
        raise ValueError(f"a port is a number from 1 to 65535, not {chosen.port}")
    base_url = f"http{'s' if chosen.tls else ''}://{HOST}:{chosen.port}"
    ready = f"Test suites find the VC-API at {base_url}. Its keys are throw-away keys: trust nothing it signs"
    try:
        serve(build(base_url), port=chosen.port, tls=chosen.tls, now=clock(), ready=lambda: say(ready))
    except OSError as error:
        raise ValueError(f"port {chosen.port} on {HOST} cannot be used: {error.strerror}") from error
    return 0
