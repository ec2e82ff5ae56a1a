"""Passkeys, with a device in software: adding, signing in, standing behind a key, exchanging, forging."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from issuer.errors import InvalidInputError, NotFoundError, RefusedError, TamperedError
from issuer.rules.bindings import key_challenge
from issuer.service import passkeys, people
from issuer.service.academy import Academy, Work, query, use_case
from issuer.service.passkeys.ceremonies import rp_id
from issuer.service.passkeys.challenges import new_challenge, spend
from keys import did_key, encode_base64url, generate_private_key, parse_did_key, public_key_of
from schemas import parse_json
from tests.integration.test_races import at_once, one_refused
from tests.integration.world import World
from tests.soft_authenticator import (
    PRESENT,
    VERIFIED,
    Lies,
    SoftAuthenticator,
    challenge_of,
    sign_itself,
    sign_with_a_maker,
)

ORIGIN = "https://academy.example"
DECISION = f"{ORIGIN}/decisions/aaaaaaaaaaaaaaaaaaaaaaaaaa"
KEY = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
P256 = "did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169"


@query
def assurance(work: Work, member: str, *, decision: str = DECISION, key: str = KEY) -> str:
    return passkeys.binding_of(work, member, decision, key)


@query
def refusal(work: Work, member: str, *, circle: str | None = None) -> RefusedError | None:
    return passkeys.may_answer(work, member, circle=circle)


@query
def words(work: Work, member: str, *, circle: str | None = None) -> str:
    return passkeys.enrolment_words(work, member, circle=circle)


@dataclass(slots=True, kw_only=True)
class Member:
    """Somebody with a device."""

    world: World
    id: str
    device: SoftAuthenticator = field(default_factory=lambda: SoftAuthenticator(origin=ORIGIN))
    session: str | None = None

    @property
    def academy(self) -> Academy:
        return self.world.academy

    def add(self, *, name: str = "My phone", lies: Lies | None = None) -> dict[str, Any]:
        credential = self.device.create(passkeys.begin_adding(self.academy, me=self.id), lies or Lies())
        self.finish(credential, name=name)
        return credential

    def finish(self, credential: Any, *, name: str = "My phone") -> None:
        passkeys.finish_adding(self.academy, me=self.id, session=self.session, name=name, credential=credential)

    def sign_in(self, lies: Lies | None = None) -> None:
        credential = self.device.get(passkeys.begin_signing_in(self.academy), lies or Lies())
        self.session = person_of(self.academy, credential).passkey

    def bind(self, *, lies: Lies | None = None, key: str = KEY) -> str:
        begun = passkeys.begin_binding(self.academy, self.id, DECISION, key)
        credential = self.device.get(begun["publicKey"], lies or Lies())
        return passkeys.finish_binding(
            self.academy, self.id, DECISION, key, ticket=begun["ticket"], credential=credential
        )

    @property
    def ids(self) -> list[str]:
        return [one.id for one in passkeys.passkeys_page(self.academy, me=self.id).passkeys]


def person_of(academy: Academy, credential: Any) -> Any:
    done = passkeys.finish_signing_in(academy, credential=credential, next_path="/me")
    person = people.member_of_session(academy, token=done.session)
    assert person is not None
    return person


@pytest.fixture
def asha(both: World) -> Member:
    return Member(world=both, id=both["asha"])


@pytest.fixture
def chiara(world: World) -> Member:
    """Somebody who has a passkey already, on SQLite."""
    member = Member(world=world, id=world["chiara"])
    member.add()
    return member


# The way it goes.


def test_a_member_adds_a_passkey_signs_in_with_it_and_binds_a_key(asha: Member) -> None:
    asha.add(name="  My   phone ")
    (row,) = passkeys.passkeys_page(asha.academy, me=asha.id).passkeys
    assert (row.name, row.used_at) == ("My phone", None)
    credential = asha.device.get(passkeys.begin_signing_in(asha.academy))
    person = person_of(asha.academy, credential)
    assert (person.id, person.passkey, person.assurance) == (asha.id, row.id, "passkey")

    assert assurance(asha.academy, asha.id) == "link"
    assert asha.bind() == "passkey"
    assert assurance(asha.academy, asha.id) == "passkey"
    assert passkeys.begin_binding(asha.academy, asha.id, DECISION, KEY) == {"assurance": "passkey"}
    for other in ({"decision": f"{DECISION}b"}, {"key": did_key(public_key_of(generate_private_key("Ed25519")))}):
        assert assurance(asha.academy, asha.id, **other) == "link"
    assert assurance(asha.academy, asha.world["ben"]) == "link"


def test_what_is_kept_proves_the_binding_without_us(asha: Member) -> None:
    """Anybody who is given the row checks it: the device's bytes, the challenge, the key that signed."""
    from webauthn import verify_authentication_response

    from keys import decode_base64url

    asha.add()
    asha.bind()
    passkeys.remove_passkey(asha.academy, me=asha.id, passkey=asha.ids[0])
    assert assurance(asha.academy, asha.id) == "passkey", "it stood behind the key when the key was made"
    (row,) = asha.world.rows("passkey_bindings")
    kept = parse_json(row["assertion"])
    response = {name: kept[name] for name in ("authenticatorData", "clientDataJSON", "signature")}
    verify_authentication_response(
        credential={"id": kept["id"], "rawId": kept["id"], "type": "public-key", "response": response},
        expected_challenge=key_challenge(decision=DECISION, key=KEY, member=asha.id),
        expected_rp_id="academy.example",
        expected_origin=ORIGIN,
        credential_public_key=decode_base64url(kept["publicKey"]),
        credential_current_sign_count=0,
        require_user_verification=True,
    )


