"""Witnesses confirm the log: who is away, slow or wrong delays a badge; who knows more stops the writing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app import Settings, build_app
from issuer.cli.log import status_lines
from issuer.errors import LogRefusedError
from issuer.service.log import begin_log, flush, flush_due, log_refusal, proof_of, witnesses
from issuer.service.log.adopting import adopt_log
from issuer.service.log.status import log_status
from keys import generate_private_key, public_key_of
from schemas.tlog import (
    COSIGNATURE_V1,
    Checkpoint,
    NotWitnessedError,
    VerifierKey,
    cosign_note,
    format_signature_lines,
    format_vkey,
    parse_add_checkpoint,
    parse_policy,
    parse_signed_checkpoint,
    parse_tlog_proof,
    parse_vkey,
    verify_checkpoint,
    verify_tlog_proof,
)
from tests.conftest import Template
from tests.integration.log.witness import NOW, Reply, Witness, serving, write_policy
from tests.integration.log.world import ORIGIN, LogWorld, hash_of, leaf_of, new_world


@pytest.fixture
def town(empty_template: Template, tmp_path: Path) -> Iterator[tuple[LogWorld, list[Witness]]]:
    """A log that has begun, and three witnesses of which two are the quorum."""
    with witnessed(empty_template, tmp_path, quorum=2) as both:
        yield both


@contextmanager
def witnessed(template: Template, folder: Path, *, quorum: int | None) -> Iterator[tuple[LogWorld, list[Witness]]]:
    three = [Witness(name=name, logs={}) for name in ("north", "south", "ally")]
    with serving(*three):
        policy = write_policy(folder / "policy", three, quorum=quorum)
        world = new_world(folder, keys=template.folder / "keys", policy=policy)
        world.academy.log.key.make()
        for one in three:
            one.logs[ORIGIN] = (world.academy.log.key.verifier_key(),)
        begin_log(world.academy)
        yield world, three
    world.academy.engine.dispose()


def confirmed(world: LogWorld) -> set[str]:
    """The names of the witnesses whose cosignatures on the published checkpoint hold."""
    policy = parse_policy((world.files / "policy").read_bytes())
    signed = parse_signed_checkpoint((world.files / "checkpoint").read_bytes())
    keys = {witness.key: witness.name for witness in policy.witnesses}
    log = parse_vkey((world.files / "vkey").read_text().strip())
    return {keys[key] for key in verify_checkpoint(signed, logs=[log], witnesses=keys).cosignatures}


def test_every_head_is_confirmed_by_all_who_can(town: tuple[LogWorld, list[Witness]]) -> None:
    world, three = town
    assert confirmed(world) == {"north", "south", "ally"}
    for end in (1, 300, 700):
        world.fill(range(len(world.rows()), end + 1))
        head = flush(world.academy)
        assert (head.witnessed, set(head.cosignatures.values())) == (True, {NOW})
        assert confirmed(world) == {"north", "south", "ally"}
    assert [witness.asked for witness in three] == [[(0, 1), (1, 2), (2, 301), (301, 701)]] * 3
    world.audit()


def test_a_proof_carries_the_quorum_and_its_time(town: tuple[LogWorld, list[Witness]]) -> None:
    world, _ = town
    world.fill([1])
    flush(world.academy)
    proof = proof_of(world.academy, hash_of(leaf_of(1)))
    assert proof is not None
    policy = parse_policy((world.files / "policy").read_bytes())
    logged = verify_tlog_proof(
        parse_tlog_proof(proof), leaf=leaf_of(1).encode(), logs=[policy.logs[0].key], policy=policy
    )
    assert logged.witness_time == NOW


def test_nothing_new_asks_nobody(town: tuple[LogWorld, list[Witness]]) -> None:
    world, three = town
    asked = [list(witness.asked) for witness in three]
    flush(world.academy)
    flush_due(world.academy)
    assert [witness.asked for witness in three] == asked


def away(_: bytes) -> Reply | None:
    return None


def test_one_of_three_away_holds_nothing(town: tuple[LogWorld, list[Witness]]) -> None:
    world, three = town
    three[2].reply = away
    world.fill([1])
    assert flush(world.academy).witnessed
    assert confirmed(world) == {"north", "south"}
    assert proof_of(world.academy, hash_of(leaf_of(1))) is not None


def test_without_a_quorum_a_badge_waits_and_reading_does_not(town: tuple[LogWorld, list[Witness]]) -> None:
    world, three = town
    world.fill([1])
    flush(world.academy)
    three[1].reply = three[2].reply = away
    world.fill([2])
    head = flush(world.academy)
    assert (head.size, head.witnessed) == (3, False)
    assert proof_of(world.academy, hash_of(leaf_of(2))) is None
    older = proof_of(world.academy, hash_of(leaf_of(1)))  # the head before was confirmed, and still proves
    assert older is not None
    assert parse_tlog_proof(older).checkpoint.checkpoint.size == 2
    assert log_refusal(world.academy) is None
    three[1].reply = None
    world.clock.now += timedelta(seconds=9)
    flush_due(world.academy)
    assert confirmed(world) == {"north"}
    world.clock.now += timedelta(seconds=2)
    flush_due(world.academy)  # asked again after a while
    assert confirmed(world) == {"north", "south"}
    assert proof_of(world.academy, hash_of(leaf_of(2))) is not None


def test_a_witness_that_begins_later_or_forgot_is_told_all_from_where_it_is(
    town: tuple[LogWorld, list[Witness]],
) -> None:
    world, three = town
    three[0].latest.clear()  # it names size 0
    world.fill(range(300))
    flush(world.academy)
    assert confirmed(world) == {"north", "south", "ally"}
    assert three[0].asked[-2:] == [(1, 301), (0, 301)]


def test_a_size_that_we_forgot_is_learned_from_the_witness(town: tuple[LogWorld, list[Witness]]) -> None:
    world, three = town
    world.fill(range(20))
    flush(world.academy)
    (world.folder / "head/witnesses").unlink()
    world.fill([50])
    assert flush(world.academy).witnessed
    assert three[0].asked[-2:] == [(0, 22), (21, 22)]


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ((500, b"oh\n"), "unreachable"),
        ((503, b""), "unreachable"),
        ((404, b"unknown\n"), "refused"),
        ((403, b"no\n"), "refused"),
        ((302, b""), "refused"),
        ((200, b""), "unreadable"),
        ((200, b"thanks\n"), "unreadable"),
        ((200, "— north.example/w AAAA\n".encode()), "unreadable"),
        ((200, b"x" * 200_000), "unreachable"),
        ((409, b"1"), "unreadable"),
        ((409, b"01\n"), "unreadable"),
        ((409, b"-1\n"), "unreadable"),
        ((409, b"9" * 40 + b"\n"), "unreadable"),
        (None, "unreachable"),
    ],
)
def test_bad_answers_are_told_and_not_counted(
    town: tuple[LogWorld, list[Witness]], reply: Reply | None, answer: str
) -> None:
    world, three = town
    three[0].reply = lambda _: reply
    world.fill([1])
    assert flush(world.academy).witnessed
    assert confirmed(world) == {"south", "ally"}
    status = log_status(world.academy)
    assert (status.witnesses[0].answer, status.refusal) == (answer, None)


def test_a_witness_that_names_another_size_each_time_is_left_alone(town: tuple[LogWorld, list[Witness]]) -> None:
    world, three = town
    sizes = iter([5, 9, 3, 7, 2, 8, 4])
    three[0].reply = lambda _: (409, f"{next(sizes)}\n".encode())
    world.fill(range(20))
    assert flush(world.academy).witnessed
    assert log_status(world.academy).witnesses[0].answer == "refused"


def test_a_cosignature_with_anothers_key_or_of_another_checkpoint_is_not_counted(
    town: tuple[LogWorld, list[Witness]],
) -> None:
    world, three = town
    stranger = generate_private_key("Ed25519")
    name = three[0].key.name
    other = VerifierKey(name=name, public_key=public_key_of(stranger), signature_type=COSIGNATURE_V1)
    old: list[Reply] = []

    def strangers(body: bytes) -> Reply:
        return replace(three[0], private=stranger).add_checkpoint(body, sign_as=other)

    def repeats(body: bytes) -> Reply:
        old.append(three[1].add_checkpoint(body))
        return old[0]

    three[0].reply, three[1].reply = strangers, repeats
    world.fill([1])
    flush(world.academy)
    world.fill([2])
    assert not flush(world.academy).witnessed
    assert confirmed(world) == {"ally"}


def test_a_slow_witness_holds_nobody_once_the_others_are_the_quorum(
    town: tuple[LogWorld, list[Witness]], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, three = town

    def slow(_: bytes) -> None:
        three[1].release.wait(30)

    three[1].reply = slow
    monkeypatch.setattr(witnesses, "DEADLINE_S", 25.0)  # the test would be late, not wrong, if it waited for that
    world.fill([1])
    assert flush(world.academy).witnessed
    assert confirmed(world) == {"north", "ally"}
    assert not three[1].release.is_set()


def test_slow_witnesses_end_at_the_deadline(
    town: tuple[LogWorld, list[Witness]], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, three = town

    def slow(_: bytes) -> None:
        three[1].release.wait(30)

    three[1].reply = three[2].reply = slow
    monkeypatch.setattr(witnesses, "DEADLINE_S", 0.3)
    world.fill([1])
    head = flush(world.academy)
    assert (head.size, head.witnessed) == (2, False)
    assert "did not answer in time" in "\n".join(status_lines(log_status(world.academy)))


def test_a_witness_that_confirmed_more_than_we_have_stops_the_writing_with_both_sizes(
    town: tuple[LogWorld, list[Witness]],
) -> None:
    world, three = town
    backup = world.back_up()
    world.fill(range(30))
    flush(world.academy)
    # Everything but the witnesses is as it was yesterday: database, files and head store.
    for part in ("log", "head"):
        for path in (world.folder / part).rglob("*"):
            if path.is_file():
                path.unlink()
    old = world.restore(backup)
    old.academy.log.heads.begin(b"x")  # as if the head store had been lost and nobody knew better
    old.fill([500])
    with pytest.raises(LogRefusedError) as caught:
        flush(old.academy)
    assert "has 2 leaves, but the witness" in str(caught.value)
    assert "confirmed 31" in str(caught.value)
    assert proof_of(old.academy, hash_of(leaf_of(500))) is None
    assert log_refusal(old.reopened().academy) is not None
    assert three[0].latest[ORIGIN].size == 31


def test_a_witness_that_knows_other_leaves_stops_the_writing_and_the_evidence_is_kept(
    town: tuple[LogWorld, list[Witness]],
) -> None:
    world, three = town
    three[0].latest[ORIGIN] = Checkpoint(origin=ORIGIN, size=1, root=bytes(32))
    world.fill([1])
    with pytest.raises(LogRefusedError, match="north confirmed another history"):
        flush(world.academy)
    kept = [path.read_bytes() for path in (world.folder / "head/evidence").iterdir()]
    assert len(kept) == 1
    assert kept[0].startswith(f"{ORIGIN}\n2\n".encode())
    world.fill([2])
    with pytest.raises(LogRefusedError, match="take it out of the policy file"):
        flush(world.reopened().academy)
    assert [seq for seq, leaf in world.rows() if leaf == leaf_of(2)] == [None]
    policy = write_policy(world.folder / "policy", three[1:], quorum=2)  # the operator knows that it is mistaken
    world.settings = replace(world.settings, log_policy=policy)
    assert flush(world.reopened().academy).size == 3


def test_a_witness_with_our_size_and_another_root_stops_the_writing(town: tuple[LogWorld, list[Witness]]) -> None:
    world, three = town
    three[0].latest[ORIGIN] = Checkpoint(origin=ORIGIN, size=2, root=bytes(32))
    world.fill([1])
    with pytest.raises(LogRefusedError, match="another history"):
        flush(world.academy)


def test_after_adopting_the_same_witness_is_heard_again(town: tuple[LogWorld, list[Witness]]) -> None:
    world, three = town
    three[0].latest[ORIGIN] = Checkpoint(origin=ORIGIN, size=1, root=bytes(32))
    world.fill([1])
    with pytest.raises(LogRefusedError):
        flush(world.academy)
    adopt_log(world.academy)
    del three[0].latest[ORIGIN]
    world.fill([2])
    assert flush(world.academy).witnessed


def test_without_a_quorum_in_the_policy_witnesses_are_asked_all_the_same(
    empty_template: Template, tmp_path: Path
) -> None:
    with witnessed(empty_template, tmp_path, quorum=None) as (world, three):
        assert confirmed(world) == {"north", "south", "ally"}
        for one in three:
            one.reply = away
        world.fill([1])
        flush(world.academy)
        assert proof_of(world.academy, hash_of(leaf_of(1))) is not None


def test_a_witness_with_the_logs_own_key_is_never_counted(empty_template: Template, tmp_path: Path) -> None:
    with witnessed(empty_template, tmp_path, quorum=1) as (world, three):
        own = world.academy.log.key.signer()
        mirror = Witness(name="mirror", logs=dict(three[0].logs))
        with serving(mirror):
            key = VerifierKey(name="mirror.example/w", public_key=own.public_key, signature_type=COSIGNATURE_V1)
            lines = world.settings.log_policy
            assert lines is not None

            def confirms(body: bytes) -> Reply:
                text = parse_add_checkpoint(body).checkpoint.note.text
                line = cosign_note(text, key=key, signer=own, timestamp=NOW)
                return 200, format_signature_lines([line]).encode()

            mirror.reply = confirms
            lines.write_text(f"witness mirror {format_vkey(key)} {mirror.url}\nquorum mirror\n")
            again = world.reopened()
            again.fill([1])
            assert not flush(again.academy).witnessed
            assert proof_of(again.academy, hash_of(leaf_of(1))) is None


def test_a_proof_from_an_unwitnessed_log_does_not_meet_a_policy(town: tuple[LogWorld, list[Witness]]) -> None:
    world, _ = town
    plain = replace(world.settings, log_policy=None)
    world.settings = plain
    again = world.reopened()
    again.fill([1])
    flush(again.academy)
    proof = proof_of(again.academy, hash_of(leaf_of(1)))
    assert proof is not None
    policy = parse_policy((world.folder / "policy").read_bytes())
    key = again.academy.log.key.verifier_key()
    with pytest.raises(NotWitnessedError):
        verify_tlog_proof(parse_tlog_proof(proof), leaf=leaf_of(1).encode(), logs=[key], policy=policy)


@pytest.mark.parametrize(
    ("url", "dev"),
    [
        ("http://127.0.0.1:9/w", False),
        ("https://127.0.0.1:9/w", False),
        ("https://10.0.0.1/w", True),
        ("https://[::ffff:127.0.0.1]/w", False),
        ("https://169.254.169.254/w", True),
        ("ftp://witness.example/w", True),
        ("https://user@127.0.0.1/w", True),
        ("https://[/w", True),
    ],
)
def test_addresses_inside_a_network_are_not_asked(
    town: tuple[LogWorld, list[Witness]], url: str, dev: bool
) -> None:
    world, three = town
    three[0].url = url
    write_policy(world.folder / "policy", three, quorum=2)
    again = world.reopened()
    again.academy = replace(again.academy, dev=dev)
    again.fill([1])
    flush(again.academy)
    status = log_status(again.academy)
    assert (status.witnesses[0].answer, status.refusal) == ("unreachable", None)


def test_the_page_and_the_command_say_who_confirmed(town: tuple[LogWorld, list[Witness]]) -> None:
    world, three = town
    three[2].reply = away
    world.fill([1])
    flush(world.academy)
    text = build_app(world.academy, Settings(base_url="https://academy.example")).test_client().get("/log").text
    assert text.count("has not confirmed the last checkpoint") == 1
    assert "Enough witnesses confirmed the last checkpoint" in text
    lines = "\n".join(status_lines(log_status(world.academy)))
    assert "quorum all: met" in lines
    assert "witness north: confirmed 2 leaves" in lines
