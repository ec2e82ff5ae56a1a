"""Heads of a log: who signed and confirmed them, and what happens when a later one contradicts an earlier one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from schemas.tlog import Leaf, Policy, PolicyWitness, parse_signed_checkpoint
from tests.unit.schemas.tlog.builders import NOW, a_policy, log_key, signer, witness_key
from tests.unit.verifier.log.world import (
    LATER,
    NO_WITNESSES,
    academy_leaves,
    audited,
    changed,
    changed_leaf,
    codes,
    digest,
    log_files,
    more,
)
from verifier.log.audit import Audit, Questions


def _notes(done: Audit) -> list[str]:
    return [finding.code for finding in done.findings.kept if finding.level == "note"]


def test_a_log_that_grew_between_two_audits_is_clean() -> None:
    first = log_files(academy_leaves()[:20])
    done = audited(log_files(academy_leaves()), stored=first)
    assert codes(done) == []
    assert done.exit_status() == 0
    assert done.new_head


def test_growth_is_followed_through_every_size_around_a_full_tile() -> None:
    leaves = [*academy_leaves(), *(more(number) for number in range(100, 400))]
    whole = log_files(leaves)
    for size in (0, 1, 255, 256, 257, 300, len(leaves)):
        done = audited(whole, stored=log_files(leaves[:size]))
        assert codes(done) == [], size
        assert done.new_head


def test_two_roots_of_one_size_are_a_split_view() -> None:
    stored = log_files(academy_leaves())
    other = log_files(changed_leaf(19, root=digest("rewritten")))
    done = audited(other, stored=stored)
    assert codes(done) == ["SPLIT_VIEW"]
    assert done.exit_status() == 3
    assert done.split is not None
    assert stored.checkpoint in done.split
    assert other.checkpoint in done.split
    assert not done.new_head


def test_a_longer_log_with_another_begin_is_a_split_view_with_a_proof() -> None:
    stored = log_files(academy_leaves()[:20])
    other = log_files([*changed_leaf(19, root=digest("rewritten")), more(40)])
    done = audited(other, stored=stored)
    assert codes(done) == ["SPLIT_VIEW"]
    assert done.exit_status() == 3
    assert done.split is not None
    assert stored.checkpoint in done.split
    assert other.checkpoint in done.split
    assert b"# Consistency proof (RFC 6962)" in done.split


def test_a_log_that_only_shows_other_leaves_than_it_signed_for_is_no_split_view() -> None:
    stored = log_files(academy_leaves()[:20])
    files = log_files([*academy_leaves(), more(40)])
    files.files |= {
        path: data
        for path, data in log_files([*changed_leaf(19, root=digest("rewritten")), more(40)]).files.items()
        if path.startswith("tile/")
    }
    done = audited(files, stored=stored)
    assert codes(done) == ["ROOT_DIFFERS"]
    assert done.exit_status() == 1
    assert done.split is None
    assert not done.new_head


def test_a_smaller_log_is_an_alarm_and_the_larger_head_is_kept() -> None:
    done = audited(log_files(academy_leaves()[:20]), stored=log_files(academy_leaves()))
    assert codes(done) == ["CHECKPOINT_SMALLER"]
    assert done.exit_status() == 1
    assert not done.new_head


def test_a_truncated_log_says_from_which_leaf_on_nothing_can_be_read() -> None:
    leaves = [*academy_leaves(), *(more(number) for number in range(100, 400))]
    files = log_files(leaves)
    files.files = {path: data for path, data in files.files.items() if not path.startswith("tile/entries/001")}
    done = audited(files)
    assert codes(done) == ["ENTRIES_UNREAD"]
    assert "The leaves from 256 on could not be read" in done.findings.kept[0].message
    assert done.exit_status() == 2
    assert not done.new_head


def test_an_alarm_stays_an_alarm_when_the_log_is_audited_again() -> None:
    leaves: list[Leaf | bytes] = [*academy_leaves(), b"{}"]
    first = audited(leaves)
    assert first.exit_status() == 1
    assert first.new_head  # else the log could take the bad leaf back unseen
    again = audited([*leaves, more(40)], stored=log_files(leaves))
    assert [finding.seen_before for finding in again.findings.kept if finding.level == "alarm"] == [True]
    assert again.exit_status() == 1
    assert again.exit_status(new_only=True) == 0
    assert audited([*leaves, b"{}"], stored=log_files(leaves)).exit_status(new_only=True) == 1


def test_what_a_new_badge_names_may_stand_before_the_stored_head() -> None:
    leaves = academy_leaves()
    assert codes(audited(leaves, stored=log_files(leaves[:22]))) == []


def test_a_log_without_leaves_is_clean() -> None:
    done = audited(log_files([]))
    assert codes(done) == []
    assert done.exit_status() == 0


def test_a_checkpoint_of_another_log_or_key_is_refused() -> None:
    for files in (log_files(academy_leaves(), log=5), log_files(academy_leaves(), origin="other.example/log")):
        done = audited(files)
        assert codes(done) == ["CHECKPOINT_REFUSED"]
        assert done.exit_status() == 1
        assert done.head is None


def test_a_log_without_checkpoint_could_not_be_read() -> None:
    files = log_files(academy_leaves())
    del files.files["checkpoint"]
    done = audited(files)
    assert codes(done) == ["CHECKPOINT_UNREAD"]
    assert done.exit_status() == 2


def test_too_few_witnesses_are_no_quorum() -> None:
    done = audited(log_files(academy_leaves(), witnesses=[2]))
    assert codes(done) == ["QUORUM_NOT_MET"]
    assert done.exit_status() == 1


def test_without_a_quorum_it_is_said_that_nobody_else_confirmed() -> None:
    done = audited(log_files(academy_leaves(), witnesses=[]), policy=NO_WITNESSES)
    assert codes(done) == []
    assert "NO_WITNESSES" in _notes(done)
    [finding] = [finding for finding in done.findings.kept if finding.code == "NO_WITNESSES"]
    assert "nobody else has confirmed that everyone sees the same log" in finding.message


def test_the_logs_own_key_is_no_witness() -> None:
    own = Policy(
        witnesses=(PolicyWitness(name="own", key=replace(witness_key(2), public_key=signer(1).public_key)),)
    )
    own = replace(own, quorum="own")
    assert codes(audited(log_files(academy_leaves()), policy=own)) == ["QUORUM_NOT_MET"]


def test_a_witness_whose_clock_is_ahead_is_told() -> None:
    done = audited(log_files(academy_leaves(), at=NOW + 2 * 3600))
    assert set(codes(done)) == {"WITNESS_TIME"}


def test_age_is_told_after_a_day_and_is_an_alarm_only_beyond_the_given_limit() -> None:
    files = log_files(academy_leaves())
    assert "CHECKPOINT_AGE" not in _notes(audited(files))
    old = LATER + timedelta(days=2)
    assert "CHECKPOINT_AGE" in _notes(audited(files, now=old))
    assert codes(audited(files, now=old)) == []
    limit = Questions(longest_age=timedelta(hours=30))
    assert codes(audited(files, now=old, questions=limit)) == ["CHECKPOINT_OLD"]
    assert codes(audited(files, questions=limit)) == []


def test_without_witnesses_the_age_is_that_of_the_last_leaf() -> None:
    files = log_files(academy_leaves(), witnesses=[])
    done = audited(files, policy=NO_WITNESSES, questions=Questions(longest_age=timedelta(hours=1)))
    assert codes(done) == ["CHECKPOINT_OLD"]
    assert "the Academy's word" in next(f.message for f in done.findings.kept if f.code == "CHECKPOINT_OLD")


def _mutations(data: bytes) -> list[bytes]:
    """At least forty ways to damage a checkpoint."""
    text = data.decode()
    lines = text.split("\n")
    found = [
        b"",
        data[:-1],
        data + b"\n",
        data + b"x",
        b"\n" + data,
        b" " + data,
        data.replace(b"\n", b"\r\n"),
        data.replace(b"\n\n", b"\n", 1),
        data.replace(b"\n\n", b"\n\n\n", 1),
        data.replace("—".encode(), b"--"),
        data.replace("— ".encode(), "—".encode()),
        data + b"\xff",
        data.replace(b"\n", b"\n\x00", 1),
        b"\xef\xbb\xbf" + data,
        data * 2,
        data[: len(data) // 2],
        data[len(data) // 2 :],
    ]
    for number, line in enumerate(lines):
        rest = [*lines[:number], *lines[number + 1 :]]
        found.append("\n".join(rest).encode())
        found.append("\n".join([*lines[:number], line, line, *lines[number + 1 :]]).encode())
        if line:
            swapped = line[:-2] + ("A" if line[-2] != "A" else "B") + line[-1]
            found += [
                "\n".join([*lines[:number], f"{line} ", *lines[number + 1 :]]).encode(),
                "\n".join([*lines[:number], swapped, *lines[number + 1 :]]).encode(),
                "\n".join([*lines[:number], line[:-1], *lines[number + 1 :]]).encode(),
            ]
    found += [
        "\n".join([lines[0], size, *lines[2:]]).encode()
        for size in ("0", "-1", "026", "27", "25", "26.0", "x", "")
    ]
    return [one for one in found if one != data]


def test_every_mutation_of_a_checkpoint_is_refused() -> None:
    files = log_files(academy_leaves())
    good = files.checkpoint
    both = replace(a_policy(), groups=(replace(a_policy().groups[0], threshold=3),))
    files = log_files(academy_leaves(), witnesses=[2, 3, 4])
    good = files.checkpoint
    assert codes(audited(files, policy=both)) == []
    mutations = _mutations(good)
    assert len(mutations) >= 40
    for mutation in mutations:
        files.files["checkpoint"] = mutation
        done = audited(files, policy=both)
        assert done.exit_status() == 1, mutation
        assert set(codes(done)) <= {"CHECKPOINT_REFUSED", "QUORUM_NOT_MET"}, mutation


def test_every_changed_byte_of_a_checkpoint_is_refused() -> None:
    files = log_files(academy_leaves(), witnesses=[])
    good = files.checkpoint
    for place in range(len(good)):
        files.files["checkpoint"] = good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :]
        assert codes(audited(files, policy=NO_WITNESSES)) == ["CHECKPOINT_REFUSED"], place


def test_the_stored_head_is_the_signed_note_itself() -> None:
    done = audited(academy_leaves())
    assert done.head is not None
    assert parse_signed_checkpoint(done.head.note).checkpoint.size == len(academy_leaves())
    assert done.head.verified.log == log_key()


def test_a_holders_request_changes_a_status() -> None:
    assert codes(audited([*academy_leaves(), changed(30, request=digest("request"))])) == []
