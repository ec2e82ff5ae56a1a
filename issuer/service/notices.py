"""Mails that people get: few, with a link that opens the task itself, and a subject that names nobody."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from issuer.rules.process import Process
from issuer.service.academy import Work
from keys import encode_base64url

LINK_LASTS = timedelta(days=14)
_TOKEN_BYTES = 32
# At most three mails for each decision and person (PAGES.md section 8): what is only good to know leaves room for
# one that is needed.
_NEEDED = ("invitation", "reminder", "outcome")
_GOOD_TO_KNOW = ("evidence", "feedback", "ready")
_ROOM = 2


def token_hash(token: str) -> str:
    """Return what is stored of a token: who reads the database cannot sign in with it."""
    return hashlib.sha256(token.encode("utf-8")).hexdigest()


def new_token(work: Work) -> str:
    """Return a random token for a link or a session."""
    return encode_base64url(work.academy.random_bytes(_TOKEN_BYTES))


def sign_in_link(work: Work, *, member: str, next_path: str, lasts: timedelta = LINK_LASTS) -> str:
    """Store a one-time link for a member and return its address."""
    token = new_token(work)
    work.unit.people.add_link(
        token_hash=token_hash(token), member=member, next_path=next_path, expires_at=work.now + lasts
    )
    return work.academy.url(f"/sign-in/{token}")


def send(
    work: Work,
    *,
    member: str,
    topic: str,
    subject: str,
    text: str,
    path: str,
    other: tuple[str, str] | None = None,
) -> None:
    """Put a mail into the queue, once for each topic and person. `other` is a second link: its words and path."""
    person = work.unit.people.by_id(member)
    if person is None or work.unit.mails.count((topic,), recipient=person.email):
        return
    kind, _, case = topic.partition("/")
    if kind in _GOOD_TO_KNOW and _mails_about(work, case, person.email) >= _ROOM:
        return
    link = sign_in_link(work, member=member, next_path=path)
    second = ""
    if other is not None:
        words, other_path = other
        second = f"{words}\n\n{sign_in_link(work, member=member, next_path=other_path)}\n\n"
    body = (
        f"Hello {person.name},\n\n{text}\n\n{link}\n\n{second}"
        f"What is linked here is for you alone and works for {LINK_LASTS.days} days.\n\n{work.academy.name}\n"
    )
    work.unit.mails.add(recipient=person.email, subject=subject, body=body, topic=topic, at=work.now)


def _mails_about(work: Work, case: str, email: str) -> int:
    return work.unit.mails.count([f"{kind}/{case}" for kind in (*_NEEDED, *_GOOD_TO_KNOW)], recipient=email)


def tell_outcome(work: Work, process: Process) -> None:
    """Tell everybody who had a part that a decision has ended; how, stands on the page that the link opens."""
    people = {*process.peers, process.facilitator, process.secretary} - {process.concerned}
    withdrawn = process.outcome == "withdrawn"
    for member in sorted(people):
        send(
            work,
            member=member,
            topic=f"outcome/{process.id}",
            subject=f"{work.academy.name}: a decision in your circle has ended",
            text="A decision that you have a part in was taken back. Nothing more is to be done."
            if withdrawn
            else "A decision that you have a part in has ended. The link opens what was decided.",
            path="/me" if withdrawn else f"/processes/{process.id}",
        )


def invite_deciders(
    work: Work, process: Process, *, path: str, text: str, other: tuple[str, str] | None = None
) -> None:
    """Tell everybody who decides that a decision waits for them."""
    for member in process.deciders:
        send(
            work,
            member=member,
            topic=f"invitation/{process.id}",
            subject=f"{work.academy.name}: your circle asks for your voice",
            text=text,
            path=path,
            other=other,
        )
