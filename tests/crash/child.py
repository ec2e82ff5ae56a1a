"""A process that tells the story of one badge step by step, and is killed at one commit: before it, or after it.

Run as a program it is a nursery of such processes: see `nursery`.

KILL_AT is "before:<n>", "after:<n>" (the n-th commit that writes) or "never". Each step that came back prints a
line, so that whoever reads knows what was confirmed. The story goes on where the rows say that it stands.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from issuer.cli.work import work_once
from issuer.errors import RefusedError
from issuer.service import applications, processes
from issuer.service.academy import Academy
from issuer.service.models import AnswerDraft, EvidenceDraft
from issuer.service.opening import AcademySettings, log_of
from issuer.service.seeding.people import member_ids, state_of
from issuer.store.engine import READS, open_engine
from issuer.store.keyring import open_keyring
from schemas import add_proof
from tests.pens import PENS
from tests.unit.verifier.world import ACADEMY, NOW, a_badge

DECIDERS = ("chiara", "dev", "eli")
BADGE = "secretary"


def die_at(engine: Engine, kill_at: str) -> None:
    """Kill this process right before or after the n-th commit of a transaction that writes."""
    when, _, number = kill_at.partition(":")
    left = int(number or 0)

    def is_the_one(connection: Any) -> bool:
        nonlocal left
        if connection.get_execution_options().get(READS):
            return False
        left -= 1
        return left == 0

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    if when == "before":
        event.listen(engine, "commit", lambda connection: die() if is_the_one(connection) else None)
    elif when == "after":
        commit = engine.dialect.do_commit
        pending = [False]

        def note(connection: Any) -> None:
            pending[0] = is_the_one(connection)

        def commit_and_die(connection: Any) -> None:
            commit(connection)
            if pending[0]:
                die()

        event.listen(engine, "commit", note)
        engine.dialect.do_commit = commit_and_die  # type: ignore[method-assign, assignment]  # the one place after a commit


def tell(academy: Academy) -> None:
    """Do the next step that the rows say is missing, until the badge is there."""
    ids = member_ids(academy)
    asha = ids["asha"]
    try:
        id_ = _step("start", lambda: applications.start(academy, by=asha, badge=BADGE, circle="pod-north"))
    except RefusedError:  # accepted already: only the signature may be missing
        _step("work", lambda: work_once(academy, lambda _mail: None))
        return
    while True:
        page = applications.application_page(academy, id_=id_, reader=asha)
        if page.state == "draft":
            _write(academy, id_, asha, page)
        elif page.state == "submitted":
            _step(
                "take_up",
                lambda: applications.take_up(
                    academy,
                    by=ids["dev"],
                    id_=id_,
                    deciders=tuple(ids[name] for name in DECIDERS),
                    facilitator=ids["dev"],
                    secretary=ids["eli"],
                    mode="meeting",
                ),
            )
        elif page.state in {"in_evaluation", "in_consent"}:
            assert page.process_id
            _decide(academy, id_, page.process_id, ids)
        elif page.state == "consented":
            _step("accept", lambda: PENS.accept(academy, by=asha, id_=id_, published=True))
        else:
            assert page.state == "issued"
            _step("work", lambda: work_once(academy, lambda _mail: None))
            return


def _step(name: str, act: Any) -> Any:
    result = act()
    print(name, flush=True)
    return result


def _write(academy: Academy, id_: str, asha: str, page: Any) -> None:
    if not page.reflection:
        claims = tuple(f"I did this: {claim.criterion}" for claim in page.claims)
        _step(
            "save_draft",
            lambda: applications.save_draft(academy, by=asha, id_=id_, claims=claims, reflection="I learnt."),
        )
    if not page.evidence:
        evidence = EvidenceDraft(kind="minutes", title="Minutes", link="https://minutes.example.org/1")
        _step("add_evidence", lambda: applications.add_evidence(academy, by=asha, id_=id_, evidence=evidence))
    if not page.signed_name:
        _step("choose_name", lambda: applications.choose_name(academy, by=asha, id_=id_, name="Asha Verma"))
    asked = {witness.name for witness in page.witnesses}
    ids = member_ids(academy)
    for name in ("Ben Castillo", "Chiara Bianchi"):
        first = name.partition(" ")[0].lower()
        if name not in asked:
            _step(
                f"invite_{first}",
                lambda first=first: applications.invite_witness(
                    academy, by=asha, id_=id_, email=f"{first}@demo.example", relation="was there"
                ),
            )
        if not any(witness.name == name and witness.text for witness in page.witnesses):
            _step(
                f"statement_{first}",
                lambda first=first: applications.give_statement(academy, by=ids[first], id_=id_, text="I saw it."),
            )
    _step("submit", lambda: applications.submit(academy, by=asha, id_=id_))


def _decide(  # noqa: C901, PLR0912 - one case for each phase
    academy: Academy, id_: str, process: str, ids: Any
) -> None:
    state = state_of(academy, process=process)
    deciders = state.deciders
    match state.phase:
        case "preparing":
            _look(academy, id_, process, ids)
        case "clarifying":
            for peer in deciders:
                if not state.peers[peer].asked:
                    _step("pass", lambda peer=peer: processes.pass_questions(academy, by=peer, id_=process))
            _step("advance", lambda: processes.advance(academy, by=ids["dev"], id_=process))
        case "reacting":
            for peer in deciders:
                if not state.peers[peer].reacted:
                    _step("react", lambda peer=peer: processes.react(academy, by=peer, id_=process, text="Yes."))
            _step("advance", lambda: processes.advance(academy, by=ids["dev"], id_=process))
        case "consent_round":
            answer = AnswerDraft(version=1, response="consent")
            for peer in deciders:
                if peer not in state.answers:
                    _step(
                        "respond",
                        lambda peer=peer: PENS.respond(academy, by=peer, id_=process, answer=answer),
                    )
        case "settling":
            for person in (*deciders, ids["asha"]):
                if person not in state.nothing_more:
                    _step(
                        "nothing_more",
                        lambda person=person: processes.nothing_more(academy, by=person, id_=process),
                    )


def _look(academy: Academy, id_: str, process: str, ids: Any) -> None:
    state = state_of(academy, process=process)
    criteria = len(applications.application_page(academy, id_=id_, reader=ids["asha"]).claims)
    for name in DECIDERS:
        peer = state.peers[ids[name]]
        if peer.conflict is None:
            _step(
                "declare",
                lambda name=name: applications.declare_conflict(academy, by=ids[name], id_=id_, kind="none"),
            )
        if not peer.opened:
            _step("see", lambda name=name: applications.see_evidence(academy, by=ids[name], id_=id_))
        if peer.checklist is None:
            _step(
                "evaluate",
                lambda name=name: PENS.evaluate(
                    academy,
                    by=ids[name],
                    id_=id_,
                    items=(("seen", ""),) * criteria,
                    appreciation="Calm.",
                    suggestion="",
                    passes=False,
                    reaction=None,
                ),
            )
    _step("read_feedback", lambda: PENS.read_feedback(academy, by=ids["asha"], id_=id_))
    _step("open", lambda: processes.open_process(academy, by=ids["dev"], id_=process))


def main(folder: str, url: str, now: str, kill_at: str) -> None:
    moment = datetime.fromisoformat(now)
    base_url = "https://academy.example"
    settings = AcademySettings(
        database_url=url, keys=Path(folder) / "keys", base_url=base_url, name="Test Academy"
    )
    academy = Academy(
        engine=open_engine(url),
        log=log_of(settings),
        keyring=open_keyring(Path(folder) / "keys", base_url=base_url, passphrase=None, now=moment),
        base_url=base_url,
        name="Test Academy",
        clock=lambda: moment,
        random_bytes=secrets.token_bytes,
    )
    die_at(academy.engine, kill_at)
    tell(academy)
    academy.engine.dispose()


def nursery() -> None:
    """Tell a story for each line of the input, in a process of its own that is forked from this one.

    A line is a list of the arguments of `main`; the answer is a list of the exit status and what was printed.
    """
    add_proof(a_badge(), signer=ACADEMY, cryptosuite="eddsa-rdfc-2022", created=NOW)  # contexts are read once
    for line in sys.stdin:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.dup2(writing, sys.stdout.fileno())
            main(*json.loads(line))
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            said = pipe.read()
        _, status = os.waitpid(child, 0)
        print(json.dumps([os.waitstatus_to_exitcode(status), said.split()]), flush=True)


if __name__ == "__main__":
    nursery()
