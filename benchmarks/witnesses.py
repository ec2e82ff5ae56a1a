"""Three witnesses on this machine: what a checkpoint costs when others confirm it, without their distance."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas.tlog import VerifierKey
from tests.integration.log.witness import Witness, serving, write_policy

Prepare = Callable[[Path, VerifierKey], Path]


@contextmanager
def witnesses_on_this_machine() -> Iterator[Prepare]:
    """Serve three witnesses; the function that comes back tells them of a log, and writes its policy (2 of 3)."""
    three = [Witness(name=name, logs={}) for name in ("north", "south", "ally")]

    def prepare(path: Path, log: VerifierKey) -> Path:
        for one in three:
            one.logs[log.name] = (log,)
        return write_policy(path, three, quorum=2)

    with serving(*three):
        yield prepare
