"""`academy sign` says and signs what the page's script does."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from issuer.cli.arguments import UsageError
from issuer.cli.sign import sign
from issuer.cli.signing import Said, as_read, read_answer_given, read_statement_given, sign_said, words_for
from keys import KeyFileError, decode_base64url, load_private_key, parse_did_key, save_private_key
from schemas import canonicalize_json
from schemas.decision import multihash, read_signed_statement, verify_answer
from tests.statements.scripts import Node
from tests.statements.test_in_browser import IDENTITY
from tests.statements.test_signing_in_node import AT, DECISION, DID, DRAWN, PRIVATE, SEED, SIGNING


def drawn() -> Callable[[int], bytes]:
    """The random bytes of DRAWN, by their number: 16 for an address, the first 32 for the words, then the name."""
    salts = iter([bytes([1]) * 32, bytes([2]) * 32])
    return lambda length: next(salts) if length == 32 else bytes(length)


def test_the_command_line_signs_what_the_script_signs(node: Node) -> None:
    given: list[tuple[dict[str, str], dict[str, Any]]] = [
        ({"response": "consent", "concern": "", "show_name": ""}, {}),
        (
            {"response": "consent", "concern": " Hm\r\n \u2603", "comment": 'Well "done"', "show_name": "yes"},
            {},
        ),
        ({"response": "consent", "concern": "Hm", "show_name": "yes"}, {"outcome": "not_yet"}),
        ({"response": "consent", "concern": ""}, {"badge": None, "outcome": "adopted"}),
        ({"response": "objection", "reason": "Criterion 2"}, {}),
    ]
    random = {**DRAWN, "id": "a" * 26}
    calls = [("signSaid", [SEED.hex(), fields, {**SIGNING, **changes}, random, AT]) for fields, changes in given]
    for (fields, changes), signed in zip(given, node.results(calls), strict=True):
        signing = {**SIGNING, **changes}
        said = read_answer_given(
            signing,
            objection=fields.get("reason"),
            concern=fields.get("concern", ""),
            comment=fields.get("comment", ""),
            show_name=fields.get("show_name") == "yes",
        )
        assert sign_said(said, signing, key=PRIVATE, random_bytes=drawn()) == signed


def test_both_say_the_same_about_what_is_signed(node: Node) -> None:
    cases = []
    for type_, concern, comment, name in product(
        ["consent", "not-yet", "objection", "about-me", "accept", "confirm"],
        ["", "Hm"],
        ["", "Well"],
        ["", "Chiara"],
    ):
        text = "words" if type_ in {"objection", "confirm"} else ""
        said = Said(
            type=type_,
            in_badge=bool(name),
            text=text,
            concern=concern,
            comment=comment,
            name=name,
            email="a@b.example" if type_ == "about-me" else "",
        )
        cases += [(said, {**SIGNING, **more}) for more in ({}, {"deciders": None}, {"badge": None})]
    calls = [
        ("signedWords", [{name: getattr(said, name) for name in Said.__slots__}, signing])
        for said, signing in cases
    ]
    assert node.results(calls) == [words_for(said, signing) for said, signing in cases]


# The command


class Terminal:
    """What the command printed, and what the person answers."""

    def __init__(self, answer: str = "y") -> None:
        self.out: list[str] = []
        self.told: list[str] = []
        self._answer = answer

    def run(self, *arguments: object) -> int:
        return sign(list(map(str, arguments)), say=self.out.append, tell=self.told.append, ask=self.ask)

    def ask(self, question: str) -> str:
        self.told.append(question)
        return self._answer

    @property
    def signed(self) -> Any:
        [line] = self.out
        return json.loads(line)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    save_private_key(tmp_path / "key.pem", PRIVATE)
    return tmp_path / "key.pem"


def signing_file(folder: Path, **changes: Any) -> Path:
    file = folder / "signing.json"
    file.write_text(json.dumps({**SIGNING, **changes}), encoding="utf-8")
    return file


def test_a_new_key_is_readable_by_its_owner_only_and_never_overwritten(tmp_path: Path) -> None:
    file, terminal = tmp_path / "key.pem", Terminal()
    assert terminal.run("new", "--decision", DECISION, "--key", file) == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert parse_did_key(terminal.out[0]).kind == "Ed25519"
    assert DECISION in terminal.told[0]
    before = file.read_bytes()
    with pytest.raises(KeyFileError, match="never overwritten"):
        terminal.run("new", "--decision", DECISION, "--key", file)
    assert file.read_bytes() == before
    assert load_private_key(file)


def test_an_answer_is_signed_after_it_was_shown_and_agreed_to(tmp_path: Path, key: Path) -> None:
    terminal = Terminal("y\n")
    assert terminal.run("answer", "--key", key, "--signing", signing_file(tmp_path), "--show-name") == 0
    assert terminal.told[0] == "You sign: I consent to version 2 of this proposal, in round 1."
    assert f"What exactly: {DECISION}/proposals/2" in terminal.told[-3]
    answer = verify_answer(terminal.signed["answer"])
    assert (answer.key, answer.valid_from) == (DID, AT)
    assert answer.named is not None
    assert answer.named.salt == decode_base64url(terminal.signed["memberSalt"])


@pytest.mark.parametrize("answer", ["n", "", "no", "yess"])
def test_nothing_is_signed_unless_the_person_says_yes(tmp_path: Path, key: Path, answer: str) -> None:
    terminal = Terminal(answer)
    assert terminal.run("answer", "--key", key, "--signing", signing_file(tmp_path)) == 1
    assert (terminal.out, terminal.told[-1]) == ([], "Nothing was signed.")


def test_an_objection_and_a_statement_are_signed_without_asking_where_told_so(tmp_path: Path, key: Path) -> None:
    terminal = Terminal("n")
    file = signing_file(tmp_path)
    assert terminal.run("answer", "--key", key, "--signing", file, "--objection", "Criterion 2", "--yes") == 0
    assert read_signed_statement(terminal.signed["statement"]).statement.type == "objection"
    terminal = Terminal("n")
    assert terminal.run("statement", "--key", key, "--signing", file, "--type", "accept", "--yes") == 0
    assert read_signed_statement(terminal.signed["statement"]).statement.type == "accept"


def test_about_me_is_signed_only_for_the_address_in_the_draft(tmp_path: Path, key: Path) -> None:
    digest = multihash(canonicalize_json(IDENTITY))
    mine = {"email": "asha@pod.example", **IDENTITY}
    said = read_statement_given({**SIGNING, "digest": digest, "identity": mine}, type_="about-me", text="")
    assert said.email == "asha@pod.example"
    others: list[dict[str, Any]] = [{"digest": digest}, {"identity": mine}]
    others += [{"digest": digest, "identity": {**mine, "email": "other@pod.example"}}]
    for changes in others:
        file = signing_file(tmp_path, **changes)
        with pytest.raises(ValueError, match="tell the facilitator"):
            Terminal().run("statement", "--key", key, "--signing", file, "--type", "about-me", "--yes")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"version": "2"}, "not the file"),
        ({"decision": None}, "not the file"),
        ({"badge": 7}, "not the file"),
        ({"digest": "abc"}, "cannot be signed"),
        ({"now": "yesterday"}, "cannot be signed"),
        ({"decision": "https://a.example/elsewhere"}, "cannot be signed"),
        ({"key": "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"}, "another key"),
    ],
)
def test_what_cannot_be_signed_is_a_sentence(
    tmp_path: Path, key: Path, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        Terminal().run("answer", "--key", key, "--signing", signing_file(tmp_path, **changes), "--yes")


def test_a_file_that_is_missing_or_no_json_is_a_sentence(tmp_path: Path, key: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        Terminal().run("answer", "--key", key, "--signing", tmp_path / "none.json")
    (tmp_path / "page.html").write_text("<!doctype html>")
    with pytest.raises(ValueError, match="cannot be read"):
        Terminal().run("answer", "--key", key, "--signing", tmp_path / "page.html")


def test_a_name_from_the_page_cannot_move_the_cursor(tmp_path: Path, key: Path) -> None:
    terminal = Terminal()
    file = signing_file(tmp_path, name="Chiara\x1b[2J")
    assert terminal.run("answer", "--key", key, "--signing", file, "--show-name") == 0
    assert not any("\x1b" in line for line in terminal.told)
    assert verify_answer(terminal.signed["answer"]).named


def test_texts_are_read_as_from_a_form() -> None:
    assert as_read(" a\r\nb\x00 ") == "a\nb"
