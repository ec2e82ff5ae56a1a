"""Clarifying questions and quick reactions."""

from __future__ import annotations

from issuer.rules import rounds as rules
from issuer.service.academy import Work, use_case
from issuer.service.inputs import demand_text, parse_text
from issuer.service.processes.steps import put_text, take_step


@use_case
def ask(work: Work, *, by: str, id_: str, text: str) -> None:
    """Ask a clarifying question."""
    words = demand_text(text, field="text", sentence="Write down your question.")
    stored = put_text(work, id_, by, words) or ""
    take_step(
        work,
        id_,
        by,
        lambda process, _: rules.ask(process, by=by, question=work.new_id(), text=stored, now=work.now),
    )


@use_case
def answer_question(work: Work, *, by: str, id_: str, question: str, text: str) -> None:
    """Answer a question."""
    words = demand_text(text, field="text", sentence="Write down your answer.")
    stored = put_text(work, id_, by, words) or ""
    take_step(
        work,
        id_,
        by,
        lambda process, facts: rules.answer_question(
            process, by=by, question=question, text=stored, facts=facts, now=work.now
        ),
    )


@use_case
def pass_questions(work: Work, *, by: str, id_: str) -> None:
    """Say that one has no question."""
    take_step(
        work, id_, by, lambda process, facts: rules.pass_questions(process, by=by, facts=facts, now=work.now)
    )


@use_case
def react(work: Work, *, by: str, id_: str, text: str | None) -> None:
    """Give a quick reaction, or pass."""
    stored = put_text(work, id_, by, parse_text(text or "", field="text"))
    take_step(
        work, id_, by, lambda process, facts: rules.react(process, by=by, text=stored, facts=facts, now=work.now)
    )
