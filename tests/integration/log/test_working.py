"""The worker writes the log beside its other work, and a log that refuses holds up nothing else."""

from __future__ import annotations

import logging
import threading

import pytest

from issuer.cli import work
from issuer.cli.work import log_once, log_until, work_once
from issuer.service.log import flush, log_refusal
from tests.fakes import FakePost
from tests.integration.log.world import LogWorld


def test_a_pass_of_the_worker_brings_what_waits_into_the_log(small: LogWorld) -> None:
    small.fill([1, 2])
    assert work_once(small.academy, FakePost()) == 2  # leaves
    assert work_once(small.academy, FakePost()) == 0
    assert len(small.audit()) == 3


def test_a_log_that_refuses_is_told_and_stops_nothing_else(
    small: LogWorld, caplog: pytest.LogCaptureFixture
) -> None:
    small.fill([1])
    flush(small.academy)
    small.fill([2])
    small.sql("UPDATE log_state SET root = edge")
    with caplog.at_level(logging.ERROR):
        assert log_once(small.academy) == 0
        assert work_once(small.academy, FakePost()) == 0
    assert "the log: the row about the log's state was changed" in caplog.text


def test_an_academy_without_a_log_has_nothing_to_write(unbegun: LogWorld) -> None:
    unbegun.fill([1])
    assert log_once(unbegun.academy) == 0


def test_the_logs_thread_writes_looks_at_old_leaves_and_tells_a_trouble_once(
    small: LogWorld, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    small.fill(range(300))
    flush(small.academy)
    small.sql("UPDATE outbox SET leaf = 'x' || leaf WHERE seq = 3")
    again = small.reopened()
    passes = iter([False, False, False, False, True])
    stop = threading.Event()
    monkeypatch.setattr(stop, "wait", lambda _: next(passes))
    monkeypatch.setattr(work, "LOG_EVERY_S", 0.0)
    with caplog.at_level(logging.ERROR):
        small.fill([500])  # so that there is something to write when the look at the old leaves has found it
        log_until(again.academy, stop=stop)
    assert log_refusal(again.academy) is not None
    assert caplog.text.count("the log: ") == 1