def test_a_member_without_a_passkey_is_asked_for_nothing(asha: Member) -> None:
    assert passkeys.begin_binding(asha.academy, asha.id, DECISION, KEY) == {"assurance": "link"}


def test_a_device_that_does_not_count_may_be_used_again_and_again(world: World) -> None:
    """Passkeys that are shared between one person's devices count nothing."""
    member = Member(world=world, id=world["asha"], device=SoftAuthenticator(origin=ORIGIN, counts=False))
    member.add()
    member.sign_in()
    member.sign_in()


def test_a_device_asks_its_owner_each_time_and_makes_no_second_passkey(chiara: Member) -> None:
    options = passkeys.begin_adding(chiara.academy, me=chiara.id)
    assert [one["id"] for one in options["excludeCredentials"]] == list(chiara.device.made)
    assert (options["rp"]["id"], options["attestation"]) == ("academy.example", "none")
    asked = passkeys.begin_signing_in(chiara.academy)
    assert (asked["userVerification"], asked["allowCredentials"]) == ("required", [])


@pytest.mark.parametrize(
    ("base_url", "host"),
    [
        ("https://academy.example", "academy.example"),
        ("https://a.b.example:8443", "a.b.example"),
        ("http://localhost:8000", "localhost"),
        ("http://127.0.0.1:8000", None),
        ("https://[::1]:8000", None),
        ("http://academy.example", None),
    ],
)
def test_passkeys_are_for_the_full_host_and_for_no_number(world: World, base_url: str, host: str | None) -> None:
    academy = replace(world.academy, base_url=base_url)
    assert rp_id(academy) == host
    if host is None:
        with pytest.raises(RefusedError, match="do not work at this address"):
            passkeys.begin_signing_in(academy)


# Lies.

ELSEWHERE = {
    "another origin": Lies(origin="https://evil.example"),
    "another port": Lies(origin=f"{ORIGIN}:8443"),
    "plain http": Lies(origin="http://academy.example"),
    "another name": Lies(rp_id="evil.example"),
    "the parent's name": Lies(rp_id="example"),
    "nobody was verified": Lies(flags=PRESENT),
    "nobody was there": Lies(flags=VERIFIED),
    "a challenge of their own": Lies(challenge=encode_base64url(bytes(56))),
    "a challenge cut short": Lies(challenge="AAAA"),
    "no challenge": Lies(challenge="!"),
    "inside another page": Lies(client={"crossOrigin": True}),
    "below another page": Lies(client={"topOrigin": "https://evil.example"}),
}
MADE = {
    "an attestation of a kind that no browser hands over": Lies(format="tpm"),
    "a chain of certificates": Lies(format="packed", statement={"alg": -7, "sig": b"x", "x5c": [b"x"]}),
    "a maker's signature": Lies(format="packed", sign=sign_with_a_maker),
    "a signature that is none": Lies(format="packed", statement={"alg": -7, "sig": b"x"}),
    "words in an empty statement": Lies(statement={"sig": b"x"}),
    "an algorithm that was not asked for": Lies(algorithm=-8),
}


