"""How members are enrolled: their own streams, what their circles say and are told, who can answer."""

from __future__ import annotations

from collections.abc import Iterable

from issuer.errors import NotFoundError, RefusedError
from issuer.rules import enrolment as rules
from issuer.rules.enrolment import Enrolment, evolve_enrolment
from issuer.rules.journal import Event, replay
from issuer.service.academy import Work, use_case
from issuer.service.cases import circle_case
from issuer.service.models import EnrolmentView
from issuer.service.notices import send


def enrolment_of(work: Work, member: str) -> Enrolment:
    """Return how a member is enrolled, from their own stream."""
    return _read(work, member)[0]


def _read(work: Work, member: str) -> tuple[Enrolment, int]:
    events = work.unit.journal.read(f"member/{member}")
    return replay(evolve_enrolment, Enrolment(), events), len(events)


def happened(work: Work, member: str, events: Iterable[Event]) -> Enrolment:
    """Store what happened to a member's enrolment. Whoever is re-enrolled is told, and so are their circles."""
    before, seen = _read(work, member)
    events = tuple(events)
    work.unit.journal.append(f"member/{member}", events, after=seen)
    after = replay(evolve_enrolment, before, events)
    if after.re_enrolments > before.re_enrolments:
        _tell_re_enrolled(work, member, after)
    return after


def demand_settled(work: Work, member: str) -> None:
    """Refuse the word of somebody who enrolled anew less than 48 hours ago."""
    if (waits := rules.waiting(enrolment_of(work, member), now=work.now)) is not None:
        raise waits


def may_answer(work: Work, member: str, *, circle: str | None = None) -> RefusedError | None:
    """Return why what a member says cannot count now, None when it can.

    Two members of the circle have spoken to the person, and no re-enrolment is younger than 48 hours. With
    `circle`, the id of the circle that decides (its stream is sealed, so who writes rows shortens nothing), there
    is always somebody to ask. Without it, a person who is in no circle yet cannot be known to one: None.
    """
    return rules.refusal(enrolment_of(work, member), others=_others(work, member, circle), now=work.now)


def enrolment_words(work: Work, member: str, *, circle: str | None = None) -> str:
    """Return in a sentence how a member is enrolled, to stand beside their name where their circle decides."""
    return rules.words(enrolment_of(work, member), others=_others(work, member, circle), now=work.now)


@use_case
def say_spoken(work: Work, *, by: str, slug: str, about: str) -> None:
    """Say that one spoke to a member of one's circle, so that what they say there counts."""
    row = work.unit.cases.circle(slug=slug)
    members = circle_case(work, row.id).state.members if row else frozenset()
    if row is None or by not in members:
        raise NotFoundError("There is no circle of this name.")
    enrolment = enrolment_of(work, about)
    events = rules.say_spoken(
        enrolment,
        about=about,
        by=by,
        sayer=enrolment_of(work, by),
        circle=row.id,
        members=members,
        now=work.now,
    )
    happened(work, about, events)


def enrolments_in(work: Work, members: frozenset[str], *, reader: str) -> tuple[EnrolmentView, ...]:
    """Return how the members of a circle are enrolled, for one of them."""
    people = sorted(work.unit.people.named(members).values(), key=lambda row: row.name)
    return tuple(_view(work, row.id, row.name, members=members, reader=reader) for row in people)


def _view(work: Work, member: str, name: str, *, members: frozenset[str], reader: str) -> EnrolmentView:
    enrolment = enrolment_of(work, member)
    others = len(members) - 1 if len(members) > rules.SPOKEN_BY else _others(work, member, None)
    return EnrolmentView(
        id=member,
        name=name,
        is_me=member == reader,
        sentence=rules.words(enrolment, others=others, now=work.now),
        counts=rules.refusal(enrolment, others=others, now=work.now) is None,
        may_say_spoken=member != reader
        and reader not in enrolment.spoken
        and not enrolment.confirmed(others=others),
    )


def _others(work: Work, member: str, circle: str | None) -> int:
    """Return how many could say that they spoke to a member."""
    members = circle_case(work, circle).state.members if circle else frozenset()
    if member in members:
        return len(members) - 1
    return len(_companions(work, member)) or (rules.SPOKEN_BY if circle else 0)


def _companions(work: Work, member: str) -> frozenset[str]:
    """Return who shares a circle with a member, by the circles' own streams."""
    circles = [circle_case(work, row.id).state.members for row in work.unit.cases.circles_of(member)]
    return frozenset().union(*(members for members in circles if member in members)) - {member}


def _tell_re_enrolled(work: Work, member: str, enrolment: Enrolment) -> None:
    person = work.unit.people.by_id(member)
    until = enrolment.waits_until(now=work.now)
    if person is None or until is None:
        return
    topic = f"re-enrolled/{member}/{enrolment.re_enrolments}"
    send(
        work,
        member=member,
        topic=topic,
        subject=f"{work.academy.name}: your sign-in was exchanged",
        text="Another way to sign in stands now where your passkey was. Your circles are told, and your answers"
        f" count again from {rules.in_words(until)}. If it was not you, remove the passkey that you do not know,"
        " and call somebody of your circle.",
        path="/passkeys",
    )
    for row in work.unit.cases.circles_of(member):
        for other in sorted(circle_case(work, row.id).state.members - {member}):
            send(
                work,
                member=other,
                topic=topic,
                subject=f"{work.academy.name}: a sign-in in your circle was exchanged",
                text=f"{person.name} is re-enrolled: another way to sign in stands now where the passkey was. Ask"
                f" {person.name} whether it was them, in a way that you know. Their answers count again from"
                f" {rules.in_words(until)}.",
                path=f"/circles/{row.slug}",
            )
