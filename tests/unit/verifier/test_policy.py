"""A policy file says what it may say, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from schemas import MalformedValueError
from verifier import Policy, parse_policy


def test_an_empty_policy_is_the_default() -> None:
    assert parse_policy({}) == Policy()
    assert Policy().skew == timedelta(minutes=5)


def test_every_member_of_the_design_is_read() -> None:
    policy = parse_policy(
        {
            "issuers": ["did:web:academy.example"],
            "require_known_issuer": True,
            "require_decision": True,
            "require_witnesses": True,
            "require_named": 2,
            "compatible": True,
            "clock_skew_s": 60,
            "logs": ["academy.example/log"],
        }
    )
    assert policy.issuers == {"did:web:academy.example"}
    assert policy.logs == ("academy.example/log",)
    assert policy.require_known_issuer
    assert policy.require_decision
    assert policy.require_witnesses
    assert policy.compatible
    assert (policy.require_named, policy.skew) == (2, timedelta(seconds=60))


@pytest.mark.parametrize(
    ("value", "pointer", "words"),
    [
        ([], "", "JSON object"),
        ("x", "", "JSON object"),
        ({"isuers": []}, "/isuers", "no member"),
        ({"issuers": "did:web:x"}, "/issuers", "list of texts"),
        ({"issuers": [1]}, "/issuers", "list of texts"),
        ({"compatible": 1}, "/compatible", "bool"),
        ({"compatible": "yes"}, "/compatible", "bool"),
        ({"clock_skew_s": True}, "/clock_skew_s", "int"),
        ({"clock_skew_s": -1}, "/clock_skew_s", "between 0 and"),
        ({"clock_skew_s": 86_401}, "/clock_skew_s", "between 0 and"),
        ({"clock_skew_s": 1.5}, "/clock_skew_s", "int"),
    ],
)
def test_a_policy_with_a_fault_is_refused(value: Any, pointer: str, words: str) -> None:
    with pytest.raises(MalformedValueError, match=words) as caught:
        parse_policy(value)
    assert caught.value.pointer == pointer
