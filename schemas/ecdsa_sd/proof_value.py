"""The two texts that stand in `proofValue`, base and derived, as values.

VC-DI ECDSA 1.0, sections 3.5.2 to 3.5.8. All sizes are checked here, once: whoever holds a BaseProof or a
DerivedProof need not look again. Section 3.5.8 gives 36 bytes as the length of the public key; its own vectors,
and the Multikey header with a compressed point, have 35.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from keys import (
    InvalidKeyError,
    PublicKey,
    decode_base64url,
    decode_multibase,
    encode_base64url,
    encode_multibase,
    parse_multikey,
    to_multikey,
)
from schemas.ecdsa_sd import cbor
from schemas.errors import LimitError, ProofError

BASE_HEADER, DERIVED_HEADER = bytes.fromhex("d95d00"), bytes.fromhex("d95d01")
SIGNATURE_BYTES, HMAC_BYTES, KEY_BYTES = 64, 32, 35
MAX_TEXT = 400_000
MAX_STATEMENTS = 2_000  # signatures, labels, indexes: each costs a verification or a name
MAX_POINTERS, MAX_POINTER_LENGTH = 500, 1_000
_PLACE = "/proof/proofValue"
_LABEL = re.compile(r"c14n(0|[1-9][0-9]{0,8})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseProof:
    """What a base proof holds. The HMAC key tells the hidden names, so it is the holder's secret."""

    base_signature: bytes
    public_key: PublicKey
    hmac_key: bytes = field(repr=False)
    signatures: tuple[bytes, ...]
    mandatory_pointers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedProof:
    """What a derived proof holds. `label_map` goes from canonical names (c14n0) to the signed ones (u...)."""

    base_signature: bytes
    public_key: PublicKey
    signatures: tuple[bytes, ...]
    label_map: Mapping[str, str]
    mandatory_indexes: tuple[int, ...]


def serialize_base_proof_value(proof: BaseProof) -> str:
    """Section 3.5.2, serializeBaseProofValue."""
    return _text(
        BASE_HEADER,
        [
            proof.base_signature,
            key_bytes(proof.public_key),
            proof.hmac_key,
            list(proof.signatures),
            list(proof.mandatory_pointers),
        ],
    )


def parse_base_proof_value(text: str) -> BaseProof:
    """Section 3.5.3, parseBaseProofValue; raises ProofError or LimitError."""
    decoded = _decode(text)
    if decoded.startswith(DERIVED_HEADER):
        raise ProofError(
            "this proof is already derived: it shows a part only, and nothing further can be taken from it",
            pointer=_PLACE,
        )
    base_signature, public_key, hmac_key, signatures, pointers = _components(decoded, BASE_HEADER)
    return BaseProof(
        base_signature=_bytes(base_signature, SIGNATURE_BYTES, "the issuer's signature"),
        public_key=_public_key(public_key),
        hmac_key=_bytes(hmac_key, HMAC_BYTES, "the HMAC key"),
        signatures=_signatures(signatures),
        mandatory_pointers=tuple(check_pointers(pointers, place=_PLACE)),
    )


def serialize_derived_proof_value(proof: DerivedProof) -> str:
    """Section 3.5.7, serializeDerivedProofValue."""
    return _text(
        DERIVED_HEADER,
        [
            proof.base_signature,
            key_bytes(proof.public_key),
            list(proof.signatures),
            compress_label_map(proof.label_map),
            list(proof.mandatory_indexes),
        ],
    )


def parse_derived_proof_value(text: str) -> DerivedProof:
    """Section 3.5.8, parseDerivedProofValue; raises ProofError or LimitError."""
    decoded = _decode(text)
    if decoded.startswith(BASE_HEADER):
        raise ProofError(
            "this is a base proof, which is for the holder alone and tells everything that is hidden; "
            "the holder derives from it a badge to show",
            pointer=_PLACE,
        )
    base_signature, public_key, signatures, label_map, indexes = _components(decoded, DERIVED_HEADER)
    return DerivedProof(
        base_signature=_bytes(base_signature, SIGNATURE_BYTES, "the issuer's signature"),
        public_key=_public_key(public_key),
        signatures=_signatures(signatures),
        label_map=_label_map(label_map),
        mandatory_indexes=_indexes(indexes),
    )


def compress_label_map(label_map: Mapping[str, str]) -> dict[int, bytes]:
    """Section 3.5.5, compressLabelMap: "c14n3" becomes 3, "u..." the bytes that it writes."""
    compressed = {}
    for name, label in label_map.items():
        match = _LABEL.fullmatch(name)
        if match is None or not label.startswith("u"):
            raise ProofError(f"{name!r:.40} to {label!r:.60} is not a pair of a label map", pointer=_PLACE)
        compressed[int(match[1])] = decode_base64url(label[1:])
    return compressed


