"""The log of an academy in which much happened: audited whole, and with the receipts of those who answered."""

from __future__ import annotations

import json
from datetime import timedelta

from issuer.service.credentials import give_back, signed_credential
from issuer.service.log import flush
from issuer.service.log.entries import pad_due
from issuer.service.statements.receipts import receipts
from issuer.service.status import did_document, status_list
from schemas import dump_json, parse_json
from schemas.tlog import Policy
from tests.integration.world import World
from verifier import Fetched, FetchError, read_badge, verify_badge
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
        policy=Policy(),
        stored=None,
        now=world.clock.now,
        questions=Questions(documents=_Served(world), base_url="https://academy.example", receipts=receipts),
    )


def test_a_badge_given_back_and_all_receipts_leave_a_clean_log(world: World) -> None:
    badge = world.accepted()
    process = next(row["process_id"] for row in world.rows("awards") if row["credential_id"] == badge)
    given = [
        one
        for name in ("chiara", "dev", "eli")
        for one in receipts(world.academy, id_=process, reader=world[name])
    ]
    give_back(world.academy, by=world["asha"], id_=badge)
    world.clock.pass_days(1)
    pad_due(world.academy)
    status_list(world.academy, number=1)
    flush(world.academy)
    done = _audited(world, receipts=read_receipts(dump_json(given).encode()))
    assert len(given) == 3
    assert [finding.to_json() for finding in done.findings.kept if finding.level == "alarm"] == []
    codes = {finding.code for finding in done.findings.kept}
    assert not codes & {"RECEIPT_NOT_SIGNED", "RECEIPT_WITHOUT_LEAF", "RECEIPT_NOT_DUE"}


def test_endorsements_and_proof_are_at_most_seven_kilobytes_and_a_changed_badge_is_invalid(world: World) -> None:
    id_ = world.accepted()
    badge = parse_json(signed_credential(world.academy, id_=id_).json)
    assert len(badge["endorsement"]) == 3
    item = next(one for one in badge["evidence"] if one.get("genre", "").startswith("c2sp.org/tlog-proof"))
    assert len(dump_json({"endorsement": badge["endorsement"], "evidence": [item]}).encode()) <= 7_000
    served, now = _Served(world), world.clock.now + timedelta(minutes=1)

    def verdict(document: object) -> str:
        report = verify_badge(read_badge(dump_json(document).encode()), now=now, fetcher=served)
        return str(report.to_json()["verdict"])

    good = verdict(badge)
    answers = badge["endorsement"]
    changes = {
        "left out": badge | {"endorsement": answers[1:]},
        "dressed": badge | {"endorsement": [answers[0] | {"validUntil": "2020-01-01T00:00:00Z"}, *answers[1:]]},
        "re-bound": badge | {"credentialSubject": badge["credentialSubject"] | {"id": "did:key:z6MkX"}},
        "date": badge | {"validFrom": "2020-01-01T00:00:00Z"},
        "status": badge | {"credentialStatus": badge["credentialStatus"] | {"statusListIndex": "7"}},
        "no proof": badge | {"evidence": [one for one in badge["evidence"] if one != item]},
    }
    assert good == "valid"
    assert {name: verdict(changed) for name, changed in changes.items()} == dict.fromkeys(changes, "invalid")