def each(lies: Mapping[str, Lies]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("lies", lies.values(), ids=lies)


@each(ELSEWHERE | MADE | {"a use": Lies(type="webauthn.get")})
def test_a_passkey_that_was_not_made_here_is_not_added(world: World, lies: Lies) -> None:
    member = Member(world=world, id=world["asha"])
    with world.refused("passkey"):
        member.add(lies=lies)


@each(ELSEWHERE | {"a new one": Lies(type="webauthn.create"), "another owner": Lies(owner="somebody")})
def test_a_use_that_was_not_for_us_signs_nobody_in(chiara: Member, lies: Lies) -> None:
    with chiara.world.refused("passkey"):
        chiara.sign_in(lies)


@each(ELSEWHERE | {"a new one": Lies(type="webauthn.create")})
def test_a_use_that_was_not_for_us_binds_no_key(chiara: Member, lies: Lies) -> None:
    with chiara.world.refused("passkey"):
        chiara.bind(lies=lies)


def _without(*names: str) -> Callable[[dict[str, Any]], Any]:
    def change(credential: dict[str, Any]) -> Any:
        place = credential
        for name in names[:-1]:
            place = place[name]
        del place[names[-1]]
        return credential

    return change


def _with(value: Any, *names: str) -> Callable[[dict[str, Any]], Any]:
    def change(credential: dict[str, Any]) -> Any:
        place = credential
        for name in names[:-1]:
            place = place[name]
        place[names[-1]] = value
        return credential

    return change


BROKEN: list[Callable[[dict[str, Any]], Any]] = [
    lambda _credential: None,
    lambda _credential: [],
    lambda _credential: "credential",
    lambda credential: {"response": credential["response"]},
    _without("id"),
    _without("rawId"),
    _without("response"),
    _without("response", "clientDataJSON"),
    _with(7, "id"),
    _with("A" * 20_000, "id"),
    _with("other", "type"),
    _with("", "rawId"),
    _with([], "response"),
    _with(None, "response", "clientDataJSON"),
    _with("e30", "response", "clientDataJSON"),
    _with("W10", "response", "clientDataJSON"),
    _with("!", "response", "clientDataJSON"),
]
OF_A_USE = [
    _without("response", "signature"),
    _with("AAAA", "response", "signature"),
    _with("", "response", "authenticatorData"),
    _with("A" * 5_000, "response", "authenticatorData"),
    _with(7, "response", "userHandle"),
    _with("_w", "response", "userHandle"),
]
OF_A_NEW_ONE = [
    _without("response", "attestationObject"),
    _with("", "response", "attestationObject"),
    _with("o2Nm", "response", "attestationObject"),
    _with(encode_base64url(b"\x81" * 5_000), "response", "attestationObject"),
    _with(encode_base64url(b"\x9b" + b"\xff" * 8), "response", "attestationObject"),
]


@pytest.mark.parametrize("change", [*BROKEN, *OF_A_USE])
def test_what_no_browser_sends_signs_nobody_in(chiara: Member, change: Callable[[dict[str, Any]], Any]) -> None:
    credential = change(chiara.device.get(passkeys.begin_signing_in(chiara.academy)))
    with chiara.world.refused("passkey"):
        passkeys.finish_signing_in(chiara.academy, credential=credential, next_path="/me")


@pytest.mark.parametrize("change", [*BROKEN, *OF_A_NEW_ONE])
def test_what_no_browser_sends_adds_no_passkey(chiara: Member, change: Callable[[dict[str, Any]], Any]) -> None:
    credential = change(chiara.device.create(passkeys.begin_adding(chiara.academy, me=chiara.id)))
    with chiara.world.refused("passkey"):
        chiara.finish(credential)


@pytest.mark.parametrize("name", ["a\x00b", "x" * 61, "\u202eabc"])
def test_a_passkeys_name_is_one_that_people_can_read(world: World, name: str) -> None:
    with pytest.raises(InvalidInputError):
        Member(world=world, id=world["asha"]).add(name=name)


def test_a_passkey_that_attests_itself_is_added(world: World) -> None:
    member = Member(world=world, id=world["asha"])
    member.add(lies=Lies(format="packed", sign=sign_itself))
    assert len(member.ids) == 1


# Again, too late, for another purpose.


def test_a_challenge_is_answered_once(asha: Member) -> None:
    credential = asha.add()
    with asha.world.refused("passkey", about="used already"):
        asha.finish(credential)
    credential = asha.device.get(passkeys.begin_signing_in(asha.academy))
    person_of(asha.academy, credential)
    with asha.world.refused("passkey", about="used already"):
        person_of(asha.academy, credential)


def test_an_answer_that_is_sent_twice_in_one_moment_counts_once(asha: Member) -> None:
    options = passkeys.begin_adding(asha.academy, me=asha.id)
    credential = asha.device.create(options)
    one_refused(at_once(*[lambda: asha.finish(credential)] * 2))
    assert len(asha.ids) == 1
    used = asha.device.get(passkeys.begin_signing_in(asha.academy))
    one_refused(at_once(*[lambda: person_of(asha.academy, used)] * 2))
    begun = passkeys.begin_binding(asha.academy, asha.id, DECISION, KEY)
    bound, ticket = asha.device.get(begun["publicKey"]), begun["ticket"]
    finish = partial(
        passkeys.finish_binding, asha.academy, asha.id, DECISION, KEY, ticket=ticket, credential=bound
    )
    one_refused(at_once(finish, finish))
    assert len(asha.world.rows("passkey_bindings")) == 1


def test_a_challenge_lasts_five_minutes(chiara: Member) -> None:
    late = chiara.device.get(passkeys.begin_signing_in(chiara.academy))
    chiara.world.clock.now += timedelta(minutes=5, seconds=1)
    with chiara.world.refused("passkey", about="five minutes"):
        person_of(chiara.academy, late)
    options = passkeys.begin_signing_in(chiara.academy)
    chiara.world.clock.now += timedelta(minutes=5)
    assert person_of(chiara.academy, chiara.device.get(options)).id == chiara.id


def test_challenges_that_were_answered_are_forgotten_when_they_are_too_old(chiara: Member) -> None:
    chiara.sign_in()
    chiara.world.clock.now += timedelta(minutes=6)
    chiara.sign_in()
    assert len(chiara.world.rows("spent_challenges")) == 1


def test_a_challenge_is_for_one_purpose_and_one_member(chiara: Member) -> None:
    academy, world = chiara.academy, chiara.world
    options = passkeys.begin_adding(academy, me=chiara.id)
    answer = chiara.device.get(passkeys.begin_signing_in(academy), Lies(challenge=options["challenge"]))
    with world.refused("passkey", about="another question"):
        person_of(academy, answer)
    other = Member(world=world, id=world["dev"])
    with world.refused("passkey", about="another question"):
        other.finish(other.device.create(options))


@use_case
def spent_otherwise(work: Work) -> None:
    spend(work, new_challenge(work, "sign-in", "somebody"), "add", "somebody")


def test_a_challenge_says_what_it_is_for(world: World) -> None:
    with world.refused("passkey", about="another question"):
        spent_otherwise(world.academy)


def test_a_binding_is_for_one_key_one_decision_and_one_member(chiara: Member) -> None:
    academy, world = chiara.academy, chiara.world
    begun = passkeys.begin_binding(academy, chiara.id, DECISION, KEY)
    other = did_key(public_key_of(generate_private_key("Ed25519")))
    credential = chiara.device.get(begun["publicKey"])
    assert challenge_of(credential) == key_challenge(decision=DECISION, key=KEY, member=chiara.id)
    for member, decision, key in (
        (chiara.id, DECISION, other),
        (chiara.id, f"{DECISION}b", KEY),
        (world["dev"], DECISION, KEY),
    ):
        with world.refused("passkey", about="another question"):
            passkeys.finish_binding(academy, member, decision, key, ticket=begun["ticket"], credential=credential)
        asked = passkeys.begin_binding(academy, chiara.id, decision, key)
        if member == chiara.id:
            with world.refused("passkey", about="another key"):
                passkeys.finish_binding(
                    academy, member, decision, key, ticket=asked["ticket"], credential=credential
                )
    for ticket in ("", "!", "AAAA", begun["ticket"][:-2]):
        with world.refused("passkey"):
            passkeys.finish_binding(academy, chiara.id, DECISION, KEY, ticket=ticket, credential=credential)
    passkeys.finish_binding(academy, chiara.id, DECISION, KEY, ticket=begun["ticket"], credential=credential)
    with world.refused("passkey", about="used already"):
        passkeys.finish_binding(academy, chiara.id, DECISION, KEY, ticket=begun["ticket"], credential=credential)


def test_the_passkey_of_another_member_binds_no_key(chiara: Member) -> None:
    """Dev's browser sends what Chiara's device signed over Dev's key."""
    dev = Member(world=chiara.world, id=chiara.world["dev"])
    dev.add()
    begun = passkeys.begin_binding(dev.academy, dev.id, DECISION, KEY)
    credential = chiara.device.get(begun["publicKey"])
    with dev.world.refused("passkey", about="another account"):
        passkeys.finish_binding(dev.academy, dev.id, DECISION, KEY, ticket=begun["ticket"], credential=credential)


def test_one_passkey_is_of_one_member(chiara: Member) -> None:
    """Dev offers a passkey under the id of Chiara's."""
    dev = Member(world=chiara.world, id=chiara.world["dev"])
    options = passkeys.begin_adding(dev.academy, me=dev.id)
    (known,) = chiara.device.made
    with dev.world.refused("passkey", about="added already"):
        dev.add(lies=Lies(id=known))
    credential = dev.device.create(options)
    credential["id"] = credential["rawId"] = known
    with dev.world.refused("passkey"):
        dev.finish(credential)


@pytest.mark.parametrize(
    ("decision", "key"),
    [
        (f"{ORIGIN}/decisions/", KEY),
        (f"{ORIGIN}/decisions/A", KEY),
        (f"{ORIGIN}/decisions/a/b", KEY),
        ("https://evil.example/decisions/a", KEY),
        ("", KEY),
        (DECISION, ""),
        (DECISION, KEY[:-1]),
        (DECISION, f"{KEY}#{KEY}"),
        (DECISION, P256),
        (DECISION, "did:web:academy.example"),
    ],
)
def test_only_an_ed25519_key_in_a_decision_of_ours_is_bound(chiara: Member, decision: str, key: str) -> None:
    with pytest.raises(InvalidInputError):
        passkeys.begin_binding(chiara.academy, chiara.id, decision, key)
    with pytest.raises(InvalidInputError):
        passkeys.finish_binding(chiara.academy, chiara.id, decision, key, ticket="", credential={})


def test_a_member_has_a_few_keys_in_one_decision(chiara: Member) -> None:
    for _ in range(8):
        chiara.bind(key=did_key(public_key_of(generate_private_key("Ed25519"))))
    with chiara.world.refused("passkey", about="8 keys"):
        chiara.bind()
    assert parse_did_key(KEY).kind == "Ed25519"


# Copies.


def test_a_copied_device_is_refused(asha: Member) -> None:
    asha.add()
    copy = replace(asha, device=asha.device.copy())
    asha.sign_in()
    asha.sign_in()
    with asha.world.refused("passkey", about="a copy of it"):
        copy.sign_in()
    asha.sign_in()


def test_a_device_that_stops_counting_is_refused(chiara: Member) -> None:
    chiara.sign_in()
    with chiara.world.refused("passkey", about="a copy of it"):
        chiara.sign_in(Lies(count=0))


# Removing, exchanging, and who is told.


def test_a_removed_passkey_signs_nobody_in_and_ends_its_sessions(asha: Member) -> None:
    asha.add()
    done = passkeys.finish_signing_in(
        asha.academy, credential=asha.device.get(passkeys.begin_signing_in(asha.academy)), next_path="/me"
    )
    (id_,) = asha.ids
    passkeys.remove_passkey(asha.academy, me=asha.id, passkey=id_)
    assert people.member_of_session(asha.academy, token=done.session) is None
    assert asha.ids == []
    with asha.world.refused("passkey", about="not known here"):
        asha.sign_in()


def test_nobody_removes_the_passkey_of_another(chiara: Member) -> None:
    with pytest.raises(NotFoundError):
        passkeys.remove_passkey(chiara.academy, me=chiara.world["dev"], passkey=chiara.ids[0])
    assert len(chiara.ids) == 1


def _mails(world: World, topic: str) -> dict[str, str]:
    return {
        row["recipient"].partition("@")[0]: f"{row['subject']}\n{row['body']}"
        for row in world.rows("mails")
        if row["topic"].startswith(topic)
    }


def test_the_member_is_told_of_the_first_passkey_after_a_link(asha: Member) -> None:
    asha.add()
    mails = _mails(asha.world, "passkey/")
    assert set(mails) == {"asha"}
    assert "by a mailed link" in mails["asha"]
    assert _mails(asha.world, "re-enrolled/") == {}


def test_an_exchange_is_told_to_the_member_and_to_their_circles(asha: Member) -> None:
    asha.add()
    asha.add(name="Another")
    mails = _mails(asha.world, "re-enrolled/")
    members = {name for name, id_ in asha.world.ids.items() if id_ in _circle(asha.world, "pod-north")}
    assert "asha" in members
    assert members <= set(mails)
    assert all("count again from" in text for text in mails.values())
    assert all("asha" not in text.partition("\n")[0].lower() for text in mails.values())


@query
def _members(work: Work, *, slug: str) -> frozenset[str]:
    from issuer.service.cases import circle_case

    row = work.unit.cases.circle(slug=slug)
    assert row is not None
    return circle_case(work, row.id).state.members


def _circle(world: World, slug: str) -> frozenset[str]:
    return _members(world.academy, slug=slug)


def test_a_further_passkey_after_a_passkey_is_no_exchange(asha: Member) -> None:
    asha.add()
    asha.sign_in()
    asha.add(name="My laptop")
    assert _mails(asha.world, "re-enrolled/") == {}
    assert len(asha.ids) == 2


def test_who_is_re_enrolled_answers_again_after_48_hours(asha: Member) -> None:
    known_by(asha, "dev", "eli")
    asha.add()
    assert refusal(asha.academy, asha.id) is None
    asha.add(name="Another")
    found = refusal(asha.academy, asha.id)
    assert found is not None
    assert found.rule == "enrolment"
    assert words(asha.academy, asha.id).startswith("Re-enrolled")
    asha.world.clock.pass_days(2)
    assert refusal(asha.academy, asha.id) is None
    assert words(asha.academy, asha.id).startswith("Has a passkey. Re-enrolled on ")


# Who spoke to whom.


def known_by(member: Member, *names: str) -> None:
    for name in names:
        passkeys.say_spoken(member.academy, by=member.world[name], slug="pod-north", about=member.id)


def test_two_members_of_the_circle_say_that_they_spoke_to_a_person(asha: Member) -> None:
    circle = next(row["id"] for row in asha.world.rows("circles") if row["slug"] == "pod-north")
    assert refusal(asha.academy, asha.id, circle=circle) is not None
    known_by(asha, "dev", "dev")
    found = refusal(asha.academy, asha.id, circle=circle)
    assert found is not None
    assert "one more" in found.message
    known_by(asha, "eli")
    assert refusal(asha.academy, asha.id, circle=circle) is None
    assert words(asha.academy, asha.id, circle=circle) == "Signs in by a mailed link."


def test_who_is_not_in_the_circle_says_nothing_about_its_members(world: World) -> None:
    outside = next(name for name, id_ in world.ids.items() if id_ not in _circle(world, "pod-north"))
    with world.hidden():
        passkeys.say_spoken(world.academy, by=world[outside], slug="pod-north", about=world["asha"])
    with world.hidden():
        passkeys.say_spoken(world.academy, by=world["asha"], slug="nowhere", about=world["dev"])
    with world.refused("enrolment"):
        passkeys.say_spoken(world.academy, by=world["asha"], slug="pod-north", about=world[outside])
    with world.refused("enrolment"):
        passkeys.say_spoken(world.academy, by=world["asha"], slug="pod-north", about=world["asha"])


def test_rows_of_memberships_that_go_shorten_nothing(world: World) -> None:
    circle = next(row["id"] for row in world.rows("circles") if row["slug"] == "pod-north")
    world.sql("DELETE FROM memberships")
    assert refusal(world.academy, world["asha"], circle=circle) is not None
    assert refusal(world.academy, "nobody", circle=circle) is not None


# Rows that somebody writes who holds the database and none of the keys.

FORGED = {
    "another public key": "UPDATE passkeys SET public_key = :other",
    "another member": "UPDATE passkeys SET member_id = :member",
    "another id": "UPDATE passkeys SET credential_id = 'AAAA'",
    "a lower count": "UPDATE passkeys SET sign_count = 0",
    "another name": "UPDATE passkeys SET name = 'x'",
}


@pytest.mark.parametrize("statement", FORGED.values(), ids=FORGED)
def test_a_forged_passkey_signs_nobody_in(chiara: Member, statement: str) -> None:
    chiara.sign_in()
    values = {"other": b"x", "member": chiara.world["dev"]}
    used = {name: value for name, value in values.items() if f":{name}" in statement}
    chiara.world.sql(statement, **used)
    owner = chiara.world["dev"] if "member" in used else chiara.id
    with pytest.raises(TamperedError):
        passkeys.passkeys_page(chiara.academy, me=owner)
    credential = chiara.device.get(passkeys.begin_signing_in(chiara.academy))
    if "credential_id" in statement:
        credential["id"] = credential["rawId"] = "AAAA"
    with pytest.raises(TamperedError):
        person_of(chiara.academy, credential)


def test_a_passkey_that_was_removed_and_is_written_back_signs_nobody_in(chiara: Member) -> None:
    """Its seal is ours, but the member's own stream says that it went."""
    (row,) = chiara.world.rows("passkeys")
    passkeys.remove_passkey(chiara.academy, me=chiara.id, passkey=row["id"])
    names = ", ".join(row)
    chiara.world.sql(f"INSERT INTO passkeys ({names}) VALUES ({', '.join(f':{name}' for name in row)})", **row)
    assert chiara.ids == []
    with chiara.world.refused("passkey", about="not known here"):
        chiara.sign_in()


def test_a_forged_stream_of_a_member_stops_everything_about_them(chiara: Member) -> None:
    chiara.world.sql("DELETE FROM journal WHERE stream = :stream", stream=f"member/{chiara.id}")
    with chiara.world.refused("passkey", about="not known here"):
        chiara.sign_in()
    chiara.add(name="Another")
    chiara.world.sql(
        "UPDATE journal SET data = replace(data, 'false', 'true') WHERE stream = :stream",
        stream=f"member/{chiara.id}",
    )
    with pytest.raises(TamperedError):
        refusal(chiara.academy, chiara.id)


@pytest.mark.parametrize("column", ["passkey_id", "at", "assertion"])
def test_a_forged_binding_is_not_believed(chiara: Member, column: str) -> None:
    chiara.bind()
    chiara.world.sql(f"UPDATE passkey_bindings SET {column} = 'x'")
    with pytest.raises(TamperedError):
        assurance(chiara.academy, chiara.id)


@pytest.mark.parametrize("column", ["decision", "key", "member_id"])
def test_a_binding_that_is_moved_to_something_else_is_not_believed(chiara: Member, column: str) -> None:
    chiara.bind()
    place = {
        "decision": f"{DECISION}b",
        "key": did_key(public_key_of(generate_private_key("Ed25519"))),
        "member_id": chiara.world["dev"],
    }
    chiara.world.sql(f"UPDATE passkey_bindings SET {column} = :value", value=place[column])
    member = place["member_id"] if column == "member_id" else chiara.id
    with pytest.raises(TamperedError):
        assurance(chiara.academy, member, **{column: place[column]} if column != "member_id" else {})


def test_a_session_after_a_link_cannot_be_made_one_with_a_passkey(chiara: Member) -> None:
    people.request_link(chiara.academy, email="chiara@demo.example", next_path="/me")
    mail = chiara.world.rows("mails")[-1]["body"]
    token = mail.partition("/sign-in/")[2].split()[0]
    done = people.sign_in(chiara.academy, token=token)
    me = people.member_of_session(chiara.academy, token=done.session)
    assert me is not None
    assert (me.passkey, me.assurance) == (None, "link")
    chiara.world.sql("UPDATE sessions SET passkey_id = :id WHERE passkey_id IS NULL", id=chiara.ids[0])
    assert people.member_of_session(chiara.academy, token=done.session) is None
