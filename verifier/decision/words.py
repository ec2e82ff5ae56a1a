"""Why findings about a decision matter, and what the reader can do; `verifier.words` has those of all others."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_ASK = "Ask the Academy, and a peer who is named if there is one. Until then, do not rely on the decision."
_OWN_PAGE = "Download the badge again from its own page, with the proof."

# code: (why it matters, what to do)
DECISION_WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        # What was logged and decided
        "FINAL_MISMATCH": (
            "Every copy of a badge has an entry of its own in the public log, so that none is changed in secret.",
            _OWN_PAGE,
        ),
        "PROPOSAL_MISMATCH": (
            "Peers consent to one exact badge and one list of deciders. What was changed since, nobody agreed to.",
            _ASK,
        ),
        "DECIDERS_INCOMPLETE": ("Where one decider is left out, an objection may be hidden.", _ASK),
        "OUTCOME_NOT_MET": ("The circle's own rule says how many peers it takes, and there were fewer.", _ASK),
        "DECISION_MISMATCH": ("An answer from one decision proves nothing in another.", _ASK),
        "ISSUED_BEFORE_DECISION": ("A badge is issued after its peers decided, never before.", _ASK),
        "ISSUED_AFTER_LOGGING": ("A badge is signed as soon as it is logged; this one says another date.", _ASK),
        # The answers in it
        "ANSWER_NOT_CHECKED": (
            "One of the answers could not be looked at to its end.",
            "Ask the issuer for a plainer copy.",
        ),
        "ANSWER_NOT_SIGNED": ("Somebody put words into a peer's mouth.", _ASK),
        "ANSWER_MALFORMED": (
            "An answer has one exact form. More in it could be a switch that turns it off later.",
            _ASK,
        ),
        "ANSWER_NOT_LOGGED": ("The answers in a badge are those in the log, and no others.", _ASK),
        "ANSWER_OF_ANOTHER_BADGE": ("A good word about one badge proves nothing about another.", _ASK),
        "ANSWER_OF_ANOTHER_PROPOSAL": ("Whoever said yes to one version has not said yes to another.", _ASK),
        "ANSWER_TOO_LATE": ("What was said after the end was no part of the decision.", _ASK),
        "NAME_NOT_COMMITTED": (
            "The log keeps a sealed note of who holds each key; this name does not open it.",
            "Do not go by that name.",
        ),
        "TOO_FEW_NAMED": ("A named peer is somebody whom you can ask.", "Ask the person who else decided."),
        "NOBODY_NAMED": ("A named peer is somebody whom you can ask.", "Ask the person who decided with them."),
        # The log
        "LOG_SERVICE_MALFORMED": (
            "The issuer says which log is its own in a form that cannot be read.",
            "Tell the issuer, who can correct it.",
        ),
        "LOG_KEY_RETIRED": (
            "Logs change their keys from time to time. An old one may be in other hands by now.",
            _OWN_PAGE,
        ),
        "LEAF_OF_ANOTHER_KIND": ("The proof leads to an entry about something else than this badge.", _OWN_PAGE),
        "NOT_WITNESSED": (
            "Without witnesses, a log could show you other pages than everybody else.",
            "Ask the issuer who its witnesses are, and name those that you trust in the policy of this verifier.",
        ),
        "LOG_NOT_KNOWN": (
            "Anybody can run a log. Only the issuer's own log binds the issuer.",
            "Name the issuer's log in the policy of this verifier.",
        ),
    }
)
