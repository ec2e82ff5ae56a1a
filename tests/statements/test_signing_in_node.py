"""What the browser's scripts sign is what the server's full algorithms read, byte for byte."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import strategies as st

from keys import did_key, did_key_method, encode_base58btc, encode_base64url, local_signer, public_key_of
from schemas import canonicalize_json, hash_identity
from schemas.data_integrity import proof_bytes
from schemas.dates import format_date_time, parse_date_time
from schemas.decision import (
    Answer,
    AnswerError,
    NamedPeer,
    Statement,
    multihash,
    read_signed_statement,
    sign_answer,
    sign_statement,
    verify_answer,
)
from schemas.tlog import commit
from tests.statements.scripts import Node, many

SEED = bytes(range(32))
PRIVATE = Ed25519PrivateKey.from_private_bytes(SEED)
SIGNER = local_signer(PRIVATE, verification_method=did_key_method(public_key_of(PRIVATE)))
DID = did_key(SIGNER.public_key)
DECISION = "https://academy.example/decisions/" + "q7" * 13
BADGE = "https://academy.example/credentials/" + "z2" * 13
DIGEST = multihash(b"what is consented to")
AT = "2026-11-24T10:00:00Z"
SIGNING = {
    "decision": DECISION,
    "proposal": f"{DECISION}/proposals/2",
    "badge": BADGE,
    "version": 2,
    "round": 1,
    "digest": DIGEST,
    "now": AT,
    "name": "Chiara B.",
    "outcome": "award",
    "deciders": 3,
}
DRAWN = {
    "id": "a2" * 13,
    "salt": encode_base64url(bytes([1]) * 32),
    "memberSalt": encode_base64url(bytes([2]) * 32),
}

# Everything that N-Quads or JSON writes in a way of its own, and what people type.
ODD = [
    *map(chr, range(0x20)),
    *map(chr, range(0x7E, 0xA1)),
    *"\"\\/'<>{}|^`@%&",
    "\u2028\u2029\ufeff\ufffd\ufffe\uffff\u200f\u202e\U0001f44d\U0001f468\u200d\U0001f469\U0010ffff",
    "\u05e9\u05dc\u05d5\u05dd \u202b\u0645\u0631\u062d\u0628\u0627\u202c",
    "\\u0041 \\n",
    '"@en ^^<http://www.w3.org/2001/XMLSchema#string> .\n',
    "_:c14n0",
    "e\u0301 é",
]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60) | st.lists(
    st.sampled_from(ODD) | st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20
).map("".join)
NUMBER = st.integers(min_value=1, max_value=9999)
SALT = st.binary(min_size=32, max_size=32)
RANDOM = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=26, max_size=26)
BASE = st.sampled_from(
    ["https://academy.example", "http://localhost:8000", "https://z.example", "https://a.b-c.example:8443"]
)


@st.composite
def answers(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Answer:
    decision = f"{draw(BASE)}/decisions/{draw(RANDOM)}"
    named = st.builds(lambda name, salt: NamedPeer(name=name, salt=salt), TEXT, SALT)
    return Answer(
        id=f"{decision}/answers/{draw(RANDOM)}",
        decision=decision,
        version=draw(NUMBER),
        round=draw(NUMBER),
        key=DID,
        valid_from=format_date_time(datetime.fromtimestamp(draw(st.integers(0, 2**32)), UTC)),
        badge=f"{draw(BASE)}/credentials/{draw(RANDOM)}",
        digest=multihash(draw(SALT)),
        with_concern=draw(st.booleans()),
        named=draw(st.none() | named),
        comment=draw(st.none() | TEXT),
    )


def said(answer: Answer) -> dict[str, Any]:
    """An answer as sign.js takes it."""
    return {
        "decision": answer.decision,
        "version": answer.version,
        "round": answer.round,
        "badge": answer.badge,
        "digest": answer.digest,
        "at": answer.valid_from,
        "id": answer.id.rpartition("/")[2],
        "concern": answer.with_concern,
        "comment": answer.comment,
        "name": answer.named.name if answer.named else "",
        "salt": encode_base64url(answer.named.salt) if answer.named else "",
    }


@pytest.mark.parametrize("count", [400, pytest.param(5000, marks=pytest.mark.long)])
def test_answers_are_signed_as_the_server_would_sign_them(node: Node, count: int) -> None:
    cases = many(answers(), count)
    signed = node.results([("signAnswer", [SEED.hex(), said(answer)]) for answer in cases])
    shapes = {(answer.named is not None, answer.comment is not None) for answer in cases}
    assert len(shapes) == 4, "both shapes, with and without comment"
    for answer, document in zip(cases, signed, strict=True):
        # Ed25519 gives one signature for one message, so equal documents were signed over equal bytes.
        assert document == sign_answer(answer, signer=SIGNER)


def test_the_bytes_that_are_signed_are_those_of_the_full_algorithm(node: Node) -> None:
    documents = [sign_answer(answer, signer=SIGNER) for answer in many(answers(), 40)]
    calls = [("hashData", [document, document["proof"]]) for document in documents]
    expected = [proof_bytes(document, proof=document["proof"], kind="Ed25519").hex() for document in documents]
    assert node.results(calls) == expected


@pytest.mark.parametrize("place", ["badge", "decision"])
def test_an_address_that_would_break_the_statements_is_refused(node: Node, place: str) -> None:
    bad = [
        "not an address",
        "https://a.example/ x",
        'https://a.example/"',
        "https://a.example/>",
        "https://ä.example/",
    ]
    values = [{**said(many(answers(), 1)[0]), place: address} for address in bad]
    for result in node.results([("signAnswer", [SEED.hex(), value]) for value in values]):
        assert "not an absolute address" in result["error"]


def test_a_changed_answer_is_not_verified(node: Node) -> None:
    [document] = node.results([("signAnswer", [SEED.hex(), said(many(answers(), 1)[0])])])
    verify_answer(document)
    document["credentialSubject"]["endorsementComment"] = "Something else"
    with pytest.raises(AnswerError, match="not signed"):
        verify_answer(document)


STATEMENTS = st.builds(
    Statement,
    type=st.sampled_from(["consent", "not-yet", "objection", "concern", "about-me", "accept", "confirm"]),
    decision=RANDOM.map("https://academy.example/decisions/{}".format),
    version=NUMBER,
    round=NUMBER,
    digest=SALT.map(multihash),
    at=st.just(AT),
    text=st.none() | st.builds(lambda text, salt: commit(text, salt=salt), TEXT, SALT),
)


def test_statements_are_signed_as_the_server_would_sign_them(node: Node) -> None:
    cases = many(STATEMENTS, 300)
    calls = []
    for one in cases:
        value = one.to_json()
        value["textDigest"] = value.pop("text", None)
        calls.append(("signStatement", [SEED.hex(), value.pop("type"), value]))
    for statement, envelope in zip(cases, node.results(calls), strict=True):
        assert envelope == sign_statement(statement, signer=SIGNER)
        assert read_signed_statement(envelope).statement == statement


def test_texts_are_committed_to_as_the_log_commits(node: Node) -> None:
    cases = many(st.tuples(TEXT, SALT), 500)
    found = node.results([("commit", [text, salt.hex()]) for text, salt in cases])
    assert found == [commit(text, salt=salt) for text, salt in cases]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | TEXT
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=5),
    max_leaves=12,
)


def test_json_is_written_as_the_server_writes_it(node: Node) -> None:
    cases = many(JSON, 500)
    found = node.each("canonicalJson", cases)
    assert found == [canonicalize_json(case).decode() for case in cases]


def test_half_letters_are_no_json(node: Node) -> None:
    texts = ['"\\ud800"', '{"a\\udfff": 1}', '["\\ude00\\ud83d"]']
    assert all("surrogate" in result["error"] for result in node.each("jcsOfText", texts))
    assert node.each("jcsOfText", ['"\\ud83d\\ude00 \\\\ud800"']) == ['"😀 \\\\ud800"']


def test_bytes_are_written_as_the_server_writes_them(node: Node) -> None:
    cases = [bytes(3), b"", b"\0\0a", *many(st.binary(max_size=80), 300)]
    assert node.each("toBase58", [case.hex() for case in cases]) == list(map(encode_base58btc, cases))
    texts = list(map(encode_base64url, cases))
    assert node.each("toBase64url", [case.hex() for case in cases]) == texts
    assert node.each("fromBase64url", texts) == [case.hex() for case in cases]
    assert node.each("multihash", [case.hex() for case in cases]) == list(map(multihash, cases))
    assert node.each("did", [SEED.hex()]) == [DID]


def test_base64url_has_one_text_for_one_value(node: Node) -> None:
    for result in node.each("fromBase64url", ["AB", "AA==", "A A", "A+", "A/"]):
        assert "error" in result


def test_an_answers_own_address_is_128_random_bits_in_base32(node: Node) -> None:
    assert node.each("toBase32", [bytes(16).hex(), (b"\xff" * 16).hex()]) == [
        "a" * 26,
        "7" * 25 + "4",
    ]
    one, other = node.results([("draw", []), ("draw", [])])
    assert all(one[name] != other[name] for name in ("id", "salt", "memberSalt"))


def as_read(text: str) -> str:
    """A text as the server reads it from a form (issuer/web/forms.py)."""
    return text.replace("\r\n", "\n").strip().replace("\x00", "")


def test_a_text_is_signed_as_the_server_reads_it_from_the_form(node: Node) -> None:
    space = st.text(" \t\r\n\f\v\x00\x1c\x1f\x85\xa0\u2003\u2028\u3000\ufeff\u200b", max_size=6)
    cases = many(st.tuples(space, TEXT, space).map("".join), 800)
    assert node.each("cleanText", cases) == [as_read(case) for case in cases]
    assert node.results([("cleanText", ["a\ud83d b"])]) == ["a\ufffd b"], "as browsers send half a letter"


def test_the_time_is_the_servers_and_never_later(node: Node) -> None:
    calls = [("signingTime", [AT, elapsed]) for elapsed in (0, 999, 1000, 61_500, -5)]
    seconds = [(parse_date_time(text) - parse_date_time(AT)).total_seconds() for text in node.results(calls)]
    assert seconds == [0, 0, 1, 61, 0]
    assert node.results([("signingTime", ["2026-11-24T10:00:00.900+01:00", 50])]) == ["2026-11-24T09:00:00Z"]


# From a form to what is signed


def sign(node: Node, fields: dict[str, str], **changes: Any) -> Any:
    [result] = node.results([("signSaid", [SEED.hex(), fields, {**SIGNING, **changes}, DRAWN, AT])])
    assert "error" not in result, result
    return result


def test_a_plain_consent_to_a_badge_is_an_answer_without_a_name(node: Node) -> None:
    signed = sign(node, {"response": "consent", "concern": " \n"})
    assert signed.keys() == {"answer"}
    answer = verify_answer(signed["answer"])
    assert (answer.decision, answer.version, answer.round, answer.badge) == (DECISION, 2, 1, BADGE)
    assert (answer.named, answer.with_concern, answer.comment, answer.digest) == (None, False, None, DIGEST)


def test_a_named_consent_with_a_concern_brings_the_signed_concern_along(node: Node) -> None:
    fields = {
        "response": "consent",
        "concern": "Look at it\r\nin 6 months",
        "show_name": "yes",
        "comment": "Well done",
    }
    signed = sign(node, fields)
    answer = verify_answer(signed["answer"])
    assert answer.with_concern
    assert answer.named == NamedPeer(name="Chiara B.", salt=bytes([2]) * 32)
    assert answer.comment == "Well done"
    concern = read_signed_statement(signed["concern"])
    assert (concern.statement.type, concern.key) == ("concern", answer.key)
    assert signed["text"] == "Look at it\nin 6 months"
    assert concern.statement.text == commit(signed["text"], salt=bytes([1]) * 32)
    assert signed["salt"] == DRAWN["salt"]
    assert signed["memberSalt"] == DRAWN["memberSalt"]


@pytest.mark.parametrize(
    ("outcome", "badge", "type_"),
    [
        ("not_yet", BADGE, "not-yet"),
        ("adopted", None, "consent"),
        ("award", None, "consent"),
        ("revoke", BADGE, "consent"),
    ],
)
def test_a_consent_to_anything_else_is_a_statement(
    node: Node, outcome: str, badge: str | None, type_: str
) -> None:
    fields = {"response": "consent", "show_name": "yes", "concern": "Hm"}
    signed = sign(node, fields, outcome=outcome, badge=badge)
    assert signed.keys() == {"statement", "concern", "text", "salt"}
    statement = read_signed_statement(signed["statement"]).statement
    assert (statement.type, statement.text) == (type_, None)


def test_an_objection_never_holds_a_name_and_commits_to_its_words(node: Node) -> None:
    fields = {
        "response": "objection",
        "reason": "Criterion 2 was seen only once",
        "show_name": "yes",
        "concern": "x",
    }
    signed = sign(node, fields)
    assert signed.keys() == {"statement", "text", "salt"}
    statement = read_signed_statement(signed["statement"]).statement
    assert statement.type == "objection"
    assert statement.text == commit(fields["reason"], salt=bytes([1]) * 32)
    assert "Chiara" not in json.dumps(signed)


def test_what_is_shown_before_is_what_is_signed(node: Node) -> None:
    fields = {"response": "consent", "concern": "Hm", "show_name": "yes"}
    [text] = node.results([("exactText", [fields, SIGNING, DRAWN, AT])])
    answer, _, concern = text.partition("\n\n")
    signed = sign(node, fields)
    shown = json.loads(answer)
    shown["issuer"]["id"] = DID
    assert shown == {name: value for name, value in signed["answer"].items() if name != "proof"}
    assert (
        concern == "sociocracy-academy/concern/v1\n" + canonicalize_json(signed["concern"]["statement"]).decode()
    )


def test_the_applicant_signs_only_for_their_own_address(node: Node) -> None:
    identity = {
        "type": "IdentityObject",
        "hashed": True,
        "identityHash": hash_identity("asha@pod.example", salt="s4lt"),
        "identityType": "emailAddress",
        "salt": "s4lt",
    }
    digest = multihash(canonicalize_json(identity))
    mine = {"email": "asha@pod.example", **identity}
    assert node.results(
        [
            ("isMine", [mine, digest]),
            ("isMine", [{**mine, "email": "other@pod.example"}, digest]),
            ("isMine", [{**mine, "salt": "s5lt"}, digest]),
            ("isMine", [mine, DIGEST]),
        ]
    ) == [True, False, False, False]
