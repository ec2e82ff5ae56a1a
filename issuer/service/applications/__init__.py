"""Applications, from the first word of a draft to the accepted badge: one use case each."""

from issuer.service.applications.acceptance import accept, decline, withdraw
from issuer.service.applications.drafts import (
    add_evidence,
    choose_name,
    evidence_file,
    give_statement,
    invite_witness,
    remove_evidence,
    reopen,
    save_draft,
    start,
    submit,
    take_back_statement,
)
from issuer.service.applications.evaluation import (
    accept_conflict,
    add_decider,
    declare_conflict,
    evaluate,
    hand_over,
    read_feedback,
    return_incomplete,
    see_evidence,
    step_aside,
    take_up,
)
from issuer.service.applications.page import application_page

__all__ = [
    "accept",
    "accept_conflict",
    "add_decider",
    "add_evidence",
    "application_page",
    "choose_name",
    "declare_conflict",
    "decline",
    "evaluate",
    "evidence_file",
    "give_statement",
    "hand_over",
    "invite_witness",
    "read_feedback",
    "remove_evidence",
    "reopen",
    "return_incomplete",
    "save_draft",
    "see_evidence",
    "start",
    "step_aside",
    "submit",
    "take_back_statement",
    "take_up",
    "withdraw",
]
