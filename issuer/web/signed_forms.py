"""What comes signed with a form: made by the page's script, or pasted from a command line; and what to sign."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Response

from issuer.errors import NotFoundError
from issuer.service.models import AnswerDraft, ToSign
from issuer.service.statements.signing import read_signed
from issuer.web.forms import Reading
from issuer.web.i18n import _
from issuer.web.negotiation import attachment

MOST_SIGNED = 36_000  # letters: an answer with a name, a concern's statement, and the longest words


def read_key(reading: Reading) -> str:
    """Return the key that came with a form that is about a key."""
    return reading.line(
        "key",
        needed=_(
            "No key came with it: this browser runs no script, or keeps nothing for this site. Open the page in"
            " another browser, or give a key that you made on a command line."
        ),
    )


def read_signature(reading: Reading, *, needed: str | None = None) -> str:
    """Return what was signed, as it came; empty where nothing was."""
    return reading.text("signed", needed=needed, most=MOST_SIGNED)


def answer_in(signed: str, *, version: int) -> AnswerDraft:
    """Return the answer that a signed text tells by itself, so that nobody types it a second time.

    Raises InvalidInputError for what is no signed JSON.
    """
    value = read_signed(signed)
    statement = _mapping(_mapping(value.get("statement")).get("statement"))
    named = isinstance(_mapping(value.get("answer")).get("issuer"), Mapping)
    words = value.get("text")
    words = words if isinstance(words, str) else ""
    objects = statement.get("type") == "objection"
    return AnswerDraft(
        version=version,
        response="objection" if objects else "consent",
        concern="" if objects else words,
        reason=words if objects else "",
        show_name=named,
        signed=signed,
    )


def to_sign_response(to_sign: ToSign | None) -> Response:
    """Return what can be signed now as a file for `academy sign`; raise NotFoundError where there is nothing."""
    if to_sign is None:
        raise NotFoundError("There is nothing to sign here now.")
    facts = to_sign.to_json() | {"key": to_sign.key}
    facts |= {"identity": dict(to_sign.identity)} if to_sign.identity is not None else {}
    response = Response(json.dumps(facts, ensure_ascii=False, indent=2) + "\n", content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return attachment(response, "to-sign.json")


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
