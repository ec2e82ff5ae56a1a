"""A little of `make fuzz` with every test run: seeds, what was found before, a few new inputs."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.mutations import inputs
from tests.fuzz.targets import TARGETS

FINDINGS = sorted((Path(__file__).parent / "findings").glob("*-*"))
EVERY = pytest.mark.parametrize("name", TARGETS)


@EVERY
def test_every_reader_takes_its_seeds(name: str) -> None:
    seeds = TARGETS[name].seeds()
    assert seeds
    for data in seeds[:40]:
        TARGETS[name].run(data)


def test_what_once_broke_a_reader_does_so_no_more() -> None:
    for path in FINDINGS:
        TARGETS[path.name.partition("-")[0]].run(path.read_bytes())


@EVERY
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_reader_takes_or_refuses_whatever_comes(name: str, data: st.DataObject) -> None:
    TARGETS[name].run(data.draw(inputs(TARGETS[name].seeds())))
