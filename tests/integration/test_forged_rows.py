"""Rows that somebody writes who holds the database but none of the keys: nothing is signed because of them."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from issuer.cli.work import work_once
from issuer.errors import AcademyError, NotFoundError, RefusedError, TamperedError
from issuer.rules.journal import Event, seal_event
from issuer.service import applications, people, processes
from issuer.service.credentials import credential_page, give_back
from issuer.service.issuing import complete_award
from issuer.service.models import AnswerDraft, EvidenceDraft
from issuer.service.records import decision_page
from issuer.service.status import status_list
from keys import decode_base64url, encode_base64url, generate_private_key, local_signer, public_key_of
from keys import did_key as did_key_of
from schemas import dump_json, parse_json, record_from_json, record_root, record_to_json, seal_record
from schemas.status_list import decode_bitstring, status_at
from tests.fakes import FakePost
from tests.integration.world import CONSENT, Asked, World

OTHER_KEY = bytes(range(32))


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgery:
    """What somebody writes into the database about a case that was consented to, and how it is answered."""

    name: str
    write: Callable[[World, Asked], object]
    kind: type[AcademyError] = TamperedError
    says: str = ""


def _stream(asked: Asked, of: str) -> str:
    return {"process": f"process/{asked.process}", "application": f"application/{asked.application}"}[of]


def _edit(of: str, event: str, old: str, new: str, *, column: str = "data") -> Callable[[World, Asked], object]:
    """Replace something in the rows of one kind of event."""

    def write(world: World, asked: Asked) -> object:
        return world.sql(
            f"UPDATE journal SET {column} = replace({column}, :old, :new)"
            f" WHERE stream = :stream AND type = :type AND {column} LIKE :like",
            old=old,
            new=new,
            like=f"%{old}%",
            stream=_stream(asked, of),
            type=event,
        )

    return write


def _delete(of: str, event: str) -> Callable[[World, Asked], object]:
    return lambda world, asked: world.sql(
        "DELETE FROM journal WHERE stream = :stream AND type = :type", stream=_stream(asked, of), type=event
    )


def _swap(world: World, asked: Asked) -> None:
    """Two answers change places."""
    stream = _stream(asked, "process")
    first, second, *_ = sorted(
        row["number"] for row in world.rows("journal") if (row["stream"], row["type"]) == (stream, "responded")
    )
    for old, new in ((first, -1), (second, first), (-1, second)):
        world.sql(
            "UPDATE journal SET number = :new WHERE stream = :stream AND number = :old",
            stream=stream,
            old=old,
            new=new,
        )


def _append(world: World, stream: str, event: Event) -> None:
    """Write a further event with a seal made with another key."""
    rows = [row for row in world.rows("journal") if row["stream"] == stream]
    last = max(rows, key=lambda row: row["number"])
    number = last["number"] + 1
    seal = seal_event(event, stream=stream, number=number, previous=last["seal"], key=OTHER_KEY)
    world.sql(
        "INSERT INTO journal VALUES (:stream, :number, :type, :at, :actor, :data, :seal)",
        stream=stream,
        number=number,
        type=event.type,
        at=event.at.isoformat(),
        actor=event.actor,
        data=json.dumps(dict(event.data)),
        seal=seal,
    )


def _copy(world: World, asked: Asked) -> None:
    """The whole decision about another badge, in the place of this one."""
    mine = _stream(asked, "process")
    other = next(
        row["id"] for row in world.rows("processes") if row["kind"] == "award" and row["id"] != asked.process
    )
    world.sql("DELETE FROM journal WHERE stream = :mine", mine=mine)
    world.sql(
        "INSERT INTO journal SELECT :mine, number, type, at, actor, data, seal FROM journal WHERE stream = :other",
        mine=mine,
        other=f"process/{other}",
    )


def _texts(world: World, asked: Asked) -> None:
    world.sql(
        "UPDATE texts SET value = replace(value, 'Asha Verma', 'Mallory M.') WHERE stream = :stream",
        stream=_stream(asked, "process"),
    )


def _own_texts(world: World, asked: Asked) -> None:
    """A text with a salted digest of its own, in the place of the version that was consented to."""
    version = world.process(asked).version
    assert version
    salt, value = bytes(32), next(r["value"] for r in world.rows("texts") if r["id"] == version.text)
    forged = value.replace("Asha Verma", "Mallory M.")
    id_ = encode_base64url(hashlib.sha256(salt + forged.encode()).digest()[:24])
    world.sql(
        "UPDATE texts SET id = :new, digest = :new, value = :value, salt = :salt WHERE id = :old",
        new=id_,
        value=forged,
        salt=salt,
        old=version.text,
    )


def _record_value(world: World, asked: Asked) -> None:
    world.sql(
        "UPDATE records SET leaves = replace(leaves, '\"consented\"', '\"withdrawn\"') WHERE id = :id",
        id=asked.process,
    )


def _record_of_another_key(world: World, asked: Asked) -> None:
    """A record with other values, sealed and signed with another key."""
    key = generate_private_key("Ed25519")
    row = next(row for row in world.rows("records") if row["id"] == asked.process)
    values = {
        leaf.path: leaf.value for leaf in record_from_json(parse_json(row["leaves"])) if leaf.value is not None
    }
    leaves = seal_record(values, random_bytes=secrets.token_bytes)
    root = record_root(leaves)
    signer = local_signer(key, verification_method="did:key:forged#forged")
    world.sql(
        "UPDATE records SET leaves = :leaves, root = :root, signature = :signature, record_key = :key"
        " WHERE id = :id",
        leaves=dump_json(record_to_json(leaves)),
        root=encode_base64url(root),
        signature=encode_base64url(signer.sign(b"academy-badges/record-root/v1\n" + root)),
        key=did_key_of(public_key_of(key)),
        id=asked.process,
    )


def _record_of_another_decision(world: World, asked: Asked) -> None:
    other = next(row for row in world.rows("records") if row["id"] != asked.process)
    world.sql(
        "UPDATE records SET leaves = :leaves, root = :root, signature = :signature WHERE id = :id",
        leaves=other["leaves"],
        root=other["root"],
        signature=other["signature"],
        id=asked.process,
    )


def _outbox(old: str, new: str) -> Callable[[World, Asked], object]:
    def write(world: World, asked: Asked) -> object:
        return world.sql(
            "UPDATE outbox SET leaf = replace(leaf, :old, :new) WHERE hash = :hash AND leaf LIKE :like",
            old=old,
            new=new,
            like=f"%{old}%",
            hash=world.application(asked).leaf,
        )

    return write


def _outbox_of_another_decision(world: World, asked: Asked) -> None:
    """Another decision's leaf under this one's hash."""
    mine = world.application(asked).leaf
    other = next(row for row in world.rows("outbox") if "decision.closed" in row["leaf"] and row["hash"] != mine)
    world.sql("UPDATE outbox SET leaf = :leaf WHERE hash = :hash", leaf=other["leaf"], hash=mine)


FORGERIES = [
    Forgery(name="an answer is another", write=_edit("process", "responded", '"consent"', '"objection"')),
    Forgery(
        name="an answer is to another version", write=_edit("process", "responded", '"version":1', '"version":2')
    ),
    Forgery(
        name="a number is written otherwise", write=_edit("process", "opened", '"version":1', '"version":1.0')
    ),
    Forgery(name="who decides", write=_edit("process", "prepared", '"min_peers":3', '"min_peers":1')),
    Forgery(name="what was agreed", write=_edit("process", "closed", '"consented"', '"not_yet"')),
    Forgery(name="when", write=_edit("process", "closed", "2026-03", "2025-03", column="at")),
    Forgery(
        name="the same moment in other words", write=_edit("process", "closed", "+00:00", "+01:00", column="at")
    ),
    Forgery(name="a time that is none", write=_edit("process", "closed", "2026-", "soon ", column="at")),
    Forgery(name="data that is none", write=_edit("process", "closed", "{", "[", column="data")),
    Forgery(name="who said it", write=_edit("process", "closed", "closed", "paused", column="type")),
    Forgery(name="an answer is missing", write=_delete("process", "responded")),
    Forgery(name="the end is missing", write=_delete("process", "closed")),
    Forgery(name="the beginning is missing", write=_delete("process", "prepared")),
    Forgery(name="answers change places", write=_swap),
    Forgery(name="another decision in its place", write=_copy),
    Forgery(
        name="the decision is gone",
        write=lambda world, asked: world.sql(
            "DELETE FROM journal WHERE stream = :stream", stream=_stream(asked, "process")
        ),
        kind=AcademyError,
    ),
    Forgery(
        name="a further event",
        write=lambda world, asked: _append(
            world,
            _stream(asked, "process"),
            Event(type="responded", at=world.clock.now, data={"version": 1, "response": "consent"}),
        ),
    ),
    Forgery(name="the applicant", write=_edit("application", "started", '"applicant"', '"applikant"')),
    Forgery(name="the consent of the circle", write=_edit("application", "moved", '"A6"', '"A7"')),
    Forgery(name="texts of the decision", write=_texts),
    Forgery(name="a text of one's own", write=_own_texts, kind=NotFoundError, says="erased"),
    Forgery(name="a value of the record", write=_record_value),
    Forgery(name="a record sealed with another key", write=_record_of_another_key),
    Forgery(name="a record of another decision", write=_record_of_another_decision),
    Forgery(
        name="no record",
        write=lambda world, asked: world.sql("DELETE FROM records WHERE id = :id", id=asked.process),
        kind=RefusedError,
        says="no sealed record",
    ),
    Forgery(
        name="a record that cannot be read",
        write=lambda world, asked: world.sql("UPDATE records SET leaves = '[]' WHERE id = :id", id=asked.process),
    ),
    Forgery(
        name="a leaf that says more",
        write=_outbox('"leftOut":[]', '"leftOut":["x"]'),
        kind=RefusedError,
        says="log entry",
    ),
    Forgery(
        name="a leaf of another decision",
        write=_outbox_of_another_decision,
        kind=RefusedError,
        says="log entry",
    ),
    Forgery(
        name="no leaf",
        write=lambda world, asked: world.sql(
            "DELETE FROM outbox WHERE hash = :hash", hash=world.application(asked).leaf
        ),
        kind=RefusedError,
        says="log entry",
    ),
]


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda forgery: forgery.name)
def test_a_decision_that_was_tampered_with_gives_no_badge(decided: tuple[World, Asked], forgery: Forgery) -> None:
    world, asked = decided
    forgery.write(world, asked)
    before = world.everything()
    with world.unsigned(forgery.kind, about=forgery.says):
        world.accept(asked)
    assert world.everything() == before, "what cannot be signed is not accepted either"
    work_once(world.academy, FakePost())
    assert world.badges() == 4


# Rows for lists and look-ups: no decision rests on them.

LISTS: list[tuple[str, str]] = [
    ("an application", "UPDATE applications SET state = 'consented' WHERE id = :application"),
    ("an application's process", "UPDATE applications SET process_id = :other WHERE id = :application"),
    ("a process", "UPDATE processes SET phase = 'closed', outcome = 'consented' WHERE id = :process"),
    ("a process due", "UPDATE processes SET due_at = '2020-01-01T00:00:00+00:00' WHERE id = :process"),
    ("who takes part", "UPDATE participants SET decides = false WHERE process_id = :process"),
    ("nobody takes part", "DELETE FROM participants WHERE process_id = :process"),
    ("members", "DELETE FROM memberships WHERE member_id = :silent"),
    ("the catalogue", "UPDATE badges SET version = '9', level = 'practitioner' WHERE slug = 'secretary'"),
]


@pytest.mark.parametrize("forged", [sql for _, sql in LISTS], ids=[name for name, _ in LISTS])
def test_rows_of_lists_decide_nothing(world: World, forged: str) -> None:
    asked = world.in_round()
    for name in ("chiara", "dev"):
        processes.respond(world.academy, by=world[name], id_=asked.process, answer=CONSENT)
    other = next(row["id"] for row in world.rows("records"))
    values = {
        "application": asked.application,
        "process": asked.process,
        "silent": world["eli"],
        "other": other,
    }
    world.sql(forged, **{name: value for name, value in values.items() if f":{name}" in forged})
    world.clock.pass_days(100)
    work_once(world.academy, FakePost())
    assert world.process(asked).phase == "consent_round"
    with world.unsigned(RefusedError):
        world.accept(asked)
    assert world.badges() == 4


def test_a_decider_without_a_row_of_membership_still_decides(world: World) -> None:
    asked = world.in_round()
    world.sql("DELETE FROM memberships WHERE member_id = :id", id=world["eli"])
    processes.respond(world.academy, by=world["eli"], id_=asked.process, answer=CONSENT)
    assert world["eli"] in world.process(asked).answers


def test_a_row_of_membership_gives_no_consent_rights(world: World) -> None:
    circle = next(row["id"] for row in world.rows("circles") if row["slug"] == "pod-north")
    world.sql("INSERT INTO memberships VALUES (:circle, :member)", circle=circle, member=world["hana"])
    id_ = world.handed_in()
    with world.refused("G2"):
        applications.take_up(
            world.academy,
            by=world["dev"],
            id_=id_,
            deciders=(world["hana"], world["chiara"], world["eli"]),
            facilitator=world["dev"],
            secretary=world["eli"],
            mode="meeting",
        )


def test_a_row_of_an_award_makes_no_holder(world: World) -> None:
    credential = world.accepted()
    like = next(row["id"] for row in world.rows("awards") if row["credential_id"] == credential)
    world.sql(
        "UPDATE awards SET holder_id = :dev WHERE holder_id = :chiara AND badge = 'secretary'",
        dev=world["dev"],
        chiara=world["chiara"],
    )
    assert like
    page = applications.application_page(
        world.academy,
        id_=world.handed_in(applicant=world["ben"], witnesses=(world["asha"], world["chiara"]), badge="feedback"),
        reader=world["dev"],
    )
    assert page.holders >= {world["chiara"]}, "founders of this badge; the rows say nothing about them"


def test_rights_do_not_come_from_the_catalogue(world: World) -> None:
    world.sql("UPDATE badges SET slug = 'mine', name = 'Mine' WHERE slug = 'secretary'")
    with world.hidden():
        applications.start(world.academy, by=world["asha"], badge="mine", circle="pod-north")


# Awards


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """An award that was planned and not signed yet."""

    world: World
    asked: Asked
    award: str


@pytest.fixture
def planned(decided: tuple[World, Asked], monkeypatch: pytest.MonkeyPatch) -> Planned:
    """Accept a badge on a machine that fails between the plan and the signature."""
    world, asked = decided
    monkeypatch.setattr("issuer.service.applications.acceptance.complete_award", lambda *_, **__: None)
    world.accept(asked)
    award = world.application(asked).award
    assert award
    assert world.badges() == 4
    return Planned(world=world, asked=asked, award=award)


INTENTS = [
    ("the name", "Asha Verma", "Mallory M."),
    ("the badge", "/achievements/secretary-v1", "/achievements/mentoring-v1"),
    ("the date", "2026-03", "2025-03"),
    ("the place in the list", '"statusListIndex":"', '"statusListIndex":"1'),
    ("the issuer", "did:web:academy.example", "did:web:forger.example"),
]


@pytest.mark.parametrize(("old", "new"), [i[1:] for i in INTENTS], ids=[i[0] for i in INTENTS])
def test_a_plan_that_was_edited_is_not_signed(planned: Planned, old: str, new: str) -> None:
    world = planned.world
    world.sql(
        "UPDATE awards SET intent = replace(intent, :old, :new) WHERE id = :id AND intent LIKE :like",
        old=old,
        new=new,
        like=f"%{old}%",
        id=planned.award,
    )
    with world.unsigned(TamperedError, about="plan"):
        complete_award(world.academy, award=planned.award)


@pytest.mark.parametrize(
    "change", ["holder_id = 'x'", "badge = 'mentoring'", "process_id = 'x'", "status_index = 1"]
)
def test_the_columns_of_an_award_say_nothing(planned: Planned, change: str) -> None:
    """What is signed is the plan in the journal, whatever the row for look-ups says."""
    world = planned.world
    world.sql(f"UPDATE awards SET {change} WHERE id = :id", id=planned.award)
    complete_award(world.academy, award=planned.award)
    row = next(row for row in world.rows("credentials") if row["award_id"] == planned.award)
    subject = parse_json(row["json"])["credentialSubject"]
    assert subject["achievement"]["id"].endswith("/achievements/secretary-v1")
    assert "Asha Verma" in {identifier["identityHash"] for identifier in subject["identifier"]}


def test_an_award_that_is_called_pending_again_is_not_signed_again(planned: Planned) -> None:
    world = planned.world
    complete_award(world.academy, award=planned.award)
    before = world.rows("credentials")
    world.sql("UPDATE awards SET state = 'pending' WHERE id = :id", id=planned.award)
    work_once(world.academy, FakePost())
    assert world.rows("credentials") == before


def test_a_badge_that_was_deleted_is_not_made_anew_with_other_words(planned: Planned) -> None:
    """Deleting what was issued to have it signed once more gives nothing: the journal says that it is issued."""
    world = planned.world
    complete_award(world.academy, award=planned.award)
    world.sql("DELETE FROM credentials WHERE award_id = :id", id=planned.award)
    world.sql("DELETE FROM journal WHERE stream = :stream AND type = 'issued'", stream=f"award/{planned.award}")
    world.sql("UPDATE awards SET state = 'pending' WHERE id = :id", id=planned.award)
    with world.unsigned():
        complete_award(world.academy, award=planned.award)


def test_a_whole_award_made_of_rows_is_not_signed(both: World) -> None:
    """Everything an award consists of, written by somebody who has no key."""
    credential = both.accepted()
    like = next(row for row in both.rows("awards") if row["credential_id"] == credential)
    rows = {
        f"award/{like['id']}": "award/forged",
        f"process/{like['process_id']}": "process/forged",
    }
    application = next(row["id"] for row in both.rows("applications") if row["process_id"] == like["process_id"])
    rows[f"application/{application}"] = "application/forged"
    for old, new in rows.items():
        previous = bytes(32)
        for row in sorted((r for r in both.rows("journal") if r["stream"] == old), key=lambda r: r["number"]):
            data = row["data"]
            for one, other in ((like["id"], "forged"), (like["process_id"], "forged"), (application, "forged")):
                data = data.replace(one, other)
            data = data.replace(both["asha"], both["hana"])
            actor = both["hana"] if row["actor"] == both["asha"] else row["actor"]
            previous = hmac.digest(OTHER_KEY, previous + data.encode(), hashlib.sha256)
            if new == "award/forged" and row["type"] == "issued":
                continue
            both.sql(
                "INSERT INTO journal VALUES (:stream, :number, :type, :at, :actor, :data, :seal)",
                **{**row, "stream": new, "data": data, "actor": actor, "seal": previous},
            )
    both.sql(
        "INSERT INTO awards SELECT 'forged', :hana, badge, 'forged', 'forged', 'pending', intent, status_list, 1,"
        " at FROM awards WHERE id = :id",
        hana=both["hana"],
        id=like["id"],
    )
    with both.unsigned():
        complete_award(both.academy, award="forged")
    with both.unsigned():
        applications.accept(both.academy, by=both["hana"], id_="forged", published=True)
    work_once(both.academy, FakePost())
    assert both.badges() == 5


def test_a_badge_written_into_the_table_has_no_page_and_is_not_ours(world: World) -> None:
    credential = world.accepted()
    row = next(row for row in world.rows("credentials") if row["id"] == credential)
    forged = row["json"].replace("Asha Verma", "Mallory M.").replace(credential, "forged")
    world.sql("INSERT INTO credentials VALUES ('forged', 'forged', :json, 'x.y.z')", json=forged)
    with pytest.raises(NotFoundError):
        credential_page(world.academy, id_="forged", reader=None)


def test_a_record_that_was_changed_is_not_shown(world: World) -> None:
    asked = world.consented()
    world.accept(asked)
    _record_value(world, asked)
    with pytest.raises(TamperedError):
        decision_page(world.academy, id_=asked.process, reader=None)


# An objection cannot be taken back by deleting it.


def test_a_late_objection_cannot_be_cut_off(world: World) -> None:
    asked = world.settling(mode="async")
    processes.object_late(world.academy, by=world["eli"], id_=asked.process, reason="Something new.", about="")
    stream = f"process/{asked.process}"
    world.sql("DELETE FROM journal WHERE stream = :stream AND type = 'late_objection'", stream=stream)
    due = (world.clock.now - timedelta(days=1)).isoformat()
    world.sql("UPDATE processes SET phase = 'settling', due_at = :due WHERE id = :id", due=due, id=asked.process)
    world.clock.pass_days(10)
    work_once(world.academy, FakePost())
    with pytest.raises(TamperedError):
        world.process(asked)
    with world.unsigned(AcademyError):
        world.accept(asked)


def test_one_tampered_decision_stops_no_other(world: World) -> None:
    bad = world.settling(mode="async")
    good = world.settling(
        mode="async",
        applicant=world["ben"],
        badge="circle-member",
        name=None,
        witnesses=(world["asha"], world["eli"]),
    )
    _edit("process", "opened", '"version":1', '"version":3')(world, bad)
    world.clock.pass_days(3)
    work_once(world.academy, FakePost())
    assert world.application(good).state == "consented"


# Evidence


def test_a_file_that_was_exchanged_is_not_shown_as_evidence(world: World) -> None:
    id_ = applications.start(world.academy, by=world["asha"], badge="secretary", circle="pod-north")
    evidence = EvidenceDraft(kind="file", title="Minutes", file_name="minutes.txt", content=b"what I wrote")
    applications.add_evidence(world.academy, by=world["asha"], id_=id_, evidence=evidence)
    item = world.application(id_).evidence[0].id
    found = applications.evidence_file(world.academy, reader=world["asha"], id_=id_, evidence=item)
    assert found == ("minutes.txt", b"what I wrote")
    world.sql("UPDATE files SET content = :content", content=b"what she did not write")
    with pytest.raises(TamperedError):
        applications.evidence_file(world.academy, reader=world["asha"], id_=id_, evidence=item)


# Status


def _bit(world: World, credential: str) -> int:
    row = next(row for row in world.rows("awards") if row["credential_id"] == credential)
    document = parse_json(status_list(world.academy, number=row["status_list"]))
    return status_at(decode_bitstring(document["credentialSubject"]["encodedList"]), row["status_index"])


@pytest.mark.parametrize("later", [timedelta(0), timedelta(hours=7)], ids=["at once", "when it is signed anew"])
def test_a_revoked_bit_is_not_cleared_by_editing_rows(both: World, later: timedelta) -> None:
    credential = both.accepted()
    assert _bit(both, credential) == 0
    old = both.rows("status_lists")[0]
    both.clock.now += timedelta(minutes=1)
    give_back(both.academy, by=both["asha"], id_=credential)
    assert _bit(both, credential) == 1
    both.sql("UPDATE awards SET state = 'issued' WHERE credential_id = :id", id=credential)
    both.clock.now += later
    assert _bit(both, credential) == 1
    both.sql(
        "UPDATE status_lists SET credential = :credential, signed_at = :at",
        credential=old["credential"],
        at=both.clock.now.isoformat(),
    )
    assert _bit(both, credential) == 1, "a list that was signed before is not given again"
    both.sql("UPDATE status_lists SET credential = '{}', signed_at = :at", at=both.clock.now.isoformat())
    assert _bit(both, credential) == 1
    both.sql("UPDATE awards SET status_index = status_index + 1 WHERE credential_id = :id", id=credential)
    moved = both.sql("UPDATE awards SET status_index = status_index - 1 WHERE credential_id = :id", id=credential)
    assert moved
    assert _bit(both, credential) == 1
    both.sql("UPDATE journal SET data = :data WHERE stream = 'status/1' AND type = 'revoked'", data='{"index":1}')
    forgotten = "UPDATE status_lists SET credential = NULL"
    for statement in (
        forgotten,
        "DELETE FROM journal WHERE stream = 'status/1' AND type = 'revoked'",
        "DELETE FROM journal WHERE stream = 'status/1'",
    ):
        both.sql(statement)
        with pytest.raises(TamperedError):
            _bit(both, credential)


# Signing in as somebody else


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


LASTS = "2027-01-01T00:00:00+00:00"


def test_a_session_written_into_the_table_signs_nobody_in(world: World) -> None:
    world.sql(
        "INSERT INTO sessions (token_hash, member_id, created_at, expires_at, seal)"
        " VALUES (:hash, :member, :at, :until, :seal)",
        seal=bytes(32),
        hash=_hash("token"),
        member=world["chiara"],
        at=world.clock.now.isoformat(),
        until=LASTS,
    )
    assert people.member_of_session(world.academy, token="token") is None


def test_a_link_written_into_the_table_signs_nobody_in(world: World) -> None:
    world.sql(
        "INSERT INTO links (token_hash, member_id, next_path, expires_at, seal)"
        " VALUES (:hash, :member, '/me', :until, :seal)",
        seal=bytes(32),
        hash=_hash("token"),
        member=world["chiara"],
        until=LASTS,
    )
    assert people.link_owner(world.academy, token="token") is None
    with pytest.raises(RefusedError):
        people.sign_in(world.academy, token="token")


def _signed_in(world: World, name: str) -> str:
    people.request_link(world.academy, email=f"{name}@demo.example", next_path="/me")
    body = max(world.rows("mails"), key=lambda row: row["id"])["body"]
    link = next(word for word in body.split() if "/sign-in/" in word)
    return people.sign_in(world.academy, token=link.rpartition("/")[2]).session


def test_ones_own_session_cannot_be_made_somebody_elses(world: World) -> None:
    session = _signed_in(world, "hana")
    me = people.member_of_session(world.academy, token=session)
    assert me
    assert me.id == world["hana"]
    world.sql("UPDATE sessions SET member_id = :other", other=world["chiara"])
    assert people.member_of_session(world.academy, token=session) is None


def test_ones_own_link_cannot_be_made_somebody_elses(world: World) -> None:
    people.request_link(world.academy, email="hana@demo.example", next_path="/me")
    body = max(world.rows("mails"), key=lambda row: row["id"])["body"]
    token = next(word for word in body.split() if "/sign-in/" in word).rpartition("/")[2]
    world.sql("UPDATE links SET member_id = :other WHERE member_id = :me", other=world["chiara"], me=world["hana"])
    assert people.link_owner(world.academy, token=token) is None
    with pytest.raises(RefusedError):
        people.sign_in(world.academy, token=token)


def test_no_link_goes_to_an_address_that_was_changed_in_the_table(world: World) -> None:
    world.sql("UPDATE members SET email = 'mallory@evil.example' WHERE id = :id", id=world["chiara"])
    mails = len(world.rows("mails"))
    with pytest.raises(TamperedError):
        people.request_link(world.academy, email="mallory@evil.example", next_path="/me")
    assert len(world.rows("mails")) == mails


def test_an_address_that_was_changed_in_the_table_is_not_put_into_a_badge(world: World) -> None:
    asked = world.evaluated()
    world.sql("UPDATE members SET email = 'mallory@evil.example' WHERE id = :id", id=world["asha"])
    with world.unsigned():
        processes.open_process(world.academy, by=world["dev"], id_=asked.process)


def test_an_address_that_was_changed_after_the_consent_changes_no_badge(world: World) -> None:
    asked = world.consented()
    people_ = world.emails
    world.sql("UPDATE members SET email = 'mallory@evil.example' WHERE id = :id", id=world["asha"])
    with world.unsigned():
        world.accept(asked)
    assert people_


def test_two_accounts_of_one_person_cannot_be_told_apart_by_changing_an_address(world: World) -> None:
    id_ = world.handed_in(witnesses=())
    world.sql("UPDATE members SET email = 'else@demo.example' WHERE id = :id", id=world["eli"])
    with world.unsigned():
        applications.take_up(
            world.academy,
            by=world["dev"],
            id_=id_,
            deciders=world.case().deciders,
            facilitator=world["dev"],
            secretary=world["eli"],
            mode="meeting",
        )


def test_answers_are_those_of_the_people_who_gave_them(world: World) -> None:
    asked = world.in_round()
    processes.respond(
        world.academy, by=world["dev"], id_=asked.process, answer=AnswerDraft(version=1, response="consent")
    )
    world.sql(
        "UPDATE journal SET actor = :other WHERE stream = :stream AND type = 'responded'",
        other=world["eli"],
        stream=f"process/{asked.process}",
    )
    with pytest.raises(TamperedError):
        world.process(asked)


def test_a_seal_is_no_text(world: World) -> None:
    """What the database gives back for a seal is compared as bytes."""
    assert all(len(row["seal"]) == 32 for row in world.rows("journal"))
    assert decode_base64url("AA") == b"\x00"
