"""The whole story of one badge, told over some days: question, objection, another version, consent, acceptance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from issuer.service import processes
from issuer.service.academy import Academy
from issuer.service.models import Amendment, AnswerDraft
from issuer.service.seeding.academy import DEMO_PEOPLE, address
from issuer.service.seeding.pens import Pens
from issuer.service.seeding.people import Case, evaluate_all, hand_in, member_ids, state_of

# How the twenty days of the story are spent.
_WRITING, _LOOKING, _ASKING, _ROUND, _OBJECTION, _SETTLING, _ACCEPTING = 4, 3, 2, 3, 2, 2, 2
DAYS = _WRITING + _LOOKING + _ASKING + _ROUND + 2 * _OBJECTION + _SETTLING + _ACCEPTING


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What came out of the story: the ids of the application, the decision and the badge."""

    application: str
    process: str
    credential: str


def tell_story(academy: Academy, *, pass_days: Callable[[int], None]) -> Told:
    """Let Asha of Pod North apply for Secretary, and her peers decide. `pass_days` moves the academy's clock."""
    ids, pens = member_ids(academy), Pens(academy.random_bytes(32))
    asha, chiara, dev, eli = (ids[name] for name in ("asha", "chiara", "dev", "eli"))
    case = Case(
        applicant=asha,
        badge="secretary",
        circle="pod-north",
        deciders=(chiara, dev, eli),
        facilitator=dev,
        secretary=eli,
        witnesses=(ids["ben"], chiara),
        name=DEMO_PEOPLE["asha"],
        mode="async",
    )
    pass_days(_WRITING)
    id_ = hand_in(academy, case, emails={member: address(name) for name, member in ids.items()})
    pass_days(_LOOKING)
    process = evaluate_all(academy, id_, case, pens=pens)
    processes.open_process(academy, by=dev, id_=process)
    pass_days(_ASKING)
    _talk(academy, process, asha=asha, asking=eli, others=(chiara, dev))
    pass_days(_ROUND)
    _object(academy, process, pens=pens, objecting=dev, others=(chiara, eli))
    pass_days(_OBJECTION)
    _integrate(academy, process, objecting=dev, wording=eli)
    pass_days(_OBJECTION)
    for peer in (chiara, eli, dev):
        answer = AnswerDraft(version=2, response="consent", show_name=peer == chiara)
        pens.respond(academy, by=peer, id_=process, answer=answer)
    pass_days(_SETTLING)
    processes.close_due(academy)
    pass_days(_ACCEPTING)
    path = pens.accept(academy, by=asha, id_=id_, published=True)
    return Told(application=id_, process=process, credential=path.rpartition("/")[2])


def _talk(academy: Academy, process: str, *, asha: str, asking: str, others: tuple[str, ...]) -> None:
    """One question and its answer; then everybody has spoken, and the round opens by itself."""
    if state_of(academy, process=process).phase == "clarifying":
        processes.ask(academy, by=asking, id_=process, text="Who reads your minutes when you are away?")
        question = state_of(academy, process=process).questions[-1].id
        text = "Chiara does; I show her where the open points stand."
        processes.answer_question(academy, by=asha, id_=process, question=question, text=text)
    for peer in (asking, *others):
        if state_of(academy, process=process).phase == "clarifying":
            processes.pass_questions(academy, by=peer, id_=process)
    for peer in (asking, *others):
        processes.react(academy, by=peer, id_=process, text="I read them and knew what was decided, and why.")


def _object(academy: Academy, process: str, *, pens: Pens, objecting: str, others: tuple[str, ...]) -> None:
    """The round is finished before anybody works on the objection."""
    pens.respond(academy, by=others[0], id_=process, answer=AnswerDraft(version=1, response="consent"))
    pens.respond(
        academy,
        by=objecting,
        id_=process,
        answer=AnswerDraft(
            version=1,
            response="objection",
            reason="The review dates of two decisions were missed, so others could not rely on the backlog.",
            about="Reviews that fall due appear on an agenda before their date.",
        ),
    )
    concern = "I would like to hear in half a year how the backlog is doing."
    answer = AnswerDraft(version=1, response="consent", concern=concern)
    pens.respond(academy, by=others[1], id_=process, answer=answer)


def _integrate(academy: Academy, process: str, *, objecting: str, wording: str) -> None:
    objection = state_of(academy, process=process).objections[-1].id
    words = "Without review dates on the agenda, the circle's memory has a gap."
    processes.word_objection(academy, by=wording, id_=process, objection=objection, wording=words)
    processes.change_objection(academy, by=objecting, id_=process, objection=objection, step="understood")
    processes.amend(
        academy,
        by=wording,
        id_=process,
        amendment=Amendment(
            outcome="award",
            measures=("Asha and Eli look at the review dates together in six months.",),
            how_met={objection: "A measure was added: two people look at the review dates in six months."},
        ),
    )
