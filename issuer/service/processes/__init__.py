"""Consent processes, from opening to closing: one use case each."""

from issuer.service.processes.answering import give_key, note_answer, respond
from issuer.service.processes.deciding import (
    amend,
    answer_plan,
    change_objection,
    nothing_more,
    object_late,
    refer,
    withdraw_process,
    word_objection,
)
from issuer.service.processes.holding import (
    advance,
    close_due,
    extend,
    open_process,
    pause,
    resume,
    rewrite,
)
from issuer.service.processes.page import process_of_code, process_page
from issuer.service.processes.proposed import proposal_bytes
from issuer.service.processes.talking import answer_question, ask, pass_questions, react

__all__ = [
    "advance",
    "amend",
    "answer_plan",
    "answer_question",
    "ask",
    "change_objection",
    "close_due",
    "extend",
    "give_key",
    "note_answer",
    "nothing_more",
    "object_late",
    "open_process",
    "pass_questions",
    "pause",
    "process_of_code",
    "process_page",
    "proposal_bytes",
    "react",
    "refer",
    "respond",
    "resume",
    "rewrite",
    "withdraw_process",
    "word_objection",
]
