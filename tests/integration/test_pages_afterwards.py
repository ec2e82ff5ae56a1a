"""After the decision: a badge given back, who shows one, stepping back; and the next step of a beginning."""

from __future__ import annotations

import pytest

from issuer.service import credentials, processes
from issuer.service.badges import badge_page
from issuer.service.circles import setup_code
from issuer.service.models import Amendment, AnswerDraft
from tests.integration.test_pages_first_run import ORIGIN, Town, a_town, propose_first, signed_in, the_first_circle
from tests.integration.world import CONSENT, World
from tests.pens import PENS
from tests.unit.web.site import faults_of, look
from verifier.log.receipts import read_receipts


@pytest.fixture
def town(world: World) -> Town:
    town = a_town(world)
    town.browsers["asha"] = signed_in(town, "asha")
    return town


def shown(town: Town, slug: str) -> set[str]:
    page = look(town.stranger().get(f"/badges/{slug}").text)
    return {tag["href"] for tag in page.tags("a") if tag["href"].startswith("/credentials/")}


def test_a_badge_that_was_given_back_is_not_offered_to_show(world: World, town: Town) -> None:
    path = f"/credentials/{world.accepted()}"
    page = town["asha"].get(path).text
    assert "linkedin.com" in page
    assert town.stranger().client.get(f"{path}.pdf").mimetype == "application/pdf"
    town.step("asha", path, "give_back")
    for browser in (town["asha"], town.stranger()):
        page = browser.get(path).text
        for gone in ("linkedin.com", f"{path}.pdf", 'id="share"', f"{path}.png"):
            assert gone not in page
        assert "Not in force since" in page
    answer = town.stranger().client.get(f"{path}.pdf", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["Location"]) == (303, path)


def test_who_shows_a_badge_stands_on_its_page_while_they_do(world: World, town: Town) -> None:
    before = shown(town, "secretary")
    path = f"/credentials/{world.accepted()}"
    assert shown(town, "secretary") == before | {path}
    assert "Asha Verma" in look(town.stranger().get("/badges/secretary").text).text
    town.step("asha", path, "publish", published="no")
    assert shown(town, "secretary") == before
    town.step("asha", path, "publish", published="yes")
    assert shown(town, "secretary") == before | {path}
    town.step("asha", path, "give_back")
    assert shown(town, "secretary") == before


def test_the_list_believes_no_row_past_the_awards_own_stream(world: World) -> None:
    id_ = world.accepted()
    credentials.publish(world.academy, by=world["asha"], id_=id_, published=False)
    other = next(row for row in world.rows("awards") if row["badge"] != "secretary")
    world.sql("UPDATE awards SET badge = 'secretary' WHERE id = :id", id=other["id"])
    page = badge_page(world.academy, slug="secretary", reader=None, people=True)
    assert id_ not in str(page.shown_by)
    assert other["credential_id"] not in str(page.shown_by)


def test_a_name_that_was_changed_in_a_row_is_not_shown(world: World) -> None:
    id_ = world.accepted()
    world.sql(
        "UPDATE awards SET intent = replace(intent, 'Asha Verma', 'Mallory') WHERE credential_id = :id", id=id_
    )
    page = badge_page(world.academy, slug="secretary", reader=None, people=True)
    assert {row.title for row in page.shown_by if row.path.endswith(id_)} == {""}


def test_a_badge_without_a_name_is_shown_without_one(world: World, town: Town) -> None:
    world.accepted(name=None)
    assert "somebody, without a name" in look(town.stranger().get("/badges/secretary").text).text


def test_stepping_back_on_the_decisions_page_ends_on_ones_own_page(world: World, town: Town) -> None:
    path = f"/processes/{world.in_round().process}"
    assert "your evidence and the talk about it are deleted" in look(town["asha"].get(path).text).text
    answer = town["asha"].send(f"{path}/withdraw", page=path)
    assert answer.headers["Location"] == "/me"
    assert "You have stepped back." in look(town["asha"].get("/me").text).text


