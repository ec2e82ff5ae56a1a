"""`academy demo`: the whole story of one badge on this machine, without a server and without network."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from issuer.rules.handover import badge_png, badge_svg, baked_png, baked_svg
from issuer.rules.policy import award_policy_digest
from issuer.service.academy import Academy
from issuer.service.badges import achievement_document
from issuer.service.credentials import signed_credential
from issuer.service.log import flush
from issuer.service.log.serving import copy_log
from issuer.service.opening import AcademySettings, open_academy
from issuer.service.published import policy_document
from issuer.service.records import decision_page
from issuer.service.seeding import seed_academy, tell_story
from issuer.service.seeding.story import DAYS, Told
from issuer.service.status import did_document, jwks, status_list

BASE_URL = "https://academy.example"
_NAME = "Sociocracy Academy (demo)"


@dataclass(slots=True)
class StoryClock:
    """A clock that the story moves; it begins so many days ago that it ends at the real now."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC) - timedelta(days=DAYS))

    def __call__(self) -> datetime:
        """Return the story's time."""
        return self.now

    def pass_days(self, days: int) -> None:
        """Let days pass."""
        self.now += timedelta(days=days)


def run_demo(
    out: Path, *, report_on: Callable[[Path, Path], Mapping[str, Any]], say: Callable[[str], None]
) -> None:
    """Tell the story and write what came out of it. `report_on` checks a badge with a map of documents.

    Raises OSError when the folder cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    clock = StoryClock()
    with tempfile.TemporaryDirectory() as scratch:
        academy = open_academy(
            AcademySettings(
                database_url=f"sqlite:///{scratch}/academy.sqlite",
                keys=Path(scratch) / "keys",
                base_url=BASE_URL,
                name=_NAME,
            ),
            clock=clock,
        )
        seed_academy(academy, progress=lambda sentence: say(f"  {sentence}"))
        told = tell_story(academy, pass_days=clock.pass_days)
        for item in decision_page(academy, id_=told.process, reader=None).story:
            say(f"  {item.at:%-d %B}: {item.sentence}")
        _write(academy, told, out)
        flush(academy)
        copy_log(academy, out / "log")
        academy.engine.dispose()
    report = report_on(out / "badge.json", out / "documents.json")
    _write_json(out / "report.json", report)
    say(f"\n{report['sentence']}")


def _write(academy: Academy, told: Told, out: Path) -> None:
    signed = signed_credential(academy, id_=told.credential)
    (out / "badge.json").write_text(signed.json + "\n", encoding="utf-8")
    (out / "badge.jwt").write_text(signed.jwt + "\n", encoding="utf-8")
    slug, name, level = "secretary", str(signed.credential["name"]), "practitioner"
    png = badge_png(slug, name=name, level=level)
    (out / "badge.png").write_bytes(baked_png(signed.credential, image=png))
    svg = badge_svg(slug, name=name, level=level)
    (out / "badge.svg").write_text(baked_svg(signed.credential, image=svg), encoding="utf-8")
    _write_json(out / "decision.json", decision_json(academy, told.process))
    documents: dict[str, Any] = {
        f"{BASE_URL}/.well-known/did.json": ("did.json", did_document(academy)),
        f"{BASE_URL}/.well-known/jwks.json": ("jwks.json", jwks(academy)),
        f"{BASE_URL}/achievements/{slug}-v1": (
            "achievement.json",
            achievement_document(academy, name=f"{slug}-v1"),
        ),
    }
    for name, value in documents.values():
        _write_json(out / name, value)
    files = {url: name for url, (name, _) in documents.items()}
    # What has a digest in the log is written byte for byte.
    files[f"{BASE_URL}/status/1"] = "status.json"
    (out / "status.json").write_text(status_list(academy, number=1), encoding="utf-8")
    policy = award_policy_digest()
    files[f"{BASE_URL}/policies/{policy}"] = "policy.json"
    (out / "policy.json").write_text(policy_document(policy), encoding="utf-8")
    _write_json(out / "documents.json", files)


def decision_json(academy: Academy, process: str) -> dict[str, Any]:
    """Return a decision's sealed record as whoever holds the badge may see it."""
    page = decision_page(academy, id_=process, reader=None)
    return {
        "version": "academy-badges/record/v1",
        "decision": f"{academy.base_url}/decisions/{process}",
        "root": page.root,
        "signature": page.signature,
        "recordKey": page.record_key,
        "leaves": [
            {"path": list(slot.path), "hash": slot.leaf}
            | ({"salt": slot.salt, "value": slot.value} if slot.salt else {})
            for slot in page.fields
        ],
    }


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
