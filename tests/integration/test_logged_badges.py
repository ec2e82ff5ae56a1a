"""The log of an academy in which much happened: audited whole, and with the receipts of those who answered."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from issuer.service.credentials import give_back, signed_credential
from issuer.service.erasing import erase_due
from issuer.service.log import flush
from issuer.service.log.entries import pad_due
from issuer.service.statements.receipts import receipts
from issuer.service.status import did_document, status_list
from schemas import add_proof, dump_json, parse_json
from schemas.tlog import Policy as LogPolicy
from tests.integration.world import World
from verifier import Fetched, FetchError, Policy, read_badge, verify_badge
from verifier.log.audit import Audit, Questions, audit
from verifier.log.heads import read_vkeys
from verifier.log.receipts import Receipt, read_receipts
from verifier.log.source import FolderSource


class _Served:
    def __init__(self, world: World) -> None:
        self.documents = {
            "https://academy.example/.well-known/did.json": json.dumps(dict(did_document(world.academy))),
            "https://academy.example/status/1": status_list(world.academy, number=1),
        }

    def fetch(self, url: str) -> Fetched:
        if url not in self.documents:
            raise FetchError(f"nobody has {url}")
        return Fetched(body=self.documents[url].encode(), source="fetched")


def _audited(world: World, *, receipts: tuple[Receipt, ...] = ()) -> Audit:
    folder = world.folder / "log"
    return audit(
        FolderSource(folder),
        keys=read_vkeys((folder / "vkey").read_bytes()),
        policy=LogPolicy(),
        stored=None,
        now=world.clock.now,
        questions=Questions(documents=_Served(world), base_url="https://academy.example", receipts=receipts),
    )


def test_a_badge_given_back_erased_talk_and_all_receipts_leave_a_clean_log(world: World) -> None:
    badge = world.accepted()
    process = next(row["process_id"] for row in world.rows("awards") if row["credential_id"] == badge)
    given = [
        one
        for name in ("chiara", "dev", "eli")
        for one in receipts(world.academy, id_=process, reader=world[name])
    ]
    give_back(world.academy, by=world["asha"], id_=badge)
    world.clock.pass_days(120)
    pad_due(world.academy)
    assert erase_due(world.academy), "the talk of decisions is deleted by then"
    status_list(world.academy, number=1)
    flush(world.academy)
    done = _audited(world, receipts=read_receipts(dump_json(given).encode()))
    assert len(given) == 3
    assert [finding.to_json() for finding in done.findings.kept if finding.level == "alarm"] == []
    codes = {finding.code for finding in done.findings.kept}
    assert not codes & {"RECEIPT_NOT_SIGNED", "RECEIPT_WITHOUT_LEAF", "RECEIPT_NOT_DUE"}


def test_endorsements_and_proof_are_at_most_seven_kilobytes(world: World) -> None:
    id_ = world.accepted()
    badge = parse_json(signed_credential(world.academy, id_=id_).json)
    assert len(badge["endorsement"]) == 3
    assert len(dump_json({"endorsement": badge["endorsement"], "evidence": [_log_proof(badge)]}).encode()) <= 7_000


def test_what_the_academy_signs_again_without_the_peers_is_found_out_offline(world: World) -> None:
    """Each of these is signed by the Academy's own key: only the decision in the badge tells."""
    badge = parse_json(signed_credential(world.academy, id_=world.accepted()).json)
    other = parse_json(
        signed_credential(world.academy, id_=world.accepted(badge="feedback", witnesses=(world["ben"],))).json
    )
    served, now = _Served(world), world.clock.now + timedelta(minutes=1)
    answers, proof = badge["endorsement"], _log_proof(badge)
    rest = [one for one in badge["evidence"] if one != proof]
    elsewhere = [one | {"id": "https://academy.example/decisions/x"} for one in rest]
    subject = badge["credentialSubject"]
    renamed = subject | {"achievement": subject["achievement"] | {"name": "Facilitator"}}
    changes = {
        "nothing": {},
        "re-bound to a wallet": {"credentialSubject": subject | {"id": "did:key:z6MkX"}},
        "another achievement": {"credentialSubject": renamed},
        "an end": {"validUntil": "2030-01-01T00:00:00Z"},
        "another date": {"validFrom": "2026-03-01T00:00:00Z"},
        "another page": {"evidence": [*elsewhere, proof]},
        "another place in the list": {
            "credentialStatus": badge["credentialStatus"]
            | {"id": "https://academy.example/status/1#7", "statusListIndex": "7"}
        },
        "an answer taken out": {"endorsement": answers[1:]},
        "answers of another decision": {"endorsement": other["endorsement"]},
        "the proof of another decision": {"evidence": [*rest, _log_proof(other)]},
        "no proof at all": {"evidence": rest},
    }
    found = {}
    for name, change in changes.items():
        document = {member: value for member, value in (badge | change).items() if member != "proof"}
        signed = add_proof(
            document, signer=world.academy.keyring.issuer, cryptosuite="eddsa-rdfc-2022", created=world.clock.now
        )
        report = verify_badge(
            read_badge(dump_json(signed).encode()), now=now, fetcher=served, policy=Policy(require_decision=True)
        )
        lines = {check.id: check for check in report.checks}
        assert lines["proof"].result == "pass", name
        found[name] = (report.verdict, lines["decision"].code)
    assert found.pop("nothing") == ("valid", "NOBODY_NAMED")
    assert found.pop("no proof at all") == ("unknown", "NO_DECISION_PROOF"), "where a decision is asked for"
    assert found == dict.fromkeys(found, ("invalid", "FINAL_MISMATCH"))


def _log_proof(badge: dict[str, Any]) -> dict[str, Any]:
    return next(one for one in badge["evidence"] if one.get("genre", "").startswith("c2sp.org/tlog-proof"))
