"""Tlog-proofs: what one shows, and that nothing else passes for one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.tlog import (
    MAX_LEAF_BYTES,
    MAX_TLOG_PROOF_BYTES,
    InclusionError,
    NotWitnessedError,
    OriginError,
    Policy,
    QuorumError,
    TlogError,
    TlogProof,
    TlogProofError,
    entry_hash,
    format_note,
    format_tlog_proof,
    parse_tlog_proof,
    verify_tlog_proof,
)
from tests.unit.schemas.tlog.builders import NOW, ORIGIN, a_log, a_policy, a_proof, log_key, signed, vectors

PROOF = a_proof()
DATA = format_tlog_proof(PROOF)
TEXT = DATA.decode()
LEAF = b"entry 700"
HEAD, NOTE = TEXT.split("\n\n", 1)


def _accept(data: bytes, leaf: bytes = LEAF) -> None:
    """What a verifier does with a proof from a stranger."""
    verify_tlog_proof(parse_tlog_proof(data), leaf=leaf, logs=[log_key()], policy=a_policy())


def test_a_proof_shows_where_the_leaf_stands_and_who_confirmed_it_when() -> None:
    found = verify_tlog_proof(PROOF, leaf=LEAF, logs=[log_key()], policy=a_policy())
    assert (found.origin, found.size, found.index) == (ORIGIN, 1000, 700)
    assert (found.root, found.leaf_hash, found.log) == (a_log(1000).root, entry_hash(LEAF), log_key())
    assert dict(found.cosignatures) == {"superpod": NOW, "ally": NOW + 1}
    assert found.witness_time == NOW + 1  # only then two had confirmed it
    assert PROOF.extra == LEAF


def test_a_proof_has_the_lines_of_the_specification() -> None:
    example = vectors("spec-examples.json")["tlog-proof: proof"].split("\n")
    lines = TEXT.split("\n")
    assert lines[0] == example[0] == "c2sp.org/tlog-proof@v1"
    assert lines[1] == "extra ZW50cnkgNzAw"
    assert lines[2] == "index 700"
    assert lines[3 + 10] == ""
    assert lines[14:17] == [ORIGIN, "1000", format_note(PROOF.checkpoint.note).decode().split("\n")[2]]
    assert [line[:2] for line in lines[18:-1]] == ["— "] * 3
    assert format_tlog_proof(parse_tlog_proof(DATA)) == DATA


def test_without_witnesses_it_is_the_logs_word_alone() -> None:
    found = verify_tlog_proof(a_proof(witnesses=()), leaf=LEAF, logs=[log_key()])
    assert (dict(found.cosignatures), found.witness_time) == ({}, None)


def test_too_few_witnesses_are_told_last_with_what_holds() -> None:
    with pytest.raises(NotWitnessedError, match="1 known witnesses confirmed") as caught:
        verify_tlog_proof(a_proof(witnesses=(3, 9)), leaf=LEAF, logs=[log_key()], policy=a_policy())
    assert isinstance(caught.value, QuorumError)
    assert dict(caught.value.logged.cosignatures) == {"ally": NOW}
    assert caught.value.logged.witness_time is None
    with pytest.raises(InclusionError):
        verify_tlog_proof(a_proof(witnesses=()), leaf=b"other", logs=[log_key()], policy=a_policy())


def test_one_witness_twice_is_not_two() -> None:
    with pytest.raises(TlogError, match="signed this note twice"):
        verify_tlog_proof(a_proof(witnesses=(2, 2)), leaf=LEAF, logs=[log_key()], policy=a_policy())


def test_a_proof_of_another_decision_does_not_show_this_leaf() -> None:
    with pytest.raises(InclusionError, match="another root"):
        verify_tlog_proof(PROOF, leaf=b"entry 701", logs=[log_key()], policy=a_policy())


def test_the_extra_data_vouches_for_nothing() -> None:
    forged = replace(PROOF, extra=b"entry 701")
    verify_tlog_proof(forged, leaf=LEAF, logs=[log_key()], policy=a_policy())
    with pytest.raises(InclusionError):
        verify_tlog_proof(forged, leaf=b"entry 701", logs=[log_key()], policy=a_policy())


def test_a_proof_of_another_log_is_refused_even_if_the_policy_lists_that_log() -> None:
    policy = a_policy()  # lists the log's key 1
    with pytest.raises(OriginError):
        verify_tlog_proof(PROOF, leaf=LEAF, logs=[log_key(5, name="other.example")], policy=policy)


def test_a_node_is_no_leaf() -> None:
    log = a_log(4)
    left, right = (b"\x01" + log.tiles[next(iter(log.tiles))][start : start + 64] for start in (0, 64))
    proof = TlogProof(index=0, proof=(), checkpoint=signed(log.checkpoint))
    with pytest.raises(InclusionError):
        verify_tlog_proof(proof, leaf=left[1:] + right[1:], logs=[log_key()])


def _line(number: int, change: Callable[[str], str]) -> str:
    lines = TEXT.split("\n")
    lines[number] = change(lines[number])
    return "\n".join(lines)


def _swap(one: int, other: int) -> str:
    lines = TEXT.split("\n")
    lines[one], lines[other] = lines[other], lines[one]
    return "\n".join(lines)


def _without(number: int) -> str:
    lines = TEXT.split("\n")
    del lines[number]
    return "\n".join(lines)


OTHER = format_tlog_proof(a_proof(size=999)).decode()
FOREIGN = format_tlog_proof(
    replace(PROOF, checkpoint=signed(a_log(1000).checkpoint, log=9, witnesses=(2, 3)))
).decode()
MUTATIONS = {
    "no header": _without(0),
    "another version": TEXT.replace("@v1", "@v2"),
    "header in capitals": TEXT.replace("c2sp.org", "C2SP.org"),
    "a space after the header": _line(0, lambda line: line + " "),
    "a byte order mark": "\ufeff" + TEXT,
    "an empty line first": "\n" + TEXT,
    "carriage returns": TEXT.replace("\n", "\r\n"),
    "no final newline": TEXT[:-1],
    "a line too many at the end": TEXT + "\n",
    "text after the end": TEXT + "more\n",
    "no index": _without(2),
    "two indexes": _line(2, lambda line: line + "\n" + line),
    "the index before the extra data": _swap(1, 2),
    "two extra lines": _line(1, lambda line: line + "\n" + line),
    "empty extra data": _line(1, lambda _: "extra "),
    "extra data without a space": _line(1, lambda line: line.replace(" ", "")),
    "extra data with two spaces": _line(1, lambda line: line.replace(" ", "  ")),
    "extra data in base64url": _line(1, lambda _: "extra __-_"),
    "extra data with stray bits": _line(1, lambda _: "extra ZW50cnkgNzAx" + "AB=="),
    "another index": TEXT.replace("index 700", "index 701"),
    "a leading zero": TEXT.replace("index 700", "index 0700"),
    "a plus": TEXT.replace("index 700", "index +700"),
    "a negative index": TEXT.replace("index 700", "index -700"),
    "a fraction": TEXT.replace("index 700", "index 700.0"),
    "an index as large as the tree": TEXT.replace("index 700", "index 1000"),
    "a huge index": TEXT.replace("index 700", f"index {2**64 + 700}"),
    "an endless index": TEXT.replace("index 700", "index " + "7" * 9000),
    "digits of another script": TEXT.replace("index 700", "index \u0667\u0660\u0660"),
    "a hash is missing": _without(3),
    "the last hash is missing": _without(12),
    "a hash twice": _line(3, lambda line: line + "\n" + line),
    "two hashes swapped": _swap(3, 4),
    "a short hash": _line(5, lambda _: "AAAA"),
    "a changed hash": _line(5, lambda line: ("B" if line[0] == "A" else "A") + line[1:]),
    "a hash with stray bits": _line(5, lambda line: line[:-2] + chr(ord(line[-2]) + 1) + "="),
    "a hash without padding": _line(5, lambda line: line[:-1]),
    "a hash with a space": _line(5, lambda line: line + " "),
    "64 hashes": TEXT.replace("index 700\n", "index 700\n" + ("A" * 43 + "=\n") * 54),
    "no empty line before the checkpoint": TEXT.replace("\n\n", "\n", 1),
    "two empty lines before the checkpoint": TEXT.replace("\n\n", "\n\n\n", 1),
    "another origin": TEXT.replace(f"\n{ORIGIN}\n", "\nother.example\n"),
    "another size": TEXT.replace("\n1000\n", "\n1001\n"),
    "the size with a zero": TEXT.replace("\n1000\n", "\n01000\n"),
    "another root": _line(16, lambda line: ("B" if line[0] == "A" else "A") + line[1:]),
    "a root with stray bits": _line(16, lambda line: line[:-2] + chr(ord(line[-2]) + 1) + "="),
    "an extension line": _line(16, lambda line: line + "\nextension"),
    "no log signature": _without(18),
    "no witness": _without(20),
    "all signatures gone": TEXT.split("\n— ")[0] + "\n",
    "one witness twice": _line(19, lambda line: line + "\n" + line),
    "a witness's signature by the log's name": _line(19, lambda line: re.sub(r"witness2\.example", ORIGIN, line)),
    "a witness renamed": _line(19, lambda line: line.replace("witness2", "witness4")),
    "a log signature twice": _line(18, lambda line: line + "\n" + line),
    "a hyphen for a dash": TEXT.replace("— ", "- "),
    "a changed log signature": _line(
        18, lambda line: line[:-6] + ("BBBB" if line[-6:-2] != "BBBB" else "CCCC") + "=="
    ),
    "a changed cosignature": _line(
        19, lambda line: line[:-6] + ("BBBB" if line[-6:-2] != "BBBB" else "CCCC") + "=="
    ),
    "another proof's checkpoint": HEAD + "\n\n" + OTHER.split("\n\n", 1)[1],
    "another proof's path": OTHER.split("\n\n", 1)[0] + "\n\n" + NOTE,
    "a checkpoint signed by a foreign key": FOREIGN,
    "nothing": "",
    "the checkpoint alone": NOTE,
    "too long": TEXT.replace("ZW50cnkgNzAw", "A" * 24_576),
}


@pytest.mark.parametrize("data", MUTATIONS.values(), ids=MUTATIONS.keys())
def test_every_mutation_is_refused(data: str) -> None:
    assert data != TEXT
    with pytest.raises(TlogError) as caught:
        _accept(data.encode())
    assert caught.value.message
    assert caught.value.problem.isupper()


def test_at_least_40_mutations_are_tried() -> None:
    assert len(set(MUTATIONS.values())) >= 40
    _accept(DATA)  # and what they were made from is good


@settings(deadline=None)
@given(st.data())
def test_a_changed_byte_never_shows_another_leaf_or_another_tree(data: st.DataObject) -> None:
    """A change is refused, or only touches what nothing vouches for: extra data, and lines of unknown keys."""
    place, byte = data.draw(st.integers(0, len(DATA) - 1)), data.draw(st.integers(0, 255))
    changed = DATA[:place] + bytes([byte]) + DATA[place + 1 :]
    try:
        proof = parse_tlog_proof(changed)
        found = verify_tlog_proof(proof, leaf=LEAF, logs=[log_key()], policy=a_policy())
    except TlogError:
        return
    assert (found.index, found.size, found.root) == (700, 1000, a_log(1000).root)
    assert (proof.proof, proof.checkpoint) == (PROOF.proof, PROOF.checkpoint)


@settings(deadline=None)
@given(st.binary() | st.text().map(lambda text: f"c2sp.org/tlog-proof@v1\n{text}".encode()))
def test_any_bytes_are_a_proof_that_is_written_again_or_refused(data: bytes) -> None:
    try:
        proof = parse_tlog_proof(data)
    except TlogError:
        return
    assert format_tlog_proof(proof) == data


@settings(deadline=None)
@given(st.integers(1, 300), st.data(), st.none() | st.binary(min_size=1, max_size=500))
def test_every_proof_is_read_as_it_was_written(size: int, data: st.DataObject, extra: bytes | None) -> None:
    proof = replace(a_proof(size, data.draw(st.integers(0, size - 1))), extra=extra)
    assert parse_tlog_proof(format_tlog_proof(proof)) == proof


def test_the_largest_leaf_in_a_tree_of_100_million_with_three_witnesses_fits() -> None:
    proof = replace(PROOF, index=10**8, proof=(bytes(32),) * 27, extra=bytes(MAX_LEAF_BYTES))
    proof = replace(proof, checkpoint=signed(a_log(1000).checkpoint, witnesses=(2, 3, 4)))
    assert 23_000 < len(format_tlog_proof(proof)) <= MAX_TLOG_PROOF_BYTES


def test_a_proof_that_cannot_be_is_not_made_or_written() -> None:
    for change in ({"index": -1}, {"proof": (b"",)}, {"proof": (bytes(32),) * 64}, {"extra": b""}):
        with pytest.raises(TlogProofError):
            replace(PROOF, **change)
    with pytest.raises(TlogProofError, match="at most 24,576 bytes"):
        format_tlog_proof(replace(PROOF, extra=bytes(24_000)))


def test_a_policy_without_quorum_counts_known_witnesses_all_the_same() -> None:
    policy = Policy(witnesses=a_policy().witnesses)
    found = verify_tlog_proof(PROOF, leaf=LEAF, logs=[log_key()], policy=policy)
    assert found.cosignatures.keys() == {"superpod", "ally"}
    assert found.witness_time is None
