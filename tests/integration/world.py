"""An academy with people in it, and the steps that bring a case to where a test begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from issuer.errors import AcademyError, NotFoundError, RefusedError, TamperedError
from issuer.rules.applications import Application
from issuer.rules.awards import Award
from issuer.rules.process import Process
from issuer.service import processes
from issuer.service.academy import Academy, Work, query
from issuer.service.cases import application_case, award_case
from issuer.service.models import AnswerDraft
from issuer.service.seeding.people import Case, evaluate_all, hand_in, member_ids, state_of
from issuer.store.tables import METADATA, credentials
from tests.fakes import FakeClock
from tests.pens import PENS

CONSENT = AnswerDraft(version=1, response="consent")
DECIDERS = ("chiara", "dev", "eli")
# What people are told and how they sign in says nothing about a decision.
_ASIDE = frozenset({"links", "sessions"})


@query
def application_of(work: Work, *, id_: str) -> Application:
    """Return an application as it stands."""
    return application_case(work, id_).state


@query
def award_of(work: Work, *, id_: str) -> Award:
    """Return an award as it stands."""
    return award_case(work, id_).state


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An application and the decision about it."""

    application: str
    process: str


@dataclass(slots=True, kw_only=True)
class World:
    """The demo academy: Asha of Pod North asks for Secretary; Chiara, Dev and Eli decide; Ben is her mentor."""

    academy: Academy
    clock: FakeClock
    folder: Path
    url: str
    _ids: Mapping[str, str] = field(default_factory=dict)

    @property
    def ids(self) -> Mapping[str, str]:
        if not self._ids:
            self._ids = member_ids(self.academy)
        return self._ids

    def __getitem__(self, name: str) -> str:
        """Return somebody's id."""
        return self.ids[name]

    @property
    def emails(self) -> dict[str, str]:
        return {id_: f"{name}@demo.example" for name, id_ in self.ids.items()}

    # Steps

    def case(self, **changes: Any) -> Case:
        usual = Case(
            applicant=self["asha"],
            badge="secretary",
            circle="pod-north",
            deciders=tuple(self[name] for name in DECIDERS),
            facilitator=self["dev"],
            secretary=self["eli"],
            witnesses=(self["ben"], self["chiara"]),
            name="Asha Verma",
        )
        return replace(usual, **changes)

    def handed_in(self, **changes: Any) -> str:
        return hand_in(self.academy, self.case(**changes), emails=self.emails)

    def evaluated(self, **changes: Any) -> Asked:
        id_ = self.handed_in(**changes)
        return Asked(application=id_, process=evaluate_all(self.academy, id_, self.case(**changes), pens=PENS))

    def opened(self, **changes: Any) -> Asked:
        asked = self.evaluated(**changes)
        processes.open_process(self.academy, by=self.case(**changes).facilitator, id_=asked.process)
        return asked

    def in_round(self, **changes: Any) -> Asked:
        """Bring a case to its first consent round: nobody asks, nobody reacts."""
        asked = self.opened(**changes)
        case = self.case(**changes)
        if case.mode == "meeting":
            for peer in case.deciders:
                processes.pass_questions(self.academy, by=peer, id_=asked.process)
            processes.advance(self.academy, by=case.facilitator, id_=asked.process)
        for peer in case.deciders:
            processes.react(self.academy, by=peer, id_=asked.process, text=None)
        if case.mode == "meeting":
            processes.advance(self.academy, by=case.facilitator, id_=asked.process)
        assert self.process(asked).phase == "consent_round"
        return asked

    def settling(self, **changes: Any) -> Asked:
        asked = self.in_round(**changes)
        for peer in self.case(**changes).deciders:
            PENS.respond(self.academy, by=peer, id_=asked.process, answer=CONSENT)
        return asked

    def consented(self, **changes: Any) -> Asked:
        """Bring a case to where the applicant has the last word."""
        asked = self.settling(**changes)
        case = self.case(**changes)
        for person in (*case.deciders, case.applicant) if case.mode == "meeting" else ():
            processes.nothing_more(self.academy, by=person, id_=asked.process)
        if case.mode == "async":
            self.clock.pass_days(2)
            processes.close_due(self.academy)
        assert self.application(asked).state == "consented"
        return asked

    def accepted(self, **changes: Any) -> str:
        """Bring a case to its end; return the id of the badge."""
        asked = self.consented(**changes)
        return self.accept(asked, by=self.case(**changes).applicant)

    def accept(self, asked: Asked, *, by: str | None = None) -> str:
        who = by or self["asha"]
        path = PENS.accept(self.academy, by=who, id_=asked.application, published=True)
        return path.rpartition("/")[2]

    # Looking

    def process(self, asked: Asked | str) -> Process:
        id_ = asked if isinstance(asked, str) else asked.process
        return state_of(self.academy, process=id_)

    def application(self, asked: Asked | str) -> Application:
        id_ = asked if isinstance(asked, str) else asked.application
        return application_of(self.academy, id_=id_)

    def rows(self, table: str) -> list[dict[str, Any]]:
        with self.academy.engine.connect() as connection:
            return [dict(row._mapping) for row in connection.execute(select(METADATA.tables[table]))]

    def everything(self) -> dict[str, list[Any]]:
        """Return every row of every table that tells what happened."""
        tables = [name for name in METADATA.tables if name not in _ASIDE]
        return {name: sorted(self.rows(name), key=repr) for name in tables}

    def badges(self) -> int:
        """Return how many badges are signed."""
        with self.academy.engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(credentials)).scalar_one()

    def sql(self, statement: str, **values: Any) -> int:
        """Write rows past the service, as somebody who holds the database and no key; return how many."""
        with self.academy.engine.begin() as connection:
            count = connection.execute(text(statement), values).rowcount
        assert count, "the forgery did not change a row, so it tests nothing"
        return count

    # Refusals

    @contextmanager
    def refused(self, rule: str, *, about: str = "") -> Iterator[None]:
        """Expect a refusal by a rule, in a sentence, with what to do instead, and nothing changed."""
        before = self.everything()
        with pytest.raises(RefusedError, match=about or None) as caught:
            yield
        assert caught.value.rule == rule
        assert caught.value.message.endswith((".", "?"))
        assert caught.value.remedy, f"nothing is said about what to do instead: {caught.value}"
        assert self.everything() == before

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """Expect that there is nothing here for this person, and nothing changed."""
        before = self.everything()
        with pytest.raises(NotFoundError):
            yield
        assert self.everything() == before

    @contextmanager
    def unsigned(self, kind: type[AcademyError] = TamperedError, *, about: str = "") -> Iterator[None]:
        """Expect a refusal after which there are no more badges than before."""
        badges = self.badges()
        with pytest.raises(kind, match=about or None) as caught:
            yield
        if isinstance(caught.value, RefusedError):
            assert caught.value.remedy
        assert self.badges() == badges
