"""Keys for one run: a did:key of each kind that the suites ask for, never written anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from keys import LocalSigner, did_key, did_key_method, generate_private_key, local_signer, public_key_of

Kind = Literal["Ed25519", "P-256", "P-384"]
# How the manifest calls them.
KINDS: Mapping[str, Kind] = MappingProxyType({"ed25519": "Ed25519", "p256": "P-256", "p384": "P-384"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ThrowAwayKeys:
    """One signer for each kind of key; its verification method is the did:key's own."""

    signers: Mapping[Kind, LocalSigner]

    @classmethod
    def generate(cls) -> ThrowAwayKeys:
        """Make new keys."""
        return cls(signers=MappingProxyType({kind: _new_signer(kind) for kind in KINDS.values()}))

    def did(self, kind: Kind) -> str:
        """Return the DID of the key of that kind."""
        return did_key(self.signers[kind].public_key)

    def manifest(self) -> dict[str, str]:
        """Return the DIDs, by their names in the manifest."""
        return {name: self.did(kind) for name, kind in KINDS.items()}


def _new_signer(kind: Kind) -> LocalSigner:
    key = generate_private_key(kind)
    return local_signer(key, verification_method=did_key_method(public_key_of(key)))
