"""A member's own passkeys: adding, listing and removing them, and signing in with one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from issuer.errors import InvalidInputError, NotFoundError, RefusedError
from issuer.rules import enrolment as rules
from issuer.service.academy import Work, query, use_case
from issuer.service.inputs import name_faults
from issuer.service.models import PasskeysPage, PasskeyView, SignedIn
from issuer.service.notices import send
from issuer.service.passkeys.ceremonies import (
    challenge_in,
    creation_options,
    owner_in,
    read_new,
    read_use,
    refused,
    request_options,
    rp_id,
)
from issuer.service.passkeys.challenges import new_challenge, spend
from issuer.service.passkeys.enrolment import enrolment_of, enrolment_words, happened, may_answer
from issuer.service.people import begin_session
from issuer.store.passkeys import PasskeyRow

MAX_NAME = 60


def passkeys_in_use(work: Work, member: str) -> list[PasskeyRow]:
    """Return a member's passkeys: rows that carry our seal, and that the member's own stream names.

    A row that somebody brings back after its passkey was removed still has its seal; the stream says that it went.
    """
    known = enrolment_of(work, member).passkeys
    return [row for row in work.unit.passkeys.of_member(member) if row.id in known]


@query
def passkeys_page(work: Work, *, me: str) -> PasskeysPage:
    """Return a member's passkeys, and how they are enrolled."""
    return PasskeysPage(
        host=rp_id(work.academy),
        passkeys=tuple(
            PasskeyView(
                id=row.id,
                name=row.name,
                added_at=datetime.fromisoformat(row.added_at),
                used_at=datetime.fromisoformat(row.used_at) if row.used_at else None,
            )
            for row in passkeys_in_use(work, me)
        ),
        most=rules.MAX_PASSKEYS,
        sentence=enrolment_words(work, me),
        refusal=may_answer(work, me),
    )


@query
def begin_adding(work: Work, *, me: str) -> dict[str, Any]:
    """Return what the browser needs to make a passkey."""
    person = work.unit.people.by_id(me)
    if person is None:
        raise NotFoundError("There is no such account.")
    return creation_options(
        work.academy,
        challenge=new_challenge(work, "add", me),
        member=me,
        name=person.name,
        email=person.email,
        known=[row.credential for row in passkeys_in_use(work, me)],
    )


@use_case
def finish_adding(work: Work, *, me: str, session: str | None, name: str, credential: Any) -> None:
    """Add the passkey that the browser made. `session` is the passkey that the person signed in with, if any."""
    name = " ".join(name.split()) or "Passkey"
    faults = name_faults(name=name)
    if len(name) > MAX_NAME:
        faults = {"name": f"Give the passkey a name of at most {MAX_NAME} letters."}
    if faults:
        raise InvalidInputError(faults)
    challenge = challenge_in(credential)
    spend(work, challenge, "add", me)
    new = read_new(work.academy, credential, challenge=challenge)
    if work.unit.passkeys.by_credential(new.credential) is not None:
        raise refused("This passkey was added already.")
    row = PasskeyRow(
        id=work.new_id(),
        member=me,
        credential=new.credential,
        public_key=new.public_key,
        name=name,
        sign_count=new.sign_count,
        added_at=work.now.isoformat(),
    )
    events = rules.add_passkey(enrolment_of(work, me), member=me, passkey=row.id, session=session, now=work.now)
    work.unit.passkeys.add(row)
    happened(work, me, events)
    _tell_added(work, row, by=events[0]["by"])


def _tell_added(work: Work, row: PasskeyRow, *, by: str) -> None:
    how = "with a passkey" if by == "passkey" else "by a mailed link"
    send(
        work,
        member=row.member,
        topic=f"passkey/{row.id}",
        subject=f"{work.academy.name}: a passkey was added to your account",
        text=f"A passkey was added to your account, by somebody who had signed in {how}. If it was you, all is"
        " well. If not, remove it on the page that the link opens, and call somebody of your circle.",
        path="/passkeys",
    )


@use_case
def remove_passkey(work: Work, *, me: str, passkey: str) -> bool:
    """Remove a passkey and end the sessions that began with it; True when the person is re-enrolled by it."""
    before = enrolment_of(work, me)
    after = happened(work, me, rules.remove_passkey(before, member=me, passkey=passkey, now=work.now))
    work.unit.passkeys.remove(passkey)
    work.unit.people.end_sessions_of(passkey=passkey)
    return after.re_enrolments > before.re_enrolments


@query
def begin_signing_in(work: Work) -> dict[str, Any]:
    """Return what the browser needs to let somebody choose one of their passkeys."""
    return request_options(work.academy, challenge=new_challenge(work, "sign-in"))


@use_case
def finish_signing_in(work: Work, *, credential: Any, next_path: str) -> SignedIn:
    """Begin a session with a passkey."""
    challenge = challenge_in(credential)
    spend(work, challenge, "sign-in")
    row = use_passkey(work, credential, challenge=challenge)
    if owner_in(credential) != row.member:
        raise refused()
    return begin_session(work, member=row.member, next_path=next_path, passkey=row.id)


def use_passkey(work: Work, credential: Any, *, challenge: bytes, member: str | None = None) -> PasskeyRow:
    """Check a use of a passkey in force, of `member` where one is named, and count it."""
    id_ = credential.get("id") if isinstance(credential, dict) else None
    row = work.unit.passkeys.by_credential(id_) if isinstance(id_, str) else None
    if row is None or row.id not in enrolment_of(work, row.member).passkeys:
        raise RefusedError(
            "This passkey is not known here, or not any more.",
            rule="passkey",
            remedy="Sign in by a mailed link; then you can add a passkey.",
        )
    if member is not None and row.member != member:
        raise refused("This passkey belongs to another account.")
    count = read_use(work.academy, credential, challenge=challenge, row=row)
    if not work.unit.passkeys.used(row, sign_count=count, now=work.now):
        raise refused("This passkey was used elsewhere in the same moment.")
    return row
