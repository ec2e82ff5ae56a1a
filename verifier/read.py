"""From bytes to something that can be checked: JSON, JWT, PNG or SVG, told apart by what they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from schemas import (
    Baked,
    CompactJWS,
    DocumentError,
    LimitError,
    ParsingError,
    RereadError,
    credential_from_payload,
    extract_png,
    extract_svg,
    looks_like_jws,
    parse_compact_jws,
    parse_json,
    sniff,
)
from verifier.envelope import is_enveloped, open_envelope

MAX_BYTES = 10_000_000
Container = Literal["json", "jwt", "png", "svg"]
# How a JWT holds its credential: vcdm1 in the claim `vc`, vcdm2 as the payload with the claims of Open Badges,
# jose as the payload alone (VC-JOSE-COSE 1.0, media type vc+jwt).
Form = Literal["vcdm2", "vcdm1", "jose"]
_OLDER_CONTEXTS = (
    "https://w3id.org/openbadges/",
    "https://openbadgespec.org/",
    "https://purl.imsglobal.org/spec/ob/v2p",
)
_VERIFYING = frozenset({"verify", "verification"})
# How a web page begins, after what may stand before it.
_WEB_PAGE = re.compile(
    rb"(\xef\xbb\xbf)?\s*+(<\?xml[^>]*>\s*+)?(?>(<!--.*?-->\s*+)*)<(!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_BEGINNING = 4000  # bytes to look for it in
# What a credential says of itself: a reader of version 2.0 would look for it beside the claim `vc`.
_MEMBERS = frozenset(
    {
        "credentialSchema",
        "credentialStatus",
        "expirationDate",
        "id",
        "issuanceDate",
        "issuer",
        "proof",
        "refreshService",
        "termsOfUse",
        "type",
        "validFrom",
        "validUntil",
    }
)
_JOSE_TYPES = frozenset({"vc+jwt", "vc+ld+jwt", "vc-ld+jwt"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """A badge as it was handed in, taken apart but not believed.

    `document` is the credential; `jws` the signature around it where it came as a JWT. `problem` is set, and
    the document empty, when the bytes cannot be read.
    """

    document: Mapping[str, Any]
    container: Container = "json"
    jws: CompactJWS | None = None
    form: Form = "vcdm2"
    warnings: tuple[str, ...] = ()
    problem: DocumentError | None = None
    several: bool = False  # the image carries other badges as well
    own_words: tuple[tuple[str, str], ...] = ()  # what the image says of itself
    open_badges_2: bool = False


def read_badge(data: bytes) -> Presented:
    """Read a badge from its bytes; never raises, an unreadable one carries its problem."""
    container: Container = "json"
    try:
        if len(data) > MAX_BYTES:
            raise LimitError(f"the file is larger than {MAX_BYTES:,} bytes")
        if _WEB_PAGE.match(data[:_BEGINNING]):
            raise ParsingError("this is a web page, not a badge; give the badge's own link, file or image")
        match sniff(data):
            case "png" | "svg" as image:
                container = image
                baked = extract_png(data) if image == "png" else extract_svg(data)
            case _:
                baked = Baked(text=_decode(data))
        presented = _read_text(baked.text.strip(), container=container, warnings=baked.warnings)
        return replace(presented, several=baked.several, own_words=baked.own_words)
    except DocumentError as error:
        return Presented(document={}, container=container, problem=error)


def _read_text(text: str, *, container: Container, warnings: tuple[str, ...]) -> Presented:
    if looks_like_jws(text):
        return _from_jwt(text, container="jwt" if container == "json" else container, warnings=warnings)
    if not text.startswith(("{", "[")):
        raise ParsingError("this is neither JSON, nor a JWT, nor a PNG or SVG image with a badge in it")
    return read_document(parse_json(text), container=container, warnings=warnings)


def read_document(value: Any, *, container: Container = "json", warnings: tuple[str, ...] = ()) -> Presented:
    """Read a badge that is a JSON value already."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict):
        problem = ParsingError("a badge is one JSON object")
        return Presented(document={}, container=container, problem=problem)
    if is_enveloped(value, "EnvelopedVerifiableCredential"):
        return _from_envelope(value)
    return Presented(
        document=value, container=container, warnings=warnings, open_badges_2=_is_open_badges_2(value)
    )


def _from_envelope(value: Mapping[str, Any]) -> Presented:
    """Read VCDM 2.0's EnvelopedVerifiableCredential, whose id is a data URL with the JWT."""
    try:
        envelope = open_envelope(value, "EnvelopedVerifiableCredential")
        return _from_jwt(envelope.jwt, container="jwt", warnings=envelope.warnings, media_type=envelope.media_type)
    except DocumentError as error:
        return Presented(document={}, container="jwt", problem=error)


def _from_jwt(text: str, *, container: Container, warnings: tuple[str, ...], media_type: str = "jwt") -> Presented:
    jws = parse_compact_jws(text)
    if _is_open_badges_2(jws.payload):
        return Presented(document=jws.payload, container=container, jws=jws, warnings=warnings, open_badges_2=True)
    document, form = credential_from_payload(jws.payload)
    if form == "vcdm1" and (stray := _MEMBERS & jws.payload.keys()):
        raise RereadError(
            f"the JWT has a member {min(stray)!r} beside its claim vc, where another program would read it",
            pointer=f"/{min(stray)}",
        )
    is_jose = jose_type(jws.header, media_type) in _JOSE_TYPES
    return Presented(
        document=document,
        container=container,
        jws=jws,
        form="jose" if is_jose else form,
        warnings=warnings,
    )


def jose_type(header: Mapping[str, Any], media_type: str) -> str:
    """Return what a JWT says it is: its header `typ` without "application/", or else the media type around it."""
    named = header.get("typ", media_type)
    return named.lower().removeprefix("application/") if isinstance(named, str) else ""


def _is_open_badges_2(document: Mapping[str, Any]) -> bool:
    """Say whether it is an assertion of Open Badges 1 or 2, by its context or, where it has none, its members."""
    contexts = document.get("@context")
    entries = contexts if isinstance(contexts, list) else [contexts]
    if any(isinstance(c, str) and c.startswith(_OLDER_CONTEXTS) for c in entries):
        return True
    return contexts is None and {"badge", "recipient"} <= document.keys() and bool(_VERIFYING & document.keys())


def _decode(data: bytes) -> str:
    if data.startswith(b"%PDF-"):
        raise ParsingError(
            "this is a PDF, and a certificate on paper holds no badge; give the web address that is printed on it,"
            " or the badge's own file"
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ParsingError(f"the file is not text in UTF-8: byte {error.start} cannot be read") from error
    if text.startswith("\ufeff"):
        raise ParsingError("the text begins with a byte order mark, which JSON does not have; save it without")
    return text
