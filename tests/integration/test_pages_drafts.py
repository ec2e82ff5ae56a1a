"""A draft in the browser: two windows, others' permission, witnesses who are asked and may say no."""

from __future__ import annotations

import re
from typing import Any

from issuer.service import applications
from tests.integration.test_pages_first_run import Town, a_town, linked, signed_in
from tests.integration.world import World
from tests.unit.web.site import look

EMAIL = {"ben": "ben@demo.example"}


def a_draft(world: World) -> tuple[Town, str]:
    """Return Asha's empty draft for Secretary, with her and Ben signed in."""
    town = a_town(world)
    id_ = applications.start(world.academy, by=world["asha"], badge="secretary", circle="pod-north")
    for name in ("asha", "ben"):
        town.browsers[name] = signed_in(town, name)
    return town, f"/applications/{id_}"


def words(world: World, path: str, **changes: str) -> dict[str, str]:
    """Return the draft's form as this window shows it, with what is typed in it."""
    page = applications.application_page(world.academy, id_=path.rpartition("/")[2], reader=world["asha"])
    shown = {f"claims-{number}": claim.text for number, claim in enumerate(page.claims)}
    return {"draft": "yes", "named": "yes", "signed_name": "Asha Verma", "reflection": "", **shown, **changes}


def seen(town: Town, path: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]+)"', town["asha"].get(path).text)
    assert found
    return found[1]


def first_claim(world: World, path: str) -> str:
    page = applications.application_page(world.academy, id_=path.rpartition("/")[2], reader=world["asha"])
    return page.claims[0].text


def test_a_second_window_does_not_write_over_what_the_first_has_stored(world: World) -> None:
    town, path = a_draft(world)
    before = seen(town, path)
    town.step("asha", path, "save", **words(world, path, seen=before, **{"claims-0": "From the first window."}))
    late = {"claims-0": "From the second window.", "title": "Half an entry"}
    form = words(world, path, seen=before, **late)
    answer = town["asha"].send(f"{path}/save", form, page=path)
    assert answer.status_code == 409
    assert first_claim(world, path) == "From the first window."
    text = look(answer.text).text
    for kept in ("From the first window.", "From the second window.", "Keep what I typed here"):
        assert kept in text
    assert 'value="Half an entry"' in answer.text
    assert linked(answer, path) == path
    again = re.search(r'name="seen" value="([0-9a-f]+)"', answer.text)
    assert again
    town.step("asha", path, "save", **(form | {"seen": again[1]}))
    assert first_claim(world, path) == "From the second window."


def test_a_window_in_which_nothing_was_typed_changes_nothing(world: World) -> None:
    town, path = a_draft(world)
    before, empty = seen(town, path), words(world, path)
    town.step("asha", path, "save", **words(world, path, seen=before, **{"claims-0": "From the first window."}))
    evidence = {"kind": "shown_live", "title": "Shown in May", "note": "Dev was there."}
    town.step("asha", path, "add_evidence", **(empty | evidence | {"seen": before}))
    assert first_claim(world, path) == "From the first window."
    assert "Shown in May" in town["asha"].get(path).text


def test_a_missing_permission_can_be_added_to_the_evidence(world: World) -> None:
    town, path = a_draft(world)
    evidence = {"kind": "shown_live", "title": "Shown in May", "note": "Dev was there.", "about_others": "yes"}
    town.step("asha", path, "add_evidence", **words(world, path), **evidence)
    page = town["asha"].get(path).text
    assert "their permission is missing" in page
    assert "Somebody else appears in a piece of evidence" in look(page).text
    button = next(tag for tag in look(page).tags("button") if tag.get("formaction") == f"{path}/permit_evidence")
    town.step("asha", path, "permit_evidence", **words(world, path), evidence=button["value"])
    page = town["asha"].get(path).text
    assert "gave their permission." in page
    assert "Somebody else appears in a piece of evidence" not in look(page).text
    assert "permit_evidence" not in page


def test_asking_a_witness_from_a_draft_says_so_and_can_be_ended(world: World) -> None:
    town, path = a_draft(world)
    text = look(town["asha"].get(path).text).text
    assert "Whoever you ask gets a mail at once" in text
    assert "Nothing is sent before you submit" not in text
    assert "nothing is sent" not in look(town["asha"].get("/badges/chair").text).text
    town.step("asha", path, "invite_witness", **words(world, path), email=EMAIL["ben"])
    mine = look(town["ben"].get("/me").text).text
    assert "Asha Verma: Secretary" in mine
    assert town["ben"].get(path).status_code == 200
    button = _button(town, path, "stop_asking")
    town.step("asha", path, "stop_asking", **words(world, path), witness=button["value"])
    assert "Ben" not in look(town["asha"].get(path).text).text
    assert town["ben"].get(path).status_code == 404
    assert "Asha Verma: Secretary" not in look(town["ben"].get("/me").text).text
    answer = town["asha"].send(f"{path}/invite_witness", words(world, path, email=EMAIL["ben"]), page=path)
    assert answer.status_code == 409


def test_a_witness_may_rather_not_and_still_write_later(world: World) -> None:
    town, path = a_draft(world)
    town.step("asha", path, "invite_witness", **words(world, path), email=EMAIL["ben"])
    town.step("ben", path, "decline_to_witness")
    assert "You said that you would rather not." in look(town["ben"].get(path).text).text
    assert "Somebody asks what you saw." not in town["ben"].get("/me").text
    assert "would rather not" in town["asha"].get(path).text
    town.step("ben", path, "give_statement", text="I saw it after all.")
    answer = town["ben"].send(f"{path}/decline_to_witness", page=path)
    assert answer.status_code == 409
    assert "I saw it after all." in town["asha"].get(path).text
    assert "stop_asking" not in town["asha"].get(path).text


def _button(town: Town, path: str, action: str) -> dict[str, Any]:
    tags = look(town["asha"].get(path).text).tags("button")
    return next(tag for tag in tags if tag.get("formaction") == f"{path}/{action}")
