"""From a request's credential to a secured one: check that it conforms, then secure it as its endpoint does."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from issuer.conformance.keys import Kind, ThrowAwayKeys
from issuer.conformance.requests import RequestError
from keys import LocalSigner, generate_private_key
from schemas import (
    CREDENTIALS_V1,
    CREDENTIALS_V2,
    DATA_INTEGRITY_V2,
    ED25519_2020,
    ContextSet,
    DocumentError,
    add_proof,
    add_sd_base_proof,
    check_contexts,
    credential_faults,
    derive_sd_proof,
    proofs_of,
    sign_jose,
    to_quads,
)

# What a test suite may use beyond the pinned contexts: the specifications' examples, definitions of its own.
SUITE_CONTEXTS = ContextSet(examples=True, inline=True)
JWT = "vc-jwt"
SELECTIVE = "ecdsa-sd-2023"
LEGACY = "Ed25519Signature2020"
STATUS_V1 = "https://www.w3.org/ns/credentials/status/v1"
_BASES = (CREDENTIALS_V2, CREDENTIALS_V1)
_SUFFIXES: Mapping[Kind, str] = MappingProxyType({"P-256": "p256", "P-384": "p384"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """How an issuing endpoint secures a credential; `with_status` lets it add a status entry first.

    Where several kinds of keys will do, the one whose DID is the credential's issuer signs, else the first.
    """

    method: str
    kinds: tuple[Kind, ...]
    with_status: bool = False


def _endpoints() -> Mapping[str, Endpoint]:
    edwards = ("eddsa-rdfc-2022", "eddsa-jcs-2022", LEGACY)
    found = {name: Endpoint(method=name, kinds=("Ed25519",)) for name in edwards}
    found["eddsa-rdfc-2022-status"] = Endpoint(method="eddsa-rdfc-2022", kinds=("Ed25519",), with_status=True)
    for name in ("ecdsa-rdfc-2019", "ecdsa-jcs-2019"):
        found[name] = Endpoint(method=name, kinds=("P-256", "P-384"))
    found[SELECTIVE] = Endpoint(method=SELECTIVE, kinds=("P-256",))
    found[JWT] = Endpoint(method=JWT, kinds=("P-256", "P-384", "Ed25519"))
    for name, endpoint in list(found.items()):
        for kind in set(endpoint.kinds) & _SUFFIXES.keys():
            found[f"{name}-{_SUFFIXES[kind]}"] = Endpoint(method=endpoint.method, kinds=(kind,))
    return MappingProxyType(found)


ENDPOINTS = _endpoints()
DEFAULT = ENDPOINTS["eddsa-rdfc-2022"]


def issue(
    credential: dict[str, Any],
    *,
    endpoint: Endpoint,
    keys: ThrowAwayKeys,
    now: datetime,
    mandatory_pointers: Sequence[str] = (),
    status_entry: Callable[[], dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """Return the secured credential; raise RequestError for one that does not conform to the data model."""
    unsecured = credential
    if endpoint.method != JWT:
        unsecured = _with_proof_context(unsecured, method=endpoint.method)
    if endpoint.with_status and status_entry is not None:
        unsecured = _with_status(unsecured, status_entry)
    try:
        _check(unsecured)
        _check_proofs(unsecured, endpoint=endpoint)
        return _secure(unsecured, endpoint=endpoint, keys=keys, now=now, mandatory_pointers=mandatory_pointers)
    except DocumentError as error:
        raise RequestError.of(error, prefix="/credential") from error


def derive(document: dict[str, Any], *, selective_pointers: Sequence[str]) -> dict[str, Any]:
    """Return the part of a credential with an ecdsa-sd-2023 base proof that its holder shows."""
    try:
        return derive_sd_proof(document, selective_pointers=selective_pointers, contexts=SUITE_CONTEXTS)
    except DocumentError as error:
        raise RequestError.of(error, prefix="/verifiableCredential") from error


def _with_proof_context(credential: dict[str, Any], *, method: str) -> dict[str, Any]:
    """Add the context that defines the proof's words, where the credential's own first context does not."""
    contexts = credential.get("@context")
    if not isinstance(contexts, list) or not contexts:
        return credential
    needed = ED25519_2020 if method == LEGACY else DATA_INTEGRITY_V2
    defined = needed in contexts or (contexts[0] == CREDENTIALS_V2 and method != LEGACY)
    return credential if defined else {**credential, "@context": [*contexts, needed]}


def _with_status(credential: dict[str, Any], status_entry: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    found = credential.get("credentialStatus", [])
    entries = found if isinstance(found, list) else [found]
    contexts = credential.get("@context")
    if isinstance(contexts, list) and contexts[:1] == [CREDENTIALS_V1] and STATUS_V1 not in contexts:
        contexts = [*contexts, STATUS_V1]  # the first context of 1.1 does not define the entry's words
    status = [*entries, status_entry()] if entries else status_entry()
    return {**credential, "@context": contexts, "credentialStatus": status}


def _check(credential: dict[str, Any]) -> None:
    """Raise unless a credential conforms, whatever secures it."""
    contexts = credential.get("@context")
    if not isinstance(contexts, list) or not contexts or contexts[0] not in _BASES:
        raise RequestError(
            "The first entry of @context must be that of Verifiable Credentials.", pointer="/credential/@context"
        )
    if not isinstance(credential.get("type"), list):
        raise RequestError("The member type must be a list of texts.", pointer="/credential/type")
    for fault in credential_faults(credential):
        raise RequestError(fault.message, code="MALFORMED_VALUE_ERROR", pointer=f"/credential{fault.pointer}")
    check_contexts(credential, contexts=SUITE_CONTEXTS)
    unsecured = {name: value for name, value in credential.items() if name != "proof"}
    to_quads(unsecured, contexts=SUITE_CONTEXTS)


def _check_proofs(credential: dict[str, Any], *, endpoint: Endpoint) -> None:
    """Raise unless proofs that are there already can stand beside one more."""
    proofs = proofs_of(credential)
    if proofs and endpoint.method == JWT:
        raise RequestError("The credential is secured already.", pointer="/credential/proof")
    for proof in proofs:
        if not isinstance(proof.get("type"), str) or not isinstance(proof.get("proofValue"), str):
            raise RequestError("A proof has no type or no value.", pointer="/credential/proof")


def _signer_for(credential: Mapping[str, Any], *, endpoint: Endpoint, keys: ThrowAwayKeys) -> LocalSigner:
    issuer = credential["issuer"]
    name = issuer["id"] if isinstance(issuer, Mapping) else issuer
    chosen = next((kind for kind in endpoint.kinds if keys.did(kind) == name), endpoint.kinds[0])
    return keys.signers[chosen]


def _secure(
    credential: dict[str, Any],
    *,
    endpoint: Endpoint,
    keys: ThrowAwayKeys,
    now: datetime,
    mandatory_pointers: Sequence[str],
) -> dict[str, Any]:
    signer = _signer_for(credential, endpoint=endpoint, keys=keys)
    if endpoint.method == JWT:
        token = sign_jose(credential, signer=signer)
        return {
            "@context": CREDENTIALS_V2,
            "type": "EnvelopedVerifiableCredential",
            "id": f"data:application/vc+jwt,{token}",
        }
    if endpoint.method == SELECTIVE:
        return add_sd_base_proof(
            credential,
            signer=signer,
            created=now,
            mandatory_pointers=mandatory_pointers,
            hmac_key=secrets.token_bytes(32),
            ephemeral_key=generate_private_key("P-256"),
            contexts=SUITE_CONTEXTS,
        )
    return add_proof(credential, signer=signer, cryptosuite=endpoint.method, created=now, contexts=SUITE_CONTEXTS)
