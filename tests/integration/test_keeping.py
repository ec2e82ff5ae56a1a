"""What is kept outside and around the tables: keys, settings, mails, the shape of the database."""

from __future__ import annotations

import email
import json
import shutil
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from issuer.cli.outgoing import MailSettingsError, keep_waiting, parse_smtp_url
from issuer.service import applications
from issuer.service.mailing import Mail, UndeliveredError, send_due
from issuer.service.opening import SettingsError, check_base_url, open_academy
from issuer.service.status import did_document
from issuer.store.keyring import open_keyring, rotate_keys
from issuer.store.tables import METADATA
from keys import KeyFileError
from tests.conftest import Template, settings_in
from tests.fakes import START, FakeClock, FakePost, smtp_server
from tests.integration.test_stories import verdict
from tests.integration.world import World
from tests.pens import PENS

BASE = "https://academy.example"


# Keys


@pytest.fixture
def keys(empty_template: Template, tmp_path: Path) -> Path:
    return Path(shutil.copytree(empty_template.folder / "keys", tmp_path / "keys"))


def test_only_the_owner_reads_the_keys(keys: Path) -> None:
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700
    files = [file for file in keys.iterdir() if file.suffix in {".pem", ".key"}]
    assert len(files) == 4
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_a_key_that_others_may_read_is_not_used(keys: Path) -> None:
    (keys / "record.pem").chmod(0o644)
    with pytest.raises(KeyFileError, match="chmod 600"):
        open_keyring(keys, base_url=BASE, passphrase=None, now=START)


def test_a_badge_signed_before_the_keys_were_changed_still_verifies(world: World) -> None:
    credential = world.accepted()
    world.clock.pass_days(1)
    folder = world.folder / "keys"
    rotate_keys(folder, base_url=BASE, passphrase=None, now=world.clock.now)
    keyring = open_keyring(folder, base_url=BASE, passphrase=None, now=world.clock.now)
    assert keyring.did == world.academy.keyring.did
    assert keyring.issuer.verification_method != world.academy.keyring.issuer.verification_method
    world.academy = replace(world.academy, keyring=keyring)
    document = did_document(world.academy)
    methods = {method["id"]: method for method in document["verificationMethod"]}
    retired = {id_ for id_, method in methods.items() if "expires" in method or "revoked" in method}
    assert len(methods) == 4
    assert len(retired) == 2
    assert keyring.issuer.verification_method not in retired
    world.clock.pass_days(1)
    assert verdict(world, credential) == "valid"
    newer = world.accepted(
        applicant=world["ben"], badge="circle-member", witnesses=(world["asha"], world["eli"]), name=None
    )
    assert verdict(world, newer) == "valid"


def test_an_academy_that_is_a_did_key_keeps_its_one_key(tmp_path: Path) -> None:
    base = "http://localhost:8000"
    open_keyring(tmp_path / "keys", base_url=base, passphrase=None, now=START)
    before = sorted(file.name for file in (tmp_path / "keys").iterdir())
    with pytest.raises(KeyFileError, match="did:key"):
        rotate_keys(tmp_path / "keys", base_url=base, passphrase=None, now=START)
    assert sorted(file.name for file in (tmp_path / "keys").iterdir()) == before


def test_keys_with_a_passphrase_open_with_it_alone(tmp_path: Path) -> None:
    base, folder = "http://localhost:8000", tmp_path / "keys"
    made = open_keyring(folder, base_url=base, passphrase="open sesame", now=START)
    again = open_keyring(folder, base_url=base, passphrase="open sesame", now=START)
    assert again.did == made.did
    for wrong in (None, "other"):
        with pytest.raises(KeyFileError):
            open_keyring(folder, base_url=base, passphrase=wrong, now=START)
    assert "sesame" not in repr(made)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "3",
        "[3]",
        "{}",
        '[{"file": "x"}]',
        '[{"file": "issuer.pem", "kind": "Ed25519", "added": "2026-03-02T09:00:00+00:00"}]',
        '[{"file": "issuer.pem", "kind": "Ed25519", "added": "soon", "retired": null, "compromised": null}]',
        (
            '[{"file": "issuer.pem", "kind": "DSA", "added": "2026-03-02T09:00:00+00:00", "retired": null,'
            ' "compromised": null}]'
        ),
    ],
)
def test_a_damaged_list_of_keys_is_named(keys: Path, text: str) -> None:
    pem = next(keys.glob("issuer-*.pem"))
    pem.rename(keys / "issuer.pem")
    (keys / "issuer.json").write_text(text)
    with pytest.raises(KeyFileError, match=r"issuer\.(json|pem)"):
        open_keyring(keys, base_url=BASE, passphrase=None, now=START)
    assert (keys / "issuer.json").read_text() == text, "nothing is repaired by guessing"


