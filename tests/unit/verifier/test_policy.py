"""A policy file says what it may say, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas import MalformedValueError
from tests.unit.verifier.world import ISSUER, a_badge, check, signed
from verifier import Policy, load_policy, parse_policy


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
        ({"issuers": [1]}, "/issuers/0", "list of texts"),
        ({"issuers": ["did:web:x", ""]}, "/issuers/1", "list of texts"),
        ({"a/b~": 1}, "/a~1b~0", "no member"),
        ({"require_named": -1}, "/require_named", "from 0 on"),
        ({"registries": {}}, "/registries", "list of texts"),
        ({"registries": ["x.json"]}, "/registries/0", "nothing is fetched"),
        ({"compatible": 1}, "/compatible", "true or false"),
        ({"compatible": "yes"}, "/compatible", "true or false"),
        ({"clock_skew_s": True}, "/clock_skew_s", "whole number"),
        ({"clock_skew_s": -1}, "/clock_skew_s", "between 0 and"),
        ({"clock_skew_s": 86_401}, "/clock_skew_s", "between 0 and"),
        ({"clock_skew_s": 1.5}, "/clock_skew_s", "whole number"),
    ],
)
def test_a_policy_with_a_fault_is_refused(value: Any, pointer: str, words: str) -> None:
    with pytest.raises(MalformedValueError, match=words) as caught:
        parse_policy(value)
    assert caught.value.pointer == pointer


# --- registries of issuers ------------------------------------------------------------------------------------

GOOD = {
    "meta": {"created": "2026"},
    "registry": {ISSUER: {"name": "The \n\u202eAcademy", "url": "https://x.example"}},
}


def _policy_file(folder: Path, registry: Any, **policy: Any) -> Path:
    (folder / "registry.json").write_text(registry if isinstance(registry, str) else json.dumps(registry))
    path = folder / "policy.json"
    path.write_text(json.dumps({"registries": ["registry.json"], **policy}))
    return path


def test_an_issuer_in_a_registry_is_known_by_the_name_that_it_has_there(tmp_path: Path) -> None:
    policy = load_policy(_policy_file(tmp_path, GOOD, require_known_issuer=True))
    report = check(signed(a_badge()), registries=policy.registries, require_known_issuer=True)
    line = report.check("issuer_known")
    assert (report.verdict, line.result) == ("valid", "pass")
    assert line.message == 'The issuer is on your list "registry.json" as "The \ufffdAcademy".'


def test_a_known_name_does_not_help_somebody_elses_key(tmp_path: Path) -> None:
    policy = load_policy(_policy_file(tmp_path, {"registry": {"did:web:other.example": {"name": "x"}}}))
    report = check(signed(a_badge()), registries=policy.registries, require_known_issuer=True)
    assert (report.verdict, report.check("issuer_known").code) == ("unknown", "ISSUER_NOT_LISTED")
    assert report.check("issuer_binding").result == "pass"


@pytest.mark.parametrize(
    ("registry", "words"),
    [
        ([], "at /registry: a registry is a JSON object"),
        ({"registry": []}, "at /registry: a registry is a JSON object"),
        ({"registry": {}, "more": 1}, "at /more: a registry has no member"),
        ({"registry": {"nobody": {"name": "x"}}}, "at /registry/nobody: an issuer is a DID"),
        ({"registry": {ISSUER: "x"}}, f"at /registry/{ISSUER}: an issuer's entry is a JSON object"),
        ({"registry": {ISSUER: {}}}, f"at /registry/{ISSUER}/name: an issuer's name"),
        ({"registry": {ISSUER: {"name": 5}}}, f"at /registry/{ISSUER}/name: an issuer's name"),
        ({"registry": {ISSUER: {"name": "x", "url": ""}}}, f"at /registry/{ISSUER}/url: an issuer's url"),
        ({"registry": {ISSUER: {"name": "x", "Name": "y"}}}, "has no member 'Name'"),
        ({"registry": {f"did:web:a{n}.example": {"name": "x"} for n in range(20_001)}}, "at most 20,000"),
        ('{"registry": {}, "registry": {}}', "stands twice"),
        ("{", "this is not JSON"),
    ],
)
def test_a_registry_with_a_fault_is_refused_with_its_place(tmp_path: Path, registry: Any, words: str) -> None:
    with pytest.raises(MalformedValueError, match=words) as caught:
        load_policy(_policy_file(tmp_path, registry))
    assert caught.value.pointer == "/registries/0"
    assert "'registry.json'" in str(caught.value)


@pytest.mark.parametrize("name", ["none.json", "https://x.example/registry.json", "x" * 300])
def test_a_registry_that_is_not_there_is_refused(tmp_path: Path, name: str) -> None:
    path = _policy_file(tmp_path, GOOD, registries=["registry.json", name])
    with pytest.raises(MalformedValueError) as caught:
        load_policy(path)
    assert caught.value.pointer == "/registries/1"


def test_too_many_registries_are_not_read() -> None:
    def read(_name: str) -> bytes:
        raise AssertionError

    with pytest.raises(MalformedValueError, match="at most 20"):
        parse_policy({"registries": ["x.json"] * 21}, read=read)


def test_an_https_issuer_may_stand_in_a_registry(tmp_path: Path) -> None:
    registry: Mapping[str, Any] = {"registry": {"https://academy.example": {"name": "The Academy"}}}
    [found] = load_policy(_policy_file(tmp_path, registry)).registries
    assert found.names == {"https://academy.example": "The Academy"}
