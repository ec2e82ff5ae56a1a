"""Who sees what of a case, and what is left of one that was taken back (DOMAIN.md section 7)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from issuer.errors import NotFoundError
from issuer.service import applications, processes
from issuer.service.circles import circle_page
from issuer.service.models import Amendment, AnswerDraft, EvidenceDraft
from issuer.service.processes import process_page
from issuer.service.records import decision_page
from issuer.service.seeding import DEMO_PEOPLE
from issuer.service.tasks import my_page
from keys import KeysError, decode_base64url
from tests.integration.world import CONSENT, DECIDERS, Asked, World
from tests.pens import PENS

# One word for each place where people type something; none of them may turn up where only ids belong.
TYPED = (
    "Quittung",
    "Spiegelei",
    "Zwetschge",
    "Rhabarber",
    "Wolkenbruch",
    "Kieselstein",
    "Fensterbrett",
    "Mohnblume",
)


def told(world: World) -> Asked:
    """A case in which everybody typed something of their own, in the round with an objection."""
    asha, dev = world["asha"], world["dev"]
    id_ = applications.start(world.academy, by=asha, badge="secretary", circle="pod-north")
    page = applications.application_page(world.academy, id_=id_, reader=asha)
    claims = tuple(f"{TYPED[0]} {number}" for number, _ in enumerate(page.claims))
    applications.save_draft(world.academy, by=asha, id_=id_, claims=claims, reflection=TYPED[1])
    evidence = EvidenceDraft(kind="file", title=TYPED[2], file_name="m.txt", content=TYPED[2].encode())
    applications.add_evidence(world.academy, by=asha, id_=id_, evidence=evidence)
    for witness in ("ben", "chiara"):
        applications.invite_witness(
            world.academy, by=asha, id_=id_, email=f"{witness}@demo.example", relation=TYPED[3]
        )
        applications.give_statement(world.academy, by=world[witness], id_=id_, text=TYPED[3])
    applications.choose_name(world.academy, by=asha, id_=id_, name="Asha Verma")
    applications.submit(world.academy, by=asha, id_=id_)
    applications.take_up(
        world.academy,
        by=dev,
        id_=id_,
        deciders=tuple(world[name] for name in DECIDERS),
        facilitator=dev,
        secretary=world["eli"],
        mode="async",
    )
    for name in DECIDERS:
        applications.declare_conflict(world.academy, by=world[name], id_=id_, kind="none")
        applications.see_evidence(world.academy, by=world[name], id_=id_)
        PENS.evaluate(
            world.academy,
            by=world[name],
            id_=id_,
            items=tuple(("partly", TYPED[4]) for _ in page.claims),
            appreciation=TYPED[4],
            suggestion=TYPED[4],
            passes=True,
            reaction=TYPED[5],
        )
    PENS.read_feedback(world.academy, by=asha, id_=id_)
    process = world.application(id_).process
    assert process
    asked = Asked(application=id_, process=process)
    processes.open_process(world.academy, by=dev, id_=process, text=TYPED[6])
    for name in ("chiara", "eli"):
        answer = AnswerDraft(version=1, response="consent", concern=TYPED[7])
        PENS.respond(world.academy, by=world[name], id_=process, answer=answer)
    objection = AnswerDraft(version=1, response="objection", reason=TYPED[7], about=TYPED[7])
    PENS.respond(world.academy, by=dev, id_=process, answer=objection)
    return asked


def everything_in(world: World, *tables: str) -> str:
    return "\n".join(str(row) for table in tables for row in world.rows(table))


def names_in(text: str) -> set[str]:
    words = {word for name in DEMO_PEOPLE.values() for word in name.split()}
    words |= {f"{first}@demo.example" for first in DEMO_PEOPLE}
    return {word for word in {*words, *TYPED} if re.search(rf"\b{re.escape(word)}\b", text)}


def test_the_journal_and_the_outbox_hold_no_name_and_no_word_that_was_typed(both: World) -> None:
    told(both)
    both.accepted(
        applicant=both["ben"], badge="circle-member", witnesses=(both["asha"], both["eli"]), name="Ben C."
    )
    assert TYPED[0] in everything_in(both, "texts"), "the search finds what is there"
    assert names_in(everything_in(both, "journal", "outbox")) == set()


def strings_in(value: Any) -> Iterator[str]:
    """Yield every text in a JSON value, and what it says where it is base64url."""
    match value:
        case dict():
            for item in value.items():
                yield from strings_in(list(item))
        case list():
            for member in value:
                yield from strings_in(member)
        case str():
            yield value
            with suppress(KeysError):
                yield decode_base64url(value.removeprefix("u")).decode("utf-8", "replace")


def test_leaves_hold_digests_only(world: World) -> None:
    asked = world.in_round(mode="async")
    objection = AnswerDraft(version=1, response="objection", reason="The backlog was not looked after in March.")
    PENS.respond(world.academy, by=world["dev"], id_=asked.process, answer=objection)
    world.accepted(badge="feedback", witnesses=(world["ben"],), mode="meeting")
    leaves = [row["leaf"] for row in world.rows("outbox")]
    text = "\n".join(leaf for leaf in leaves if json.loads(leaf)["type"] != "log.genesis")
    assert "http" not in text
    assert "academy.example" not in text
    texts = [row for row in world.rows("texts") if not row["stream"].startswith("leaf/")]  # hashes of leaves
    private = {row["value"] for row in texts if row["value"] and len(row["value"]) > 3}
    private |= {row[name] for row in world.rows("members") for name in ("name", "email")}
    assert len(private) > 100, "there is something to look for"
    strings = set(strings_in([json.loads(leaf) for leaf in leaves]))
    assert not [value for value in private if any(value in string for string in strings)]
    for id_ in [*world.ids.values(), *(row["id"] for row in world.rows("applications"))]:
        assert id_ not in text
    for row in world.rows("processes"):
        assert row["id"] not in text, "no address of a case"


def test_nothing_is_left_of_what_was_taken_back(both: World) -> None:
    asked = told(both)
    applications.withdraw(both.academy, by=both["asha"], id_=asked.application)
    left = everything_in(both, *(name for name in both.everything() if name != "mails"))
    assert not [word for word in TYPED if word in left]
    assert not list(both.rows("files"))
    readers = ["asha", "ben", "chiara", "dev", "eli", "mira", "hana"]
    for name in readers:
        for look in (
            lambda reader: applications.application_page(both.academy, id_=asked.application, reader=reader),
            lambda reader: process_page(both.academy, id_=asked.process, reader=reader),
            lambda reader: decision_page(both.academy, id_=asked.process, reader=reader),
        ):
            with both.hidden():
                look(both[name])
        page = my_page(both.academy, me=both[name])
        assert asked.process not in repr(page.tasks)
        assert name in {"ben", "chiara"} or asked.application not in repr(page)
    circle = circle_page(both.academy, slug="pod-north", reader=both["dev"])
    assert asked.application not in repr(circle)
    assert asked.process not in repr(circle)


@pytest.mark.parametrize("bring", [World.evaluated, World.opened, World.settling], ids=lambda b: b.__name__)
def test_stepping_back_takes_one_step_at_any_time(world: World, bring: Callable[[World], Asked]) -> None:
    asked = bring(world)
    applications.withdraw(world.academy, by=world["asha"], id_=asked.application)
    assert world.process(asked).outcome == "withdrawn"
    assert world.application(asked).state == "withdrawn"


def not_yet(world: World, **changes: object) -> Asked:
    asked = world.in_round(**changes)
    objection = AnswerDraft(version=1, response="objection", reason="Not seen yet.")
    PENS.respond(world.academy, by=world["dev"], id_=asked.process, answer=objection)
    for name in ("chiara", "eli"):
        PENS.respond(world.academy, by=world[name], id_=asked.process, answer=CONSENT)
    look = (world.clock.now + timedelta(days=30)).date()
    amendment = Amendment(outcome="not_yet", plan="Practise with Ben.", look_again_on=look)
    processes.amend(world.academy, by=world["dev"], id_=asked.process, amendment=amendment)
    for name in DECIDERS:
        answer = AnswerDraft(version=2, response="consent")
        PENS.respond(world.academy, by=world[name], id_=asked.process, answer=answer)
    processes.answer_plan(world.academy, by=world["asha"], id_=asked.process, agreed=True)
    for name in (*DECIDERS, "asha"):
        processes.nothing_more(world.academy, by=world[name], id_=asked.process)
    assert world.application(asked).state == "not_yet"
    return asked


def test_not_yet_is_seen_by_the_circle_of_the_case_alone(both: World) -> None:
    asked = not_yet(both)
    for name in ("mira", "hana", "farah"):
        with both.hidden():
            process_page(both.academy, id_=asked.process, reader=both[name])
        with both.hidden():
            applications.application_page(both.academy, id_=asked.application, reader=both[name])
        with both.hidden():
            decision_page(both.academy, id_=asked.process, reader=both[name])
    with both.hidden():
        decision_page(both.academy, id_=asked.process, reader=None)
    assert asked.process not in everything_in(both, "outbox")
    page = applications.application_page(both.academy, id_=asked.application, reader=both["asha"])
    assert page.plan == "Practise with Ben."


def test_a_witness_from_elsewhere_does_not_learn_of_a_not_yet(world: World) -> None:
    asked = not_yet(world, witnesses=(world["ben"], world["gil"]))
    with world.hidden():
        applications.application_page(world.academy, id_=asked.application, reader=world["gil"])


def test_evidence_is_for_those_of_the_case_after_the_conflict_question(world: World) -> None:
    id_ = world.handed_in()
    case = world.case()
    applications.take_up(
        world.academy,
        by=world["dev"],
        id_=id_,
        deciders=(*case.deciders, world["ben"]),
        facilitator=world["dev"],
        secretary=world["eli"],
        mode="async",
    )

    def sees(name: str) -> bool:
        page = applications.application_page(world.academy, id_=id_, reader=world[name])
        words = [*(claim.text for claim in page.claims), page.reflection, *(item.title for item in page.evidence)]
        return any(words)

    assert sees("asha")
    for name in (*DECIDERS, "ben"):
        assert not sees(name), "first the question about conflicts of interest"
        kind = "household" if name == "ben" else "none"
        applications.declare_conflict(world.academy, by=world[name], id_=id_, kind=kind)
        assert sees(name) is (name != "ben"), "who has a conflict sees nothing"


def test_pseudonyms_of_one_person_differ_from_record_to_record(world: World) -> None:
    first = world.consented()
    world.accept(first)
    second = world.consented(
        applicant=world["ben"], badge="circle-member", witnesses=(world["asha"], world["eli"]), name=None
    )
    world.accept(second, by=world["ben"])
    seen: list[set[str]] = []
    salts: list[set[str]] = []
    for asked in (first, second):
        page = decision_page(world.academy, id_=asked.process, reader=world["chiara"])
        seen.append(
            {str(f.value) for f in page.fields if f.path[0] == "deciders" and f.path[-1] == "name" and f.value}
        )
        salts.append({f.salt for f in page.fields if f.salt})
    assert [len(names) for names in seen] == [3, 3]
    assert not seen[0] & seen[1]
    assert not salts[0] & salts[1], "no salt is used twice"


def test_strangers_see_neither_names_nor_words_of_a_decision(world: World) -> None:
    asked = world.consented()
    world.accept(asked)
    page = decision_page(world.academy, id_=asked.process, reader=None)
    assert names_in(repr([field.value for field in page.fields])) == set()
    with pytest.raises(NotFoundError):
        process_page(world.academy, id_=asked.process, reader=world["hana"])


def test_a_decision_is_private_until_its_badge_was_accepted(world: World) -> None:
    asked = world.consented()
    with world.hidden():
        decision_page(world.academy, id_=asked.process, reader=None)
