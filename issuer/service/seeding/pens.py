"""The statement keys of invented people: they sign what real members sign in their browsers."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from issuer.errors import NotFoundError
from issuer.service import applications, processes
from issuer.service.academy import Academy
from issuer.service.models import AnswerDraft, ToSign
from keys import LocalSigner, did_key, did_key_method, encode_base64url, local_signer, parse_did_key, public_key_of
from schemas import dump_json, parse_date_time
from schemas.decision import (
    NamedPeer,
    Statement,
    new_answer,
    sign_answer,
    sign_statement,
)
from schemas.tlog import commit

_SALT_BYTES = 32


@dataclass(frozen=True, slots=True)
class Pens:
    """A key for each person and decision, derived from one secret of the story that is told."""

    secret: bytes

    def key(self, member: str, decision: str) -> str:
        """Return the did:key that stands for somebody in a decision."""
        return did_key(self._signer(member, decision).public_key)

    def _signer(self, member: str, decision: str) -> LocalSigner:
        seed = hmac.digest(self.secret, f"{member}\n{decision}".encode(), hashlib.sha256)
        key = Ed25519PrivateKey.from_private_bytes(seed)
        return local_signer(key, verification_method=did_key_method(public_key_of(key)))

    def _salt(self, *about: str) -> bytes:
        return hmac.digest(self.secret, "\n".join(("salt", *about)).encode(), hashlib.sha256)

    def give_key(self, academy: Academy, *, by: str, id_: str) -> None:
        """Take part in a decision."""
        key = self.key(by, academy.url(f"/decisions/{id_}"))
        processes.give_key(academy, by=by, id_=id_, key=key)

    def evaluate(self, academy: Academy, *, by: str, id_: str, **said: Any) -> None:
        """Say what one saw in an application, and give one's key with it."""
        process = applications.application_page(academy, id_=id_, reader=by).process_id
        key = self.key(by, academy.url(f"/decisions/{process}"))
        applications.evaluate(academy, by=by, id_=id_, key=key, **said)

    def respond(self, academy: Academy, *, by: str, id_: str, answer: AnswerDraft) -> None:
        """Answer in a round, signed."""
        processes.respond(academy, by=by, id_=id_, answer=self.signed(academy, by=by, id_=id_, answer=answer))

    def signed(self, academy: Academy, *, by: str, id_: str, answer: AnswerDraft) -> AnswerDraft:
        """Return an answer with what the page offers to sign; as it is where nothing is offered."""
        to_sign = processes.process_page(academy, id_=id_, reader=by).to_sign
        if to_sign is None:
            return answer
        return replace(answer, signed=dump_json(self.sign(to_sign, by=by, answer=answer)))

    def sign(self, to_sign: ToSign, *, by: str, answer: AnswerDraft) -> dict[str, Any]:
        """Return what somebody's browser would send along with an answer."""
        signer = self._signer(by, to_sign.decision)
        if answer.response == "objection":
            return self._statement(to_sign, "objection", signer=signer, words=answer.reason.strip())
        concern = answer.concern.strip()
        if to_sign.badge is None or to_sign.outcome != "award":
            kind = "not-yet" if to_sign.outcome == "not_yet" else "consent"
            return self._statement(to_sign, kind, signer=signer) | self._concern(to_sign, concern, signer=signer)
        random = self._salt(by, to_sign.digest, "id")[:16]
        named = NamedPeer(name=to_sign.name, salt=self._salt(by, to_sign.decision, "name"))
        document = sign_answer(
            new_answer(
                decision=to_sign.decision,
                random=base64.b32encode(random).decode("ascii").rstrip("=").lower(),
                version=to_sign.version,
                round_=to_sign.round,
                key=parse_did_key(self.key(by, to_sign.decision)),
                now=parse_date_time(to_sign.now),
                badge=to_sign.badge,
                digest=to_sign.digest,
                with_concern=bool(concern),
                named=named if answer.show_name else None,
            ),
            signer=signer,
        )
        return {"answer": document} | self._concern(to_sign, concern, signer=signer)

    def _concern(self, to_sign: ToSign, words: str, *, signer: LocalSigner) -> dict[str, Any]:
        if not words:
            return {}
        told = self._statement(to_sign, "concern", signer=signer, words=words)
        return {"concern": told["statement"], "text": told["text"], "salt": told["salt"]}

    def read_feedback(self, academy: Academy, *, by: str, id_: str) -> None:
        """Read all feedback as the applicant, and sign that the badge is about oneself."""
        applications.read_feedback(academy, by=by, id_=id_, signed=self.own_word(academy, by, id_, "about-me"))

    def accept(self, academy: Academy, *, by: str, id_: str, published: bool) -> str:
        """Accept a badge as the applicant; return the path of its page."""
        signed = self.own_word(academy, by, id_, "accept")
        return applications.accept(academy, by=by, id_=id_, published=published, signed=signed)

    def own_word(self, academy: Academy, by: str, id_: str, kind: str) -> str:
        """Return what the applicant's browser would sign now, "" where nothing is to be signed."""
        try:
            to_sign = applications.application_page(academy, id_=id_, reader=by).to_sign
        except NotFoundError:
            to_sign = None
        return self.word(to_sign, by=by, kind=kind) if to_sign is not None else ""

    def word(self, to_sign: ToSign, *, by: str, kind: str) -> str:
        """Return an applicant's own word, signed: "about-me" or "accept"."""
        return dump_json(self._statement(to_sign, kind, signer=self._signer(by, to_sign.decision)))

    def _statement(self, to_sign: ToSign, kind: str, *, signer: LocalSigner, words: str = "") -> dict[str, Any]:
        salt = self._salt(to_sign.decision, kind, to_sign.digest, words)
        statement = Statement(
            type=kind,
            decision=to_sign.decision,
            version=to_sign.version,
            round=to_sign.round,
            digest=to_sign.digest,
            at=to_sign.now,
            text=commit(words, salt=salt) if words else None,
        )
        envelope: dict[str, Any] = {"statement": sign_statement(statement, signer=signer)}
        return envelope | ({"text": words, "salt": encode_base64url(salt)} if words else {})
