"""What we ask a device for, and the check of what it sends: WebAuthn Level 2, sections 7.1 and 7.2.

The one module that knows the library; it is loaded when a device has answered.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, TypeVar
from urllib.parse import urlsplit

from issuer.errors import RefusedError
from issuer.service.academy import Academy
from issuer.service.passkeys.challenges import LASTS
from issuer.store.passkeys import PasskeyRow
from keys import KeysError, decode_base64url, encode_base64url
from schemas import DocumentError, parse_json

_LOG = logging.getLogger(__name__)
R = TypeVar("R")
# ES256 and RS256, which every platform has. Not EdDSA: the library checks it with OpenSSL, which takes weak keys.
_ALGORITHMS = (-7, -257)
_ATTESTATIONS = frozenset({"none", "packed"})  # what browsers hand over where none is asked for
_PORTS = {"https": ":443", "http": ":80"}
_MAX_CREDENTIAL = 1364  # letters of base64url for 1,023 bytes (WebAuthn Level 2, section 4, credential ID)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPasskey:
    """A passkey that a device has just made."""

    credential: str
    public_key: bytes
    sign_count: int


def rp_id(academy: Academy) -> str | None:
    """Return the name that passkeys are made for: the full host of the Academy's address.

    None where browsers make none: the host is a number, or the address is not https (but for localhost).
    """
    parts = urlsplit(academy.base_url)
    host = parts.hostname or ""
    try:
        ip_address(host)
    except ValueError:
        local = host == "localhost" or host.endswith(".localhost")
        return host if parts.scheme == "https" or local else None
    return None


def demand_rp_id(academy: Academy) -> str:
    """Return the name that passkeys are made for; raise RefusedError where browsers make none."""
    host = rp_id(academy)
    if host is None:
        raise RefusedError(
            "Passkeys do not work at this address.",
            rule="passkey",
            remedy="Sign in by a mailed link. Passkeys need an https address with a name, or http://localhost.",
        )
    return host


def creation_options(
    academy: Academy, *, challenge: bytes, member: str, name: str, email: str, known: Iterable[str]
) -> dict[str, Any]:
    """Return what a browser needs to make a passkey (PublicKeyCredentialCreationOptionsJSON)."""
    return {
        "rp": {"id": demand_rp_id(academy), "name": academy.name},
        "user": {"id": _text(member.encode("ascii")), "name": email, "displayName": name},
        "challenge": _text(challenge),
        "pubKeyCredParams": [{"type": "public-key", "alg": algorithm} for algorithm in _ALGORITHMS],
        "timeout": _timeout(),
        "excludeCredentials": _descriptors(known),
        "authenticatorSelection": {"residentKey": "required", "userVerification": "required"},
        "attestation": "none",
    }


def request_options(academy: Academy, *, challenge: bytes, known: Iterable[str] = ()) -> dict[str, Any]:
    """Return what a browser needs to use a passkey (PublicKeyCredentialRequestOptionsJSON)."""
    return {
        "rpId": demand_rp_id(academy),
        "challenge": _text(challenge),
        "timeout": _timeout(),
        "allowCredentials": _descriptors(known),
        "userVerification": "required",
    }


def challenge_in(credential: Any) -> bytes:
    """Return the challenge that a device says it answered. Raises RefusedError for what no browser sends."""
    try:
        data = parse_json(decode_base64url(credential["response"]["clientDataJSON"]))
        if data.get("crossOrigin") or "topOrigin" in data:
            raise refused("This was asked for from inside a page of somebody else.")
        return decode_base64url(data["challenge"])
    except (KeysError, DocumentError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise refused() from error


def read_new(academy: Academy, credential: Any, *, challenge: bytes) -> NewPasskey:
    """Check a passkey that was just made. Raises RefusedError."""

    def check() -> NewPasskey:
        from webauthn import verify_registration_response
        from webauthn.helpers import parse_attestation_object
        from webauthn.helpers.cose import COSEAlgorithmIdentifier

        attested = parse_attestation_object(decode_base64url(credential["response"]["attestationObject"]))
        if attested.fmt not in _ATTESTATIONS or attested.att_stmt.x5c:
            raise refused()
        found = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=demand_rp_id(academy),
            expected_origin=_origin(academy),
            require_user_verification=True,
            supported_pub_key_algs=[COSEAlgorithmIdentifier(algorithm) for algorithm in _ALGORITHMS],
        )
        return NewPasskey(
            credential=_text(found.credential_id),
            public_key=found.credential_public_key,
            sign_count=found.sign_count,
        )

    new = _checked(check)
    if len(new.credential) > _MAX_CREDENTIAL or new.credential != credential["id"]:
        raise refused()
    return new


def read_use(academy: Academy, credential: Any, *, challenge: bytes, row: PasskeyRow) -> int:
    """Check a use of a passkey; return how often its device says it was used. Raises RefusedError."""

    def check() -> int:
        from webauthn import verify_authentication_response

        found = verify_authentication_response(  # it compares rawId with the id that the row was found by
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=demand_rp_id(academy),
            expected_origin=_origin(academy),
            credential_public_key=row.public_key,
            credential_current_sign_count=0,  # compared below, with a sentence of its own
            require_user_verification=True,
        )
        return found.new_sign_count

    count = _checked(check)
    if (count or row.sign_count) and count <= row.sign_count:
        _LOG.warning(
            "passkey %s counts %d after %d: its device may have been copied", row.id, count, row.sign_count
        )
        raise RefusedError(
            "Your device counts fewer uses of this passkey than we do, so there may be a copy of it.",
            rule="passkey",
            remedy="Sign in by a mailed link, remove this passkey, and add a new one.",
        )
    return count


def owner_in(credential: Any) -> str | None:
    """Return the member whom a device says it is for, None when it does not say."""
    try:
        handle = credential["response"].get("userHandle")
        return decode_base64url(handle).decode("ascii") if handle else None
    except (KeysError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise refused() from error


def kept_assertion(credential: Any, *, public_key: bytes) -> dict[str, str]:
    """Return what proves later that a passkey signed: the device's bytes, and the key that they check with."""
    parts = {
        name: str(credential["response"][name]) for name in ("authenticatorData", "clientDataJSON", "signature")
    }
    return {"id": str(credential["id"]), "publicKey": _text(public_key), **parts}


def refused(message: str = "This passkey could not be used here.") -> RefusedError:
    """Return the refusal of what a device sent."""
    return RefusedError(message, rule="passkey", remedy="Try it again, or sign in by a mailed link.")


def _checked(check: Callable[[], R]) -> R:
    try:
        return check()
    except RefusedError:
        raise
    except Exception as error:  # for bytes of strangers the library raises whatever its parsers raise
        _LOG.info("a device's answer was refused: %s", error)
        raise refused() from error


def _origin(academy: Academy) -> str:
    parts = urlsplit(academy.base_url)
    return academy.base_url.removesuffix(_PORTS.get(parts.scheme, ""))


def _descriptors(known: Iterable[str]) -> list[Mapping[str, str]]:
    return [{"type": "public-key", "id": credential} for credential in known]


def _timeout() -> int:
    return int(LASTS.total_seconds() * 1000)


def _text(data: bytes) -> str:
    return encode_base64url(data)
