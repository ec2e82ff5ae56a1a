"""Every rule for the leaves of a log: in each test exactly that one fires."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from keys import to_multikey
from schemas import canonicalize_json
from schemas.tlog import (
    AssuranceCounts,
    CredentialIssued,
    IssuerKeyAdded,
    IssuerKeyCompromised,
    IssuerKeyRetired,
    Leaf,
    LoggedRules,
    LogKeyChanged,
    format_leaf,
    format_vkey,
)
from tests.unit.schemas.tlog.builders import log_key, signer
from tests.unit.verifier.log.world import (
    ADOPTING,
    AWARDING,
    GENESIS,
    ISSUER_KEYS,
    LISTS,
    academy_leaves,
    at,
    audited,
    changed,
    changed_leaf,
    closed,
    codes,
    digest,
    event_id,
    issued,
    list_leaf,
    log_files,
    name_of,
)

Leaves = list[Leaf | bytes]


def _story(*more: Leaf | bytes) -> Leaves:
    return [*academy_leaves(), *more]


def test_the_story_is_clean() -> None:
    done = audited(academy_leaves())
    assert codes(done) == []
    assert done.exit_status() == 0
    assert done.new_head
    assert (done.leaves, done.decisions, done.badges) == (26, 2, 2)


def _without_genesis() -> Leaves:
    """The first leaf is another one; nothing else in the story rests on the genesis."""
    return [replace(academy_leaves()[1], id=event_id(99))]


def _twice_begun() -> Leaves:
    return _story(replace(GENESIS, id=event_id(99)))


def _closed_again(**changes: object) -> Callable[[], Leaves]:
    other = replace(closed(30, first=51, minute=30), **changes)  # type: ignore[arg-type]  # what a test says
    return lambda: _story(other)


def _at_the_end(*leaves: Leaf | bytes) -> Callable[[], Leaves]:
    return lambda: _story(*leaves)


def _instead(index: int, **changes: object) -> Callable[[], Leaves]:
    return lambda: list(changed_leaf(index, **changes))


_OTHER = closed(30, first=51, minute=30)
_KEY = to_multikey(signer(23).public_key)
_NEW_LIST = digest("a new list")
_CHANGE = format_leaf(changed(30, request=_NEW_LIST))
_TWO = AssuranceCounts(link=2)

# What is wrong, the code, and the log.
RULES: list[tuple[str, str, Callable[[], Leaves]]] = [
    ("not JSON", "LEAF_MALFORMED", _at_the_end(b"not JSON")),
    ("not canonical", "LEAF_MALFORMED", _at_the_end(_CHANGE + b" ")),
    ("a member more", "LEAF_MALFORMED", _at_the_end(_CHANGE[:-1] + b',"x":1}')),
    ("unknown type", "LEAF_TYPE_UNKNOWN", _at_the_end(canonicalize_json({"v": 1, "type": "case.told"}))),
    ("begins with another leaf", "GENESIS_MISSING", _without_genesis),
    ("begins twice", "GENESIS_NOT_FIRST", _twice_begun),
    ("the same event twice", "EVENT_LOGGED_TWICE", _at_the_end(replace(academy_leaves()[19], at=at(40)))),
    (
        "a decider without answer",
        "OUTCOME_NOT_CONSENT",
        _closed_again(responses=_OTHER.responses[:2], assurance=_TWO),
    ),
    ("an answer of nobody", "OUTCOME_NOT_CONSENT", _closed_again(deciders=_OTHER.deciders[:2])),
    (
        "too few peers",
        "OUTCOME_NOT_CONSENT",
        _closed_again(rules=LoggedRules(min_peers=4, min_holders=0)),
    ),
    (
        "more holders asked for than deciders",
        "OUTCOME_NOT_CONSENT",
        _closed_again(rules=LoggedRules(min_peers=3, min_holders=4)),
    ),
    ("closed after it was logged", "CLOSED_BEFORE_CLOSING", _closed_again(closed_at=at(31))),
    ("more sign-ins than answers", "ASSURANCE_COUNT", _closed_again(assurance=AssuranceCounts(passkey=3, link=1))),
    ("a policy from nowhere", "POLICY_NOT_LOGGED", _closed_again(policy=digest("another policy"))),
    ("the proposal closed again", "AFTER_CLOSING", _closed_again(proposal=AWARDING.proposal)),
    (
        "a key answers again",
        "AFTER_CLOSING",
        _closed_again(
            deciders=AWARDING.deciders,
            responses=tuple(replace(r, statement=digest(f"again {r.by}")) for r in AWARDING.responses),
        ),
    ),
    (
        "an answer counts twice",
        "ANSWER_COUNTED_TWICE",
        _closed_again(
            responses=tuple(
                replace(mine, statement=theirs.statement)
                for mine, theirs in zip(_OTHER.responses, AWARDING.responses, strict=True)
            )
        ),
    ),
    (
        "a badge without decision",
        "DECISION_NOT_LOGGED",
        _at_the_end(issued(30, _OTHER, final="third copy")),
    ),
    (
        "a badge that names another leaf as its decision",
        "DECISION_NOT_LOGGED",
        _at_the_end(issued(30, ADOPTING, final="third copy", decision=name_of(GENESIS))),
    ),
    (
        "a badge that says other things than its decision",
        "DECISION_DIFFERS",
        _at_the_end(issued(30, ADOPTING, final="third copy", terms=digest("other terms"))),
    ),
    (
        "a badge before its decision",
        "CLOSED_BEFORE_CLOSING",
        _at_the_end(issued(30, ADOPTING, final="third copy", at=at(4))),
    ),
    ("a second first badge", "SECOND_FIRST", _at_the_end(issued(30, AWARDING, final="third copy"))),
    (
        "the same badge twice",
        "BADGE_LOGGED_TWICE",
        _at_the_end(issued(30, ADOPTING, final="second copy")),
    ),
    (
        "a copy of a badge that never was",
        "REPLACES_UNKNOWN",
        _at_the_end(issued(30, AWARDING, final="third copy", replaces="no copy")),
    ),
    (
        "a copy of another decision's badge",
        "REPLACES_OTHER_DECISION",
        _at_the_end(issued(30, ADOPTING, final="third copy", replaces="second copy")),
    ),
    (
        "two copies replace one",
        "REPLACES_FORK",
        _at_the_end(issued(30, AWARDING, final="third copy", replaces="first copy")),
    ),
    ("a policy that nobody adopted", "NOT_ADOPTED", _instead(7, decision=digest("no decision"))),
    ("a badge on offer that nobody adopted", "NOT_ADOPTED", _instead(6, decision=name_of(GENESIS))),
    (
        "a status changed by no decision",
        "DECISION_NOT_LOGGED",
        _at_the_end(changed(30, decision=digest("no decision"))),
    ),
    (
        "a status changed by no copy",
        "REPLACES_UNKNOWN",
        _at_the_end(changed(30, replaced_by=digest("no copy"))),
    ),
    ("a bit set without a leaf", "STATUS_CHANGE_NOT_LOGGED", _at_the_end(list_leaf(30, b"list", bits=2))),
    ("a bit fell", "STATUS_BIT_FELL", _at_the_end(list_leaf(30, b"list", bits=0))),
    (
        "a change that no list shows",
        "STATUS_CHANGE_NOT_SHOWN",
        _at_the_end(changed(30, request=_NEW_LIST), list_leaf(32, b"list", bits=1)),
    ),
    ("an issuer key added twice", "ISSUER_KEY_ORDER", _at_the_end(
        IssuerKeyAdded(id=event_id(30), at=at(30), key=to_multikey(ISSUER_KEYS[1])))),
    ("an unknown issuer key retired", "ISSUER_KEY_ORDER", _at_the_end(
        IssuerKeyRetired(id=event_id(30), at=at(30), key=_KEY))),
    ("an issuer key retired twice", "ISSUER_KEY_ORDER", _at_the_end(
        IssuerKeyRetired(id=event_id(30), at=at(30), key=to_multikey(ISSUER_KEYS[0])))),
    ("an unknown issuer key compromised", "ISSUER_KEY_ORDER", _at_the_end(
        IssuerKeyCompromised(id=event_id(30), at=at(30), key=_KEY, since=at(1)))),
    ("a log key that follows another one", "LOG_KEY_CHAIN", _at_the_end(
        LogKeyChanged(id=event_id(30), at=at(30), key=format_vkey(log_key()), former=format_vkey(log_key(5))),
    )),
]  # fmt: skip


@pytest.mark.parametrize(("code", "build"), [rule[1:] for rule in RULES], ids=[rule[0] for rule in RULES])
def test_exactly_this_rule_fires(code: str, build: Callable[[], Leaves]) -> None:
    done = audited(build())
    assert set(codes(done)) == {code}, done.findings.kept
    assert done.exit_status() == 1


def test_a_key_that_was_given_up_as_compromised_stays_so() -> None:
    given_up = IssuerKeyCompromised(id=event_id(30), at=at(30), key=to_multikey(ISSUER_KEYS[1]), since=at(1))
    assert codes(audited(_story(given_up))) == []
    again = IssuerKeyRetired(id=event_id(31), at=at(31), key=to_multikey(ISSUER_KEYS[1]))
    assert codes(audited(_story(given_up, again))) == ["ISSUER_KEY_ORDER"]
    retired = IssuerKeyCompromised(id=event_id(30), at=at(30), key=to_multikey(ISSUER_KEYS[0]), since=at(1))
    assert codes(audited(_story(retired))) == []  # it was retired in good order before, and somebody had it


def test_a_finding_names_its_leaf_and_is_a_sentence() -> None:
    [finding] = [f for f in audited(_story(b"{}")).findings.kept if f.level == "alarm"]
    assert finding.index == 26
    assert finding.message.endswith(".")
    assert finding.to_json() == {
        "level": "alarm",
        "code": "LEAF_MALFORMED",
        "message": finding.message,
        "index": 26,
        "seenBefore": False,
    }


def test_a_leaf_as_long_as_the_log_allows_is_read_and_one_byte_more_is_not() -> None:
    assert codes(audited(_story(b'{"v":1}'.ljust(16 * 1024)))) == ["LEAF_MALFORMED"]
    assert codes(audited(_story(b"x" * 65_535))) == ["LEAF_MALFORMED"]


def test_a_change_of_the_last_minute_may_come_with_the_next_list() -> None:
    late = _story(changed(30, request=_NEW_LIST), list_leaf(31, b"list", bits=1, minute=30))
    assert codes(audited(late)) == []
    assert codes(audited([*late, list_leaf(32, b"list 2", bits=2)])) == []
    assert codes(audited([*late, list_leaf(32, b"list 2", bits=1)])) == ["STATUS_CHANGE_NOT_SHOWN"]


def test_a_change_may_be_in_a_list_that_is_not_made_anew_yet() -> None:
    second = replace(list_leaf(30, b"second", bits=0), address=digest("second address"))
    first = changed(31, request=_NEW_LIST)
    again = replace(second, id=event_id(40), at=at(40))
    assert codes(audited(_story(second, first, again))) == []
    assert codes(audited(_story(second, first, again, list_leaf(41, b"list", bits=2)))) == []
    missing = _story(second, first, again, list_leaf(41, b"list", bits=1))
    assert codes(audited(missing)) == ["STATUS_CHANGE_NOT_SHOWN"]


def test_a_log_that_begins_later_than_its_lists_takes_their_bits_as_given() -> None:
    leaves: Leaves = [GENESIS, list_leaf(1, b"list", bits=3), changed(2, request=_NEW_LIST)]
    assert codes(audited([*leaves, list_leaf(4, b"list 2", bits=4)])) == []
    assert codes(audited([*leaves, list_leaf(4, b"list 2", bits=5)])) == ["STATUS_CHANGE_NOT_LOGGED"]
    assert codes(audited([*leaves, list_leaf(4, b"list 2", bits=3)])) == ["STATUS_CHANGE_NOT_SHOWN"]


def test_a_new_list_after_the_first_badge_begins_empty() -> None:
    new = replace(list_leaf(30, b"second", bits=1), address=digest("second address"))
    assert codes(audited(_story(new))) == ["STATUS_CHANGE_NOT_LOGGED"]


def test_a_change_of_status_may_name_a_copy_that_is_logged_a_little_later() -> None:
    leaves = academy_leaves()
    leaves[23], leaves[24] = leaves[24], leaves[23]
    assert codes(audited(leaves)) == []


def test_a_chain_of_copies_is_clean_however_long() -> None:
    copies = [
        issued(
            30 + number,
            AWARDING,
            final=f"copy {number}",
            replaces=f"copy {number - 1}" if number else "second copy",
        )
        for number in range(10)
    ]
    assert codes(audited(_story(*copies))) == []


def test_a_log_key_that_follows_is_accepted_and_then_has_to_sign() -> None:
    change = LogKeyChanged(id=event_id(30), at=at(30), key=format_vkey(log_key(5)), former=format_vkey(log_key()))
    assert codes(audited(_story(change))) == ["LOG_KEY_NOT_LOGGED"]
    back = LogKeyChanged(id=event_id(31), at=at(31), key=format_vkey(log_key()), former=format_vkey(log_key(5)))
    assert codes(audited(_story(change, back))) == ["LOG_KEY_CHAIN"]


def test_a_million_faults_do_not_fill_the_memory() -> None:
    done = audited([GENESIS, *[b"{}"] * 1500])
    assert len(done.findings.kept) == 1000
    assert done.findings.new_alarms == 1500
    assert done.findings.dropped >= 500


def test_badges_and_decisions_are_told_apart() -> None:
    assert isinstance(academy_leaves()[22], CredentialIssued)
    assert codes(audited(log_files([*academy_leaves()[:22]]))) == []
    assert LISTS[0] != LISTS[1]
