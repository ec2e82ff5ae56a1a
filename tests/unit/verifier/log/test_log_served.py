"""What the Academy serves beside its log, and what people hand in: each compared with the leaves."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from keys import (
    KeyRecord,
    build_did_document,
    encode_base64url,
    encode_multibase,
    generate_private_key,
    public_key_of,
)
from schemas import DocumentError, canonicalize_json, parse_date_time
from schemas.tlog import MemberLeft, commit
from tests.unit.schemas.tlog.builders import ORIGIN, signer
from tests.unit.verifier.log.world import (
    AWARDING,
    BASE,
    DECISION,
    ENROLLED,
    ISSUER_KEYS,
    LISTS,
    START,
    LogFiles,
    academy_leaves,
    at,
    audited,
    codes,
    digest,
    event,
    event_id,
    list_leaf,
    log_files,
    member,
    more,
    salt,
    served_documents,
    status_list,
)
from verifier.fetch import Fetched
from verifier.guarded import FetchError
from verifier.log.audit import Audit, Questions
from verifier.log.openings import read_openings
from verifier.log.receipts import PREFIX, read_receipts


@dataclass(slots=True)
class Web:
    documents: Mapping[str, bytes]

    def fetch(self, url: str) -> Fetched:
        if url not in self.documents:
            raise FetchError(f"{url} answered with status 404")
        return Fetched(body=self.documents[url], source="fetched")


def _asked(source: LogFiles | None = None, *, kept: tuple[bytes, ...] = (), **changes: bytes | None) -> Audit:
    return _compared(changes, source, kept=kept)


def _compared(
    changes: Mapping[str, bytes | None], source: LogFiles | None = None, *, kept: tuple[bytes, ...] = ()
) -> Audit:
    questions = Questions(documents=Web(served_documents(**changes)), base_url=BASE, lists=kept)
    return audited(source or log_files(academy_leaves()), questions=questions)


def _did(*records: KeyRecord) -> bytes:
    return json.dumps(build_did_document("did:web:academy.example", keys=records)).encode()


def _record(number: int, **dates: Any) -> KeyRecord:
    key = [*ISSUER_KEYS, signer(23).public_key][number]
    return KeyRecord(id=f"did:web:academy.example#{number}", public_key=key, added=START, **dates)


def test_what_is_served_as_it_was_logged_is_clean() -> None:
    done = _asked()
    assert codes(done) == []
    assert "NOT_COMPARED" not in [finding.code for finding in done.findings.kept]
    assert done.served_lists == [LISTS[1]]


RETIRED = {"retired": START}
SERVED: list[tuple[str, str, dict[str, bytes | None]]] = [
    ("a key more", "KEYS_DIFFER", {"did": _did(_record(0, **RETIRED), _record(1), _record(2))}),
    ("a key less", "KEYS_DIFFER", {"did": _did(_record(1))}),
    ("a retired key in force", "KEYS_DIFFER", {"did": _did(_record(0), _record(1))}),
    ("a compromised key", "KEYS_DIFFER", {"did": _did(_record(0, **RETIRED), _record(1, compromised=START))}),
    ("no DID document", "KEYS_DIFFER", {"did": b"not JSON"}),
    ("another's DID document", "KEYS_DIFFER", {"did": _did().replace(b"academy", b"other")}),
    ("another script", "SCRIPT_DIFFERS", {"script": b"export const answer = 43;\n"}),
    ("another policy", "POLICY_DIFFERS", {"policy": b"{}"}),
    ("a list that was replaced", "STATUS_LIST_OLD", {"list": LISTS[0]}),
    ("a list that was never logged", "STATUS_LIST_DIFFERS", {"list": status_list(bits=[700], hour=2)}),
    ("no script", "SERVED_UNREAD", {"script": None}),
    ("no list", "SERVED_UNREAD", {"list": None}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "changes"), [case[1:] for case in SERVED], ids=[case[0] for case in SERVED])
def test_what_is_served_otherwise_is_told(code: str, changes: dict[str, bytes | None]) -> None:
    done = _compared(changes)
    assert set(codes(done)) == {code}
    assert done.exit_status() == (2 if code == "SERVED_UNREAD" else 1)


def test_an_rsa_key_is_said_to_be_not_compared_since_no_leaf_can_name_it() -> None:
    rsa = public_key_of(generate_private_key("RSA"))
    record = KeyRecord(id="did:web:academy.example#rsa", public_key=rsa, added=START)
    done = _asked(did=_did(_record(0, **RETIRED), _record(1), record))
    assert codes(done) == []
    assert "1 RSA keys" in next(f.message for f in done.findings.kept if f.code == "NOT_COMPARED")


def _with_list(data: bytes, *, bits: int) -> LogFiles:
    return log_files([*academy_leaves(), list_leaf(30, data, bits=bits)])


def test_a_list_shows_as_many_bits_as_its_leaf_says() -> None:
    data = status_list(bits=[700, 701])
    assert codes(_asked(_with_list(data, bits=1), list=data)) == ["STATUS_LIST_COUNT"]


def test_a_list_that_cannot_be_read_is_told() -> None:
    assert codes(_asked(_with_list(b"{}", bits=1), list=b"{}")) == ["STATUS_LIST_DIFFERS"]


def test_a_bit_that_fell_while_another_rose_is_seen_against_a_kept_list() -> None:
    data = status_list(bits=[701], hour=3)
    swapped = _with_list(data, bits=1)
    assert codes(_asked(swapped, list=data)) == []  # the counts alone cannot show it
    assert codes(_asked(swapped, kept=(LISTS[1],), list=data)) == ["STATUS_BIT_FELL"]
    other = status_list(bits=[5, 6, 7])
    assert codes(_asked(swapped, kept=(other, b"junk"), list=data)) == []  # the log knows nothing of these


def test_a_log_that_grew_meanwhile_is_no_alarm() -> None:
    old, new = log_files(academy_leaves()), _with_list(status_list(bits=[700], hour=2), bits=1)

    class Growing(LogFiles):
        def read(self, path: str, *, max_bytes: int) -> bytes:
            if path == "checkpoint" and "checkpoint" in self.reads:
                return new.checkpoint
            return LogFiles.read(self, path, max_bytes=max_bytes)

    done = _asked(Growing(old.files), list=status_list(bits=[700], hour=2))
    assert codes(done) == []
    assert "LOG_HAS_GROWN" in [finding.code for finding in done.findings.kept]


def test_in_a_folder_it_is_said_that_nothing_of_this_was_compared() -> None:
    done = audited(academy_leaves())
    assert "NOT_COMPARED" in [finding.code for finding in done.findings.kept]
    assert done.exit_status() == 0


# Openings.


def _opening(value: Any, salted: bytes) -> dict[str, Any]:
    return {"value": value, "salt": encode_base64url(salted)}


def _openings(**changes: Any) -> list[dict[str, Any]]:
    """All commitments of the story, opened."""
    enrolled = [_opening(value, salt(number)) for number, value in enumerate(ENROLLED, 1)]
    events = [_opening(event(number), salt(100 + number)) for number in range(10, 18)]
    members = [_opening(member(first, place), salt(first + place)) for first in (31, 41) for place in range(3)]
    return [*enrolled, *events, *members, *changes.get("more", [])]


def _opened(openings: list[dict[str, Any]], source: LogFiles | None = None) -> Audit:
    questions = Questions(openings=read_openings(json.dumps(openings).encode()))
    return audited(source or log_files(academy_leaves()), questions=questions)


def test_with_all_openings_membership_is_checked() -> None:
    done = _opened(_openings())
    assert codes(done) == []
    assert "MEMBERSHIP_NOT_CHECKED" not in [finding.code for finding in done.findings.kept]


def test_without_openings_membership_is_said_to_be_the_academys_word() -> None:
    [finding] = [f for f in audited(academy_leaves()).findings.kept if f.code == "MEMBERSHIP_NOT_CHECKED"]
    assert finding.level == "note"
    assert "the Academy's word" in finding.message


def _with_member(value: Any) -> tuple[list[dict[str, Any]], LogFiles]:
    """The story with the first decider of the award committed to another value, and the openings for it."""
    leaves = academy_leaves()[:22]
    first = replace(AWARDING.responses[0], member=commit(value, salt=salt(700)))
    leaves[21] = replace(AWARDING, responses=(first, *AWARDING.responses[1:]))
    openings = [one for one in _openings() if one["value"] != member(41, 0)]
    return [*openings, _opening(value, salt(700))], log_files(leaves)


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("MEMBER_KEY", {"by": member(41, 1)["by"]}),
        ("NOT_A_MEMBER", {"name": "Dana"}),
        ("MEMBER_TWICE", {"name": "Bela"}),
        ("MEMBER_DECISION", {"decision": f"{DECISION}99"}),
    ],
)
def test_a_decider_who_is_opened_as_somebody_else_is_told(code: str, change: dict[str, str]) -> None:
    openings, source = _with_member({**member(41, 0), **change})
    assert codes(_opened(openings, source)) == [code]


def test_a_member_who_left_before_the_decision_is_told() -> None:
    leaves = academy_leaves()
    leaves[20] = MemberLeft(id=event_id(500), at=at(20), c=commit({"name": "Asha"}, salt=salt(500)))
    openings = [*_openings(), _opening({"name": "Asha"}, salt(500))]
    assert codes(_opened(openings, log_files(leaves))) == ["NOT_A_MEMBER"]


def test_an_opening_of_nothing_in_the_log_is_told() -> None:
    assert codes(_opened([*_openings(), _opening({"name": "Dana"}, salt(800))])) == ["OPENING_NOT_LOGGED"]


def test_an_answer_after_the_closing_is_told() -> None:
    leaves = academy_leaves()
    leaves.insert(17, leaves.pop(21))  # before the last of the answers
    assert codes(_opened(_openings(), log_files(leaves))) == ["AFTER_CLOSING"]


@pytest.mark.parametrize(
    "data",
    [b"", b"[1]", b'[{"salt": "AA"}]', b'[{"value": 1, "salt": "AA"}]', b'[{"value": 1, "salt": 5}]', b"{",
     b'[{"value": 1, "salt": "!"}]', b'[{"value": 1, "salt": "AA", "x": 1}]'],
)  # fmt: skip
def test_a_file_that_holds_no_openings_is_refused(data: bytes) -> None:
    with pytest.raises(DocumentError):
        read_openings(data)


def test_an_opening_that_names_another_commitment_is_refused() -> None:
    one = _opening({"name": "Asha"}, salt(1)) | {"c": commit(1, salt=salt(2))}
    with pytest.raises(DocumentError, match="does not open"):
        read_openings(json.dumps([one]).encode())


# Receipts.


def _receipt(number: int, *, minute: int, seed: int = 1, **changes: Any) -> dict[str, Any]:
    receipt = {
        "statement": digest("statement"),
        "event": event(number),
        "salt": encode_base64url(salt(100 + number)),
        "at": at(minute),
        "log": ORIGIN,
        **changes,
    }
    signature = signer(seed).sign(PREFIX + canonicalize_json(receipt))
    return {"receipt": receipt, "signature": encode_multibase(signature)}


def _receipts(*receipts: dict[str, Any], source: LogFiles | None = None) -> Audit:
    questions = Questions(receipts=read_receipts(json.dumps(receipts).encode()))
    return audited(source or log_files(academy_leaves()), questions=questions)


def test_a_receipt_whose_leaf_is_there_is_clean() -> None:
    assert codes(_receipts(_receipt(10, minute=10), _receipt(17, minute=17))) == []


def test_a_receipt_whose_leaf_is_missing_is_an_alarm() -> None:
    done = _receipts(_receipt(10, minute=10), _receipt(77, minute=11))
    assert codes(done) == ["RECEIPT_WITHOUT_LEAF"]
    [finding] = [finding for finding in done.findings.kept if finding.level == "alarm"]
    assert finding.message.startswith("Receipt 2 of the file promises a leaf")
    assert done.exit_status() == 1


def test_a_receipt_is_due_a_minute_after_it_was_given() -> None:
    source = log_files(academy_leaves(), witnesses=[])
    # The last leaf is of minute 25; without witnesses the log's own time counts.
    assert "RECEIPT_WITHOUT_LEAF" in codes(_receipts(_receipt(77, minute=24), source=source))
    done = _receipts(_receipt(77, minute=25), source=source)
    assert "RECEIPT_WITHOUT_LEAF" not in codes(done)
    assert "RECEIPT_NOT_DUE" in [finding.code for finding in done.findings.kept]
    assert parse_date_time(at(25)) - parse_date_time(at(24)) == timedelta(minutes=1)


@pytest.mark.parametrize("change", [{"seed": 5}, {"log": "other.example/log"}])
def test_a_receipt_that_the_log_did_not_sign_shows_nothing(change: dict[str, Any]) -> None:
    done = _receipts(_receipt(77, minute=10, **change))
    assert codes(done) == ["RECEIPT_NOT_SIGNED"]
    assert done.exit_status() == 2


def test_a_signature_of_another_length_is_none() -> None:
    receipt = _receipt(77, minute=10) | {"signature": encode_multibase(b"short")}
    assert codes(_receipts(receipt)) == ["RECEIPT_NOT_SIGNED"]


def _broken(change: Callable[[dict[str, Any]], object]) -> bytes:
    receipt = _receipt(10, minute=10)
    change(receipt)
    return json.dumps([receipt]).encode()


@pytest.mark.parametrize(
    "change",
    [
        lambda one: one.pop("signature"),
        lambda one: one.update(more=1),
        lambda one: one["receipt"].pop("log"),
        lambda one: one["receipt"].update(log=1),
        lambda one: one["receipt"].update(at="yesterday"),
        lambda one: one["receipt"].update(salt="AA"),
        lambda one: one["receipt"].update(statement="x"),
        lambda one: one.update(signature="?"),
        lambda one: one.update(signature=5),
        lambda one: one.update(receipt=1),
    ],
)
def test_a_file_that_holds_no_receipts_is_refused(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(DocumentError):
        read_receipts(_broken(change))


def test_leaves_that_mean_nothing_here_are_left_alone() -> None:
    assert codes(_opened(_openings(), log_files([*academy_leaves(), more(60)]))) == []
