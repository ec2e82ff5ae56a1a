"""A process of its own that writes a log: to be stopped in the middle, or to race with another one.

`python -m tests.integration.log.child FOLDER URL race N`   puts in events, many of them there already, and flushes
`python -m tests.integration.log.child`                     a nursery: each line of input is a JSON list of FOLDER,
                                                            URL, the step to die at, and whether to wait for
                                                            SIGCONT; the answers are the child's process id, then
                                                            its exit status and the steps that were passed
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from issuer.errors import AcademyError
from issuer.service.academy import Academy
from issuer.service.log import flush, flush_due
from issuer.service.log.sequencing import sequence_batch
from issuer.service.opening import AcademySettings, log_of
from issuer.store.engine import open_engine
from issuer.store.keyring import open_keyring
from tests.fakes import START
from tests.integration.log.world import put_leaves

BASE_URL = "https://academy.example"


def opened(folder: str, url: str) -> Academy:
    """Open an academy whose database is in its newest shape already."""
    settings = AcademySettings(
        database_url=url, keys=Path(folder) / "keys", base_url=BASE_URL, name="Test Academy"
    )
    return Academy(
        engine=open_engine(url),
        keyring=open_keyring(settings.keys, base_url=BASE_URL, passphrase=None, now=START),
        log=log_of(settings),
        base_url=BASE_URL,
        name="Test Academy",
        clock=lambda: START,
        random_bytes=os.urandom,
    )


def race(academy: Academy, count: int) -> None:
    refused = 0
    for number in range(count):
        for _ in range(2):
            try:
                put_leaves(academy, [number])
            except IntegrityError:
                refused += 1
        if number % 40 == 0:
            sequence_batch(academy)
        if number % 400 == 0:
            flush(academy)
    print(json.dumps({"refused": refused}))


class Steps:
    """Counts what a process does to the world, and ends it before the step that it is told."""

    def __init__(self, die_at: int) -> None:
        self.die_at = die_at
        self.passed: list[str] = []

    def step(self, name: str) -> None:
        if len(self.passed) == self.die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.passed.append(name)

    def wrap(self, module: Any, name: str) -> None:
        real: Callable[..., Any] = getattr(module, name)

        def counted(*arguments: Any, **named: Any) -> Any:
            self.step(name)
            return real(*arguments, **named)

        setattr(module, name, counted)


def one(folder: str, url: str, die_at: int, report: int) -> int:
    academy = opened(folder, url)
    steps = Steps(die_at)
    for name in ("fsync", "write", "mkdir", "unlink", "rmdir"):
        steps.wrap(os, name)
    rename = Path.rename

    def renamed(path: Path, target: Any) -> Any:
        steps.step("rename")
        return rename(path, target)

    Path.rename = renamed  # type: ignore[method-assign,assignment]
    event.listen(academy.engine, "before_cursor_execute", lambda *_: steps.step("statement"))
    event.listen(academy.engine, "commit", lambda _: steps.step("commit"))
    try:
        flush_due(academy)
    except (AcademyError, OSError, SQLAlchemyError) as error:
        os.pwrite(report, f"{type(error).__name__} {error}".encode(), 0)
        return 3
    academy.engine.dispose()
    os.pwrite(report, json.dumps(steps.passed).encode(), 0)
    return 0


def nursery() -> None:
    for line in sys.stdin:
        folder, url, die_at, wait = json.loads(line)
        with (Path(folder) / "report").open("wb+") as report:
            child = os.fork()
            if child == 0:
                if wait:
                    os.kill(os.getpid(), signal.SIGSTOP)
                os._exit(one(folder, url, die_at, report.fileno()))
            if wait:
                os.waitpid(child, os.WUNTRACED)  # it has stopped
            print(child, flush=True)
            _, status = os.waitpid(child, 0)
            report.seek(0)
            said = report.read().decode()
        print(json.dumps([os.waitstatus_to_exitcode(status), said]), flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        academy_ = opened(sys.argv[1], sys.argv[2])
        race(academy_, int(sys.argv[4]))
        academy_.engine.dispose()
    else:
        nursery()
