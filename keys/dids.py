"""did:key and did:web identifiers: text to value and back.

Sources: DID Core 1.0 section 3.1; did:key v0.9; did:web (identifier to URL, section 3.2).
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from keys.errors import InvalidDIDError, InvalidKeyError, UnsupportedDIDMethodError, UnsupportedKeyError
from keys.public import PublicKey, parse_multikey, to_multikey

MAX_DID = 2048
_LETTER = r"(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})"
_DID = re.compile(rf"did:(?P<method>[a-z0-9]+):(?:{_LETTER}*:)*{_LETTER}+")
# The last label of a DNS name begins with a letter; with a digit it is an IP address in one of its spellings.
_HOST = re.compile(r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_PORT = re.compile(r"[1-9][0-9]{0,4}")
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
    """Return the did:web identifier of an https origin, with a path where there is one.

    Raises InvalidDIDError for what no did:web stands for: another scheme, a name and password, a query.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise InvalidDIDError(f"{url[:80]!r} is not an address") from error
    path = parts.path.removesuffix("/")
    did = ":".join(["did:web", host + (f"%3A{port}" if port else ""), *path.split("/")[1:]])
    written = f"https://{parts.netloc.lower()}{path or '/.well-known'}/did.json"
    # Reading the identifier back must lead to the very address; whatever it cannot say is refused here.
    if parts.scheme != "https" or parts.query or parts.fragment or did_web_url(did) != written:
        raise InvalidDIDError(f"{url[:80]!r} is not an https address that can be a did:web")
    return did


def did_web_url(did: str) -> str:
    """Return the https URL of a did:web identifier's DID document.

    The host is a DNS name, since a number names a machine and not somebody. Path segments hold no slash, are
    not dots alone, and have no second escape under the first. Raises InvalidDIDError.
    """
    if did_method(did) != "web":
        raise UnsupportedDIDMethodError(f"{did[:80]!r} is not a did:web")
    domain, *path = did.removeprefix("did:web:").split(":")
    host, mark, port = unquote(domain).lower().partition(":")
    if not _HOST.fullmatch(host):
        raise InvalidDIDError(f"{did[:80]!r} does not name a host by its DNS name")
    if mark and not (_PORT.fullmatch(port) and int(port) <= _MAX_PORT):
        raise InvalidDIDError(f"{did[:80]!r} names an impossible port")
    if any(not _SEGMENT.fullmatch(unquote(part)) or unquote(part) in {".", ".."} for part in path):
        raise InvalidDIDError(f"{did[:80]!r} has an impossible path")
    return "/".join([f"https://{host}{mark}{port}", *(path or [".well-known"]), "did.json"])
