"""The tables of DOMAIN.md 4.3: what is listed can be done from there, anything else is refused."""

from __future__ import annotations

import pytest

from issuer.rules.applications import outcome_step, step
from issuer.rules.transitions import TRANSITIONS, move
from tests.builders import NOW, PHASES, an_application
from tests.unit.issuer.rules.refusing import refused

STATES = {
    "V": {"draft", "current", "superseded", "retired", "abandoned"},
    "A": {
        "draft",
        "submitted",
        "in_evaluation",
        "in_consent",
        "consented",
        "not_yet",
        "referred",
        "unclaimed",
        "issued",
        "declined",
        "withdrawn",
        "lapsed",
    },
    "C": set(PHASES),
    "O": {"raised", "understood", "integrated", "concern", "taken_back", "referred", "set_aside"},
    "W": {"pending", "unclaimed", "issued", "expired", "revoked", "superseded", "given_up"},
}

# Written out once more, by hand, from DOMAIN.md: the table in the code is held against this one.
DOMAIN = {
    "A1": ("draft", "submitted"),
    "A2": ("submitted", "draft"),
    "A3": ("submitted", "in_evaluation"),
    "A4": ("in_evaluation", "draft"),
    "A5": ("in_evaluation", "in_consent"),
    "A6": ("in_consent", "consented"),
    "A7": ("in_consent", "not_yet"),
    "A8": ("in_consent", "referred"),
    "A10": ("consented unclaimed", "issued"),
    "A11": ("consented", "declined"),
    "A12": ("draft submitted in_evaluation in_consent referred", "withdrawn"),
    "C1": ("preparing", "clarifying"),
    "C2": ("clarifying", "reacting"),
    "C3": ("clarifying reacting", "preparing"),
    "C4": ("reacting", "consent_round"),
    "C5": ("consent_round", "settling"),
    "C6": ("consent_round", "integrating"),
    "C7": ("integrating", "consent_round"),
    "C8": ("settling", "closed"),
    "C9": ("settling", "integrating"),
    "C10": ("integrating", "closed"),
    "C11": ("clarifying reacting consent_round integrating settling", "paused"),
    "C12": ("paused", "clarifying"),
    "C14": ("preparing clarifying reacting consent_round integrating settling paused", "closed"),
    "O1": ("raised", "understood"),
    "O2c": ("raised understood", "concern"),
    "O2t": ("raised understood", "taken_back"),
    "O3": ("raised understood", "integrated"),
    "O4": ("raised understood", "referred"),
}
ALL = [(id_, state) for id_, found in TRANSITIONS.items() for state in sorted(STATES[found.machine])]


@pytest.mark.parametrize(("id_", "row"), DOMAIN.items())
def test_the_table_is_the_one_of_the_domain_model(id_: str, row: tuple[str, str]) -> None:
    assert TRANSITIONS[id_].sources == set(row[0].split())
    assert TRANSITIONS[id_].target == row[1]


def test_no_row_of_the_machines_a_c_and_o_is_unknown_to_the_domain_model() -> None:
    assert {id_ for id_ in TRANSITIONS if id_[0] in "ACO"} == {*DOMAIN, "C13"}


@pytest.mark.parametrize(("id_", "state"), ALL)
def test_a_step_leads_from_its_states_only(id_: str, state: str) -> None:
    found = TRANSITIONS[id_]
    assert found.target in {"", *STATES[found.machine]}
    if state in found.sources:
        assert move(id_, state) == (found.target or state)
    else:
        with refused(id_, f"this is {state.replace('_', ' ')}"):
            move(id_, state)


def test_a_refusal_names_the_step_and_what_comes_before_it() -> None:
    with refused("C8", "“Settling is over” comes after settling, and this is consent round."):
        move("C8", "consent_round")


@pytest.mark.parametrize(
    ("id_", "state"),
    [(id_, state) for id_, state in ALL if id_[0] == "A" and state not in {"unclaimed", "lapsed"}],
)
def test_an_application_goes_the_steps_of_the_table(id_: str, state: str) -> None:
    application = an_application(state)
    if state in TRANSITIONS[id_].sources:
        event = step(application, id_, by="asha", now=NOW)
        assert event["state"] == TRANSITIONS[id_].target
    else:
        with refused(id_, "cannot be done now"):
            step(application, id_, by="asha", now=NOW)


@pytest.mark.parametrize(
    ("outcome", "id_"), [("consented", "A6"), ("not_yet", "A7"), ("referred", "A8"), ("withdrawn", "A12")]
)
def test_a_closed_process_moves_its_application(outcome: str, id_: str) -> None:
    assert outcome_step(outcome) == id_
