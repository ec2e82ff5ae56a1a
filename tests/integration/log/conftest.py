"""Logs to test with, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from issuer.service.log import begin_log
from tests.conftest import BOTH, Template
from tests.integration.log.world import LogWorld, new_world


@pytest.fixture(params=BOTH)
def log(request: pytest.FixtureRequest, empty_template: Template, tmp_path: Path) -> Iterator[LogWorld]:
    """A log that has just begun, on each database."""
    url = request.getfixturevalue("postgres")() if request.param == "postgres" else None
    world = new_world(tmp_path, keys=empty_template.folder / "keys", url=url)
    begin_log(world.academy)
    yield world
    world.academy.engine.dispose()


@pytest.fixture
def small(empty_template: Template, tmp_path: Path) -> Iterator[LogWorld]:
    """A log that has just begun, on SQLite."""
    world = new_world(tmp_path, keys=empty_template.folder / "keys")
    begin_log(world.academy)
    yield world
    world.academy.engine.dispose()


@pytest.fixture
def unbegun(empty_template: Template, tmp_path: Path) -> Iterator[LogWorld]:
    """An academy in which no log has begun."""
    world = new_world(tmp_path, keys=empty_template.folder / "keys")
    yield world
    world.academy.engine.dispose()
