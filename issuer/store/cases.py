"""Tables for lists and look-ups, derived from the journal in the same transaction. No decision rests on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, update
from sqlalchemy.engine import Row

from issuer.rules.applications import Application
from issuer.rules.circles import Circle
from issuer.rules.process import Process
from issuer.store.tables import (
    applications,
    badges,
    circles,
    memberships,
    participants,
    processes,
    settings,
    witnesses,
)

AnyRow = Row[Any]
LIST_LIMIT = 100


def put(connection: Connection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Write one row, new or not."""
    condition = [table.c[name] == value for name, value in key.items()]
    if connection.execute(update(table).where(*condition).values(**values)).rowcount == 0:
        connection.execute(insert(table).values(**key, **values))


@dataclass(frozen=True, slots=True)
class Cases:
    """Circles, badges, applications and processes, as lists."""

    connection: Connection

    # Settings

    def setting(self, name: str) -> str | None:
        """Return a value that was frozen at first start."""
        return self.connection.execute(select(settings.c.value).where(settings.c.name == name)).scalar()

    def freeze_setting(self, name: str, value: str) -> None:
        """Store a value for good."""
        self.connection.execute(insert(settings).values(name=name, value=value))

    # Circles

    def put_circle(self, circle: Circle, *, slug: str, name: str, aim: str, domain: str) -> None:
        """Write a circle and who is in it."""
        values = {"slug": slug, "kind": circle.kind, "name": name, "aim": aim, "domain": domain}
        put(self.connection, circles, {"id": circle.id}, {**values, "parent_id": circle.parent})
        self.connection.execute(delete(memberships).where(memberships.c.circle_id == circle.id))
        rows = [{"circle_id": circle.id, "member_id": member} for member in sorted(circle.members)]
        self.connection.execute(insert(memberships), rows)

    def circle(self, *, slug: str | None = None, id_: str | None = None) -> AnyRow | None:
        """Return one circle's row."""
        condition = circles.c.slug == slug if slug is not None else circles.c.id == id_
        return self.connection.execute(select(circles).where(condition)).first()

    def all_circles(self) -> list[AnyRow]:
        """Return the circles by kind and name, at most 500."""
        return list(self.connection.execute(select(circles).order_by(circles.c.kind, circles.c.name).limit(500)))

    def circle_of_kind(self, kind: str) -> AnyRow | None:
        """Return the first circle of a kind."""
        return self.connection.execute(select(circles).where(circles.c.kind == kind)).first()

    def children(self, circle: str) -> list[AnyRow]:
        """Return the circles whose parent this one is."""
        query = select(circles).where(circles.c.parent_id == circle).order_by(circles.c.name).limit(LIST_LIMIT)
        return list(self.connection.execute(query))

    def circles_of(self, member: str) -> list[AnyRow]:
        """Return the circles somebody is a full member of."""
        query = select(circles).join(memberships, memberships.c.circle_id == circles.c.id)
        return list(
            self.connection.execute(query.where(memberships.c.member_id == member).order_by(circles.c.name))
        )

    # Badges

    def put_badge(self, *, slug: str, **values: str) -> None:
        """Write a badge as it stands in the catalogue."""
        put(self.connection, badges, {"slug": slug}, values)

    def badge(self, slug: str) -> AnyRow | None:
        """Return a badge's row."""
        return self.connection.execute(select(badges).where(badges.c.slug == slug)).first()

    def badges_named(self, slugs: Iterable[str]) -> dict[str, AnyRow]:
        """Return several badges by slug."""
        rows = self.connection.execute(select(badges).where(badges.c.slug.in_(set(slugs))))
        return {row.slug: row for row in rows}

    def all_badges(self, *, limit: int = 500) -> list[AnyRow]:
        """Return the catalogue."""
        return list(self.connection.execute(select(badges).order_by(badges.c.bundle, badges.c.name).limit(limit)))

    # Applications

    def put_application(self, application: Application, *, now: datetime) -> None:
        """Write an application's row and its witnesses'."""
        values = {
            "applicant_id": application.applicant,
            "badge": application.badge,
            "circle_id": application.circle,
            "state": application.state,
            "process_id": application.process,
            "at": now.isoformat(),
        }
        put(self.connection, applications, {"id": application.id}, values)
        for witness in application.witnesses:
            key = {"application_id": application.id, "member_id": witness.member}
            put(self.connection, witnesses, key, {"state": witness.state})

    def applications_of(self, member: str) -> list[AnyRow]:
        """Return somebody's applications, newest first."""
        query = select(applications).where(applications.c.applicant_id == member)
        return list(self.connection.execute(query.order_by(applications.c.at.desc()).limit(LIST_LIMIT)))

    def applications_in(self, circle: str, states: Iterable[str]) -> list[AnyRow]:
        """Return a circle's applications in some states, oldest first."""
        query = select(applications).where(
            applications.c.circle_id == circle, applications.c.state.in_(set(states))
        )
        return list(self.connection.execute(query.order_by(applications.c.at).limit(LIST_LIMIT)))

    def open_application(self, member: str, badge: str, states: Iterable[str]) -> str | None:
        """Return the application that somebody has running for a badge."""
        query = select(applications.c.id).where(
            applications.c.applicant_id == member,
            applications.c.badge == badge,
            applications.c.state.in_(set(states)),
        )
        return self.connection.execute(query).scalar()

    def statements_of(self, member: str) -> list[AnyRow]:
        """Return the applications that somebody was asked to witness."""
        query = select(witnesses).where(witnesses.c.member_id == member).limit(LIST_LIMIT)
        return list(self.connection.execute(query))

    # Processes

    def put_process(self, process: Process, *, meeting_code: str | None = None) -> None:
        """Write a process's row and who has a part in it."""
        values: dict[str, Any] = {
            "kind": process.kind,
            "circle_id": process.circle,
            "subject": process.subject,
            "concerned": process.concerned,
            "phase": process.phase,
            "outcome": process.outcome,
            "due_at": process.deadline.isoformat() if process.deadline else None,
            "closed_at": process.closed_at.isoformat() if process.closed_at else None,
        }
        if meeting_code is not None:
            values["meeting_code"] = meeting_code
        put(self.connection, processes, {"id": process.id}, values)
        people = {*process.peers, process.facilitator, process.secretary, process.proposer}
        people |= {process.concerned} if process.concerned else set()
        for member in people:
            key = {"process_id": process.id, "member_id": member}
            running = not process.closed
            put(self.connection, participants, key, {"decides": member in process.deciders, "running": running})

    def process_row(self, id_: str) -> AnyRow | None:
        """Return one process's row."""
        return self.connection.execute(select(processes).where(processes.c.id == id_)).first()

    def process_by_code(self, code: str) -> str | None:
        """Return the process whose meeting has this code."""
        return self.connection.execute(select(processes.c.id).where(processes.c.meeting_code == code)).scalar()

    def due_processes(self, *, now: datetime, limit: int = LIST_LIMIT) -> list[str]:
        """Return processes whose time is over."""
        query = select(processes.c.id).where(processes.c.due_at <= now.isoformat(), processes.c.phase != "closed")
        return list(self.connection.execute(query.order_by(processes.c.due_at).limit(limit)).scalars())

    def to_erase(self, *, closed_before: datetime, limit: int = LIST_LIMIT) -> list[str]:
        """Return processes that were closed long ago and whose talk is still there."""
        query = select(processes.c.id).where(
            processes.c.erased.is_(False), processes.c.closed_at <= closed_before.isoformat()
        )
        return list(self.connection.execute(query.order_by(processes.c.closed_at).limit(limit)).scalars())

    def note_erased(self, id_: str) -> None:
        """Note that a process's talk was deleted."""
        self.connection.execute(update(processes).where(processes.c.id == id_).values(erased=True))

    def to_pad(self, *, closed_before: datetime, limit: int = LIST_LIMIT) -> list[str]:
        """Return processes that ended before a moment and whose last leaves are not logged yet."""
        query = select(processes.c.id).where(
            processes.c.padded.is_(False), processes.c.closed_at < closed_before.isoformat()
        )
        return list(self.connection.execute(query.order_by(processes.c.closed_at).limit(limit)).scalars())

    def note_padded(self, id_: str) -> None:
        """Note that a process's last leaves are logged."""
        self.connection.execute(update(processes).where(processes.c.id == id_).values(padded=True))

    def look_again(self, id_: str, *, at: datetime) -> None:
        """Look at a process again later, so that those that wait for people do not stand before the others."""
        self.connection.execute(update(processes).where(processes.c.id == id_).values(due_at=at.isoformat()))

    def processes_in(self, circle: str, *, closed: bool) -> list[AnyRow]:
        """Return a circle's running or closed processes, newest first."""
        condition = processes.c.phase == "closed" if closed else processes.c.phase != "closed"
        query = select(processes).where(processes.c.circle_id == circle, condition)
        return list(self.connection.execute(query.order_by(processes.c.closed_at.desc()).limit(LIST_LIMIT)))

    def running_of_kind(self, kind: str) -> list[AnyRow]:
        """Return running processes of a kind."""
        query = select(processes).where(processes.c.kind == kind, processes.c.phase != "closed").limit(LIST_LIMIT)
        return list(self.connection.execute(query))

    def processes_of(self, member: str) -> list[str]:
        """Return the running processes that somebody has a part in."""
        query = select(participants.c.process_id).where(participants.c.member_id == member, participants.c.running)
        return list(self.connection.execute(query.limit(LIST_LIMIT)).scalars())

    def count_waiting(self, member: str) -> int:
        """Return how many running decisions somebody has a part in."""
        query = select(func.count()).where(participants.c.member_id == member, participants.c.running)
        return self.connection.execute(query).scalar_one()

    def concerned_where_decided(self, member: str, *, since: datetime, until: datetime) -> frozenset[str]:
        """Return the people on whose awards somebody decided in that time (G5)."""
        query = (
            select(processes.c.concerned)
            .join(participants, participants.c.process_id == processes.c.id)
            .where(
                participants.c.member_id == member,
                participants.c.decides,
                processes.c.kind == "award",
                processes.c.outcome == "consented",
                processes.c.closed_at.between(since.isoformat(), until.isoformat()),
            )
        )
        return frozenset(self.connection.execute(query).scalars())

    def last_awards(self, circle: str, *, until: datetime, limit: int) -> list[str]:
        """Return the newest awarding processes of a circle, as of then."""
        query = select(processes.c.id).where(
            processes.c.circle_id == circle,
            processes.c.kind == "award",
            processes.c.outcome == "consented",
            processes.c.closed_at <= until.isoformat(),
        )
        return list(self.connection.execute(query.order_by(processes.c.closed_at.desc()).limit(limit)).scalars())
