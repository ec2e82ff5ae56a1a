"""One tlog-proof: it holds, or it is refused with a sentence; no mutation of one passes."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from schemas.tlog import (
    Policy,
    TlogProof,
    build_inclusion_proof,
    format_leaf,
    format_tlog_proof,
    parse_signed_checkpoint,
    tile_path,
)
from tests.unit.schemas.tlog.builders import a_policy, a_proof, log_key, witness_key
from tests.unit.verifier.log.world import academy_leaves, log_files, more
from verifier.log.check import BAD, GOOD, UNREADABLE, all_of, check_proof

LEAVES = academy_leaves()
LEAF = format_leaf(LEAVES[22])


def _proof(*, index: int = 22, extra: bool = True, witnesses: tuple[int, ...] = (2, 3), log: int = 1) -> TlogProof:
    files = log_files(LEAVES, witnesses=witnesses, log=log)
    return TlogProof(
        index=index,
        proof=build_inclusion_proof(index, len(LEAVES), read=lambda tile: files.files[tile_path(tile)]),
        checkpoint=parse_signed_checkpoint(files.checkpoint),
        extra=format_leaf(LEAVES[index]) if extra else None,
    )


def _check(data: bytes, *, leaf: bytes | None = LEAF, policies: tuple[Policy, ...] = ()) -> tuple[int, str]:
    report = check_proof(data, logs=[log_key()], leaf=leaf, policies=policies)
    assert report.sentences
    assert all(sentence.endswith((".", "--leaf.")) for sentence in report.sentences)
    assert json.loads(json.dumps(report.to_json()))["code"] == report.code
    return report.exit_status, report.code


def test_a_good_proof_holds_with_the_leaf_given_or_carried() -> None:
    data = format_tlog_proof(_proof())
    assert _check(data) == (GOOD, "GOOD")
    assert _check(data, leaf=None) == (GOOD, "GOOD")
    assert _check(format_tlog_proof(_proof(extra=False))) == (GOOD, "GOOD")


def test_the_report_says_what_it_is_a_proof_of() -> None:
    report = check_proof(format_tlog_proof(_proof()), logs=[log_key()])
    assert report.sentences[0] == (
        "The log academy.example/log signed for 26 leaves; number 22 of them is a leaf of type credential.issued."
    )
    assert "nobody else has confirmed" in report.sentences[1]
    report = check_proof(format_tlog_proof(_proof()), logs=[log_key()], policies=[a_policy()])
    assert report.sentences[1].startswith("2 witnesses confirmed this, the first one on 2 March 2026")


def test_a_proof_without_its_leaf_cannot_be_read() -> None:
    assert _check(format_tlog_proof(_proof(extra=False)), leaf=None) == (UNREADABLE, "NO_LEAF")


def test_a_proof_of_another_leaf_is_bad() -> None:
    other = _proof(index=23)
    assert _check(format_tlog_proof(other)) == (BAD, "LEAF_DIFFERS")
    assert _check(format_tlog_proof(replace(other, extra=None))) == (BAD, "INCLUSION_PROOF_ERROR")
    assert _check(format_tlog_proof(replace(other, extra=LEAF))) == (BAD, "INCLUSION_PROOF_ERROR")


def test_a_proof_of_another_log_or_key_is_bad() -> None:
    assert _check(format_tlog_proof(_proof(log=5))) == (BAD, "NOTE_SIGNATURE_ERROR")
    data = format_tlog_proof(_proof())
    report = check_proof(data, logs=[log_key(name="other.example/log")], leaf=LEAF)
    assert (report.exit_status, report.code) == (BAD, "ORIGIN_NOT_ACCEPTED")


def test_every_witness_that_is_named_must_have_confirmed() -> None:
    data = format_tlog_proof(_proof())
    assert _check(data, policies=(all_of([witness_key(2)]),)) == (GOOD, "GOOD")
    assert _check(data, policies=(all_of([witness_key(2), witness_key(3)]),)) == (GOOD, "GOOD")
    assert _check(data, policies=(all_of([witness_key(2), witness_key(4)]),)) == (BAD, "QUORUM_NOT_MET")


def test_a_policy_and_named_witnesses_must_both_hold() -> None:
    data = format_tlog_proof(_proof())
    assert _check(data, policies=(all_of([witness_key(2)]), a_policy())) == (GOOD, "GOOD")
    assert _check(data, policies=(all_of([witness_key(2)]), a_policy(3))) == (BAD, "QUORUM_NOT_MET")
    assert _check(data, policies=(all_of([witness_key(4)]), a_policy())) == (BAD, "QUORUM_NOT_MET")


def test_a_proof_of_what_is_no_leaf_of_ours_says_so() -> None:
    report = check_proof(format_tlog_proof(a_proof()), logs=[log_key()])
    assert report.exit_status == GOOD
    assert "an entry that is no leaf of an Academy" in report.sentences[0]


WITNESSES = (all_of([witness_key(2), witness_key(3)]),)


def _line_mutations(text: str) -> Iterator[tuple[str, str]]:
    lines = text.split("\n")
    for number, line in enumerate(lines):
        before, after = lines[:number], lines[number + 1 :]
        where = f"line {number}"
        is_extra = line.startswith("extra ")
        if not is_extra:  # a proof without extra data is another good proof
            yield f"{where} gone", "\n".join([*before, *after])
        yield f"{where} twice", "\n".join([*before, line, line, *after])
        if line:
            yield f"{where} longer", "\n".join([*before, f"{line} ", *after])
            yield f"{where} cut", "\n".join([*before, line[:-1], *after])
            middle = len(line) // 2
            changed = line[:middle] + _other(line[middle]) + line[middle + 1 :]
            yield f"{where} other letter", "\n".join([*before, changed, *after])
        if number + 1 < len(lines) and line != lines[number + 1] and not line.startswith("—"):
            yield f"{where} after the next", "\n".join([*before, lines[number + 1], line, *lines[number + 2 :]])


def _other(letter: str) -> str:
    return "A" if letter != "A" else "B"


def _value_mutations(proof: TlogProof) -> Iterator[tuple[str, bytes]]:
    hashes, checkpoint = proof.proof, proof.checkpoint
    yield "no hashes", format_tlog_proof(replace(proof, proof=()))
    yield "a hash more", format_tlog_proof(replace(proof, proof=(*hashes, hashes[0])))
    yield "the first hash gone", format_tlog_proof(replace(proof, proof=hashes[1:]))
    yield "the hashes turned around", format_tlog_proof(replace(proof, proof=hashes[::-1]))
    for index in (0, 21, 23, 25, 26, 2**62):
        yield f"index {index}", format_tlog_proof(replace(proof, index=index))
    yield "another leaf carried", format_tlog_proof(replace(proof, extra=format_leaf(more(90))))
    other = log_files(LEAVES[:25], witnesses=(2, 3))
    yield "a smaller tree", format_tlog_proof(replace(proof, checkpoint=parse_signed_checkpoint(other.checkpoint)))
    grown = log_files([*LEAVES, more(90)], witnesses=(2, 3))
    yield "a larger tree", format_tlog_proof(replace(proof, checkpoint=parse_signed_checkpoint(grown.checkpoint)))
    signatures = checkpoint.note.signatures
    mixed = parse_signed_checkpoint(grown.checkpoint).note.signatures
    for name, chosen in {
        "no signature of the log": signatures[1:],
        "no witness": signatures[:1],
        "one witness": signatures[:2],
        "one witness twice": (*signatures[:2], signatures[1]),
        "the log's signature twice": (signatures[0], *signatures),
        "the log's signature of another tree": (mixed[0], *signatures[1:]),
        "a witness of another tree": (*signatures[:2], mixed[2]),
        "a witness's name on another's signature": (
            *signatures[:2],
            replace(signatures[2], signature=signatures[1].signature),
        ),
    }.items():
        note = replace(checkpoint.note, signatures=chosen)
        yield name, format_tlog_proof(replace(proof, checkpoint=replace(checkpoint, note=note)))


def _byte_mutations(data: bytes) -> Iterator[tuple[str, bytes]]:
    yield "nothing", b""
    yield "a byte behind", data + b"x"
    yield "a newline behind", data + b"\n"
    yield "a newline before", b"\n" + data
    yield "a mark before", b"\xef\xbb\xbf" + data
    yield "Windows lines", data.replace(b"\n", b"\r\n")
    yield "another version", data.replace(b"@v1", b"@v2", 1)
    yield "capital letters", data.replace(b"index", b"INDEX", 1)
    yield "a leading zero", data.replace(b"index ", b"index 0", 1)
    yield "a plus", data.replace(b"index ", b"index +", 1)
    yield "a hash in hex", data.replace(data.split(b"\n")[3], b"00" * 32, 1)
    yield "a NUL", data.replace(b"index", b"index\x00", 1)
    yield "the empty line gone", data.replace(b"\n\n", b"\n", 1)
    yield "twice", data * 2
    yield "half", data[: len(data) // 2]
    yield "base64", base64.b64encode(data)
    yield "too long", data.replace(b"extra ", b"extra " + b"A" * 30_000, 1)


def _mutations() -> dict[str, bytes]:
    proof = _proof()
    data = format_tlog_proof(proof)
    found = {name: text.encode() for name, text in _line_mutations(data.decode())}
    found |= dict(_value_mutations(proof)) | dict(_byte_mutations(data))
    return found


MUTATIONS = _mutations()


def test_there_are_many_mutations_and_each_is_one() -> None:
    good = format_tlog_proof(_proof())
    assert len(MUTATIONS) >= 80
    assert good not in MUTATIONS.values()
    assert _check(good, policies=WITNESSES) == (GOOD, "GOOD")


@pytest.mark.parametrize("name", MUTATIONS)
def test_every_mutation_of_a_proof_is_refused(name: str) -> None:
    status, code = _check(MUTATIONS[name], policies=WITNESSES)
    assert status in {BAD, UNREADABLE}, code


def test_every_changed_bit_of_a_proof_is_refused() -> None:
    data = format_tlog_proof(_proof())
    for place in range(len(data)):
        changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        assert check_proof(changed, logs=[log_key()], leaf=LEAF, policies=WITNESSES).exit_status, place
