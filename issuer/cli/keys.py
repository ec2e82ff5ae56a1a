"""`academy keys`: which keys sign badges, and new ones in their place."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from issuer.store.keyring import Keyring, open_keyring, rotate_keys

Say = Callable[[str], None]


def show_keys(keyring: Keyring, *, as_json: bool, say: Say) -> None:
    """Say which keys there are, since when and until when."""
    rows: list[dict[str, Any]] = [
        {
            "id": record.id,
            "kind": record.public_key.kind,
            "added": record.added.isoformat(),
            "retired": record.retired.isoformat() if record.retired else None,
            "compromised": record.compromised.isoformat() if record.compromised else None,
        }
        for record in keyring.history
    ]
    if as_json:
        say(json.dumps({"issuer": keyring.did, "keys": rows}, indent=2))
        return
    say(f"The Academy signs as {keyring.did}")
    for row in rows:
        until = f", retired {row['retired'][:10]}" if row["retired"] else ", in use"
        say(f"  {row['kind']:8} since {row['added'][:10]}{until}\n    {row['id']}")


def rotate(
    folder: Path,
    *,
    base_url: str,
    passphrase: str | None,
    now: datetime,
    as_json: bool,
    say: Say,
) -> None:
    """Make new keys and retire those in use; raises KeyFileError."""
    rotate_keys(folder, base_url=base_url, passphrase=passphrase, now=now)
    keyring = open_keyring(folder, base_url=base_url, passphrase=passphrase, now=now)
    show_keys(keyring, as_json=as_json, say=say)
