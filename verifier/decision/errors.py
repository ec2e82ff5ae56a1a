"""How a badge, its log entry and the answers in it can contradict each other."""

from __future__ import annotations

from schemas import DocumentError


class DecisionError(DocumentError):
    """The badge does not fit the decision that it names: `problem` says in which way."""

    code = "DECISION_MISMATCH"


class DecisionUnknownError(DecisionError):
    """Nothing contradicts, and something could not be looked at."""

    code = "ANSWER_NOT_CHECKED"
