"""`academy keys`: which keys sign badges, and new ones in their place."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from issuer.cli.arguments import Parser, Say
from issuer.cli.settings import Settings
from issuer.service.academy import Academy
from issuer.store.keyring import Keyring, open_keyring, rotate_keys


def keys(arguments: Sequence[str], *, settings: Settings, open_: Callable[[Settings], Academy], say: Say) -> int:
    """Show the keys, or make new ones and retire those in use; raises KeyFileError."""
    parser = Parser(prog="academy keys", description="Show the keys that sign badges, or make new ones.")
    parser.add_argument("action", choices=("show", "rotate"))
    parser.add_argument("--json", action="store_true", help="print for a program")
    chosen = parser.parse_args(arguments)
    academy = open_(settings)
    keyring = academy.keyring
    if chosen.action == "rotate":
        folder, now = settings.data_dir / "keys", academy.clock()
        rotate_keys(folder, base_url=academy.base_url, passphrase=settings.passphrase, now=now)
        keyring = open_keyring(folder, base_url=academy.base_url, passphrase=settings.passphrase, now=now)
    _show(keyring, as_json=chosen.json, say=say)
    return 0


def _show(keyring: Keyring, *, as_json: bool, say: Say) -> None:
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
