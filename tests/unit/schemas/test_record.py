"""Merkle trees and sealed records: one root for every view, and nothing to be guessed from what is closed."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import (
    Leaf,
    MalformedValueError,
    inclusion_path,
    leaf_hash,
    merkle_root,
    record_from_json,
    record_root,
    record_slots,
    record_to_json,
    record_values,
    redact_record,
    root_from_path,
    seal_record,
    view_record,
)

LEAVES = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40)


def _leaf(data: bytes) -> bytes:
    return hashlib.sha256(b"\0" + data).digest()


def test_the_roots_of_the_certificate_transparency_test_vectors() -> None:
    # The well-known eight inputs of RFC 6962 implementations, and their roots.
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    roots = {
        0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    }
    leaves = [_leaf(bytes.fromhex(text)) for text in inputs]
    for size, root in roots.items():
        assert merkle_root(leaves[:size]).hex() == root


@given(LEAVES, st.data())
def test_every_leaf_leads_to_the_root_by_its_path(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    path = inclusion_path(leaves, index)
    assert root_from_path(leaves[index], index=index, size=len(leaves), path=path) == merkle_root(leaves)


@given(LEAVES, st.data())
def test_a_changed_leaf_leads_elsewhere(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    path = inclusion_path(leaves, index)
    other = bytes([leaves[index][0] ^ 1]) + leaves[index][1:]
    assert root_from_path(other, index=index, size=len(leaves), path=path) != merkle_root(leaves)


@pytest.mark.parametrize(
    ("index", "size", "length", "words"),
    [
        (3, 3, 2, "outside"),
        (-1, 3, 2, "outside"),
        (0, 4, 3, "too long"),
        (0, 4, 1, "too short"),
        (0, 1, 1, "too long"),
    ],
)
def test_a_path_of_the_wrong_length_is_refused(index: int, size: int, length: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        root_from_path(bytes(32), index=index, size=size, path=[bytes(32)] * length)


# --- records --------------------------------------------------------------------------------------------------

SLOTS = record_slots()
VALUES: dict[tuple[str, ...], Any] = {slot.path: f"value of {'/'.join(slot.path)}" for slot in SLOTS[:6]}


def _random() -> Any:
    numbers = count(1)
    return lambda size: hashlib.shake_256(str(next(numbers)).encode()).digest(size)


RECORD = seal_record(VALUES, random_bytes=_random())


def test_a_record_keeps_what_was_sealed() -> None:
    assert dict(record_values(RECORD)) == VALUES
    assert len(RECORD) == len(SLOTS)
    assert len(record_root(RECORD)) == 32


def test_a_closed_field_looks_like_an_empty_one() -> None:
    closed = redact_record(RECORD, [SLOTS[0].path])
    assert closed[0].salt is None
    assert closed[0].value is None
    shown = record_to_json(closed)
    assert shown[0].keys() == shown[-1].keys() == {"path", "hash"}


@given(st.sets(st.sampled_from([slot.path for slot in SLOTS])))
def test_redaction_leaves_the_root_unchanged(paths: set[tuple[str, ...]]) -> None:
    redacted = redact_record(RECORD, paths)
    assert record_root(redacted) == record_root(RECORD)
    assert record_values(redacted).keys() == VALUES.keys() - paths


def test_every_view_has_the_same_root() -> None:
    groups = {slot.open for slot in SLOTS}
    for group in groups:
        view = view_record(RECORD, open_to=[group])
        assert record_root(view) == record_root(RECORD)
        allowed = {slot.path for slot in SLOTS if slot.open == group}
        assert record_values(view).keys() == VALUES.keys() & allowed
    assert record_values(view_record(RECORD, open_to=[])) == {}


def test_an_altered_value_is_detected() -> None:
    for change in ({"value": "other"}, {"salt": bytes(32)}, {"hash": bytes(32)}):
        with pytest.raises(MalformedValueError, match="was changed"):
            record_root((replace(RECORD[0], **change), *RECORD[1:]))


def test_an_altered_closed_leaf_changes_the_root() -> None:
    closed = redact_record(RECORD, [SLOTS[0].path])
    assert record_root((replace(closed[0], hash=bytes(32)), *closed[1:])) != record_root(RECORD)


def test_one_salt_for_two_leaves_is_refused() -> None:
    salt = bytes(32)
    leaves = [
        Leaf(path=leaf.path, hash=leaf_hash(leaf.path, leaf.value, salt=salt), salt=salt, value=leaf.value)
        for leaf in RECORD[:2]
    ]
    with pytest.raises(MalformedValueError, match="one salt twice"):
        record_root((*leaves, *RECORD[2:]))


def test_a_closed_leaf_cannot_be_confirmed_by_guessing() -> None:
    names = ["Asha", "Ben", "Chiara", str(RECORD[0].value)]
    guesses = {leaf_hash(RECORD[0].path, name, salt=salt) for name in names for salt in (b"", bytes(32))}
    assert redact_record(RECORD, [RECORD[0].path])[0].hash not in guesses


def test_the_path_is_part_of_the_leaf() -> None:
    assert leaf_hash(("a",), 1, salt=bytes(32)) != leaf_hash(("b",), 1, salt=bytes(32))
    assert leaf_hash(("a", "b"), 1, salt=bytes(32)) != leaf_hash(("a/b",), 1, salt=bytes(32))


def test_leaves_of_another_shape_are_refused() -> None:
    for leaves in (RECORD[:-1], (*RECORD, RECORD[0]), (RECORD[1], RECORD[0], *RECORD[2:]), ()):
        with pytest.raises(MalformedValueError, match="fixed slots"):
            record_root(leaves)
    with pytest.raises(MalformedValueError, match="no place called"):
        seal_record({("no", "such"): 1}, random_bytes=_random())


def test_a_record_goes_through_json() -> None:
    assert record_from_json(record_to_json(RECORD)) == RECORD
    assert SLOTS[0].label


@pytest.mark.parametrize("value", [None, {}, [1], [{}], [{"path": 1, "hash": "x"}], [{"path": [], "hash": "!"}]])
def test_json_that_is_no_record_is_refused(value: Any) -> None:
    with pytest.raises(MalformedValueError):
        record_root(record_from_json(value))


def test_a_secret_salt_stays_out_of_the_log() -> None:
    assert RECORD[0].salt is not None
    assert "salt" not in repr(RECORD[0])
