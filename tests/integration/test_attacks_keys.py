"""Databases and keys that do not belong together, and the few ways in which a database alone could be misused."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest
from sqlalchemy import event

from issuer.errors import AcademyError
from issuer.service.opening import SettingsError, open_academy
from issuer.service.status import status_list
from tests.conftest import settings_in
from tests.integration.world import World


def test_a_database_is_not_opened_with_the_keys_of_another_academy(both: World) -> None:
    """Else strangers would be told other keys than those that signed, and every badge would look forged."""
    settings = replace(settings_in(both.folder, url=both.url), keys=both.folder / "others")
    with pytest.raises(SettingsError, match="keys"):
        open_academy(settings, clock=both.clock)
    open_academy(settings_in(both.folder, url=both.url), clock=both.clock).engine.dispose()


def test_a_database_whose_keys_were_lost_is_not_opened_with_new_ones(world: World) -> None:
    shutil.move(world.folder / "keys", world.folder / "kept")
    with pytest.raises(SettingsError, match="back"):
        open_academy(settings_in(world.folder), clock=world.clock)
    shutil.rmtree(world.folder / "keys")
    shutil.move(world.folder / "kept", world.folder / "keys")
    open_academy(settings_in(world.folder), clock=world.clock).engine.dispose()


def test_changed_settings_sign_nothing(world: World) -> None:
    asked = world.consented()
    world.sql("UPDATE settings SET value = 'https://evil.example' WHERE name = 'base_url'")
    with pytest.raises(SettingsError):
        open_academy(settings_in(world.folder), clock=world.clock)
    credential = world.accept(asked)  # what runs already does not believe the row
    assert "evil.example" not in next(row["json"] for row in world.rows("credentials") if row["id"] == credential)


def test_two_academies_over_one_database_sign_nothing_of_each_other(world: World) -> None:
    asked = world.consented()
    other = replace(settings_in(world.folder), keys=world.folder / "others", database_url="sqlite://")
    keyring = open_academy(other, clock=world.clock).keyring
    ours, world.academy = world.academy, replace(world.academy, keyring=keyring)
    with world.unsigned(AcademyError):
        world.accept(asked)
    world.academy = ours
    assert world.accept(asked)


def test_a_status_list_that_is_fresh_is_read_without_writing(both: World) -> None:
    """Whoever asks for it again and again keeps nobody from writing."""
    both.accepted()
    first = status_list(both.academy, number=1)
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(both.academy.engine, "before_cursor_execute", note)
    assert status_list(both.academy, number=1) == first
    event.remove(both.academy.engine, "before_cursor_execute", note)
    assert seen
    assert not [one for one in seen if one.startswith(("INSERT", "UPDATE", "DELETE", "BEGIN IMMEDIATE"))]
