"""`kill -9` before and after every commit: nothing that was confirmed is lost, and nothing is issued twice."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from issuer.service.academy import Work, query
from issuer.service.cases import award_case
from issuer.service.issuing import SignedForms, complete_pending, pending_awards, sign
from tests.conftest import NewDatabase, Template
from tests.integration.world import World

ROOT = Path(__file__).parents[2]
ACCEPT = 37  # the commit that writes the plan; those of the log, its proof and the signature follow
COMMITS = 43  # of the whole story, and the first of the worker after it; a test counts them
AT_ONCE = 6
# What each of several people does in turn is killed before one's commit and after the next one's.
_IN_TURN = {*range(11, 20), *range(22, 29), *range(30, 36)}
POINTS = [
    f"{when}:{number}"
    for number in range(1, COMMITS + 1)
    for when in ("before", "after")
    if number not in _IN_TURN or (when == "before") == (number % 2 == 0)
]


class Nursery:
    """A process from which the storytellers are forked, so that each of them starts at once."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def tell(self, world: World, kill_at: str) -> tuple[list[str], int]:
        """Tell the story until it is killed or ends; return the steps that it confirmed, and how it ended."""
        assert self.process.stdin
        assert self.process.stdout
        line = json.dumps([str(world.folder), world.url, world.clock.now.isoformat(), kill_at])
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        status, steps = json.loads(self.process.stdout.readline())
        assert status in {0, -signal.SIGKILL}
        return steps, status


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.crash.child"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Nursery(process)
        assert process.stdin
        process.stdin.close()


@query
def _signed_again(work: Work, *, award: str) -> SignedForms:
    return sign(work, award_case(work, award).state)


# The steps of which a trace is kept, and where: (stream, event) that a confirmed step left behind.
TRACES = {
    "start": "started",
    "save_draft": "draft_saved",
    "add_evidence": "evidence_added",
    "choose_name": "name_chosen",
    "invite_ben": "witness_invited",
    "statement_ben": "witness_changed",
    "take_up": "prepared",
    "declare": "conflict_declared",
    "see": "evidence_opened",
    "evaluate": "checklist_filled",
    "read_feedback": "feedback_read",
    "open": "opened",
    "pass": "questions_passed",
    "react": "reacted",
    "respond": "responded",
    "nothing_more": "nothing_more",
    "accept": "planned",
}


def kept(world: World, before: Counter[str], confirmed: list[str]) -> None:
    """Check that every step that came back is in the journal."""
    now = Counter(row["type"] for row in world.rows("journal"))
    for step, times in Counter(confirmed).items():
        if step in TRACES:
            assert now[TRACES[step]] - before[TRACES[step]] >= times, step


def ends_well(nursery: Nursery, world: World, kill_at: str) -> bool:
    """Kill the story at a commit, look at what is there, let it go on, and look at its end; False: not killed."""
    before = Counter(row["type"] for row in world.rows("journal"))
    world.academy.engine.dispose()
    confirmed, status = nursery.tell(world, kill_at)
    kept(world, before, confirmed)
    assert world.badges() <= 5
    world.academy.engine.dispose()
    if status:
        more, again = nursery.tell(world, "never")
        assert again == 0
        confirmed += [step for step in more if step != "start"]
        kept(world, before, confirmed)
    assert world.badges() == 5, "one badge more than before, and only one"
    mine = (world["asha"], "secretary")
    award = next(row for row in world.rows("awards") if (row["holder_id"], row["badge"]) == mine)
    stored = next(row for row in world.rows("credentials") if row["award_id"] == award["id"])
    signed = _signed_again(world.academy, award=award["id"])
    assert (stored["json"], stored["jwt"]) == (signed.json, signed.jwt), "signing again gives the same bytes"
    types = Counter(row["type"] for row in world.rows("journal"))
    assert (types["planned"] - before["planned"], types["issued"] - before["issued"]) == (1, 1)
    world.academy.engine.dispose()
    return status == -signal.SIGKILL


def test_the_story_has_as_many_commits_as_are_tried(nursery: Nursery, world: World) -> None:
    world.academy.engine.dispose()
    steps, status = nursery.tell(world, f"after:{COMMITS}")
    assert status == -signal.SIGKILL
    assert steps[-1] == "accept", "the last commit that is tried is the worker's, after the acceptance"
    assert set(TRACES) <= {*steps}, "each use case of the story is killed at its commit"


# What several people do in turn is the same commit again: those in the middle are killed with `make test-long`.
_MIDDLE = range(2 * AT_ONCE, 6 * AT_ONCE)
_SLICES = [
    pytest.param(first, marks=pytest.mark.long) if first in _MIDDLE else first
    for first in range(0, len(POINTS), AT_ONCE)
]


@pytest.mark.parametrize("first", _SLICES)
def test_a_process_killed_at_any_commit_loses_nothing_and_issues_once(
    nursery: Nursery, seeded_template: Template, tmp_path: Path, first: int
) -> None:
    for point in POINTS[first : first + AT_ONCE]:
        world = seeded_template.copy(tmp_path / point.replace(":", "-"))
        assert ends_well(nursery, world, point), point


@pytest.mark.postgres
@pytest.mark.parametrize("point", [f"{when}:{ACCEPT + later}" for when in ("before", "after") for later in (0, 5)])
def test_the_acceptance_survives_on_postgres_too(  # noqa: PLR0917 - fixtures
    nursery: Nursery,
    seeded_template: Template,
    seeded_postgres: str,
    postgres: NewDatabase,
    tmp_path: Path,
    point: str,
) -> None:
    for part in ("keys", "log-key", "head", "log"):
        shutil.copytree(seeded_template.folder / part, tmp_path / part)
    world = seeded_template.at(postgres(template=seeded_postgres), folder=tmp_path)
    assert ends_well(nursery, world, point)


def test_a_plan_without_a_signature_is_what_a_kill_between_them_leaves(nursery: Nursery, world: World) -> None:
    world.academy.engine.dispose()
    nursery.tell(world, f"after:{ACCEPT}")
    assert (world.badges(), len(pending_awards(world.academy))) == (4, 1)
    assert complete_pending(world.academy) == 1
    assert world.badges() == 5
