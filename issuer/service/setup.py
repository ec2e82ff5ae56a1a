"""The first run: from an empty database to the first badge, one step after the other."""

from __future__ import annotations

from issuer.service.academy import Work, query
from issuer.service.cases import process_case
from issuer.service.circles import is_setup_code
from issuer.service.models import CircleDraft, MemberDraft, Mode, SetupPage
from issuer.service.proposals import read_proposal


@query
def setup_page(work: Work, *, reader: str | None) -> SetupPage | None:
    """Return the step that comes next, None once a badge was issued. Paths are for those who take part."""
    return next_step(work, reader)


def next_step(work: Work, reader: str | None) -> SetupPage | None:
    """Return the step that comes next, None once a badge was issued."""
    cases = work.unit.cases
    if cases.circle_of_kind("academy") is None:
        running = cases.running_of_kind("constitute")
        if not running:
            sentence = "Name the Academy Circle: its aim, and the people it begins with."
            return SetupPage(step="circle", path=None, sentence=sentence)
        return SetupPage(
            step="consent",
            path=_path(work, running[0].id, reader),
            sentence="The people who are named decide by consent whether they begin as a circle."
            " Each of them has a mail with a link.",
        )
    if not cases.all_badges(limit=1):
        running = cases.running_of_kind("adopt")
        if running:
            sentence = "The Academy Circle is deciding about its first badges."
            return SetupPage(step="badges", path=_path(work, running[0].id, reader), sentence=sentence)
        sentence = "Propose the first badges, and name founding evaluators for them."
        return SetupPage(step="badges", path="/badges/propose", sentence=sentence)
    if not work.unit.awards.any_issued():
        sentence = "Everything is there for the first application: choose a badge and apply."
        return SetupPage(step="first_application", path="/badges", sentence=sentence)
    return None


def _path(work: Work, process: str, reader: str | None) -> str | None:
    state = process_case(work, process).state
    return f"/processes/{process}" if reader is not None and reader in state.peers else None


@query
def proposed_circle(work: Work, *, setup_code: str) -> tuple[CircleDraft, Mode] | None:
    """Return the first circle as it is proposed now, to whoever knows the set-up code; it names people."""
    if work.unit.cases.circle_of_kind("academy") is not None or not is_setup_code(work.academy, setup_code):
        return None
    running = work.unit.cases.running_of_kind("constitute")
    process = process_case(work, running[0].id).state if running else None
    plan = read_proposal(work, process.subject).circle if process else None
    if process is None or plan is None:
        return None
    people = work.unit.people.named(plan.members)
    members = tuple(
        MemberDraft(
            name=people[member].name,
            email=people[member].email,
            roles=tuple(role for role, holder in plan.roles.items() if holder == member),
        )
        for member in plan.members
        if member in people
    )
    draft = CircleDraft(
        name=plan.name,
        kind=plan.kind,
        aim=plan.aim,
        domain=plan.domain,
        parent=None,
        members=members,
        policy="small_circle" if plan.policy == "small_circle" else "default",
    )
    return draft, "meeting" if process.mode == "meeting" else "async"
