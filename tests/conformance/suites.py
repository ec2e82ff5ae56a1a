"""The public suites: which endpoints each one is pointed at, how many passes are the most, and what is missing.

`KNOWN_GAPS` lists every test that does not pass, with the reason: a run that fails in another place, or passes in
one that is listed, is told. The suites themselves are no part of this project.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

Endpoint = dict[str, Any]
_BOTH = {"vc": ["1.1", "2.0"]}
_SELECTIVE = "ecdsa-sd-2023"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """One suite: `maximum` is the number of passes that are possible, or as far as is known."""

    repository: str
    maximum: int


SUITES: Mapping[str, Suite] = MappingProxyType(
    {
        "vcdm2": Suite(repository="w3c/vc-data-model-2.0-test-suite", maximum=65),
        "eddsa": Suite(repository="w3c/vc-di-eddsa-test-suite", maximum=57),
        "ecdsa": Suite(repository="w3c/vc-di-ecdsa-test-suite", maximum=130),
        "bitstring": Suite(repository="w3c/vc-bitstring-status-list-test-suite", maximum=19),
        "vcapi-issuer": Suite(repository="w3c-ccg/vc-api-issuer-test-suite", maximum=13),
        "vcapi-verifier": Suite(repository="w3c-ccg/vc-api-verifier-test-suite", maximum=18),
        "did-key": Suite(repository="w3c-ccg/did-key-test-suite", maximum=15),
        "did-resolution": Suite(repository="w3c-ccg/did-resolution-mocha-test-suite", maximum=29),
        "ed25519sig2020": Suite(repository="w3c/vc-di-ed25519signature2020-test-suite", maximum=30),
    }
)

# Suite, then the full title of a test, then why it does not pass.
KNOWN_GAPS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "ed25519sig2020": {
            "Ed25519Signature2020 (verify) Ed25519Signature2020 (verifier) Academy Badges "
            "MUST verify a valid VC with an Ed25519Signature2020 proof": (
                "The sample says that one did:key issued it, and another did:key signed it. A good signature of "
                "somebody else is what a forger has: whose key it is counts here for every issuer that is a DID."
            ),
        },
    }
)


def local_config(suite: str, *, url: str, manifest: Mapping[str, str]) -> dict[str, Any]:
    """Return what a suite reads as its localConfig: ours is the one implementation, at `url`."""
    own: dict[str, Any] = {"name": "Academy Badges", "implementation": "Academy Badges"}
    own |= _endpoints(suite, url=url, manifest=manifest)
    implementations = [own]
    if suite == "ecdsa":  # the suite looks for its holder under this name
        holder = {"id": manifest["p256"], "endpoint": f"{url}/credentials/derive", "tags": ["vcHolder"]}
        holders = {"name": "Digital Bazaar", "implementation": "Academy Badges", "vcHolders": [holder]}
        implementations.append(holders)
    return {
        "settings": {"enableInteropTests": False, "testAllImplementations": False},
        "implementations": implementations,
    }


def _endpoints(suite: str, *, url: str, manifest: Mapping[str, str]) -> dict[str, list[Endpoint]]:
    our = _Ours(url=url, manifest=manifest)
    match suite:
        case "vcdm2":
            return {
                "issuers": [our.issuer("", "ed25519", "vc2.0"), our.issuer("vc-jwt", "p256", "EnvelopingProof")],
                "verifiers": [our.verifier("vc2.0", "EnvelopingProof")],
                "vpVerifiers": [our.verifier("vc2.0", "EnvelopingProof", path="/presentations/verify")],
            }
        case "ecdsa":
            return _ecdsa(our)
        case "did-key":
            return {"didResolvers": [our.resolver("did-key")]}
        case "did-resolution":
            dids = {"valid": [{"did": manifest["ed25519"], "resolutionOptions": {}}]}
            return {"didResolvers": [our.resolver("did-resolution", supportedDids=dids)]}
    names = {
        "eddsa": {"eddsa-rdfc-2022": "eddsa-rdfc-2022", "eddsa-jcs-2022": "eddsa-jcs-2022"},
        "bitstring": {"eddsa-rdfc-2022-status": "BitstringStatusList"},
        "ed25519sig2020": {"Ed25519Signature2020": "Ed25519Signature2020"},
    }.get(suite, {"": "vc-api"})
    return {
        "issuers": [our.issuer(name, "ed25519", tag) for name, tag in names.items()],
        "verifiers": [our.verifier(tag) for tag in names.values()],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ours:
    """Our endpoints in the form that the suites read."""

    url: str
    manifest: Mapping[str, str]

    def issuer(self, name: str, key: str, *tags: str, **more: Any) -> Endpoint:
        path = f"/issuers/{name}/credentials/issue" if name else "/credentials/issue"
        return self._endpoint(path, key, tags, supports=_BOTH, **more)

    def verifier(self, *tags: str, path: str = "/credentials/verify", **more: Any) -> Endpoint:
        return self._endpoint(path, "ed25519", tags, supports=_BOTH, **more)

    def resolver(self, tag: str, **more: Any) -> Endpoint:
        return self._endpoint("/1.0/identifiers", "ed25519", (tag,), **more)

    def _endpoint(self, path: str, key: str, tags: tuple[str, ...], **more: Any) -> Endpoint:
        return {"id": self.manifest[key], "endpoint": self.url + path, "tags": list(tags), **more}


def _ecdsa(our: _Ours) -> dict[str, list[Endpoint]]:
    curves = (("p256", "P-256"), ("p384", "P-384"))
    names = ("ecdsa-rdfc-2019", "ecdsa-jcs-2019")
    issuers = [
        our.issuer(f"{name}-{key}", key, name, supportedEcdsaKeyTypes=[curve])
        for name in names
        for key, curve in curves
    ]
    issuers.append(our.issuer(_SELECTIVE, "p256", _SELECTIVE, supportedEcdsaKeyTypes=["P-256"]))
    verifiers = [our.verifier(name, supportedEcdsaKeyTypes=[curve for _, curve in curves]) for name in names]
    verifiers.append(our.verifier(_SELECTIVE, supportedEcdsaKeyTypes=["P-256"]))
    return {"issuers": issuers, "verifiers": verifiers}
