"""What the environment says, read once and completely."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from issuer.service.opening import AcademySettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment says. Times and limits are not in here: circles decide about those."""

    data_dir: Path = Path("var")
    database_url: str = ""
    base_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    name: str = "Sociocracy Academy"
    email: str | None = None
    smtp_url: str | None = field(default=None, repr=False)
    passphrase: str | None = field(default=None, repr=False)
    policy: Path | None = None
    log: Path | None = None
    log_keys: Path | None = None
    log_head: Path | None = None
    log_policy: Path | None = None
    dev: bool = False

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Read the settings; raise ValueError with a sentence."""
        port = environ.get("PORT", "8000")
        if not port.isdecimal() or not 0 < int(port) < 65_536:  # noqa: PLR2004 - as many ports as there are
            raise ValueError(f"PORT is a number from 1 to 65535, not {port!r}")
        dev = environ.get("ACADEMY_DEV") == "1"

        def path(name: str) -> Path | None:
            value = environ.get(name)
            return Path(value) if value else None

        return cls(
            data_dir=Path(environ.get("DATA_DIR") or "var"),
            database_url=environ.get("DATABASE_URL", ""),
            base_url=environ.get("BASE_URL") or (f"http://localhost:{port}" if dev else ""),
            host=environ.get("HOST") or "127.0.0.1",
            port=int(port),
            name=environ.get("ACADEMY_NAME") or "Sociocracy Academy",
            email=environ.get("ACADEMY_EMAIL") or None,
            smtp_url=environ.get("SMTP_URL") or None,
            passphrase=environ.get("KEY_PASSPHRASE") or None,
            policy=path("ACADEMY_POLICY"),
            log=path("LOG_DIR"),
            log_keys=path("LOG_KEYS"),
            log_head=path("LOG_HEAD"),
            log_policy=path("LOG_POLICY"),
            dev=dev,
        )

    def academy(self) -> AcademySettings:
        """Return what the Academy's side needs of them; raise ValueError with a sentence."""
        from issuer.service.opening import AcademySettings

        if not self.base_url:
            raise ValueError("set BASE_URL to the address people will reach, such as https://academy.example")
        try:
            self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ValueError(f"DATA_DIR {self.data_dir} cannot be used: {error.strerror}") from error
        return AcademySettings(
            database_url=self.database_url or f"sqlite:///{self.data_dir.resolve() / 'academy.sqlite'}",
            keys=self.data_dir / "keys",
            base_url=self.base_url,
            name=self.name,
            email=self.email,
            passphrase=self.passphrase,
            dev=self.dev,
            log=self.log,
            log_keys=self.log_keys,
            log_head=self.log_head,
            log_policy=self.log_policy,
        )
