"""Stopped at every step, and at every call to the system: whatever happens, the next start makes the same log.

Each case: a copy of one log with leaves that wait; a process writes them and is killed, or its disk fails, at one
place; a second process goes on. In the end every file is byte for byte what an undisturbed process writes.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

from issuer.service.log import begin_log, flush
from issuer.store.log import LogFiles
from schemas.tlog import parse_signed_checkpoint, tree_root
from tests.conftest import NewDatabase, Template
from tests.integration.log.world import audited, new_world, put_leaves
from tests.tools import missing

ROOT = Path(__file__).resolve().parents[3]
NEVER = 10**9
# 250 leaves are in the log, 10 wait: a tile and a bundle become full, partial ones begin and go, level 1 begins.
IN_LOG, WAIT = 249, 10
# What a process may do without the world seeing it: injecting there tests Python, not the log.
INNER = frozenset(
    re.split(
        r"\s+",
        """mmap munmap mremap mprotect madvise brk futex rt_sigaction rt_sigprocmask rt_sigreturn getpid gettid
        getrandom clock_gettime clock_nanosleep sched_yield exit exit_group getuid geteuid getgid getegid sysinfo
        uname restart_syscall set_robust_list prlimit64 getcwd dup dup2""",
    )
)


@dataclass(frozen=True)
class Waiting:
    """A log on disk, on SQLite, in which leaves wait, and what becomes of it undisturbed."""

    folder: Path
    expected: dict[str, bytes]

    def copy(self, folder: Path) -> str:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder, folder)
        return f"sqlite:///{folder / 'academy.sqlite'}"


def files_in(folder: Path) -> dict[str, bytes]:
    """Return everything that lasts: the public files, and the head."""
    found = {
        str(path.relative_to(folder)): path.read_bytes() for path in (folder / "log").rglob("*") if path.is_file()
    }
    return found | {"head/head": (folder / "head/head").read_bytes()}


@pytest.fixture(scope="module")
def waiting(empty_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Waiting:
    folder = tmp_path_factory.mktemp("waiting")
    world = new_world(folder, keys=empty_template.folder / "keys")
    begin_log(world.academy)
    world.fill(range(IN_LOG))
    flush(world.academy)
    world.fill(range(1000, 1000 + WAIT))
    world.academy.engine.dispose()
    again = tmp_path_factory.mktemp("undisturbed") / "log"
    shutil.copytree(folder, again)
    with nursery() as children:
        assert children.run(again, f"sqlite:///{again / 'academy.sqlite'}", NEVER)[0] == 0
    assert len(audited(again / "log")) == 1 + IN_LOG + WAIT
    return Waiting(folder=folder, expected=files_in(again))


@dataclass(frozen=True)
class Nursery:
    """Processes that are forked from one that has imported everything."""

    process: subprocess.Popen[str]

    @property
    def input(self) -> IO[str]:
        assert self.process.stdin is not None
        return self.process.stdin

    def run(self, folder: Path, url: str, die_at: int, *, wait: bool = False) -> tuple[int, str]:
        self.start(folder, url, die_at, wait=wait)
        return self.ended()

    def start(self, folder: Path, url: str, die_at: int, *, wait: bool) -> int:
        """Let a child begin; with `wait` it stops before its work until SIGCONT. Returns its process id."""
        self.input.write(json.dumps([str(folder), url, die_at, wait]) + "\n")
        self.input.flush()
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())

    def ended(self) -> tuple[int, str]:
        assert self.process.stdout is not None
        status, said = json.loads(self.process.stdout.readline())
        return status, said


@contextmanager
def nursery() -> Iterator[Nursery]:
    command = [sys.executable, "-m", "tests.integration.log.child"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONHASHSEED": "0"},
    ) as process:
        yield Nursery(process)
        assert process.stdin is not None
        process.stdin.close()


def goes_on(children: Nursery, waiting: Waiting, folder: Path, url: str, *, case: str) -> None:
    """A second process goes on, and all is as if nothing had happened."""
    status, said = children.run(folder, url, NEVER)
    assert status == 0, f"{case}: {said}"
    found = files_in(folder)
    assert {path.name for path in (folder / "head").iterdir()} == {"head", "lock"}
    assert found == waiting.expected, (case, sorted(set(found) ^ set(waiting.expected)))


def a_checkpoint_is_covered(folder: Path, *, case: str) -> None:
    """Whatever was published meanwhile can be read whole: its files were there before it."""
    entries = audited_at_most(folder)
    assert entries in (1 + IN_LOG, 1 + IN_LOG + WAIT), case


def audited_at_most(folder: Path) -> int:
    head = parse_signed_checkpoint((folder / "log/checkpoint").read_bytes()).checkpoint
    assert tree_root(head.size, read=LogFiles(folder / "log").tile) == head.root
    return head.size


@pytest.mark.long
def test_killed_at_every_step_the_next_process_makes_the_same_log(waiting: Waiting, tmp_path: Path) -> None:
    folder = tmp_path / "log"
    with nursery() as children:
        status, said = children.run(folder, waiting.copy(folder), NEVER)
        steps = json.loads(said)
        assert status == 0
        assert {"statement", "commit", "write", "fsync", "rename", "mkdir"} <= set(steps)
        for step, name in enumerate(steps):
            case = f"step {step}, {name}"
            url = waiting.copy(folder)
            status, _ = children.run(folder, url, step)
            assert status == -signal.SIGKILL, case
            a_checkpoint_is_covered(folder, case=case)
            goes_on(children, waiting, folder, url, case=case)


@pytest.mark.long
def test_killed_twice_in_a_row_it_still_goes_on(waiting: Waiting, tmp_path: Path) -> None:
    folder = tmp_path / "log"
    with nursery() as children:
        _, said = children.run(folder, waiting.copy(folder), NEVER)
        for step in range(0, len(json.loads(said)), 4):
            url = waiting.copy(folder)
            children.run(folder, url, step)
            children.run(folder, url, 3 + step // 2)
            goes_on(children, waiting, folder, url, case=f"steps {step} and {3 + step // 2}")


@pytest.mark.long
@pytest.mark.postgres
def test_killed_at_every_step_on_postgresql(
    postgres: NewDatabase, empty_template: Template, tmp_path: Path
) -> None:
    world = new_world(tmp_path / "world", keys=empty_template.folder / "keys", url=postgres())
    begin_log(world.academy)
    world.fill(range(IN_LOG))
    flush(world.academy)
    with nursery() as children:
        number, step = 1000, 0
        while True:
            put_leaves(world.academy, [number])
            status, _ = children.run(world.folder, world.settings.database_url, step)
            if status == 0:
                break
            assert status == -signal.SIGKILL
            flush(world.reopened().academy)
            number, step = number + 1, step + 1
    assert step > 20
    assert len(world.audit()) == 1 + IN_LOG + step + 1
    world.academy.engine.dispose()


def the_calls(waiting: Waiting, children: Nursery, folder: Path) -> list[tuple[str, int]]:
    """Return every call to the system that one append makes: its name, and the how-manieth of that name it is."""
    url = waiting.copy(folder)
    log = folder / "strace"
    pid = children.start(folder, url, NEVER, wait=True)
    with strace(pid, "-o", str(log)):
        os.kill(pid, signal.SIGCONT)
        status, said = children.ended()
    assert status == 0, said
    names = re.findall(r"^(?:\d+ +)?(\w+)\(", log.read_text(errors="replace"), re.MULTILINE)
    counts: dict[str, int] = {}
    calls = []
    for name in names:
        counts[name] = counts.get(name, 0) + 1
        if name not in INNER:
            calls.append((name, counts[name]))
    return calls


@contextmanager
def strace(pid: int, *arguments: str) -> Iterator[None]:
    """Attach strace to a process that waits, and be sure that it is attached."""
    command = ["strace", "-q", "-f", "-p", str(pid), *arguments]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as tracer:
        status = Path(f"/proc/{pid}/status")
        while "TracerPid:\t0\n" in status.read_text():
            if tracer.poll() is not None:
                missing("strace that may attach to a process", "the table of failing calls to the system")
        yield
        tracer.wait(60)


@pytest.mark.long
@pytest.mark.parametrize("fault", ["signal=SIGKILL", "error=EIO", "error=ENOSPC"])
def test_a_fault_at_every_call_to_the_system_leaves_the_same_log(
    waiting: Waiting, tmp_path: Path, fault: str
) -> None:
    if shutil.which("strace") is None:
        missing("strace", "Debian's package strace")
    folder = tmp_path / "log"
    with nursery() as children:
        calls = the_calls(waiting, children, folder)
        assert {"fsync", "rename", "openat", "write", "pwrite64", "flock"} <= {name for name, _ in calls}
        if fault == "error=ENOSPC":
            calls = [
                call for call in calls if call[0] in {"write", "pwrite64", "openat", "mkdir", "fsync", "rename"}
            ]
        hurt = 0
        for name, number in calls:
            case = f"{fault} at {name} {number}"
            url = waiting.copy(folder)
            pid = children.start(folder, url, NEVER, wait=True)
            with strace(
                pid, "-o", "/dev/null", "-e", f"trace={name}", "-e", f"inject={name}:{fault}:when={number}"
            ):
                os.kill(pid, signal.SIGCONT)
                status, said = children.ended()
            assert status in (0, 1, 3, -signal.SIGKILL), f"{case}: {status} {said}"
            hurt += status != 0
            a_checkpoint_is_covered(folder, case=case)
            goes_on(children, waiting, folder, url, case=case)
        assert hurt > len(calls) // 4  # the faults were felt


def test_a_process_that_is_stopped_before_its_work_has_changed_nothing(waiting: Waiting, tmp_path: Path) -> None:
    folder = tmp_path / "log"
    with nursery() as children:
        url = waiting.copy(folder)
        before = files_in(folder)
        assert children.run(folder, url, 0)[0] == -signal.SIGKILL
        assert files_in(folder) == before
        goes_on(children, waiting, folder, url, case="the first step")