def test_a_changed_proposal_is_not_told_to_be_changed(world: World, town: Town) -> None:
    asked = world.in_round()
    no = AnswerDraft(version=1, response="objection", reason="Two criteria were seen once only.")
    town.browsers["dev"] = signed_in(town, "dev")
    for name, answer in (("chiara", CONSENT), ("eli", no)):
        PENS.respond(world.academy, by=world[name], id_=asked.process, answer=answer)
    path, blocker = f"/processes/{asked.process}", "Change the proposal, measure the concern"
    assert "An objection is open." not in look(town["dev"].get(path).text).text, "seen after one's own answer"
    PENS.respond(world.academy, by=world["dev"], id_=asked.process, answer=CONSENT)
    (objection,) = world.process(asked).objections
    amendment = Amendment(outcome="award", measures=("We look again in May.",), how_met={objection.id: "In May."})
    processes.amend(world.academy, by=world["dev"], id_=asked.process, amendment=amendment)
    text = look(town["dev"].get(path).text).text
    assert "Each person says with their answer whether the new version meets it." in text
    assert blocker not in text


def test_after_the_first_circle_its_members_see_the_next_step(empty: World) -> None:
    town = a_town(empty)
    the_first_circle(town)
    page = look(town["asha"].get("/me").text)
    assert "Nothing waits" not in page.text
    assert "Propose the first badges" in page.text
    assert {"/setup", "/badges/propose"} <= {tag.get("href") for tag in page.tags("a")}


def test_once_a_badge_was_issued_nothing_is_left_to_set_up(world: World) -> None:
    town = a_town(world)
    town.browsers["mira"] = signed_in(town, "mira")
    assert "/setup" not in town["mira"].get("/me").text


def test_proposing_the_first_circle_anew_begins_with_what_was_proposed_for_who_knows_the_code(
    empty: World,
) -> None:
    town = a_town(empty)
    form = propose_first(town)
    stranger = town.stranger()
    for path in ("/setup", "/setup?code=wrong"):
        assert "chiara@example.org" not in stranger.get(path).text
    wrong = stranger.send("/setup", {"setup_code": "wrong", "fill": "yes"}, page="/setup")
    assert wrong.status_code == 422
    assert "chiara@example.org" not in wrong.text
    code = setup_code(town.academy)
    filled = stranger.send("/setup", {"setup_code": code, "fill": "yes"}, page="/setup")
    for page in (stranger.get(f"/setup?code={code}"), filled):
        assert page.status_code == 200
        assert faults_of(page.text) == []
        fields = {tag.get("name"): tag.get("value") for tag in look(page.text).tags("input")}
        assert (fields["email-2"], fields["person-2"]) == ("asha@example.org", "Asha")
        assert fields["setup_code"] == code
        assert form["aim"] in page.text
        assert 'name="roles-0" value="facilitator" checked' in page.text
        assert 'name="policy" value="small_circle" checked' in page.text


def test_once_the_first_circle_has_begun_nobody_reads_who_was_proposed(empty: World) -> None:
    town = a_town(empty)
    the_first_circle(town)
    page = town.stranger().get(f"/setup?code={setup_code(town.academy)}").text
    assert "@example.org" not in page


def test_who_answered_takes_a_receipt_along_and_nobody_else_gets_it(world: World) -> None:
    asked = world.in_round()
    PENS.respond(world.academy, by=world["dev"], id_=asked.process, answer=CONSENT)
    town = a_town(world)
    for name in ("dev", "eli", "hana"):
        town.browsers[name] = signed_in(town, name)
    path = f"/processes/{asked.process}"
    answer = town["dev"].client.get(f"{path}/receipts.json", base_url=ORIGIN)
    (receipt,) = read_receipts(answer.data)
    assert receipt.is_signed((world.academy.log.key.verifier_key(),))
    assert f"{path}/receipts.json" in town["dev"].get(path).text
    for name in ("eli", "hana"):
        assert town[name].client.get(f"{path}/receipts.json", base_url=ORIGIN).status_code == 404
