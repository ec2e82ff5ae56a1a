"""Opening an academy: its database in the newest shape, its keys, and what is frozen at the first start."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError, OperationalError

from issuer.errors import AcademyError
from issuer.service.academy import Academy, Work, use_case
from issuer.store.engine import migrate, open_engine
from issuer.store.keyring import open_keyring
from issuer.store.log import AcademyLog, Post, no_network, open_log
from schemas import DocumentError
from schemas.tlog import Policy, parse_policy

_FROZEN = "base_url"
_KEYS = "keys"


class SettingsError(AcademyError):
    """The service cannot start with these settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcademySettings:
    """Where an academy's rows, keys and log are, and how it is called.

    Where the log's places are not given they are beside the keys: `log` (what everybody reads), `log-key`, `head`.
    """

    database_url: str
    keys: Path
    base_url: str
    name: str
    email: str | None = None
    passphrase: str | None = field(default=None, repr=False)
    dev: bool = False
    log: Path | None = None
    log_keys: Path | None = None
    log_head: Path | None = None
    log_policy: Path | None = None  # a C2SP tlog-policy file; without one no witness is asked
    post: Post = field(default=no_network, repr=False)  # how witnesses are asked


def open_academy(settings: AcademySettings, *, clock: Callable[[], datetime]) -> Academy:
    """Return the academy; raise SettingsError or KeyFileError when it cannot be as the settings say."""
    base_url = check_base_url(settings.base_url, dev=settings.dev)
    engine = _open_database(settings.database_url)
    academy = Academy(
        engine=engine,
        keyring=open_keyring(settings.keys, base_url=base_url, passphrase=settings.passphrase, now=clock()),
        log=log_of(settings),
        base_url=base_url,
        name=settings.name,
        email=settings.email,
        clock=clock,
        random_bytes=secrets.token_bytes,
        dev=settings.dev,
    )
    try:
        _freeze(academy)
    except AcademyError:
        engine.dispose()
        raise
    return academy


def log_of(settings: AcademySettings) -> AcademyLog:
    """Return the log as the settings name it; raise SettingsError for a policy file that cannot be used."""
    beside = settings.keys.parent
    return open_log(
        base_url=settings.base_url.rstrip("/"),
        files=settings.log or beside / "log",
        keys=settings.log_keys or beside / "log-key",
        heads=settings.log_head or beside / "head",
        passphrase=settings.passphrase,
        policy=_log_policy(settings.log_policy) if settings.log_policy else None,
        post=settings.post,
    )


def _log_policy(path: Path) -> Policy:
    try:
        return parse_policy(path.read_bytes())
    except OSError as error:
        raise SettingsError(f"LOG_POLICY {path} cannot be read: {error.strerror}") from error
    except DocumentError as error:
        raise SettingsError(f"LOG_POLICY {path} cannot be used: {error.message}") from error


def _open_database(url: str) -> Engine:
    if not url.startswith(("sqlite:", "postgresql:")):
        raise SettingsError("DATABASE_URL begins with postgresql:// or sqlite:///")
    try:
        engine = open_engine(url)
        migrate(engine)
    except ArgumentError as error:
        raise SettingsError("DATABASE_URL is not an address such as postgresql://user@host/name") from error
    except OperationalError as error:
        raise SettingsError(f"the database cannot be opened: {error.orig}") from error
    return engine


def check_base_url(text: str, *, dev: bool) -> str:
    """Return the origin that stands in every badge; raise SettingsError for anything else than an origin."""
    base_url = text.rstrip("/")
    try:
        parts = urlsplit(base_url)
        origin = f"{parts.scheme}://{parts.netloc}"
    except ValueError as error:
        raise SettingsError(f"BASE_URL {text!r} is not a web address") from error
    if base_url != origin or not parts.hostname or parts.username is not None or base_url != base_url.lower():
        raise SettingsError(f"BASE_URL is an origin such as https://academy.example, not {text!r}")
    if parts.scheme != "https" and not (dev and parts.scheme == "http"):
        raise SettingsError(
            f"BASE_URL {text!r} does not begin with https://; for trying out on this machine set ACADEMY_DEV=1"
        )
    return base_url


@use_case
def _freeze(work: Work) -> None:
    """Keep the origin of the first start: it is in every badge, and another one would break them all."""
    value = work.academy.base_url
    found = work.unit.cases.setting(_FROZEN)
    if found is None:
        work.unit.cases.freeze_setting(_FROZEN, value)
    elif found != value:
        raise SettingsError(
            f"this academy began as {found}, which is in every badge; BASE_URL is {value} now. Set it back, or"
            " begin a new academy with another database."
        )
    _check_keys(work)


def _check_keys(work: Work) -> None:
    """Refuse keys that do not belong to this database: strangers would be told others than those that signed."""
    key = work.academy.keyring.journal_key
    value = hmac.digest(key, b"academy-badges/settings/v1", hashlib.sha256).hex()
    found = work.unit.cases.setting(_KEYS)
    if found is None:
        work.unit.cases.freeze_setting(_KEYS, value)
    elif not hmac.compare_digest(found.encode(), value.encode()):
        raise SettingsError(
            "these keys are not the ones that this database began with. Bring its folder of keys back from where"
            " you keep copies, or begin a new academy with another database."
        )
