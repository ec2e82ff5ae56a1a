"""Asking witnesses to confirm a head (c2sp.org/tlog-witness, "add-checkpoint"): all at once, with one deadline.

A witness that is away, slow or wrong delays a badge at most; it never stops reading. One that knows more of this
log than we do, or other things, stops the writing: see checks.py.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from issuer.service.academy import Academy
from issuer.store.log import AcademyLog, WitnessWord
from schemas.tlog import (
    AddCheckpoint,
    NoteSignature,
    Policy,
    PolicyWitness,
    SignedCheckpoint,
    TlogError,
    build_consistency_proof,
    format_add_checkpoint,
    format_note,
    parse_conflict,
    parse_cosignatures,
)

DEADLINE_S = 4.0  # for all witnesses together
_GRACE_S = 0.3  # that the others have once the quorum is met
_TRIES = 3
_OK, _CONFLICT, _UNPROCESSABLE, _FAULTS = 200, 409, 422, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What one witness said, and its cosignatures where it gave some."""

    witness: PolicyWitness
    word: WitnessWord
    signatures: tuple[NoteSignature, ...] = ()
    evidence: bytes | None = None


def ask_witnesses(
    academy: Academy, head: SignedCheckpoint, *, policy: Policy, having: Collection[str]
) -> list[Heard]:
    """Ask every witness with an address that is not among `having`; return what was heard until the deadline.

    Once those heard and those in `having` are the quorum, the others have a moment more.
    """
    log, now = academy.log, academy.clock()
    words = log.heads.words()
    asked = [witness for witness in policy.witnesses if witness.url and witness.name not in having]
    deadline = time.monotonic() + DEADLINE_S
    answers: queue.Queue[Heard] = queue.Queue()

    def ask(witness: PolicyWitness) -> None:
        known = words.get(witness.name)
        answers.put(_ask(log, head, witness, known=known.size if known else 0, now=now, deadline=deadline))

    for witness in asked:
        threading.Thread(target=ask, args=(witness,), daemon=True, name=f"witness {witness.name}").start()
    return _collect(answers, asked, policy=policy, having=having, deadline=deadline, now=now, words=words)


def _collect(
    answers: queue.Queue[Heard],
    asked: list[PolicyWitness],
    *,
    policy: Policy,
    having: Collection[str],
    deadline: float,
    now: datetime,
    words: Mapping[str, WitnessWord],
) -> list[Heard]:
    heard: dict[str, Heard] = {}
    end = deadline
    while len(heard) < len(asked):
        try:
            one = answers.get(timeout=max(end - time.monotonic(), 0.0) or 0.001)
        except queue.Empty:
            break
        heard[one.witness.name] = one
        confirmed = {name for name, said in heard.items() if said.signatures}
        if policy.quorum is not None and policy.is_met({*having, *confirmed}):
            end = min(end, time.monotonic() + _GRACE_S)
    late = [witness for witness in asked if witness.name not in heard]
    return [*heard.values(), *(_silent(witness, words.get(witness.name), now) for witness in late)]


def _silent(witness: PolicyWitness, known: WitnessWord | None, now: datetime) -> Heard:
    size = known.size if known else 0
    sentence = "did not answer in time"
    return Heard(witness=witness, word=WitnessWord(at=now, answer="unreachable", sentence=sentence, size=size))


def _ask(
    log: AcademyLog,
    head: SignedCheckpoint,
    witness: PolicyWitness,
    *,
    known: int,
    now: datetime,
    deadline: float,
) -> Heard:
    """Ask one witness, again with the size that it names ("409 Conflict")."""
    size = head.checkpoint.size
    known = min(known, size)

    def heard(answer: str, sentence: str, *, size: int = known, answered: bytes | None = None) -> Heard:
        evidence = format_note(head.note) + b"\n" + answered if answered is not None else None
        word = WitnessWord(at=now, answer=answer, sentence=sentence, size=size)
        return Heard(witness=witness, word=word, evidence=evidence)

    try:
        for _ in range(_TRIES):
            status, body = log.post(f"{witness.url}/add-checkpoint", _request(log, head, known), deadline)
            if status == _OK:
                found = parse_cosignatures(body, checkpoint=head, keys=[witness.key])
                said = heard("cosigned", f"confirmed {size} leaves", size=size)
                return replace(said, signatures=tuple(one.signature for one in found))
            if status == _UNPROCESSABLE:
                sentence = f"it knows other leaves before the {known} that it confirmed last"
                return heard("contradicts", sentence, answered=body)
            if status != _CONFLICT:
                word = "unreachable" if status >= _FAULTS else "refused"
                return heard(word, f"answered with status {status}")
            named = parse_conflict(body)
            if named > size:
                return heard("ahead", f"says that it confirmed {named} leaves; here are {size}", size=named)
            if named == known:  # the sizes agree, so the roots do not
                sentence = f"it confirmed {named} leaves with another root"
                return heard("contradicts", sentence, answered=body)
            known = named
        return heard("refused", "names another size each time")
    except OSError as error:
        return heard("unreachable", str(error))
    except TlogError as error:
        return heard("unreadable", error.message)


def _request(log: AcademyLog, head: SignedCheckpoint, old: int) -> bytes:
    # "The proof MUST be empty if the old size is zero."
    proof = build_consistency_proof(old, head.checkpoint.size, read=log.files.tile)
    return format_add_checkpoint(AddCheckpoint(old_size=old, proof=proof, checkpoint=head))


def keep_words(log: AcademyLog, heard: Collection[Heard]) -> None:
    """Write down what witnesses said. Call it with the head store's lock held."""
    if not heard:
        return
    newest = log.heads.head()
    signed = newest.checkpoint.size if newest else 0
    words = dict(log.heads.words())
    for one in heard:
        word = one.word
        if word.answer == "ahead" and word.size <= signed:  # another process was faster, and has signed that head
            word = replace(word, answer="cosigned", sentence=f"confirmed {word.size} leaves")
        words[one.witness.name] = word
        if one.evidence is not None:
            log.heads.keep_evidence(f"{word.at:%Y%m%dT%H%M%SZ}-{one.witness.key.key_id.hex()}", one.evidence)
    log.heads.put_words(words)