def decompress_label_map(compressed: Mapping[int, bytes]) -> dict[str, str]:
    """Section 3.5.6, decompressLabelMap."""
    return {f"c14n{number}": "u" + encode_base64url(label) for number, label in compressed.items()}


def check_pointers(pointers: object, *, place: str) -> list[str]:
    """Return a list of JSON pointers that are few, short and texts; whether they match is for later."""
    if not isinstance(pointers, list | tuple) or not all(isinstance(pointer, str) for pointer in pointers):
        raise ProofError("the JSON pointers are not a list of texts", pointer=place)
    if len(pointers) > MAX_POINTERS or any(len(pointer) > MAX_POINTER_LENGTH for pointer in pointers):
        raise LimitError(
            f"at most {MAX_POINTERS} JSON pointers of {MAX_POINTER_LENGTH:,} characters are followed",
            pointer=place,
        )
    return list(pointers)


def key_bytes(key: PublicKey) -> bytes:
    """Return a key as the bytes of its Multikey text: two bytes for its kind, then the compressed point."""
    return decode_multibase(to_multikey(key))


def _text(header: bytes, components: list[cbor.Value]) -> str:
    return "u" + encode_base64url(header + cbor.encode(components))


def _decode(text: str) -> bytes:
    if len(text) > MAX_TEXT:
        raise LimitError(f"the proof's value is longer than {MAX_TEXT:,} characters", pointer=_PLACE)
    if not text.startswith("u"):
        raise ProofError("the proof's value does not begin with 'u', the letter of base64url", pointer=_PLACE)
    try:
        return decode_base64url(text[1:])
    except InvalidKeyError as error:
        raise ProofError(f"the proof's value cannot be read: {error}", pointer=_PLACE) from error


def _components(decoded: bytes, header: bytes) -> list[Any]:
    if not decoded.startswith(header):
        raise ProofError(
            f"the proof's value does not begin with the bytes {header.hex(' ')} of its kind", pointer=_PLACE
        )
    components = cbor.decode(decoded[len(header) :])
    if not isinstance(components, list) or len(components) != 5:  # noqa: PLR2004 - both kinds have five parts
        raise ProofError("the proof's value is not an array of five parts", pointer=_PLACE)
    return components


def _bytes(value: object, length: int, what: str) -> bytes:
    if not isinstance(value, bytes) or len(value) != length:
        raise ProofError(f"{what} in the proof's value is not {length} bytes", pointer=_PLACE)
    return value


def _public_key(value: object) -> PublicKey:
    data = _bytes(value, KEY_BYTES, "the proof's own public key")
    try:
        key = parse_multikey(encode_multibase(data))
    except InvalidKeyError as error:
        raise ProofError(f"the proof's own public key cannot be used: {error}", pointer=_PLACE) from error
    assert key.kind == "P-256"  # keys of other kinds have another length
    return key


def _few(value: object, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise ProofError(f"{what} in the proof's value are not an array", pointer=_PLACE)
    if len(value) > MAX_STATEMENTS:
        raise LimitError(f"{what} in the proof's value are more than {MAX_STATEMENTS:,}", pointer=_PLACE)
    return value


def _signatures(value: object) -> tuple[bytes, ...]:
    return tuple(_bytes(item, SIGNATURE_BYTES, "a signature") for item in _few(value, "the signatures"))


def _label_map(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ProofError("the names in the proof's value are not a map", pointer=_PLACE)
    if len(value) > MAX_STATEMENTS:
        raise LimitError(f"the names in the proof's value are more than {MAX_STATEMENTS:,}", pointer=_PLACE)
    for label in value.values():
        _bytes(label, HMAC_BYTES, "a name")
    # Two unnamed parts under one signed name would show as two what was signed as one.
    if len(set(value.values())) != len(value):
        raise ProofError("two parts of the document bear one name in the proof's value", pointer=_PLACE)
    return decompress_label_map(value)


def _indexes(value: object) -> tuple[int, ...]:
    indexes = _few(value, "the mandatory indexes")
    if not all(isinstance(index, int) for index in indexes):
        raise ProofError("a mandatory index in the proof's value is not a number", pointer=_PLACE)
    if any(later <= earlier for earlier, later in pairwise(indexes)):
        raise ProofError("the mandatory indexes in the proof's value are not in rising order", pointer=_PLACE)
    return tuple(indexes)