def test_a_missing_key_file_is_named(keys: Path) -> None:
    for name in ("journal.key", "record.pem"):
        (keys / name).rename(keys / "elsewhere")
        with pytest.raises(KeyFileError, match=name.replace(".", r"\.")):
            open_keyring(keys, base_url=BASE, passphrase=None, now=START)
        (keys / "elsewhere").rename(keys / name)


def test_a_lost_list_of_keys_is_not_replaced_by_new_keys(keys: Path) -> None:
    (keys / "issuer.json").unlink()
    before = sorted(file.name for file in keys.iterdir())
    with pytest.raises(KeyFileError, match="from a backup"):
        open_keyring(keys, base_url=BASE, passphrase=None, now=START)
    assert sorted(file.name for file in keys.iterdir()) == before


def test_retired_keys_keep_the_time_of_their_first_retirement(keys: Path) -> None:
    for days in (1, 2):
        rotate_keys(keys, base_url=BASE, passphrase=None, now=START + timedelta(days=days))
    entries = json.loads((keys / "issuer.json").read_text())
    retired = [entry["retired"] for entry in entries]
    assert retired == [f"2026-03-0{2 + days}T09:00:00+00:00" for days in (1, 1, 2, 2)] + [None, None]


# Opening


def test_the_address_of_the_first_start_is_kept_for_good(world: World) -> None:
    settings = settings_in(world.folder, url=world.url)
    open_academy(replace(settings, base_url=f"{BASE}/"), clock=world.clock).engine.dispose()
    with pytest.raises(SettingsError, match="began as"):
        open_academy(replace(settings, base_url="https://other.example"), clock=world.clock)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "academy.example",
        "ftp://academy.example",
        "https://",
        "https://academy.example/path",
        "https://academy.example?x",
        "https://user@academy.example",
        "https://Academy.example",
        "https://[",
        "javascript:alert(1)",
        "http://academy.example",
    ],
)
def test_only_an_https_origin_is_an_address(text: str) -> None:
    with pytest.raises(SettingsError, match="BASE_URL"):
        check_base_url(text, dev=False)


def test_http_is_for_trying_out() -> None:
    assert check_base_url("http://localhost:8000", dev=True) == "http://localhost:8000"
    with pytest.raises(SettingsError):
        check_base_url("ftp://localhost:8000", dev=True)


def test_opening_again_changes_nothing(both: World) -> None:
    before = both.everything()
    academy = open_academy(settings_in(both.folder, url=both.url), clock=both.clock)
    academy.engine.dispose()
    assert both.everything() == before


def test_the_migrated_database_is_the_one_that_the_code_expects(empty: World) -> None:
    with empty.academy.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_sqlite_keeps_its_promises(world: World) -> None:
    with world.academy.engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "synchronous")
        }
    assert found == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2}


# Mails


def empty_queue(world: World) -> None:
    world.sql("UPDATE mails SET sent_at = at")


def test_a_mail_is_sent_once_and_its_text_is_not_kept(both: World) -> None:
    empty_queue(both)
    both.handed_in()
    post = FakePost()
    assert send_due(both.academy, post) == len(post.mails) == 4
    assert all("/sign-in/" in mail.body for mail in post.mails)
    assert send_due(both.academy, post) == 0
    sent = {mail.id for mail in post.mails}
    assert {row["body"] for row in both.rows("mails") if row["id"] in sent} == {""}


