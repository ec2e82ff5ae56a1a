"""What is signed in a round counts when it says what is on the table, with the key that stands for its owner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from issuer.errors import InvalidInputError, RefusedError
from issuer.service import processes
from issuer.service.models import AnswerDraft, ToSign
from issuer.service.seeding.pens import Pens
from issuer.service.statements.receipts import receipts
from schemas import dump_json, format_date_time, multihash, parse_date_time
from tests.integration.world import CONSENT, World
from tests.pens import PENS

OTHER = Pens(b"the secret of somebody else")
CONCERN = AnswerDraft(version=1, response="consent", concern="The minutes come late.")
OBJECTION = AnswerDraft(version=1, response="objection", reason="There are no minutes yet.")
NAMED = replace(CONSENT, show_name=True)

Sign = Callable[[ToSign], dict[str, Any]]


def _at(to_sign: ToSign, **shift: float) -> ToSign:
    return replace(to_sign, now=format_date_time(parse_date_time(to_sign.now) + timedelta(**shift)))


def _by(to_sign: ToSign, answer: AnswerDraft = CONSENT, *, pens: Pens = PENS, who: str = "") -> dict[str, Any]:
    return pens.sign(to_sign, by=who, answer=answer)


WRONG: dict[str, tuple[AnswerDraft, Callable[[ToSign, str], dict[str, Any]]]] = {
    "another key": (CONSENT, lambda t, who: _by(t, pens=OTHER, who=who)),
    "a concern with another key": (
        CONCERN,
        lambda t, who: {
            **_by(t, CONCERN, who=who),
            **{k: v for k, v in _by(t, CONCERN, pens=OTHER, who=who).items() if k != "answer"},
        },
    ),
    "another version": (CONSENT, lambda t, who: _by(replace(t, version=2), who=who)),
    "another round": (CONSENT, lambda t, who: _by(replace(t, round=t.round + 1), who=who)),
    "another badge": (CONSENT, lambda t, who: _by(replace(t, badge=f"{t.badge}x"), who=who)),
    "another digest": (CONSENT, lambda t, who: _by(replace(t, digest=multihash(t.digest.encode())), who=who)),
    "the future": (CONSENT, lambda t, who: _by(_at(t, minutes=1), who=who)),
    "before the opening": (CONSENT, lambda t, who: _by(_at(t, days=-400), who=who)),
    "a name not asked for": (CONSENT, lambda t, who: _by(t, NAMED, who=who)),
    "no name where one is shown": (NAMED, lambda t, who: _by(t, who=who)),
    "another name": (NAMED, lambda t, who: _by(replace(t, name="Mallory"), NAMED, who=who)),
    "a concern that was not typed": (CONSENT, lambda t, who: _by(t, CONCERN, who=who)),
    "a typed concern that is not signed": (CONCERN, lambda t, who: _by(t, who=who)),
    "other words of a concern": (
        CONCERN,
        lambda t, who: _by(t, replace(CONCERN, concern="All is well."), who=who),
    ),
    "a consent for an objection": (OBJECTION, lambda t, who: _by(t, who=who)),
    "an objection for a consent": (CONSENT, lambda t, who: _by(t, OBJECTION, who=who)),
    "other words of an objection": (
        OBJECTION,
        lambda t, who: _by(t, replace(OBJECTION, reason="Because."), who=who),
    ),
    "a statement where an endorsement is due": (
        CONSENT,
        lambda t, who: _by(replace(t, outcome="constitute", badge=None), who=who),
    ),
}


def test_nothing_signed_about_anything_else_is_taken(world: World) -> None:
    asked = world.in_round()
    who = world["chiara"]
    to_sign = processes.process_page(world.academy, id_=asked.process, reader=who).to_sign
    assert to_sign is not None
    taken = []
    for name, (draft, sign) in WRONG.items():
        before = world.everything()
        signed = replace(draft, signed=dump_json(sign(to_sign, who)))
        try:
            processes.respond(world.academy, by=who, id_=asked.process, answer=signed)
        except RefusedError as error:
            refused = error.rule == "signature" and bool(error.remedy) and world.everything() == before
        else:
            refused = False
        if not refused:
            taken.append(name)
    assert not taken


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"answer": {}, "statement": {}}', '{"answer": {}, "more": 1}'])
def test_what_no_page_makes_is_not_taken(world: World, text: str) -> None:
    asked = world.in_round()
    before = world.everything()
    with pytest.raises(InvalidInputError):
        processes.respond(
            world.academy, by=world["chiara"], id_=asked.process, answer=replace(CONSENT, signed=text)
        )
    assert world.everything() == before


def test_an_answer_to_another_decision_is_not_taken(world: World) -> None:
    asked = world.in_round()
    who = world["chiara"]
    to_sign = processes.process_page(world.academy, id_=asked.process, reader=who).to_sign
    assert to_sign is not None
    other = replace(to_sign, decision=to_sign.decision[:-1] + ("a" if to_sign.decision[-1] != "a" else "b"))
    signed = replace(CONSENT, signed=dump_json(_by(other, who=who)))
    with world.refused("signature"):
        processes.respond(world.academy, by=who, id_=asked.process, answer=signed)


def test_what_is_only_said_or_noted_holds_the_round_open(world: World) -> None:
    asked = world.in_round()
    for name in ("chiara", "dev"):
        processes.respond(world.academy, by=world[name], id_=asked.process, answer=CONSENT)
    processes.note_answer(
        world.academy, by=world["eli"], id_=asked.process, member=world["chiara"], answer=CONSENT
    )
    PENS.respond(world.academy, by=world["eli"], id_=asked.process, answer=CONSENT)
    world.clock.pass_days(30)
    processes.close_due(world.academy)
    process = world.process(asked)
    assert process.phase == "consent_round"
    assert set(process.answers) == {world["eli"]}
    for name in ("chiara", "dev"):
        PENS.respond(world.academy, by=world[name], id_=asked.process, answer=CONSENT)
    assert world.process(asked).phase != "consent_round"


def test_one_key_stands_for_one_person_and_changes_only_before_the_opening_or_in_a_pause(world: World) -> None:
    asked = world.in_round()
    peers = world.process(asked).peers
    another = OTHER.key(world["chiara"], world.academy.url(f"/decisions/{asked.process}"))
    with world.refused("signature"):
        processes.give_key(world.academy, by=world["chiara"], id_=asked.process, key=another)
    processes.pause(world.academy, by=world["dev"], id_=asked.process)
    with world.refused("G6"):
        key = str(peers[world["dev"]].key)
        processes.give_key(world.academy, by=world["chiara"], id_=asked.process, key=key)


def test_a_key_that_was_changed_in_a_pause_makes_everybody_answer_again(world: World) -> None:
    asked = world.in_round(mode="async")
    PENS.respond(world.academy, by=world["eli"], id_=asked.process, answer=CONSENT)
    processes.pause(world.academy, by=world["dev"], id_=asked.process)
    OTHER.give_key(world.academy, by=world["chiara"], id_=asked.process)
    processes.resume(world.academy, by=world["dev"], id_=asked.process)
    process = world.process(asked)
    assert (process.phase, len(process.versions), dict(process.answers)) == ("clarifying", 2, {})
    before, after = process.versions
    assert before.digest != after.digest
    assert set(after.keys) - set(before.keys) == {process.peers[world["chiara"]].key}
    for name in ("chiara", "dev", "eli"):
        processes.pass_questions(world.academy, by=world[name], id_=asked.process)
    for name in ("chiara", "dev", "eli"):
        processes.react(world.academy, by=world[name], id_=asked.process, text=None)
    second = AnswerDraft(version=2, response="consent")
    for name, pens in (("chiara", OTHER), ("dev", PENS), ("eli", PENS)):
        pens.respond(world.academy, by=world[name], id_=asked.process, answer=second)
    world.clock.pass_days(2)
    processes.close_due(world.academy)
    assert world.accept(asked), "the badge carries the answers of the new list"


def test_each_signed_answer_has_its_receipt(world: World) -> None:
    asked = world.settling()
    for name in ("chiara", "dev", "eli"):
        (receipt,) = receipts(world.academy, id_=asked.process, reader=world[name])
        assert receipt["receipt"]["statement"] == world.process(asked).answers[world[name]].statement
