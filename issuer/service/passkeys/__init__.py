"""Passkeys: adding and using them, statement keys that they stand behind, and how members are enrolled."""

from issuer.service.passkeys.binding import Assurance, begin_binding, binding_of, finish_binding
from issuer.service.passkeys.enrolment import (
    demand_settled,
    enrolment_words,
    enrolments_in,
    may_answer,
    say_spoken,
)
from issuer.service.passkeys.own import (
    begin_adding,
    begin_signing_in,
    finish_adding,
    finish_signing_in,
    passkeys_page,
    remove_passkey,
)

__all__ = [
    "Assurance",
    "begin_adding",
    "begin_binding",
    "begin_signing_in",
    "binding_of",
    "demand_settled",
    "enrolment_words",
    "enrolments_in",
    "finish_adding",
    "finish_binding",
    "finish_signing_in",
    "may_answer",
    "passkeys_page",
    "remove_passkey",
    "say_spoken",
]
