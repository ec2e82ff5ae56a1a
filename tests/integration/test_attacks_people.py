"""Addresses, names and mails as weapons: second accounts, headers, full mailboxes, guessing who has an account."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event

from issuer.cli.outgoing import parse_smtp_url
from issuer.cli.work import work_until
from issuer.errors import InvalidInputError
from issuer.service import applications
from issuer.service.academy import Academy, Work, use_case
from issuer.service.badges import propose_badges
from issuer.service.circles import propose_circle
from issuer.service.credentials import send_badge
from issuer.service.facts import same_person
from issuer.service.inputs import parse_address, parse_name
from issuer.service.mailing import Mail, UndeliveredError, send_due
from issuer.service.models import CircleDraft, FounderDraft, MemberDraft
from issuer.service.people import account_for, request_link
from tests.fakes import FakePost, smtp_server
from tests.integration.test_stories import _first_badge
from tests.integration.world import World

# RFC 2047 encoded words: what a mail program makes of them is another address than the one that is stored.
ENCODED = ("=?utf-8?q?victim=40evil.example=2c?=", "=?utf-8?q?=0d=0abcc:x?=", "=?idna?b??=", "=?utf-16?b?b476?=")
SAME_LOOKS = ("c\u0327hiara", "\u00e7hiara", "\u0441hiara", "chiara\u200b", "\u2060chiara")
INVISIBLE = ("\u200b", "\u202eyraterceS", "Sec\x01retary", "\u2066", "\ufeff ", "A\U000e0041")


@use_case
def an_account(work: Work, *, email: str) -> str:
    return account_for(work, email=email, name="Somebody Else")


@pytest.mark.parametrize("local", [*ENCODED, *SAME_LOOKS, "", ".", ".a", "a.", "a..b", "a b", "a\nb", 'a"b'])
def test_an_address_that_could_be_read_as_another_is_refused(local: str) -> None:
    with pytest.raises(InvalidInputError, match="e-mail address"):
        parse_address(f"{local}@example.org")


@pytest.mark.parametrize("address", ["a@example.org", "First.Last+tag@EXAMPLE.org", "o'neil-x_y@a.b.example"])
def test_an_ordinary_address_is_taken_in_small_letters(address: str) -> None:
    assert parse_address(f" {address} ") == address.lower()


@pytest.mark.parametrize("local", ENCODED)
def test_a_mail_goes_to_the_stored_address_and_to_no_other(local: str) -> None:
    mail = Mail(id=1, recipient=f"{local}@example.org", subject="Hello", body="Your link")
    with smtp_server() as server:
        transport = parse_smtp_url(f"smtp://localhost:{server.port}", sender="a@academy.example")
        try:
            transport(mail)
        except UndeliveredError:
            assert server.messages == []
    named = [line for line in server.heard if line[:4].upper() == "RCPT"]
    assert all(line.endswith(f"<{mail.recipient}>") for line in named)
    assert "\nbcc:" not in "".join(server.messages).lower()


def test_a_mail_that_cannot_be_written_stops_no_other(world: World, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("asha", "ben"):
        request_link(world.academy, email=f"{name}@demo.example", next_path="/me")
    world.sql("UPDATE mails SET recipient = '=?idna?b??=@example.org' WHERE recipient = 'asha@demo.example'")
    with smtp_server() as server:
        transport = parse_smtp_url(f"smtp://localhost:{server.port}", sender="a@academy.example")
        while send_due(world.academy, transport):
            """All that wait."""
        assert any("ben@demo.example" in message for message in server.messages)
    assert "Traceback" not in caplog.text


def test_the_worker_goes_on_after_a_fault_that_nobody_foresaw(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    passes = []

    def once(_academy: Academy, _transport: object) -> int:
        passes.append(1)
        if len(passes) == 1:
            raise IndexError("nobody foresaw this")
        stop.set()
        return 0

    monkeypatch.setattr("issuer.cli.work.work_once", once)
    monkeypatch.setattr("issuer.cli.work.EVERY_S", 0.001)
    stop = threading.Event()
    with caplog.at_level(logging.ERROR):
        work_until(world.academy, FakePost(), stop=stop)
    assert len(passes) == 2
    assert "comes up again" in caplog.text


@pytest.mark.parametrize(
    ("second", "same"),
    [("asha.x+2@gmail.com", True), ("a.shax@googlemail.com", True), ("a.shax@demo.example", False)],
)
def test_what_reaches_one_mailbox_is_one_person(world: World, second: str, same: bool) -> None:
    """G1 and G2 look at the mailbox that an address leads to."""
    one = an_account(world.academy, email="ashax@gmail.com")
    other = an_account(world.academy, email=second)
    assert use_case(same_person)(world.academy, one, other) is same


def test_nobody_is_their_own_witness_under_a_second_account(both: World) -> None:
    an_account(both.academy, email="asha+witness@demo.example")
    id_ = applications.start(both.academy, by=both["asha"], badge="feedback", circle="pod-north")
    with both.refused("G1", about="own witness"):
        applications.invite_witness(
            both.academy, by=both["asha"], id_=id_, email="asha+witness@demo.example", relation="knows me well"
        )


@pytest.mark.parametrize("name", INVISIBLE)
def test_names_that_cannot_be_seen_as_they_are_written_are_refused(world: World, name: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_name(name)
    people = tuple(
        MemberDraft(name=who.title(), email=f"{who}@demo.example", roles=(role,))
        for who, role in (("asha", "facilitator"), ("ben", "secretary"))
    )
    circle = CircleDraft(name=name, kind="pod", aim="We practise.", domain="Us", parent="superpod", members=people)
    with pytest.raises(InvalidInputError) as caught:
        propose_circle(world.academy, by=world["mira"], draft=circle, mode="meeting")
    assert "name" in caught.value.faults
    for changes in ({"name": name}, {"bundle": name}):
        with pytest.raises(InvalidInputError) as caught:
            propose(world, changes)
        assert changes.keys() <= caught.value.faults.keys()


def founders(world: World) -> tuple[FounderDraft, ...]:
    return tuple(FounderDraft(member=world[name], reason="Has done it for years.") for name in ("dev", "farah"))


def propose(world: World, changes: dict[str, Any]) -> str:
    drafts = (replace(_first_badge(), **{"min_holders": 0, **changes}),)
    return propose_badges(
        world.academy,
        by=world["mira"],
        drafts=drafts,
        founders=founders(world),
        founding_until=date(2027, 1, 1),
        mode="meeting",
    )


@pytest.mark.parametrize(
    "name", ["Verified \u2713", "\U0001f600 Listening", "\u8074\u304f", "\u0627\u0633\u062a\u0645\u0627\u0639"]
)
def test_names_in_any_script_are_taken(world: World, name: str) -> None:
    assert propose(world, {"name": name})


def test_a_badge_is_not_sent_again_and_again(both: World) -> None:
    credential = both.accepted()
    for _ in range(3):
        send_badge(both.academy, by=both["asha"], id_=credential)
    with both.refused("mails"):
        send_badge(both.academy, by=both["asha"], id_=credential)
    both.clock.pass_days(1)
    send_badge(both.academy, by=both["asha"], id_=credential)


def test_asking_for_a_link_costs_the_same_whoever_asks(both: World) -> None:
    """Otherwise the time that the answer takes says whether an address has an account here."""

    def statements(email: str) -> list[str]:
        seen: list[str] = []

        def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
            if statement.startswith(("INSERT", "SELECT")):
                seen.append(statement)

        event.listen(both.academy.engine, "before_cursor_execute", note)
        request_link(both.academy, email=email, next_path="/me")
        event.remove(both.academy.engine, "before_cursor_execute", note)
        return seen

    def weight(email: str) -> tuple[int, int]:
        seen = statements(email)
        return sum(one.startswith("INSERT") for one in seen), sum(one.startswith("SELECT") for one in seen)

    known = weight("asha@demo.example")
    assert known == weight("nobody@demo.example")
    for _ in range(6):
        request_link(both.academy, email="asha@demo.example", next_path="/me")
    assert known == weight("asha@demo.example")
    assert not any(row["recipient"] == "nobody@demo.example" for row in both.rows("mails"))
