"""How a member's sign-in comes to count, and what happens when it is exchanged."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from issuer.errors import NotAllowedError, NotFoundError, RefusedError
from issuer.rules.bindings import key_challenge
from issuer.rules.enrolment import (
    MAX_PASSKEYS,
    WAIT,
    Enrolment,
    add_passkey,
    evolve_enrolment,
    needed,
    refusal,
    remove_passkey,
    say_spoken,
    words,
)
from issuer.rules.journal import Event, replay

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + WAIT
CIRCLE = frozenset({"asha", "ben", "chiara", "dev"})


def after(enrolment: Enrolment, *events: Event) -> Enrolment:
    return replay(evolve_enrolment, enrolment, events)


def adding(enrolment: Enrolment, passkey: str, *, session: str | None = None, now: datetime = NOW) -> Enrolment:
    return after(enrolment, *add_passkey(enrolment, member="asha", passkey=passkey, session=session, now=now))


def removing(enrolment: Enrolment, passkey: str, *, now: datetime = NOW) -> Enrolment:
    return after(enrolment, *remove_passkey(enrolment, member="asha", passkey=passkey, now=now))


def spoken(*people: str, enrolment: Enrolment | None = None) -> Enrolment:
    enrolment = enrolment or Enrolment()
    for person in people:
        said = say_spoken(
            enrolment, about="asha", by=person, sayer=Enrolment(), circle="c", members=CIRCLE, now=NOW
        )
        enrolment = after(enrolment, *said)
    return enrolment


def waits(enrolment: Enrolment, *, now: datetime = NOW) -> bool:
    return enrolment.waits_until(now=now) is not None


# Who knows the person.


def test_two_members_speak_to_a_person_before_their_answers_count() -> None:
    for people, counts in (((), False), (("ben",), False), (("ben", "dev"), True)):
        assert (refusal(spoken(*people), others=3, now=NOW) is None) == counts


def test_one_member_who_says_it_twice_counts_once() -> None:
    assert not spoken("ben", "ben").confirmed(others=3)


def test_in_a_circle_of_two_the_one_other_is_enough() -> None:
    assert [needed(others) for others in (0, 1, 2, 30)] == [0, 1, 2, 2]
    assert spoken("ben").confirmed(others=1)


@pytest.mark.parametrize(("by", "about"), [("asha", "asha"), ("mallory", "asha"), ("ben", "mallory")])
def test_only_another_member_of_the_circle_says_it(by: str, about: str) -> None:
    with pytest.raises(NotAllowedError):
        say_spoken(Enrolment(), about=about, by=by, sayer=Enrolment(), circle="c", members=CIRCLE, now=NOW)


def test_who_is_re_enrolled_says_it_of_nobody_until_the_wait_is_over() -> None:
    sayer = adding(removing(adding(Enrolment(), "old"), "old"), "new")
    with pytest.raises(RefusedError, match="48 hours"):
        say_spoken(Enrolment(), about="asha", by="ben", sayer=sayer, circle="c", members=CIRCLE, now=NOW)
    assert say_spoken(Enrolment(), about="asha", by="ben", sayer=sayer, circle="c", members=CIRCLE, now=LATER)


def test_a_passkey_does_not_stand_in_for_people_who_know_the_person() -> None:
    assert refusal(adding(Enrolment(), "first"), others=3, now=NOW) is not None


# Exchanging a sign-in.


def test_the_first_passkey_after_a_link_is_no_exchange() -> None:
    assert not waits(adding(Enrolment(), "first"))


def test_a_further_passkey_that_one_in_use_stands_behind_is_no_exchange() -> None:
    assert not waits(adding(adding(Enrolment(), "first"), "second", session="first"))


@pytest.mark.parametrize("session", [None, "gone"])
def test_a_passkey_added_after_a_link_beside_another_is_an_exchange(session: str | None) -> None:
    """Whoever reads somebody's mail could add their own one."""
    enrolment = adding(adding(spoken("ben", "dev"), "first"), "second", session=session)
    assert waits(enrolment)
    assert refusal(enrolment, others=3, now=LATER - timedelta(seconds=1)) is not None
    assert refusal(enrolment, others=3, now=LATER) is None


def test_a_new_passkey_after_the_last_one_was_removed_is_an_exchange() -> None:
    enrolment = adding(removing(adding(Enrolment(), "old"), "old"), "new", session="old")
    assert waits(enrolment)
    assert enrolment.re_enrolments == 1


def test_removing_the_last_passkey_of_more_than_48_hours_is_an_exchange() -> None:
    enrolment = adding(Enrolment(), "old")
    assert waits(removing(enrolment, "old", now=LATER), now=LATER), "what is left is a mailed link"
    both = adding(enrolment, "new", session="old", now=LATER)
    assert waits(removing(both, "old", now=LATER), now=LATER), "what is left is an hour old"


def test_removing_a_passkey_beside_one_of_more_than_48_hours_is_no_exchange() -> None:
    both = adding(adding(Enrolment(), "old"), "new", session="old")
    assert not waits(removing(both, "old", now=LATER), now=LATER)
    assert not waits(removing(adding(Enrolment(), "a mistake"), "a mistake"))


def test_a_second_exchange_begins_the_wait_again() -> None:
    enrolment = adding(adding(Enrolment(), "first"), "second")
    again = adding(enrolment, "third", now=LATER)
    assert again.waits_until(now=LATER) == LATER + WAIT


def test_there_is_room_for_ten_passkeys() -> None:
    enrolment = Enrolment()
    for number in range(MAX_PASSKEYS):
        enrolment = adding(enrolment, f"{number}", session="0")
    with pytest.raises(RefusedError, match="10"):
        adding(enrolment, "one more", session="0")


def test_a_passkey_that_is_not_there_cannot_be_removed() -> None:
    with pytest.raises(NotFoundError):
        removing(Enrolment(), "never")


def test_the_words_say_how_somebody_is_enrolled() -> None:
    again = adding(adding(spoken("ben", "dev"), "first"), "second")
    found = [
        words(enrolment, others=3, now=now)
        for enrolment, now in (
            (Enrolment(), NOW),
            (spoken("ben"), NOW),
            (spoken("ben", "dev"), NOW),
            (adding(spoken("ben", "dev"), "first"), NOW),
            (again, NOW),
            (again, LATER),
        )
    ]
    assert found == [
        "No member has said yet that they spoke to this person; two members of the circle should.",
        "One member said that they spoke to this person; one more should.",
        "Signs in by a mailed link.",
        "Has a passkey.",
        "Re-enrolled: can answer from 4 March 2026, 09:00 UTC. Ask whether it was them.",
        "Has a passkey. Re-enrolled on 2 March 2026.",
    ]


def test_a_member_has_no_other_events() -> None:
    with pytest.raises(AssertionError):
        after(Enrolment(), Event(type="promoted", at=NOW))


def test_a_passkey_signs_a_digest_over_decision_key_and_member() -> None:
    text = (
        b'sociocracy-academy/key/v1\n{"decision":"https://a.example/decisions/d","key":"did:key:z","member":"m"}'
    )
    said = {"decision": "https://a.example/decisions/d", "key": "did:key:z", "member": "m"}
    assert key_challenge(**said) == hashlib.sha256(text).digest()
    for name in said:
        assert key_challenge(**(said | {name: "other"})) != key_challenge(**said)
