"""All refusals of this package.

KeysError
├── InvalidKeyError              key bytes or text that are not a good public key
│   ├── InvalidKeyLengthError    too few or too many bytes for a key of its kind
│   └── UnsupportedKeyError      a kind of key that we do not have
├── BadSignatureError            the signature does not match
├── InvalidDIDError              an identifier that cannot be read
│   └── UnsupportedDIDMethodError
├── ControllerDocumentError      a controlled identifier document that cannot be read
│   └── ControllerDocumentIDError    it is the document of somebody else
├── VerificationMethodError      the document has no such method, or a broken one
│   ├── VerificationMethodURLError   the method's name is not a URL with a fragment
│   └── WrongPurposeError        it has the method, but not for this purpose
└── KeyFileError                 a key file that cannot be used

Codes are the names of Controlled Identifiers 1.0 (section 3.5) and VC Data Integrity 1.0 where they have one.
Messages never hold key material.
"""

from __future__ import annotations

from typing import ClassVar


class KeysError(Exception):
    """A refusal about keys, with a code for programs and a sentence for people."""

    code: ClassVar[str] = "KEYS_ERROR"


class InvalidKeyError(KeysError):
    """The bytes or the text are not a public key that may be used."""

    code = "INVALID_VERIFICATION_METHOD"


class InvalidKeyLengthError(InvalidKeyError):
    """The bytes are too few or too many for a key of their kind."""


class UnsupportedKeyError(InvalidKeyError):
    """A kind of key that this project does not have."""

    code = "UNSUPPORTED"


class BadSignatureError(KeysError):
    """The signature does not match the message and the public key."""

    code = "PROOF_VERIFICATION_ERROR"


class InvalidDIDError(KeysError):
    """The text is not an identifier of the form it claims."""

    code = "INVALID_DID"


class UnsupportedDIDMethodError(InvalidDIDError):
    """A DID method that this project does not have."""

    code = "UNSUPPORTED"


class ControllerDocumentError(KeysError):
    """The document is not a conforming controlled identifier document."""

    code = "INVALID_CONTROLLED_IDENTIFIER_DOCUMENT"


class ControllerDocumentIDError(ControllerDocumentError):
    """The controlled identifier document is for another identifier than the expected one."""

    code = "INVALID_CONTROLLED_IDENTIFIER_DOCUMENT_ID"


class VerificationMethodError(KeysError):
    """The controlled identifier document has no such verification method, or a broken one."""

    code = "INVALID_VERIFICATION_METHOD"


class VerificationMethodURLError(VerificationMethodError):
    """A proof names its verification method by something that is not a URL with a fragment."""

    code = "INVALID_VERIFICATION_METHOD_URL"


class WrongPurposeError(VerificationMethodError):
    """The verification method is not authorised for the purpose of the proof."""

    code = "INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD"


class KeyFileError(KeysError):
    """A key file is missing, unsafe or unreadable."""

    code = "KEY_FILE_ERROR"
