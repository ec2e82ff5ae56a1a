"""An application that is brought by people with pens to where a journey in a browser begins."""

from __future__ import annotations

from dataclasses import dataclass

from issuer.service import processes
from issuer.service.models import AnswerDraft
from issuer.service.seeding.pens import Pens
from issuer.service.seeding.people import Case, evaluate_all, hand_in, member_ids, state_of
from tests.journeys.conftest import Service

PENS = Pens(b"the keys of people who sign on a command line")
CONSENT = AnswerDraft(version=1, response="consent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Asha applies; Chiara, Dev and Eli decide. All have pens; some take part in a browser instead."""

    service: Service
    ids: dict[str, str]
    application: str
    process: str

    @property
    def path(self) -> str:
        return f"/processes/{self.process}"

    def go_to_round(self) -> None:
        """Open the decision; nobody asks, nobody reacts."""
        academy, deciders = self.service.academy, [self.ids[name] for name in ("chiara", "dev", "eli")]
        processes.open_process(academy, by=self.ids["dev"], id_=self.process)
        for peer in deciders:
            processes.pass_questions(academy, by=peer, id_=self.process)
        processes.advance(academy, by=self.ids["dev"], id_=self.process)
        for peer in deciders:
            processes.react(academy, by=peer, id_=self.process, text=None)
        processes.advance(academy, by=self.ids["dev"], id_=self.process)

    def answered(self) -> set[str]:
        """Return whose answers count."""
        answers = state_of(self.service.academy, process=self.process).answers
        return {name for name, id_ in self.ids.items() if id_ in answers}


def a_story(service: Service) -> Story:
    ids = dict(member_ids(service.academy))
    case = Case(
        applicant=ids["asha"],
        badge="secretary",
        circle="pod-north",
        deciders=tuple(ids[name] for name in ("chiara", "dev", "eli")),
        facilitator=ids["dev"],
        secretary=ids["eli"],
        witnesses=(ids["ben"], ids["chiara"]),
    )
    emails = {id_: f"{name}@demo.example" for name, id_ in ids.items()}
    application = hand_in(service.academy, case, emails=emails)
    process = evaluate_all(service.academy, application, case, pens=PENS)
    return Story(service=service, ids=ids, application=application, process=process)
