"""Trust policies: read as the specification says, and counted so that nobody counts twice."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.tlog import (
    Group,
    Policy,
    PolicyError,
    PolicyLog,
    PolicyWitness,
    format_policy,
    format_vkey,
    parse_policy,
)
from tests.unit.schemas.tlog.builders import NOW, a_policy, log_key, vectors, witness_key

LOG, W2, W3, W4 = (format_vkey(key) for key in (log_key(), witness_key(2), witness_key(3), witness_key(4)))
THREE = f"witness A {W2}\nwitness B {W3}\nwitness C {W4}\n"


def _example() -> Policy:
    """The example of the specification, its elided keys filled in."""
    text, seeds = vectors("spec-examples.json")["tlog-policy: policy"], count(2)
    text = text.replace("log <vkey>", f"log {LOG}")
    while "<vkey>" in text:
        text = text.replace("<vkey>", format_vkey(witness_key(next(seeds))), 1)
    return parse_policy(text.encode())


@pytest.mark.parametrize(
    ("witnesses", "met"),
    [
        ("X1 X2 Y1", True),
        ("X1 X3 Y3", True),
        ("X1 X2 X3 Y1 Y2 Y3", True),
        ("X1 Y1 Y2 Y3", False),
        ("X1 X2 X3", False),
        ("Y1 Y2 Y3", False),
        ("X1 X2 Z1", False),
        ("X-witnesses Y-witnesses", False),
        ("X-and-Y", False),
        ("", False),
    ],
)
def test_the_example_asks_for_two_of_one_house_and_one_of_the_other(witnesses: str, *, met: bool) -> None:
    policy = _example()
    assert (len(policy.logs), len(policy.witnesses), len(policy.groups)) == (1, 6, 3)
    assert policy.is_met(witnesses.split()) is met


def test_a_single_witness_can_be_the_quorum() -> None:
    policy = parse_policy(f"{THREE}quorum B\n".encode())
    assert policy.is_met({"B"})
    assert not policy.is_met({"A", "C"})


def test_without_quorum_everything_is_met_and_there_is_no_time() -> None:
    policy = parse_policy(b"quorum none\n")
    assert policy == Policy()
    assert policy.is_met(())
    assert policy.witness_time({}) is None


def test_blanks_comments_addresses_and_any_order_are_read() -> None:
    text = (
        f"# our witnesses\n\n \t\nwitness \t A {W2}   https://w.example/\n  # more\nquorum A\n\tlog {LOG} https://l\n"
        f"witness B\t{W3}\t \n"
    )
    policy = parse_policy(text.encode())
    assert [(witness.name, witness.url) for witness in policy.witnesses] == [
        ("A", "https://w.example/"),
        ("B", None),
    ]
    assert policy.logs == (PolicyLog(key=log_key(), url="https://l"),)
    assert policy.quorum == "A"


def test_names_are_octets_and_not_letters() -> None:
    text = f"witness K {W2}\nwitness \u212a {W3}\nquorum K\n".encode() + b"# \xff\xfe\n"
    policy = parse_policy(text)
    assert policy.is_met({"K"})
    assert not policy.is_met({"\u212a"})
    raw = b"witness \xff " + W2.encode() + b"\nquorum \xff\n"
    assert format_policy(parse_policy(raw)) == raw


def test_a_space_of_another_script_separates_nothing() -> None:
    policy = parse_policy(f"witness A\u00a0B {W2}\nquorum A\u00a0B\n".encode())
    assert policy.witnesses[0].name == "A\u00a0B"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "a policy has a quorum line"),
        (THREE, "a policy has a quorum line"),
        ("quorum none\nquorum none\n", "line 2 .* exactly one quorum line"),
        ("quorum none", "does not end in a newline"),
        (f"quorum A\nwitness A {W2}\n", "line 1 .* 'A' is not defined"),
        ("quorum\n", "not a log, witness, group or quorum line"),
        ("quorum none none\n", "not a log, witness"),
        ("Quorum none\n", "not a log, witness"),
        (f"log\nquorum none\n{LOG}", "newline"),
        ("log\nquorum none\n", "line 1 .* not a log"),
        (f"log {LOG} url more\nquorum none\n", "not a log"),
        (f"witness A {W2} url more\nquorum none\n", "not a log"),
        ("group g all\nquorum none\n", "not a log"),
        ("mirror m\nquorum none\n", "not a log"),
        (f"log {LOG}x\nquorum none\n", "line 1 .* not base64"),
        (f"log {W2}\nquorum none\n", "its vkey has another"),
        (f"witness A {LOG}\nquorum none\n", "its vkey has another"),
        (f"log {LOG}\nlog {LOG}\nquorum none\n", "two logs .* same public key"),
        (f"log {LOG}\nlog {format_vkey(replace(log_key(), name='b'))}\nquorum none\n", "two logs"),
        (f"witness A {W2}\nwitness B {W2}\nquorum none\n", "two witnesses .* same public key"),
        (f"witness A {W2}\nwitness A {W3}\nquorum none\n", "line 2 .* already taken"),
        (f"witness none {W2}\nquorum none\n", "already taken"),
        (f"{THREE}group A any B\nquorum A\n", "already taken"),
        (f"{THREE}group none any B\nquorum none\n", "already taken"),
        (f"{THREE}group g any none\nquorum g\n", "'none' is not defined"),
        (f"{THREE}group g any g\nquorum g\n", "'g' is not defined"),
        (f"group g any A\n{THREE}quorum g\n", "'A' is not defined"),
        (f"{THREE}group g 2 A A\nquorum g\n", "would count twice"),
        (f"{THREE}group g any A B\ngroup h any B C\nquorum h\n", "would count twice"),
        (f"{THREE}group g 0 A\nquorum g\n", "'all', 'any' or a number"),
        (f"{THREE}group g 2 A\nquorum g\n", "needs 2 of 1"),
        (f"{THREE}group g 01 A\nquorum g\n", "'all', 'any' or a number"),
        (f"{THREE}group g -1 A\nquorum g\n", "'all', 'any' or a number"),
        (f"{THREE}group g most A\nquorum g\n", "'all', 'any' or a number"),
        (f"{THREE}group g \u0661 A\nquorum g\n", "'all', 'any' or a number"),
        ("quorum none\r\n", "control character 0x0d"),
        ("quorum none\x7f\n", "control character 0x7f"),
        ("#" * 140_000 + "\n", "at most 131,072 bytes"),
    ],
)
def test_what_is_no_policy_is_refused_with_the_reason(text: str, words: str) -> None:
    with pytest.raises(PolicyError, match=words):
        parse_policy(text.encode())


def test_64_of_each_are_read_and_65_are_too_many() -> None:
    def text(number: int) -> bytes:
        lines = [f"log {format_vkey(log_key(seed))}" for seed in range(number)]
        lines += [f"witness w{seed} {format_vkey(witness_key(seed))}" for seed in range(number)]
        lines += [f"group g{seed} all w{seed}" for seed in range(number)]
        return ("\n".join(lines) + "\nquorum g0\n").encode()

    assert parse_policy(text(64)).is_met({"w0"})
    with pytest.raises(PolicyError, match="at most 64 each"):
        parse_policy(text(65))


def test_a_policy_that_contradicts_itself_is_not_made() -> None:
    witness = PolicyWitness(name="A", key=witness_key(2))
    for policy in (
        {"quorum": "A"},
        {"witnesses": (replace(witness, name="A B"),)},
        {"witnesses": (replace(witness, url=""),)},
        {"witnesses": (witness,), "groups": (Group(name="g", threshold=1, members=()),)},
        {"witnesses": (witness,), "groups": (Group(name="g", threshold=1, members=("B",)),)},
    ):
        with pytest.raises(PolicyError):
            Policy(**policy)


def test_the_time_is_that_of_the_witness_who_made_the_quorum() -> None:
    policy = a_policy(2)
    times = {"superpod": NOW + 9, "ally": NOW + 5, "host": NOW + 7}
    assert policy.witness_time(times) == NOW + 7
    assert policy.witness_time({"ally": NOW + 5}) is None
    assert a_policy(3).witness_time(times) == NOW + 9
    assert a_policy(1).witness_time({**times, "stranger": NOW}) == NOW + 5


NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,8}", fullmatch=True).filter(lambda name: name != "none")


@settings(deadline=None)
@given(st.lists(NAMES, min_size=1, max_size=12, unique=True), st.data())
def test_every_policy_is_read_as_it_was_written(names: list[str], data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(names)))
    witnesses = tuple(PolicyWitness(name=name, key=witness_key(seed)) for seed, name in enumerate(names[:cut], 2))
    free, groups = list(names[:cut]), []
    for name in names[cut:]:
        if not free:
            break
        members = tuple(free[: data.draw(st.integers(1, len(free)))])
        groups.append(Group(name=name, threshold=data.draw(st.integers(1, len(members))), members=members))
        free = [*free[len(members) :], name]
    policy = Policy(
        logs=(PolicyLog(key=log_key(), url="https://log.example"),),
        witnesses=witnesses,
        groups=tuple(groups),
        quorum=data.draw(st.none() | st.sampled_from([*names[:cut], *[group.name for group in groups]])),
    )
    assert parse_policy(format_policy(policy)) == policy
    everybody = {witness.name for witness in witnesses}
    assert policy.is_met(everybody)
    chosen = set(data.draw(st.lists(st.sampled_from(sorted(everybody)))))
    assert policy.is_met(everybody) or not policy.is_met(chosen), "more witnesses never hurt"


@settings(deadline=None)
@given(st.binary() | st.text(alphabet="logwitnesgrupqum #\n\t12aA").map(str.encode))
def test_any_bytes_are_a_policy_or_refused(data: bytes) -> None:
    try:
        policy = parse_policy(data)
    except PolicyError:
        return
    assert parse_policy(format_policy(policy)) == policy
