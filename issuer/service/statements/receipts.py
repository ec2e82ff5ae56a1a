"""Receipts: the log's promise, signed with its key, that an answer will stand in it within a minute.

{"receipt": {"statement", "event", "salt", "at", "log"}, "signature"}, signed over "sociocracy-academy/receipt/v1",
a line feed, and the JCS bytes of `receipt`. Whoever holds one can show that an answer was withheld
(TRANSPARENCY.md, section 2; `academy log audit --receipts`).
"""

from __future__ import annotations

from typing import Any

from issuer.errors import NotFoundError
from issuer.service.academy import Work, query
from issuer.service.log.entries import Opening
from issuer.service.processes.steps import visible_process
from keys import KeysError, encode_base64url, encode_multibase
from schemas import canonicalize_json, dump_json, format_date_time, parse_json

_PREFIX = b"sociocracy-academy/receipt/v1\n"


def keep_receipt(work: Work, process: str, *, by: str, statement: str, opening: Opening) -> None:
    """Make and keep a receipt for an answer; where the log's key is not at hand, there is none."""
    log = work.academy.log
    receipt = {
        "statement": statement,
        "event": dict(opening.value),
        "salt": encode_base64url(opening.salt),
        "at": format_date_time(work.now),
        "log": log.origin,
    }
    try:
        signature = log.key.signer().sign(_PREFIX + canonicalize_json(receipt))
    except KeysError:
        return
    text = dump_json({"receipt": receipt, "signature": encode_multibase(signature)})
    work.unit.texts.put(text, stream=_stream(process, by), author=by)


@query
def receipts(work: Work, *, id_: str, reader: str) -> list[dict[str, Any]]:
    """Return one's own receipts of a decision; raise NotFoundError where there are none."""
    visible_process(work, id_, reader)
    found = [parse_json(text) for text in work.unit.texts.all_of(_stream(id_, reader))]
    if not found:
        raise NotFoundError("There is no receipt of yours here.")
    return sorted(found, key=lambda one: str(one["receipt"]["at"]))


def _stream(process: str, member: str) -> str:
    return f"receipts/{process}/{member}"
