"""did:key and did:web identifiers: text to value and back.

Sources: DID Core 1.0 section 3.1; did:key v0.9; did:web (identifier to URL, section 3.2).
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, urlsplit

from keys.errors import InvalidDIDError, InvalidKeyError, UnsupportedDIDMethodError, UnsupportedKeyError
from keys.public import PublicKey, parse_multikey, to_multikey

MAX_DID = 2048
_DID = re.compile(r"did:(?P<method>[a-z0-9]+):(?P<id>[A-Za-z0-9._:%-]*[A-Za-z0-9._%-])")
_HOST = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_SEGMENT = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=@-]+")
_MAX_PORT = 65_535


def did_method(text: str) -> str:
    """Return the method of a DID without fragment, path or query; raise InvalidDIDError."""
    match = _DID.fullmatch(text) if len(text) <= MAX_DID else None
    if match is None:
        raise InvalidDIDError(f"{text[:80]!r} is not a DID")
    return match["method"]


def split_fragment(url: str) -> tuple[str, str | None]:
    """Return a DID URL's part before '#' and its fragment; None where it has none."""
    base, mark, fragment = url.partition("#")
    return base, fragment if mark else None


def did_key(key: PublicKey) -> str:
    """Return the did:key identifier of a public key."""
    return f"did:key:{to_multikey(key)}"


def did_key_method(key: PublicKey) -> str:
    """Return the URL of the one verification method that a did:key document has."""
    return f"{did_key(key)}#{to_multikey(key)}"


def parse_did_key(did: str) -> PublicKey:
    """Return the public key that a did:key identifier is."""
    if did_method(did) != "key":
        raise UnsupportedDIDMethodError(f"{did[:80]!r} is not a did:key")
    try:
        return parse_multikey(did.removeprefix("did:key:"))
    except UnsupportedKeyError:
        raise
    except InvalidKeyError as error:
        raise InvalidDIDError(f"{did[:80]!r} holds no good key: {error}") from error


def did_web(url: str) -> str:
    """Return the did:web identifier of an https origin, with a path where there is one."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise InvalidDIDError(f"{url!r} is not an https address that can be a did:web")
    host = parts.hostname + (f"%3A{parts.port}" if parts.port else "")
    did = ":".join(["did:web", host, *(quote(part) for part in parts.path.split("/") if part)])
    did_web_url(did)
    return did


def did_web_url(did: str) -> str:
    """Return the https URL of a did:web identifier's DID document.

    The host is a DNS name; path segments hold no slash, no dots alone and no escapes of their own.
    Raises InvalidDIDError.
    """
    if did_method(did) != "web":
        raise UnsupportedDIDMethodError(f"{did[:80]!r} is not a did:web")
    domain, *path = did.removeprefix("did:web:").split(":")
    host, mark, port = unquote(domain).partition(":")
    segments = [unquote(part) for part in path]
    if not _HOST.fullmatch(host.lower()) or host.replace(".", "").isdigit():
        raise InvalidDIDError(f"{did[:80]!r} does not name a host by its DNS name")
    if mark and not (port.isdecimal() and port.isascii() and 0 < int(port) <= _MAX_PORT):
        raise InvalidDIDError(f"{did[:80]!r} names an impossible port")
    if any(not _SEGMENT.fullmatch(part) or part in {".", ".."} for part in segments):
        raise InvalidDIDError(f"{did[:80]!r} has an impossible path")
    folder = "/".join(quote(part) for part in segments) if segments else ".well-known"
    return f"https://{host.lower()}{mark}{port}/{folder}/did.json"
