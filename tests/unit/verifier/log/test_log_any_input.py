"""Whatever a log, an Academy or a file says: the monitor answers with a sentence, and never breaks."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import DocumentError
from schemas.tlog import Leaf, format_tlog_proof
from tests.unit.schemas.tlog.builders import a_policy, a_proof, log_key
from tests.unit.verifier.log.test_log_served import Web
from tests.unit.verifier.log.world import (
    BASE,
    LISTS,
    academy_leaves,
    audited,
    entries_of,
    log_files,
    served_documents,
)
from verifier.log.audit import Questions
from verifier.log.check import check_proof
from verifier.log.heads import read_vkeys
from verifier.log.openings import read_openings
from verifier.log.receipts import read_receipts

FILES = log_files(academy_leaves())
LEAVES = entries_of(academy_leaves())
SERVED = served_documents()
quick = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


def _damaged(data: bytes) -> st.SearchStrategy[bytes]:
    """Bytes near to some good ones: a piece cut out, and others put in."""

    def build(start: int, length: int, new: bytes) -> bytes:
        return data[:start] + new + data[start + length :]

    return st.builds(build, st.integers(0, len(data)), st.integers(0, 64), st.binary(max_size=32)) | st.binary(
        max_size=200
    )


@quick
@given(data=st.data())
def test_any_file_of_a_log_may_hold_anything(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(set(FILES.files) - {"vkey", "policy"})))
    changed = data.draw(_damaged(FILES.files[path]))
    source = log_files([])
    source.files = {**FILES.files, path: changed}
    done = audited(source)
    if changed != FILES.files[path]:
        # A checkpoint may only gain signatures of nobody known; nothing else may change.
        assert done.exit_status() or path == "checkpoint"
    assert done.to_json()


def _with_member(leaf: bytes, path: list[str], value: Any) -> bytes:
    document = json.loads(leaf)
    place = document
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


@quick
@given(data=st.data())
def test_any_leaf_may_say_anything(data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(LEAVES) - 1))
    member = data.draw(st.sampled_from(sorted(json.loads(LEAVES[index]))))
    changed = data.draw(
        st.builds(_with_member, st.just(LEAVES[index]), st.just([member]), json_values) | _damaged(LEAVES[index])
    )
    leaves: list[Leaf | bytes] = [*LEAVES[:index], changed, *LEAVES[index + 1 :]]
    assert audited(leaves).to_json()


@quick
@given(order=st.permutations(range(len(LEAVES))))
def test_the_leaves_may_stand_in_any_order(order: list[int]) -> None:
    assert audited([LEAVES[index] for index in order]).to_json()


@quick
@given(data=st.data())
def test_the_academy_may_serve_anything(data: st.DataObject) -> None:
    url = data.draw(st.sampled_from(sorted(SERVED)))
    served = {**SERVED, url: data.draw(_damaged(SERVED[url]) | json_values.map(lambda v: json.dumps(v).encode()))}
    done = audited(FILES, questions=Questions(documents=Web(served), base_url=BASE, lists=(served[url], LISTS[0])))
    if served[url] != SERVED[url]:
        assert done.exit_status() or url.endswith("did.json")


@pytest.mark.parametrize("read", [read_openings, read_receipts, read_vkeys])
@quick
@given(data=st.binary(max_size=300) | json_values.map(lambda value: json.dumps([value]).encode()))
def test_files_that_are_handed_in_may_hold_anything(read: Any, data: bytes) -> None:
    with suppress(DocumentError):
        read(data)


@quick
@given(data=_damaged(format_tlog_proof(a_proof())))
def test_a_proof_may_be_anything(data: bytes) -> None:
    report = check_proof(data, logs=[log_key()], policies=[a_policy()])
    assert report.sentences
