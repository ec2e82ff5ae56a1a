"""Two at the same moment: exactly one effect, on both databases. Barriers let them meet; nobody sleeps."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from issuer.cli.work import work_once
from issuer.errors import AcademyError, RefusedError
from issuer.service import applications, people, processes
from issuer.service.circles import propose_circle, setup_code
from issuer.service.issuing import complete_pending
from issuer.service.mailing import send_due
from issuer.service.models import AnswerDraft
from tests.fakes import FakePost
from tests.integration.test_stories import _first_circle
from tests.integration.world import CONSENT, World
from tests.pens import PENS


def at_once(*acts: Callable[[], object]) -> list[Exception | None]:
    """Do things at the same moment, each in a thread of its own; return what each raised."""
    barrier = threading.Barrier(len(acts))
    raised: list[Exception | None] = [None] * len(acts)

    def run(number: int, act: Callable[[], object]) -> None:
        barrier.wait(timeout=30)
        try:
            act()
        except Exception as error:  # noqa: BLE001 - the test says which ones may come
            raised[number] = error

    threads = [threading.Thread(target=run, args=item) for item in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return raised


def count(world: World, stream: str, type_: str) -> int:
    return sum((row["stream"], row["type"]) == (stream, type_) for row in world.rows("journal"))


def one_refused(raised: list[Exception | None]) -> None:
    errors = [error for error in raised if error is not None]
    assert len(errors) == len(raised) - 1, raised
    assert all(isinstance(error, RefusedError) for error in errors), errors


def test_the_last_two_answers_at_once_lead_on_once(both: World) -> None:
    asked = both.in_round()
    PENS.respond(both.academy, by=both["chiara"], id_=asked.process, answer=CONSENT)

    def answer(name: str) -> Callable[[], object]:
        return lambda: PENS.respond(both.academy, by=both[name], id_=asked.process, answer=CONSENT)

    assert at_once(answer("dev"), answer("eli")) == [None, None]
    assert both.process(asked).phase == "settling"
    entered = [row for row in both.rows("journal") if row["type"] == "phase_entered" and "settling" in row["data"]]
    assert sum(row["stream"] == f"process/{asked.process}" for row in entered) == 1


def test_a_consent_and_an_objection_at_once_lead_to_integrating(both: World) -> None:
    asked = both.in_round()
    PENS.respond(both.academy, by=both["chiara"], id_=asked.process, answer=CONSENT)
    objection = AnswerDraft(version=1, response="objection", reason="I miss the backlog.")
    raised = at_once(
        lambda: PENS.respond(both.academy, by=both["dev"], id_=asked.process, answer=CONSENT),
        lambda: PENS.respond(both.academy, by=both["eli"], id_=asked.process, answer=objection),
    )
    assert raised == [None, None]
    assert both.process(asked).phase == "integrating"


def test_one_person_answering_twice_at_once_answers_once(both: World) -> None:
    asked = both.in_round()
    one_refused(
        at_once(
            *[lambda: PENS.respond(both.academy, by=both["dev"], id_=asked.process, answer=CONSENT)] * 3,
        )
    )
    assert count(both, f"process/{asked.process}", "responded") == 1


def test_a_late_objection_and_the_end_of_settling_at_once_are_one_or_the_other(both: World) -> None:
    asked = both.settling(mode="async")
    both.clock.pass_days(3)
    raised = at_once(
        lambda: processes.object_late(
            both.academy, by=both["eli"], id_=asked.process, reason="Something new.", about=""
        ),
        lambda: processes.close_due(both.academy),
    )
    state = both.process(asked)
    assert (state.phase, raised[0] is None) in {("closed", False), ("integrating", True)}
    assert len([row for row in both.rows("records") if row["id"] == asked.process]) == int(state.phase == "closed")


def test_two_acceptances_at_once_issue_once(both: World) -> None:
    asked = both.consented()
    one_refused(at_once(*[lambda: both.accept(asked)] * 3))
    assert both.badges() == 5
    assert (
        sum(row["holder_id"] == both["asha"] and row["badge"] == "secretary" for row in both.rows("awards")) == 1
    )


def test_accepting_and_declining_at_once_is_one_of_both(both: World) -> None:
    asked = both.consented()
    one_refused(
        at_once(
            lambda: both.accept(asked),
            lambda: applications.decline(both.academy, by=both["asha"], id_=asked.application),
        )
    )
    assert both.badges() == 4 + (both.application(asked).state == "issued")


def test_two_workers_close_a_decision_once(both: World) -> None:
    asked = both.settling(mode="async")
    both.clock.pass_days(3)
    assert at_once(*[lambda: processes.close_due(both.academy)] * 2) == [None, None]
    assert count(both, f"process/{asked.process}", "closed") == 1
    assert both.application(asked).state == "consented"


def test_two_workers_sign_an_award_once(both: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = both.consented()
    with monkeypatch.context() as broken:
        broken.setattr("issuer.service.applications.acceptance.complete_award", lambda *_, **__: None)
        both.accept(asked)
    assert both.badges() == 4
    assert at_once(*[lambda: complete_pending(both.academy)] * 2) == [None, None]
    assert both.badges() == 5
    assert count(both, f"award/{both.application(asked).award}", "issued") == 1


def test_two_workers_send_a_mail_once(both: World) -> None:
    first, second = FakePost(), FakePost()
    both.handed_in()
    at_once(lambda: work_once(both.academy, first), lambda: work_once(both.academy, second))
    while send_due(both.academy, first):
        """Send all that the seeding left."""
    sent = [mail.id for mail in first.mails + second.mails]
    assert len(sent) == len(set(sent)) == len(both.rows("mails"))


def test_the_same_person_starting_twice_at_once_has_one_application(both: World) -> None:
    def start() -> None:
        applications.start(both.academy, by=both["ben"], badge="feedback", circle="pod-north")

    raised = at_once(start, start)
    assert all(error is None or isinstance(error, AcademyError) for error in raised)
    mine = [row for row in both.rows("applications") if row["applicant_id"] == both["ben"]]
    assert len(mine) == 1


def test_a_link_used_twice_at_once_signs_in_once(both: World) -> None:
    people.request_link(both.academy, email="hana@demo.example", next_path="/me")
    body = max(both.rows("mails"), key=lambda row: row["id"])["body"]
    token = next(word for word in body.split() if "/sign-in/" in word).rpartition("/")[2]
    one_refused(at_once(*[lambda: people.sign_in(both.academy, token=token)] * 2))
    assert len(both.rows("sessions")) == 1


def test_of_two_first_circles_proposed_at_once_one_is_left(empty: World) -> None:
    code = setup_code(empty.academy)

    def propose() -> None:
        propose_circle(empty.academy, by=None, draft=_first_circle(), mode="meeting", setup_code=code)

    raised = at_once(propose, propose)
    assert all(error is None or isinstance(error, AcademyError) for error in raised), raised
    assert sum(row["phase"] != "closed" for row in empty.rows("processes")) == 1
    assert len(empty.rows("members")) == 3
