"""Keys: public keys and their texts, signatures, signers, key files, DIDs and controller documents.

A leaf: nothing of ours is imported here.
"""

from keys.did_jwk import did_jwk, did_jwk_document, did_jwk_method, parse_did_jwk
from keys.dids import did_key, did_key_method, did_method, did_web, did_web_url, parse_did_key, split_fragment
from keys.documents import (
    ControllerDocument,
    VerificationMethod,
    controller_document_url,
    did_key_document,
    key_force,
    parse_controller_document,
    select_verification_method,
)
from keys.errors import (
    BadSignatureError,
    ControllerDocumentError,
    ControllerDocumentIDError,
    InvalidDIDError,
    InvalidKeyError,
    InvalidKeyLengthError,
    KeyFileError,
    KeysError,
    UnsupportedDIDMethodError,
    UnsupportedKeyError,
    VerificationMethodError,
    VerificationMethodURLError,
    WrongPurposeError,
)
from keys.history import KeyRecord, build_did_document, build_jwks, fragment_for
from keys.keyfiles import load_private_key, load_secret, save_private_key, save_secret
from keys.multibase import (
    decode_base58btc,
    decode_base64url,
    decode_multibase,
    encode_base58btc,
    encode_base64url,
    encode_multibase,
)
from keys.public import PublicKey, jwk_thumbprint, parse_jwk, parse_multikey, to_jwk, to_multikey
from keys.signatures import verify_signature
from keys.signer import (
    LocalSigner,
    PrivateKey,
    Signer,
    generate_private_key,
    local_signer,
    parse_secret_multikey,
    public_key_of,
)

__all__ = [
    "BadSignatureError",
    "ControllerDocument",
    "ControllerDocumentError",
    "ControllerDocumentIDError",
    "InvalidDIDError",
    "InvalidKeyError",
    "InvalidKeyLengthError",
    "KeyFileError",
    "KeyRecord",
    "KeysError",
    "LocalSigner",
    "PrivateKey",
    "PublicKey",
    "Signer",
    "UnsupportedDIDMethodError",
    "UnsupportedKeyError",
    "VerificationMethod",
    "VerificationMethodError",
    "VerificationMethodURLError",
    "WrongPurposeError",
    "build_did_document",
    "build_jwks",
    "controller_document_url",
    "decode_base58btc",
    "decode_base64url",
    "decode_multibase",
    "did_jwk",
    "did_jwk_document",
    "did_jwk_method",
    "did_key",
    "did_key_document",
    "did_key_method",
    "did_method",
    "did_web",
    "did_web_url",
    "encode_base58btc",
    "encode_base64url",
    "encode_multibase",
    "fragment_for",
    "generate_private_key",
    "jwk_thumbprint",
    "key_force",
    "load_private_key",
    "load_secret",
    "local_signer",
    "parse_controller_document",
    "parse_did_jwk",
    "parse_did_key",
    "parse_jwk",
    "parse_multikey",
    "parse_secret_multikey",
    "public_key_of",
    "save_private_key",
    "save_secret",
    "select_verification_method",
    "split_fragment",
    "to_jwk",
    "to_multikey",
    "verify_signature",
]
