"""The leaves of the log: exactly their members, one way to write each, nothing that can be looked up."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import did_key, encode_base64url, to_multikey
from schemas import canonicalize_json, multihash
from schemas.tlog import (
    LEAF_TYPES,
    MAX_LEAF_BYTES,
    CredentialIssued,
    DecisionClosed,
    DecisionEvent,
    LeafError,
    MemberEnrolled,
    TlogError,
    UnknownLeafTypeError,
    commit,
    digest_text,
    entry_hash,
    format_leaf,
    format_vkey,
    parse_leaf,
)
from tests.unit.schemas.tlog.builders import P256, log_key, signer, witness_key

AT = "2026-03-02T09:00:00Z"
ID = "q2x7n5a4k3m6p7r2s4t5v6w7xy"
C = commit({"n": 1}, salt=bytes(32))
D = [digest_text(hashlib.sha256(bytes([number])).digest()) for number in range(6)]
DECIDERS = sorted(did_key(signer(seed).public_key) for seed in (11, 12, 13))
ISSUER = sorted(to_multikey(signer(seed).public_key) for seed in (21, 22))
CLOSED: dict[str, Any] = {
    "proposal": D[0],
    "terms": D[1],
    "deciders": DECIDERS,
    "responses": [{"by": by, "member": C, "statement": D[2]} for by in DECIDERS],
    "rules": {"minPeers": 3, "minHolders": 1},
    "leftOut": [{"reason": "left", "n": 1}, {"reason": "released", "n": 2}],
    "assurance": {"passkey": 2, "link": 1},
    "policy": D[3],
    "record": D[4],
    "closedAt": AT,
}
MEMBERS: dict[str, dict[str, Any]] = {
    "log.genesis": {"policy": D[0], "keys": {"log": format_vkey(log_key()), "issuer": ISSUER}},
    "log.key_changed": {"key": format_vkey(log_key(5)), "former": format_vkey(log_key())},
    "policy.changed": {"policy": D[0], "decision": D[1]},
    "achievement.published": {"achievement": D[0], "decision": D[1]},
    "app.released": {
        "version": "0.1.0",
        "files": [{"name": "static/sign.js", "digest": D[0]}, {"name": "static/verify.js", "digest": D[1]}],
    },
    "member.enrolled": {"c": C},
    "member.left": {"c": C},
    "issuer.key_added": {"key": ISSUER[0]},
    "issuer.key_retired": {"key": ISSUER[0]},
    "issuer.key_compromised": {"key": ISSUER[0], "since": AT},
    "decision.event": {"at": "2026-03-02", "c": C},
    "decision.closed": CLOSED,
    "credential.issued": {**CLOSED, "decision": D[0], "final": D[1], "reason": "wallet", "replaces": D[2]},
    "credential.status_changed": {"c": C, "decision": D[0]},
    "statuslist.published": {"list": D[0], "digest": D[1], "set": 0},
    "redaction": {"root": D[0]},
}


def _leaf(kind: str, **changes: Any) -> dict[str, Any]:
    """A leaf of each type as JSON; a change to None takes the member away."""
    leaf = {"v": 1, "type": kind, "id": ID, "at": AT, **MEMBERS[kind], **changes}
    return {name: value for name, value in leaf.items() if value is not None}


def _bytes(kind: str, **changes: Any) -> bytes:
    return canonicalize_json(_leaf(kind, **changes))


@pytest.mark.parametrize("kind", MEMBERS)
def test_every_type_of_leaf_is_read_and_written_again(kind: str) -> None:
    data = _bytes(kind)
    leaf = parse_leaf(data)
    assert isinstance(leaf, LEAF_TYPES[kind])
    assert leaf.type == kind
    assert format_leaf(leaf) == data


def test_the_types_are_those_of_the_design() -> None:
    assert LEAF_TYPES.keys() == MEMBERS.keys()


@pytest.mark.parametrize("kind", MEMBERS)
def test_no_member_may_be_missing_or_added_anywhere(kind: str) -> None:
    optional = {"credential.issued": {"replaces"}, "credential.status_changed": {"decision"}}.get(kind, set())
    for path in _objects(_leaf(kind)):
        for name in _at(_leaf(kind), path):
            broken = _leaf(kind)
            broken = json.loads(json.dumps(broken))
            del _at(broken, path)[name]
            if name in optional or path[-1:] == ["assurance"]:
                continue
            with pytest.raises(LeafError):
                parse_leaf(canonicalize_json(broken))
        broken = json.loads(json.dumps(_leaf(kind)))
        _at(broken, path)["extra"] = D[0]
        with pytest.raises(LeafError, match="no member 'extra' here"):
            parse_leaf(canonicalize_json(broken))


def _objects(value: Any, path: tuple[Any, ...] = ()) -> list[list[Any]]:
    """The paths of all objects in a value."""
    found = [list(path)] if isinstance(value, dict) else []
    for name, child in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(child, (dict, list)):
            found += _objects(child, (*path, name))
    return found


def _at(value: Any, path: list[Any]) -> Any:
    for step in path:
        value = value[step]
    return value


@pytest.mark.parametrize("kind", MEMBERS)
def test_no_member_of_any_leaf_takes_free_text_or_an_address(kind: str) -> None:
    for text in (
        "Chiara B.",
        "chiara@example.org",
        "https://academy.example/decisions/abc",
        "she was not ready yet",
    ):
        for path in _objects(_leaf(kind)):
            for name in _at(_leaf(kind), path):
                broken = json.loads(json.dumps(_leaf(kind)))
                _at(broken, path)[name] = text
                with pytest.raises(LeafError):
                    parse_leaf(canonicalize_json(broken))


def test_a_first_credential_replaces_nothing_and_every_other_one_does() -> None:
    parse_leaf(_bytes("credential.issued", reason="first", replaces=None))
    for reason, replaces in (("first", D[0]), ("wallet", None), ("key", None), ("correction", None)):
        with pytest.raises(LeafError, match="only the first copy has none"):
            parse_leaf(_bytes("credential.issued", reason=reason, replaces=replaces))


def test_a_credential_says_all_that_its_decision_says() -> None:
    closed, issued = parse_leaf(_bytes("decision.closed")), parse_leaf(_bytes("credential.issued"))
    assert isinstance(closed, DecisionClosed)
    assert isinstance(issued, CredentialIssued)
    names = {part.name for part in fields(DecisionClosed)}
    assert {name: getattr(closed, name) for name in names} == {name: getattr(issued, name) for name in names}
    assert issued.deciders == tuple(DECIDERS)
    assert [response.by for response in issued.responses] == DECIDERS
    assert (issued.rules.min_peers, issued.rules.min_holders) == (3, 1)
    assert (issued.assurance.passkey, issued.assurance.link) == (2, 1)
    assert [(left.reason, left.n) for left in issued.left_out] == [("left", 1), ("released", 2)]


@pytest.mark.parametrize(
    "changes", [{}, {"decision": D[0], "request": D[1]}, {"decision": D[0], "request": D[1], "replacedBy": D[2]}]
)
def test_a_status_changes_for_exactly_one_reason(changes: dict[str, str]) -> None:
    with pytest.raises(LeafError, match="a status changes by"):
        parse_leaf(_bytes("credential.status_changed", **{"decision": None, **changes}))
    for reason in ("decision", "request", "replacedBy"):
        parse_leaf(_bytes("credential.status_changed", **{"decision": None, reason: D[0]}))


def test_an_unknown_type_has_an_error_of_its_own() -> None:
    for kind in ("vote.cast", "", None, 5, ["redaction"]):
        leaf = {"v": 1, "type": kind, "id": ID, "at": AT}
        with pytest.raises(UnknownLeafTypeError) as caught:
            parse_leaf(canonicalize_json(leaf))
        assert caught.value.problem == "LEAF_TYPE_UNKNOWN"
    with pytest.raises(UnknownLeafTypeError):
        parse_leaf(b'{"v":1}')


@pytest.mark.parametrize("version", [0, 2, True, "1", None, 1.5])
def test_another_version_is_not_read(version: Any) -> None:
    with pytest.raises(LeafError, match="we know version 1"):
        parse_leaf(canonicalize_json({**_leaf("redaction"), "v": version}))


GOOD = _bytes("member.enrolled")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "cannot be read"),
        (b"{}", "we know version 1"),
        (b"[]", "a JSON object"),
        (b"null", "a JSON object"),
        (b'"text"', "a JSON object"),
        (GOOD + b"\n", "RFC 8785"),
        (b" " + GOOD, "RFC 8785"),
        (GOOD.replace(b",", b", ", 1), "RFC 8785"),
        (GOOD.replace(b'"v":1', b'"v":1.0'), "RFC 8785"),
        (GOOD.replace(b'"v":1', b'"v":1e0'), "RFC 8785"),
        (GOOD.replace(b'"at"', b'"\\u0061t"'), "RFC 8785"),
        (json.dumps(_leaf("member.enrolled")).encode(), "RFC 8785"),
        (GOOD.replace(b'"v":1', b'"v":1,"v":1'), "stands twice"),
        (b"\xef\xbb\xbf" + GOOD, "byte order mark"),
        (GOOD.replace(b'"id"', b'"\xff"'), "not UTF-8"),
        (b"[" * 8 + b"]" * 8, "nested"),
        (b"[" * 9000, "cannot be read"),
        (b'{"a":NaN}', "not a JSON number"),
        (b'{"v":1e999}', "cannot be read"),
        (b'"' + b"a" * MAX_LEAF_BYTES + b'"', "at most 16,384 bytes"),
    ],
)
def test_what_is_no_leaf_is_refused_with_the_reason(data: bytes, words: str) -> None:
    with pytest.raises(LeafError, match=words):
        parse_leaf(data)


@pytest.mark.parametrize(
    ("kind", "changes", "words"),
    [
        ("redaction", {"id": "short"}, "22 to 64 random"),
        ("redaction", {"id": "a" * 65}, "22 to 64 random"),
        ("redaction", {"id": "a" * 25 + "é"}, "22 to 64 random"),
        ("redaction", {"at": "2026-03-02T09:00:00+00:00"}, "is written 2026-03-02T09:00:00Z"),
        ("redaction", {"at": "2026-03-02T09:00:00.5Z"}, "is written 2026-03-02T09:00:00Z"),
        ("redaction", {"at": "2026-02-30T09:00:00Z"}, "calendar"),
        ("redaction", {"at": "2026-03-02"}, "a date, a time and a zone"),
        ("redaction", {"at": 5}, "a date, a time and a zone"),
        ("decision.event", {"at": AT}, "expected a date such as"),
        ("decision.event", {"at": "20260302"}, "expected a date such as"),
        ("decision.event", {"at": "2026-W10-1"}, "expected a date such as"),
        ("decision.event", {"at": 5}, "expected a date such as"),
        ("decision.event", {"c": D[0]}, "32 bytes"),
        ("decision.event", {"c": "u" + "A" * 42 + "B"}, "stray bits"),
        ("decision.event", {"c": "z" + "A" * 43}, "begins with 'u'"),
        ("redaction", {"root": C}, "a SHA-256 multihash"),
        ("redaction", {"root": multihash(b"")[:-1]}, "cannot be read|multihash"),
        ("redaction", {"root": "u" + encode_base64url(b"\x13\x20" + bytes(32))}, "a SHA-256 multihash"),
        ("redaction", {"root": 7}, "begins with 'u'"),
        ("issuer.key_added", {"key": "z6Mk"}, "cannot be used"),
        ("issuer.key_added", {"key": format_vkey(log_key())}, "cannot be used"),
        ("log.key_changed", {"key": ISSUER[0]}, "cannot be used"),
        ("log.key_changed", {"key": format_vkey(witness_key(2))}, "vkey of type 0x01"),
        ("log.key_changed", {"key": 1}, "vkey of type 0x01"),
        ("log.genesis", {"keys": {"log": format_vkey(log_key()), "issuer": []}}, "a list of at least 1"),
        ("log.genesis", {"keys": {"log": format_vkey(log_key()), "issuer": ISSUER[::-1]}}, "sorted"),
        ("log.genesis", {"keys": [ISSUER[0]]}, "expected a JSON object"),
        ("app.released", {"version": "a b"}, "a version is"),
        ("app.released", {"files": [{"name": "../app.js", "digest": D[0]}]}, "a file's name"),
        ("app.released", {"files": [{"name": "https://x/app.js", "digest": D[0]}]}, "a file's name"),
        ("app.released", {"files": [{"name": "a" * 201, "digest": D[0]}]}, "a file's name"),
        ("app.released", {"files": [MEMBERS["app.released"]["files"][0]] * 2}, "holds nothing twice"),
        ("app.released", {"files": "static/sign.js"}, "a list"),
        ("decision.closed", {"deciders": []}, "a list of at least 1"),
        ("decision.closed", {"deciders": DECIDERS[::-1]}, "sorted"),
        ("decision.closed", {"deciders": [DECIDERS[0]] * 2}, "holds nothing twice"),
        ("decision.closed", {"deciders": ["did:web:example.org"]}, "cannot be used"),
        (
            "decision.closed",
            {"deciders": [did_key(P256)]},
            "Ed25519",
        ),
        ("decision.closed", {"deciders": [5]}, "Ed25519"),
        ("decision.closed", {"responses": CLOSED["responses"][::-1]}, "sorted"),
        ("decision.closed", {"responses": CLOSED["responses"][:1] * 2}, "holds nothing twice"),
        ("decision.closed", {"responses": [DECIDERS[0]]}, "expected a JSON object"),
        ("decision.closed", {"rules": {"minPeers": 0, "minHolders": 0}}, "from 1 on"),
        ("decision.closed", {"rules": {"minPeers": True, "minHolders": 0}}, "from 1 on"),
        ("decision.closed", {"rules": {"minPeers": 2.5, "minHolders": 0}}, "from 1 on"),
        ("decision.closed", {"rules": {"minPeers": "3", "minHolders": 0}}, "from 1 on"),
        ("decision.closed", {"leftOut": [{"reason": "ill", "n": 1}]}, "released, left, set_aside"),
        ("decision.closed", {"leftOut": [{"reason": "left", "n": 0}]}, "from 1 on"),
        ("decision.closed", {"leftOut": CLOSED["leftOut"][::-1]}, "sorted"),
        ("decision.closed", {"assurance": {"link": -1}}, "from 0 on"),
        ("decision.closed", {"assurance": {"minutes": 1}}, "no member 'minutes'"),
        ("credential.issued", {"reason": "again"}, "first, wallet, key, correction"),
        ("credential.issued", {"reason": None}, "'reason' is missing"),
        ("statuslist.published", {"set": -1}, "from 0 on"),
        ("statuslist.published", {"set": 1.5}, "from 0 on"),
    ],
)
def test_a_member_that_does_not_hold_what_it_must_is_refused(
    kind: str, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(LeafError, match=words):
        parse_leaf(_bytes(kind, **changes))


def test_an_error_says_where() -> None:
    with pytest.raises(LeafError) as caught:
        parse_leaf(_bytes("decision.closed", responses=[{"by": DECIDERS[0], "member": C, "statement": C}]))
    assert caught.value.pointer == "/responses/0/statement"


@settings(deadline=None)
@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_refused_or_written_again(data: bytes) -> None:
    try:
        leaf = parse_leaf(data)
    except TlogError:
        return
    assert format_leaf(leaf) == data


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.sampled_from(sorted(MEMBERS)), st.data(), JSON)
def test_any_json_in_any_place_is_refused_or_written_again(kind: str, data: st.DataObject, value: Any) -> None:
    leaf = json.loads(json.dumps(_leaf(kind)))
    place = _at(leaf, data.draw(st.sampled_from(_objects(leaf))))
    place[data.draw(st.sampled_from(sorted(place)))] = value
    try:
        text = canonicalize_json(leaf)
        read = parse_leaf(text)
    except TlogError:
        return
    assert format_leaf(read) == text


@settings(deadline=None)
@given(st.binary(min_size=32, max_size=32), st.text(alphabet="abc_-", min_size=22, max_size=64), st.dates())
def test_every_event_is_read_as_it_was_written(salt: bytes, id_: str, day: Any) -> None:
    leaf = DecisionEvent(id=id_, at=day.isoformat(), c=commit({"n": 1}, salt=salt))
    assert parse_leaf(format_leaf(leaf)) == leaf


def test_a_leaf_that_would_be_read_otherwise_is_not_written() -> None:
    for leaf in (
        MemberEnrolled(id="short", at=AT, c=C),
        MemberEnrolled(id=ID, at=AT, c="Chiara"),
        MemberEnrolled(id=ID, at=float("nan"), c=C),  # type: ignore[arg-type]  # on purpose
    ):
        with pytest.raises(LeafError):
            format_leaf(leaf)
    closed = parse_leaf(_bytes("decision.closed"))
    assert isinstance(closed, DecisionClosed)
    with pytest.raises(LeafError, match="read as another one"):
        format_leaf(replace(closed, deciders=list(closed.deciders)))  # type: ignore[arg-type]  # on purpose


def test_16_kilobytes_hold_60_deciders() -> None:
    deciders = sorted(did_key(signer(seed).public_key) for seed in range(60))
    responses = [{"by": by, "member": C, "statement": D[2]} for by in deciders]
    assert 12_000 < len(_bytes("credential.issued", deciders=deciders, responses=responses)) <= MAX_LEAF_BYTES


def test_a_commitment_opens_with_its_salt_only() -> None:
    member = {"name": None, "by": DECIDERS[0], "decision": "d"}
    opened = commit(member, salt=b"s" * 32)
    assert opened == commit(dict(reversed(member.items())), salt=b"s" * 32)
    assert opened != commit(member, salt=b"t" * 32)
    assert opened != commit({**member, "name": "Chiara B."}, salt=b"s" * 32)
    for salt in (b"", b"s" * 31, b"s" * 33):
        with pytest.raises(LeafError, match="32 bytes"):
            commit(member, salt=salt)


def test_the_hash_of_a_leaf_is_a_digest_that_others_can_name() -> None:
    data = _bytes("decision.closed")
    assert digest_text(entry_hash(data)) == multihash(b"\0" + data)
    parse_leaf(_bytes("policy.changed", decision=digest_text(entry_hash(data))))


def test_a_leaf_is_frozen() -> None:
    leaf = parse_leaf(GOOD)
    assert is_dataclass(leaf)
    with pytest.raises(AttributeError):
        leaf.at = AT  # type: ignore[misc]  # on purpose
