"""Our own public documents by their path, for the verifier beside us: it never asks itself by network."""

from __future__ import annotations

from collections.abc import Callable

from issuer.errors import NotFoundError
from issuer.rules.policy import award_policy, award_policy_digest
from issuer.service.academy import Academy
from issuer.service.badges import achievement_document, issuer_document
from issuer.service.credentials import signed_credential
from issuer.service.status import did_document, jwks, status_list
from schemas import canonicalize_json, dump_json

_SUFFIXES = (".json", ".jwt")


def own_document(academy: Academy, path: str) -> bytes | None:
    """Return what stands at one of our paths for programs, None where nothing does."""
    first, _, name = path.lstrip("/").partition("/")
    readers: dict[str, Callable[[Academy, str], str | None]] = {
        "credentials": _credential,
        "achievements": lambda academy, name: dump_json(achievement_document(academy, name=name)),
        "issuer": lambda academy, _: dump_json(issuer_document(academy)),
        "status": _status,
        "policies": lambda _academy, digest: policy_document(digest),
        ".well-known": _well_known,
    }
    read = readers.get(first)
    try:
        text = read(academy, name) if read else None
    except NotFoundError:
        return None
    return text.encode("utf-8") if text is not None else None


def policy_document(digest: str) -> str:
    """Return the award policy with a digest, as its exact bytes; raise NotFoundError for one that is not ours."""
    if digest != award_policy_digest():
        raise NotFoundError("There is no such policy.")
    return canonicalize_json(award_policy()).decode("utf-8")


def _credential(academy: Academy, name: str) -> str | None:
    id_, dot, suffix = name.partition(".")
    if dot and f".{suffix}" not in _SUFFIXES:
        return None
    signed = signed_credential(academy, id_=id_)
    return signed.jwt if suffix == "jwt" else signed.json


def _status(academy: Academy, name: str) -> str | None:
    return status_list(academy, number=int(name)) if name.isdecimal() and len(name) < 10 else None  # noqa: PLR2004 - fits a number


def _well_known(academy: Academy, name: str) -> str | None:
    documents = {"did.json": did_document, "jwks.json": jwks}
    return dump_json(documents[name](academy)) if name in documents else None