def test_a_mail_that_is_not_taken_comes_again_later_and_ever_more_seldom(world: World) -> None:
    empty_queue(world)
    world.handed_in(witnesses=())
    post = FakePost(takes=False)
    waits = []
    for _ in range(60):
        assert send_due(world.academy, post) == 0
        row = next(row for row in world.rows("mails") if row["sent_at"] is None)
        due = START.fromisoformat(row["due_at"])
        waits.append(due - world.clock.now)
        world.clock.now = due
    assert waits[:3] == [timedelta(minutes=minutes) for minutes in (5, 10, 20)]
    assert waits[-1] == timedelta(hours=12)
    post.takes = True
    assert send_due(world.academy, post) == 2


def test_without_a_mail_server_mails_wait(world: World) -> None:
    empty_queue(world)
    world.handed_in()
    assert send_due(world.academy, keep_waiting) == 0
    assert sum(row["sent_at"] is None for row in world.rows("mails")) == 4


def test_nobody_gets_more_than_three_mails_about_a_decision(world: World) -> None:
    empty_queue(world)
    before = {row["id"] for row in world.rows("mails")}
    asked = world.evaluated(mode="async")
    for _ in range(4):
        world.clock.pass_days(1)
        applications.reopen(world.academy, by=world["asha"], id_=asked.application)
        applications.submit(world.academy, by=world["asha"], id_=asked.application)
        for name in ("chiara", "dev", "eli"):
            applications.see_evidence(world.academy, by=world[name], id_=asked.application)
        PENS.read_feedback(world.academy, by=world["asha"], id_=asked.application)
    rows = [row for row in world.rows("mails") if row["id"] not in before and asked.process in row["topic"]]
    counts = [sum(row["recipient"] == address for row in rows) for address in {row["recipient"] for row in rows}]
    assert counts
    assert max(counts) <= 3
    assert not any(name in row["subject"] for row in rows for name in ("Asha", "Dev", "consent"))


def test_a_mail_reaches_a_real_server(world: World) -> None:
    with smtp_server() as server:
        transport = parse_smtp_url(f"smtp://me:s%40crt@127.0.0.1:{server.port}", sender="academy@academy.example")
        transport(Mail(id=1, recipient="asha@demo.example", subject="Your circle", body="Grüße\n.\nlast line\n"))
    message = email.message_from_bytes(server.messages[0].encode())
    assert (message["To"], message["From"]) == ("asha@demo.example", "academy@academy.example")
    assert (message["Subject"], message["Auto-Submitted"]) == ("Your circle", "auto-generated")
    assert message["Date"]
    assert any(line.startswith("AUTH PLAIN") for line in server.heard)
    payload = message.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert "Grüße" in payload.decode()
    assert "s@crt" not in repr(transport)


def test_a_server_that_does_not_take_a_mail_now_is_tried_again(capsys: pytest.CaptureFixture[str]) -> None:
    mail = Mail(id=7, recipient="asha@demo.example", subject="s", body="secret link")
    with smtp_server(refuses=True) as server:
        transport = parse_smtp_url(f"smtp://127.0.0.1:{server.port}", sender="academy@academy.example")
        with pytest.raises(UndeliveredError):
            transport(mail)
    with pytest.raises(UndeliveredError):
        transport(mail)  # nobody listens any more
    said = capsys.readouterr().err
    assert said.count("mail 7") == 2
    assert "secret" not in said


@pytest.mark.parametrize(
    "text", ["", "mail.example", "http://mail.example", "smtp://", "smtp://x:port", "smtp://["]
)
def test_an_address_that_is_no_mail_server_is_named(text: str) -> None:
    with pytest.raises(MailSettingsError, match="SMTP_URL"):
        parse_smtp_url(text, sender="a@b.example")


def test_the_fake_clock_stands_still() -> None:
    clock = FakeClock()
    assert clock() == clock()
