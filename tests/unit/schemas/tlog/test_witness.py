"""What log and witness say to each other, with the dialogues of another implementation."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import PublicKey
from schemas.tlog import (
    EMPTY_ROOT,
    AddCheckpoint,
    Checkpoint,
    CheckpointError,
    NoteSignatureError,
    TlogError,
    VerifierKey,
    WitnessBodyError,
    WitnessRefusal,
    build_consistency_proof,
    check_add_checkpoint,
    cosign_note,
    format_add_checkpoint,
    format_conflict,
    format_signature_lines,
    monitoring_path,
    parse_add_checkpoint,
    parse_conflict,
    parse_cosignatures,
    parse_vkey,
)
from tests.unit.schemas.tlog.builders import NOW, ORIGIN, a_log, log_key, signed, signer, vectors, witness_key

EXAMPLES = vectors("spec-examples.json")
LOGS = {ORIGIN: [log_key()]}
SIGSUM_KEY = bytes.fromhex("ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f")
SIGSUM_ORIGIN = f"sigsum.org/v1/tree/{hashlib.sha256(SIGSUM_KEY).hexdigest()}"
SUMDB_KEY = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
# The specification says 404 for an unknown log, this older witness said 403. And what it calls an invalid
# signature is base64 with stray bits: it reads over them, to us the request is malformed.
OTHERWISE = {"unknown log": 404, "invalid signature": 400}


def test_the_dialogue_of_another_witness_goes_as_it_went_there() -> None:
    keys = {
        SIGSUM_ORIGIN: [VerifierKey(name=SIGSUM_ORIGIN, public_key=PublicKey(kind="Ed25519", raw=SIGSUM_KEY))],
        "go.sum database tree": [parse_vkey(SUMDB_KEY)],
    }
    latest: dict[str, Checkpoint] = {}
    steps: list[dict[str, Any]] = vectors("torchwood-litewitness.json")
    assert [step["status"] for step in steps] == [200, 403, 403, 422, 422, 200, 409, 200, 409, 200]
    for step in steps:
        status, size = _whole_answer(step["body"].encode(), keys, latest)
        assert status == next(
            (other for words, other in OTHERWISE.items() if words in step["answer"]), step["status"]
        )
        if status == 409:
            assert step["answer"] == f'== "{size}\\n"'
    assert {origin: head.size for origin, head in latest.items()} == {
        SIGSUM_ORIGIN: 5,
        "go.sum database tree": 35_225_469,
    }


def _whole_answer(body: bytes, keys: Any, latest: dict[str, Checkpoint]) -> tuple[int, int | None]:
    try:
        request = parse_add_checkpoint(body)
    except TlogError:
        return 400, None
    assert format_add_checkpoint(request) == body
    new = request.checkpoint.checkpoint
    status, size = _answer(request, keys, latest.get(new.origin))
    if status == 200:
        latest[new.origin] = new
    return status, size


def _answer(request: AddCheckpoint, keys: Any, latest: Checkpoint | None) -> tuple[int, int | None]:
    try:
        check_add_checkpoint(request, logs=keys, latest=latest)
    except WitnessRefusal as refusal:
        return refusal.status, refusal.size
    return 200, None


def test_the_example_request_is_read_and_written_again() -> None:
    data = EXAMPLES["tlog-witness: request"].encode()
    request = parse_add_checkpoint(data)
    assert (request.old_size, len(request.proof), len(request.checkpoint.note.signatures)) == (20_852_014, 4, 2)
    assert format_add_checkpoint(request) == data


def _request(old: int, new: int) -> AddCheckpoint:
    log = a_log(new)
    proof = build_consistency_proof(old, new, read=log.read)
    return AddCheckpoint(old_size=old, proof=proof, checkpoint=signed(log.checkpoint))


@settings(deadline=None)
@given(st.integers(0, 40), st.integers(0, 40))
def test_a_witness_cosigns_whatever_continues_what_it_knows(one: int, other: int) -> None:
    old, new = sorted((one, other))
    request = _request(old, new)
    assert parse_add_checkpoint(format_add_checkpoint(request)) == request
    assert _answer(request, LOGS, a_log(old).checkpoint if old else None) == (200, None)


@pytest.mark.parametrize(
    ("request_", "latest", "status"),
    [
        (replace(_request(3, 7), old_size=8), 8, 400),
        (_request(3, 7), 4, 409),
        (_request(3, 7), 0, 409),
        (_request(0, 7), 3, 409),
        (replace(_request(3, 7), proof=()), 3, 422),
        (replace(_request(3, 7), proof=_request(2, 7).proof), 3, 422),
        (replace(_request(0, 7), proof=(bytes(32),)), 0, 422),
        (replace(_request(7, 7), proof=(bytes(32),)), 7, 422),
        (replace(_request(7, 7), checkpoint=signed(replace(a_log(7).checkpoint, root=bytes(32)))), 7, 422),
        (replace(_request(0, 0), checkpoint=signed(replace(a_log(0).checkpoint, root=bytes(32)))), 0, 422),
        (replace(_request(3, 7), checkpoint=signed(a_log(7).checkpoint, log=9)), 3, 403),
        (replace(_request(3, 7), checkpoint=signed(replace(a_log(7).checkpoint, origin="other"))), 3, 404),
    ],
)
def test_a_witness_refuses_with_the_status_of_the_specification(
    request_: AddCheckpoint, latest: int, status: int
) -> None:
    known = a_log(latest).checkpoint if latest else None
    assert _answer(request_, LOGS, known) == (status, latest if status == 409 else None)


def test_an_empty_log_has_the_root_of_nothing() -> None:
    assert a_log(0).root == EMPTY_ROOT
    assert _answer(_request(0, 0), LOGS, None) == (200, None)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty line"),
        (b"old 1\n", "empty line"),
        (b"old1\n\n", "first line is 'old'"),
        (b"Old 1\n\n", "first line is 'old'"),
        (b"old 01\n\n", "without leading zeros"),
        (b"old -1\n\n", "without leading zeros"),
        (b"old  1\n\n", "without leading zeros"),
        (b"old 1\r\n\r\n\n\n", "U\\+000D"),
        (b"old 1\nAAAA\n\n", "32 bytes, got 3"),
        (b"old 1\nhash\n" * 2 + b"\n", "32 bytes, got 3"),
        (b"old 1\n" + b"A" * 43 + b"=\n" + b"\n", "a note has an empty line"),
        (b"old 1" + (b"\n" + b"A" * 43 + b"=") * 64 + b"\n\n", "at most 63 hashes"),
        (b"old 1\n\xff\n\n", "not UTF-8"),
        (b"old 1\n" + b"A" * 9000 + b"\n\n", "longer than"),
        (b"old 1\n\n" + b"A" * 200_000, "longer than"),
    ],
)
def test_what_is_no_request_is_refused_with_the_reason(data: bytes, words: str) -> None:
    with pytest.raises(TlogError, match=words):
        parse_add_checkpoint(data)


def test_a_request_with_another_note_in_it_is_refused() -> None:
    with pytest.raises(CheckpointError):
        parse_add_checkpoint(b"old 0\n\n" + EXAMPLES["signed-note: note"].encode())


def test_a_request_that_cannot_be_is_not_made() -> None:
    for old_size, proof in ((-1, ()), (1, (b"",)), (1, (bytes(32),) * 64)):
        with pytest.raises(WitnessBodyError):
            AddCheckpoint(old_size=old_size, proof=proof, checkpoint=signed(a_log(3).checkpoint))


@settings(deadline=None)
@given(st.binary() | st.text().map(lambda text: f"old 1\n{text}".encode()))
def test_any_bytes_are_a_request_that_is_written_again_or_refused(data: bytes) -> None:
    try:
        request = parse_add_checkpoint(data)
    except TlogError:
        return
    assert format_add_checkpoint(request) == data


@settings(deadline=None)
@given(st.integers(0, 2**63 - 1))
def test_every_size_is_read_as_it_was_written(size: int) -> None:
    assert parse_conflict(format_conflict(size)) == size


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"5", b"05\n", b"5\n\n", b" 5\n", b"-5\n", b"5\r\n", b"\xff\n", b"9" * 30]
)
def test_a_size_in_another_form_is_refused(data: bytes) -> None:
    with pytest.raises(WitnessBodyError):
        parse_conflict(data)


HEAD = signed(a_log(5).checkpoint)


def _lines(*seeds: int, text: str = HEAD.note.text) -> bytes:
    lines = [cosign_note(text, key=witness_key(s), signer=signer(s), timestamp=NOW + s) for s in seeds]
    return format_signature_lines(lines).encode()


def test_the_cosignatures_of_a_witness_are_taken_and_those_of_strangers_left() -> None:
    found = parse_cosignatures(_lines(8, 2, 3), checkpoint=HEAD, keys=[witness_key(2), witness_key(3)])
    assert [(line.key, line.timestamp) for line in found] == [(witness_key(2), NOW + 2), (witness_key(3), NOW + 3)]
    assert format_signature_lines([line.signature for line in found]).encode() == _lines(2, 3)


def test_an_answer_for_another_checkpoint_or_of_nobody_known_is_refused() -> None:
    with pytest.raises(NoteSignatureError, match="does not fit"):
        parse_cosignatures(_lines(2, text="other\n1\n"), checkpoint=HEAD, keys=[witness_key(2)])
    with pytest.raises(NoteSignatureError, match="nobody"):
        parse_cosignatures(_lines(3), checkpoint=HEAD, keys=[witness_key(2)])
    with pytest.raises(NoteSignatureError, match="nobody"):
        parse_cosignatures(EXAMPLES["tlog-witness: answer"].encode(), checkpoint=HEAD, keys=[witness_key(2)])
    with pytest.raises(NoteSignatureError, match="nobody"):  # a log's key is no witness
        parse_cosignatures(
            format_signature_lines(HEAD.note.signatures).encode(), checkpoint=HEAD, keys=[log_key()]
        )


@settings(deadline=None)
@given(st.binary())
def test_any_answer_is_refused_or_holds_a_cosignature(data: bytes) -> None:
    with pytest.raises((WitnessBodyError, NoteSignatureError)):
        parse_cosignatures(data, checkpoint=HEAD, keys=[witness_key(2)])


def test_the_monitoring_path_is_the_hash_of_the_origin() -> None:
    assert monitoring_path("abc") == hashlib.sha256(b"abc").hexdigest() + "/checkpoint"
