"""The log's proof in a badge: one item, in one spelling, and nothing beside it."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import DocumentError, final_digest
from schemas.decision import (
    TLOG_PROOF,
    LogProofError,
    log_proof_item,
    read_log_proof,
    with_log_proof,
    without_log_proof,
)
from schemas.decision.evidence import PREFIX
from schemas.tlog import MAX_TLOG_PROOF_BYTES, TlogProofError, format_tlog_proof
from tests.unit.schemas.tlog.builders import a_proof
from tests.unit.verifier.world import a_badge

PROOF = a_proof()
ITEM = log_proof_item(PROOF)
TEXT = ITEM["id"].removeprefix(PREFIX)
PAGE = {"id": "https://academy.example/decisions/1", "type": ["Evidence"], "genre": "decision record"}
BADGE = a_badge(evidence=[PAGE])


def _badge(*items: Any) -> dict[str, Any]:
    return {**BADGE, "evidence": [PAGE, *items]}


def test_a_proof_is_read_as_it_was_put_in() -> None:
    assert read_log_proof(with_log_proof(BADGE, PROOF)) == PROOF
    assert with_log_proof(BADGE, PROOF)["evidence"] == [PAGE, ITEM]
    assert read_log_proof(_badge({**ITEM, "type": "Evidence"})) == PROOF  # a wallet wrote a set of one as that one
    assert read_log_proof({**BADGE, "evidence": ITEM}) == PROOF
    assert {
        "id": f"data:text/plain;charset=utf-8;base64,{base64.b64encode(format_tlog_proof(PROOF)).decode()}",
        "type": ["Evidence"],
        "genre": "c2sp.org/tlog-proof@v1",
    } == ITEM


@pytest.mark.parametrize(
    "evidence", [None, [], [PAGE], PAGE, [{"genre": "c2sp.org/tlog-proof@v2"}], "x", [1, None]]
)
def test_a_badge_without_one_has_none(evidence: Any) -> None:
    badge = {name: value for name, value in {**BADGE, "evidence": evidence}.items() if value is not None}
    assert read_log_proof(badge) is None


def test_two_of_them_are_refused_even_when_they_are_equal() -> None:
    for items in ((ITEM, ITEM), (ITEM, {"genre": TLOG_PROOF}), (log_proof_item(a_proof(900)), ITEM)):
        with pytest.raises(LogProofError, match="two log proofs"):
            read_log_proof(_badge(*items))


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Proof"},
        {"description": "x"},
        {"narrative": "x"},
        {"audience": "x"},
        {"@context": []},
        {"type": ["Evidence", "Evidence"]},
        {"type": ["Other"]},
        {"type": []},
    ],
)
def test_a_further_member_or_type_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(LogProofError, match="other members"):
        read_log_proof(_badge({**ITEM, **change}))


@pytest.mark.parametrize("name", ["id", "type"])
def test_an_item_without_a_member_is_refused(name: str) -> None:
    with pytest.raises(LogProofError, match="other members"):
        read_log_proof(_badge({member: value for member, value in ITEM.items() if member != name}))


def _urlsafe(text: str) -> str:
    return text.replace("+", "-").replace("/", "_")


LAST = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
PADDED = next(
    text
    for size in range(996, 1000)
    if (text := log_proof_item(a_proof(size, 0))["id"].removeprefix(PREFIX)).endswith("=")
)


def _stray_bits(text: str) -> str:
    """Return another text of the same bytes: the last letter before the padding has bits that nobody reads."""
    bare = text.rstrip("=")
    return bare[:-1] + LAST[LAST.index(bare[-1]) + 1] + "=" * (len(text) - len(bare))


@pytest.mark.parametrize(
    "text",
    [
        TEXT[:8] + "\n" + TEXT[8:],
        TEXT[:8] + " " + TEXT[8:],
        TEXT + "=",
        TEXT + "====",
        TEXT.rstrip("=") + "=" * 3,
        TEXT[:-1],
        "=" + TEXT,
        "",
        PADDED.rstrip("="),
        _stray_bits(PADDED),
    ],
)
def test_another_spelling_of_the_same_bytes_is_refused(text: str) -> None:
    with pytest.raises((LogProofError, TlogProofError)):
        read_log_proof(_badge({**ITEM, "id": PREFIX + text}))


def test_the_letters_of_addresses_are_none_of_base64() -> None:
    if _urlsafe(TEXT) != TEXT:
        with pytest.raises(LogProofError):
            read_log_proof(_badge({**ITEM, "id": PREFIX + _urlsafe(TEXT)}))


@pytest.mark.parametrize(
    "prefix",
    [
        "data:text/plain;base64,",
        "data:text/plain;charset=UTF-8;base64,",
        "DATA:text/plain;charset=utf-8;base64,",
        "data:text/html;charset=utf-8;base64,",
        "data:text/plain;charset=utf-8,",
        "https://academy.example/",
        " " + PREFIX,
        "",
    ],
)
def test_another_prefix_is_refused(prefix: str) -> None:
    with pytest.raises(LogProofError, match="begins with"):
        read_log_proof(_badge({**ITEM, "id": prefix + TEXT}))


@pytest.mark.parametrize("value", [None, 1, [ITEM["id"]], {"id": ITEM["id"]}])
def test_an_id_that_is_no_text_is_refused(value: Any) -> None:
    with pytest.raises(LogProofError):
        read_log_proof(_badge({**ITEM, "id": value}))


def test_a_proof_larger_than_a_badge_may_carry_is_refused_before_it_is_read() -> None:
    for size in (MAX_TLOG_PROOF_BYTES + 1, 1_000_000):
        text = base64.b64encode(b"x" * size).decode()
        with pytest.raises((LogProofError, TlogProofError)) as caught:
            read_log_proof(_badge({**ITEM, "id": PREFIX + text}))
        assert "at most" in str(caught.value) or "begins with" in str(caught.value)
    with pytest.raises(TlogProofError):
        log_proof_item(replace(PROOF, extra=b"x" * MAX_TLOG_PROOF_BYTES))


# --- what stays when it is taken out --------------------------------------------------------------------------


def test_taking_it_out_gives_the_badge_that_it_was_put_into() -> None:
    assert without_log_proof(with_log_proof(BADGE, PROOF)) == BADGE
    bare = a_badge()
    assert without_log_proof(with_log_proof(bare, PROOF)) == bare
    assert without_log_proof(bare) == bare
    assert final_digest(with_log_proof(bare, PROOF)) == final_digest(bare)


def test_an_item_with_more_in_it_is_none_and_stays_a_part_of_the_badge() -> None:
    more = _badge({**ITEM, "name": "Proof"})
    assert without_log_proof(more) == more
    assert final_digest(more) != final_digest(BADGE)
    assert final_digest(_badge({**ITEM, "id": "data:,x"})) == final_digest(BADGE)  # its reader refuses it


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["id", "type", "genre", "name"]),
            st.sampled_from([ITEM["id"], TLOG_PROOF, "Evidence", ["Evidence"], 1, None, []]),
        )
        | st.none()
        | st.just(ITEM),
        max_size=3,
    )
)
def test_whatever_the_evidence_is_it_is_read_or_refused(items: list[Any]) -> None:
    try:
        found = read_log_proof({"evidence": items})
    except DocumentError:
        return
    assert found in (None, PROOF)
    claimed = [item for item in items if isinstance(item, dict) and item.get("genre") == TLOG_PROOF]
    assert len(claimed) == (found is not None)
