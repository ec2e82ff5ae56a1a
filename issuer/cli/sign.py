"""`academy sign`: signs what one says in a decision, without the page's script and without network.

The page of a decision offers a file with what is to be signed; what this prints is pasted into the page's field.
"""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from issuer.cli.arguments import Parser, Say, UsageError
from issuer.cli.signing import (
    MAX_SIGNING_BYTES,
    RandomBytes,
    Said,
    read_answer_given,
    read_signing,
    read_statement_given,
    sign_said,
    words_for,
)
from keys import PrivateKey, did_key, generate_private_key, load_private_key, public_key_of, save_private_key

_TYPES = ("about-me", "accept", "confirm")
_NOTHING_SIGNED = 1


def sign(
    arguments: Sequence[str],
    *,
    say: Say,
    tell: Say,
    ask: Callable[[str], str],
    random_bytes: RandomBytes = secrets.token_bytes,
) -> int:
    """Make a key or sign with one; raises UsageError, ValueError or KeyFileError.

    `say` prints what goes into the page, `tell` what a person should read first, `ask` returns their answer.
    """
    chosen = _parser().parse_args(arguments)
    if chosen.action == "new":
        return _new(chosen.key, decision=chosen.decision, say=say, tell=tell)
    key, signing = load_private_key(chosen.key, kind="Ed25519"), read_signing(_read(chosen.signing))
    _check_key(key, signing, file=chosen.key)
    said = _said(chosen, signing)
    for sentence in words_for(said, signing):
        tell(_printable(sentence))
    tell(_printable(f"What exactly: {signing.get('proposal') or signing['decision']} ({signing['digest']})"))
    if not chosen.yes:
        if str(chosen.signing) == "-":
            raise UsageError(
                "what is to be signed came over the standard input, so nobody can be asked: add --yes"
            )
        if ask("Sign this? [y/N] ").strip().lower() not in {"y", "yes"}:
            tell("Nothing was signed.")
            return _NOTHING_SIGNED
    signed = sign_said(said, signing, key=key, random_bytes=random_bytes)
    tell("Paste this line into the field for signed answers on the page:")
    say(json.dumps(signed, ensure_ascii=False, separators=(",", ":")))
    return 0


def _parser() -> Parser:
    parser = Parser(prog="academy sign", description="Sign what you say in a decision, without network.")
    actions = parser.add_subparsers(dest="action", required=True, parser_class=Parser)
    new = actions.add_parser("new", help="make the key for one decision")
    new.add_argument("--decision", required=True, metavar="URL", help="the decision that the key is for")
    new.add_argument("--key", required=True, type=Path, metavar="FILE", help="where the key is kept")
    for action, help_ in (("answer", "your answer in a round"), ("statement", "another statement")):
        one = actions.add_parser(action, help=help_)
        one.add_argument("--key", required=True, type=Path, metavar="FILE", help="your key for this decision")
        one.add_argument(
            "--signing", required=True, type=Path, metavar="FILE", help="the page's file; - reads it in"
        )
        one.add_argument("--yes", action="store_true", help="do not ask")
        if action == "statement":
            one.add_argument("--type", required=True, choices=_TYPES)
            one.add_argument("--text", default="", help="words that belong to it")
            continue
        either = one.add_mutually_exclusive_group()
        either.add_argument("--objection", metavar="TEXT", help="object, for this reason; without it you consent")
        either.add_argument("--concern", default="", metavar="TEXT", help="a concern beside your consent")
        one.add_argument("--comment", default="", metavar="TEXT", help="words for the learner, in the badge")
        one.add_argument("--show-name", action="store_true", help="put your name into the badge")
    return parser


def _new(file: Path, *, decision: str, say: Say, tell: Say) -> int:
    key = generate_private_key("Ed25519")
    save_private_key(file, key)
    tell(
        f"The key for {decision} is in {file}. Use it for this decision only, and keep it until the decision ends."
    )
    tell("Paste this line into the page's field for your key:")
    say(did_key(public_key_of(key)))
    return 0


def _said(chosen: Any, signing: dict[str, Any]) -> Said:
    if chosen.action == "statement":
        return read_statement_given(signing, type_=chosen.type, text=chosen.text)
    return read_answer_given(
        signing,
        objection=chosen.objection,
        concern=chosen.concern,
        comment=chosen.comment,
        show_name=chosen.show_name,
    )


def _read(file: Path) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read(MAX_SIGNING_BYTES + 1)
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_SIGNING_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error


def _check_key(key: PrivateKey, signing: dict[str, Any], *, file: Path) -> None:
    standing, own = signing.get("key"), did_key(public_key_of(key))
    if standing and standing != own:
        raise ValueError(f"another key than the one in {file} stands for you in this decision: {standing}")


def _printable(sentence: str) -> str:
    # The page's file is not ours: what is in it must not move the cursor over what was shown before.
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in sentence)
