"""Accounts: signing in by a one-time link, the page of what waits, the profile."""

from __future__ import annotations

import zoneinfo
from datetime import datetime, timedelta

from issuer.errors import InvalidInputError, NotFoundError, RefusedError
from issuer.service.academy import Work, query, use_case
from issuer.service.inputs import parse_address, parse_name
from issuer.service.models import MailRow, Me, SignedIn
from issuer.service.notices import new_token, sign_in_link, token_hash

SESSION_LASTS = timedelta(days=90)
_SIGN_IN_LASTS = timedelta(hours=1)
_NEWEST_MAILS = 100
_MANY, _MANY_WITHIN = 6, timedelta(minutes=15)


def account_for(work: Work, *, email: str, name: str) -> str:
    """Return the account with an address, made now if there is none: one address is one person."""
    address = parse_address(email)
    row = work.unit.people.by_email(address)
    if row is not None:
        return row.id
    member = work.new_id()
    work.unit.people.add(id_=member, name=parse_name(name), email=address, now=work.now)
    return member


@use_case
def request_link(work: Work, *, email: str, next_path: str) -> None:
    """Send a sign-in link. Nobody learns from the answer, or from its time, whether there is such an account."""
    address = parse_address(email)
    person, often = work.unit.people.by_email(address), _asked_too_often(work, address)
    if person is None or often:
        _write_as_much(work, address)
        return
    link = sign_in_link(work, member=person.id, next_path=next_path, lasts=_SIGN_IN_LASTS)
    body = (
        f"Hello {person.name},\n\nHere is your link to sign in:\n\n{link}\n\nIt works once, within an hour."
        f" If you did not ask for it, leave it.\n\n{work.academy.name}\n"
    )
    subject = f"{work.academy.name}: your link to sign in"
    work.unit.mails.add(recipient=person.email, subject=subject, body=body, topic="sign-in", at=work.now)


def _write_as_much(work: Work, address: str) -> None:
    """Write about what a link and its mail take, and keep nothing of it."""
    topic = f"none/{new_token(work)}"
    for body in ("a link", "a mail of some lines\n" * 12):
        work.unit.mails.add(recipient=address, subject="", body=body, topic=topic, at=work.now)
    work.unit.mails.drop(topic=topic, recipient=address)


def _asked_too_often(work: Work, email: str) -> bool:
    """Say whether somebody fills this person's mailbox."""
    since = work.now - _MANY_WITHIN
    return work.unit.mails.count_since(topic="sign-in", recipient=email, since=since) >= _MANY


@query
def link_owner(work: Work, *, token: str) -> str | None:
    """Return whose sign-in link it is, None when it is used or too old. Uses nothing up."""
    found = work.unit.people.link(token_hash(token), now=work.now)
    person = work.unit.people.by_id(found[0]) if found else None
    return person.name if person else None


@query
def path_of_link(work: Work, *, token: str, me: str) -> str | None:
    """Return where one's own link leads: a mail stays useful to who is signed in already, however often."""
    return work.unit.people.path_of_link(token_hash(token), member=me)


@use_case
def sign_in(work: Work, *, token: str) -> SignedIn:
    """Use a link up and begin a session on this device."""
    hash_ = token_hash(token)
    found = work.unit.people.link(hash_, now=work.now)
    if found is None or not work.unit.people.use_link(hash_, now=work.now):
        raise RefusedError(
            "This link was used already, or is too old.",
            rule="sign-in",
            remedy="Ask for a new one; it comes at once.",
        )
    member, next_path = found
    return begin_session(work, member=member, next_path=next_path)


def begin_session(work: Work, *, member: str, next_path: str, passkey: str | None = None) -> SignedIn:
    """Begin a session on this device, with a passkey or after a mailed link."""
    session = new_token(work)
    expires_at = work.now + SESSION_LASTS
    work.unit.people.add_session(
        token_hash=token_hash(session), member=member, now=work.now, expires_at=expires_at, passkey=passkey
    )
    return SignedIn(session=session, next_path=next_path)


@query
def member_of_session(work: Work, *, token: str) -> Me | None:
    """Return who is signed in with a session."""
    session = work.unit.people.session(token_hash(token), now=work.now)
    person = work.unit.people.by_id(session.member) if session else None
    if session is None or person is None:
        return None
    circles = work.unit.cases.circles_of(person.id)
    return Me(
        id=person.id,
        name=person.name,
        email=person.email,
        time_zone=person.time_zone,
        is_academy_member=any(circle.kind == "academy" for circle in circles),
        waiting=work.unit.cases.count_waiting(person.id),
        passkey=session.passkey,
    )


@use_case
def sign_out(work: Work, *, token: str) -> None:
    """End a session."""
    work.unit.people.end_session(token_hash(token))


@use_case
def change_profile(work: Work, *, by: str, name: str, time_zone: str) -> None:
    """Change how one is called, and the zone in which times are shown."""
    if work.unit.people.by_id(by) is None:
        raise NotFoundError("There is no such account.")
    if time_zone not in zoneinfo.available_timezones():
        raise InvalidInputError({"time_zone": "Choose a time zone from the list."})
    work.unit.people.change(by, name=parse_name(name), time_zone=time_zone)


@query
def local_mails(work: Work) -> tuple[MailRow, ...]:
    """Return the newest mails, on a machine where nothing is sent (development only)."""
    if not work.academy.dev:
        raise NotFoundError("There is nothing here.")
    return tuple(
        MailRow(
            id=row.id,
            to=row.recipient,
            subject=row.subject,
            body=row.body,
            at=datetime.fromisoformat(row.at),
            sent=row.sent_at is not None,
        )
        for row in work.unit.mails.newest(limit=_NEWEST_MAILS)
    )
