"""Enveloped credentials and presentations: a JWT inside a data URL (VCDM 2.0, sections 4.13.2 and 4.13.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from schemas import CREDENTIALS_V2, MalformedValueError, ParsingError

Kind = Literal["EnvelopedVerifiableCredential", "EnvelopedVerifiablePresentation"]
# The media types of each kind; the older names of the drafts are read, too.
_MEDIA_TYPES: Mapping[Kind, tuple[str, ...]] = MappingProxyType(
    {
        "EnvelopedVerifiableCredential": ("vc+jwt", "jwt", "vc+ld+jwt", "vc-ld+jwt"),
        "EnvelopedVerifiablePresentation": ("vp+jwt", "jwt", "vp+ld+jwt", "vp-ld+jwt"),
    }
)
# Forms of the specifications that are not read here: nothing is said about what is in them.
_NOT_READ = ("sd-jwt", "cose", "mdoc")
_MEMBERS = frozenset({"@context", "id", "type"})
_LONGEST_MEDIA_TYPE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """The JWT of an envelope, the media type that it is said to have, and what was odd."""

    jwt: str
    media_type: str
    warnings: tuple[str, ...] = ()


def is_enveloped(value: Mapping[str, Any], kind: Kind) -> bool:
    """Say whether an object calls itself an envelope of that kind."""
    types = value.get("type")
    return kind in (types if isinstance(types, list) else [types])


def open_envelope(value: Mapping[str, Any], kind: Kind) -> Envelope:
    """Return what is inside; raise MalformedValueError or ParsingError for an envelope that is none."""
    types = value.get("type")
    if types not in (kind, [kind]):
        raise MalformedValueError(f"an envelope is nothing but of the type {kind}", pointer="/type")
    contexts = value.get("@context")
    first = contexts[0] if isinstance(contexts, list) and contexts else contexts
    if first != CREDENTIALS_V2:
        raise MalformedValueError("the envelope does not name the context of credentials 2.0", pointer="/@context")
    name = value.get("id")
    head, comma, text = name.partition(",") if isinstance(name, str) else ("", "", "")
    scheme, _, media_type = head[:_LONGEST_MEDIA_TYPE].partition(":")
    media_type = media_type.lower().removeprefix("application/")
    if not comma or scheme.lower() != "data":
        raise ParsingError("the envelope holds nothing: its id is not a data URL", pointer="/id")
    if any(word in media_type for word in _NOT_READ):
        raise ParsingError(
            "credentials in this kind of envelope are not read here", pointer="/id", code="UNSUPPORTED"
        )
    if media_type not in _MEDIA_TYPES[kind]:
        raise ParsingError(
            f"the envelope's content is not a JWT of the type {_MEDIA_TYPES[kind][0]}", pointer="/id"
        )
    stray = value.keys() - _MEMBERS
    odd = ("around the signed part stands something that nobody signed; it was not read",) if stray else ()
    return Envelope(jwt=text, media_type=media_type, warnings=odd)
