"""Signing and verifying: published vectors, then every way in which a signature may not fit."""

from __future__ import annotations

import dataclasses

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from keys import (
    BadSignatureError,
    InvalidKeyError,
    LocalSigner,
    PublicKey,
    Signer,
    UnsupportedKeyError,
    decode_base64url,
    encode_multibase,
    generate_private_key,
    local_signer,
    parse_jwk,
    parse_secret_multikey,
    public_key_of,
    to_multikey,
    verify_signature,
)
from keys.public import Kind
from keys.signer import PrivateKey

KINDS: tuple[Kind, ...] = ("Ed25519", "P-256", "P-384", "RSA")
MESSAGE = b"Thirty-two peers have no objection"
ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@pytest.fixture(scope="module")
def signers() -> dict[Kind, LocalSigner]:
    return {kind: _signer(generate_private_key(kind)) for kind in KINDS}


def _signer(private_key: PrivateKey) -> LocalSigner:
    return local_signer(private_key, verification_method="did:web:academy.example#key")


def _changed(data: bytes, bit: int) -> bytes:
    return (int.from_bytes(data, "big") ^ (1 << bit)).to_bytes(len(data), "big")


def test_the_ed25519_signature_of_rfc_8037_comes_out() -> None:
    # Appendix A.1 and A.4.
    secret = decode_base64url("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
    signer = _signer(parse_secret_multikey(encode_multibase(b"\x80\x26" + secret)))
    message = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
    expected = decode_base64url(
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    )
    assert signer.sign(message) == expected
    verify_signature(public_key=signer.public_key, message=message, signature=expected)


# RFC 6979, appendix A.2.5 and A.2.6, message "sample".
@pytest.mark.parametrize(
    ("prefix", "secret", "signature"),
    [
        (
            b"\x86\x26",
            "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721",
            (
                "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
                "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
            ),
        ),
        (
            b"\x87\x26",
            "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D896D5724E4C70A825F872C9EA60D2EDF5",
            (
                "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C81A648152E44ACF96E36DD1E80FABE46"
                "99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329C145786E679E7B82C71A38628AC8"
            ),
        ),
    ],
    ids=["P-256", "P-384"],
)
def test_the_deterministic_signatures_of_rfc_6979_come_out(prefix: bytes, secret: str, signature: str) -> None:
    signer = _signer(parse_secret_multikey(encode_multibase(prefix + bytes.fromhex(secret))))
    assert signer.sign(b"sample") == bytes.fromhex(signature)


# RFC 7515, appendix A.3: a signature that somebody else's random numbers made.
def test_the_es256_signature_of_rfc_7515_verifies() -> None:
    key = parse_jwk(
        {
            "kty": "EC",
            "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        }
    )
    message = (
        b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290"
        b"Ijp0cnVlfQ"
    )
    signature = decode_base64url(
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    )
    verify_signature(public_key=key, message=message, signature=signature)


# The key pairs of VC-DI EdDSA 1.0 and VC-DI ECDSA 1.0, appendix A.
@pytest.mark.parametrize(
    ("secret", "public"),
    [
        ("z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq", "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"),
        ("z42twTcNeSYcnqg1FLuSFs2bsGH3ZqbRHFmvS9XMsYhjxvHN", "zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP"),
        (
            "z2fanyY7zgwNpZGxX5fXXibvScNaUWNprHU9dKx7qpVj7mws9J8LLt4mDB5TyH2GLHWkUc",
            "z82LkuBieyGShVBhvtE2zoiD6Kma4tJGFtkAhxR5pfkp5QPw4LutoYWhvQCnGjdVn14kujQ",
        ),
    ],
)
def test_a_published_secret_key_has_its_published_public_half(secret: str, public: str) -> None:
    assert to_multikey(public_key_of(parse_secret_multikey(secret))) == public


@pytest.mark.parametrize("kind", KINDS)
def test_signing_twice_gives_the_same_bytes_that_verify(signers: dict[Kind, LocalSigner], kind: Kind) -> None:
    signer: Signer = signers[kind]
    signature = signer.sign(MESSAGE)
    assert signature == signer.sign(MESSAGE)
    assert len(signature) == {"Ed25519": 64, "P-256": 64, "P-384": 96, "RSA": 256}[kind]
    verify_signature(public_key=signer.public_key, message=MESSAGE, signature=signature)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_any_changed_bit_fails(signers: dict[Kind, LocalSigner], kind: Kind, data: st.DataObject) -> None:
    signer = signers[kind]
    signature = signer.sign(MESSAGE)
    in_message = data.draw(st.integers(0, 8 * len(MESSAGE) - 1))
    in_signature = data.draw(st.integers(0, 8 * len(signature) - 1))
    for message, value in (
        (_changed(MESSAGE, in_message), signature),
        (MESSAGE, _changed(signature, in_signature)),
    ):
        with pytest.raises(BadSignatureError) as caught:
            verify_signature(public_key=signer.public_key, message=message, signature=value)
        assert caught.value.code == "PROOF_VERIFICATION_ERROR"


@pytest.mark.parametrize("kind", KINDS)
def test_a_signature_of_another_length_fails(signers: dict[Kind, LocalSigner], kind: Kind) -> None:
    signer = signers[kind]
    signature = signer.sign(MESSAGE)
    for other in (b"", signature[:-1], signature + b"\0", b"\0" + signature, signature * 2):
        with pytest.raises(BadSignatureError):
            verify_signature(public_key=signer.public_key, message=MESSAGE, signature=other)


@pytest.mark.parametrize("kind", KINDS)
def test_another_key_of_the_same_kind_does_not_verify(signers: dict[Kind, LocalSigner], kind: Kind) -> None:
    other = public_key_of(generate_private_key(kind))
    with pytest.raises(BadSignatureError, match="does not match the message"):
        verify_signature(public_key=other, message=MESSAGE, signature=signers[kind].sign(MESSAGE))


def test_an_ed25519_signature_with_s_beyond_the_order_fails(signers: dict[Kind, LocalSigner]) -> None:
    signer = signers["Ed25519"]
    signature = signer.sign(MESSAGE)
    s = int.from_bytes(signature[32:], "little") + ED25519_ORDER
    with pytest.raises(BadSignatureError):
        verify_signature(
            public_key=signer.public_key, message=MESSAGE, signature=signature[:32] + s.to_bytes(32, "little")
        )


@pytest.mark.parametrize("size", [32, 48])
def test_an_ecdsa_signature_of_zeros_fails(signers: dict[Kind, LocalSigner], size: int) -> None:
    key = signers["P-256" if size == 32 else "P-384"].public_key
    one = (1).to_bytes(size, "big")
    for r, s in ((bytes(size), bytes(size)), (one, bytes(size)), (bytes(size), one), (b"\xff" * size, one)):
        with pytest.raises(BadSignatureError):
            verify_signature(public_key=key, message=MESSAGE, signature=r + s)


def test_an_ecdsa_signature_in_der_fails() -> None:
    private = ec.derive_private_key(7, ec.SECP256R1())
    der = private.sign(MESSAGE, ec.ECDSA(hashes.SHA256()))
    with pytest.raises(BadSignatureError, match=f"expected a signature of 64 bytes, got {len(der)}"):
        verify_signature(public_key=public_key_of(private), message=MESSAGE, signature=der)


def test_the_other_s_of_an_ecdsa_signature_is_its_signature_as_well(signers: dict[Kind, LocalSigner]) -> None:
    # FIPS 186-5 and the cryptosuites allow both; a badge is told apart by its id, never by its signature.
    signature = signers["P-256"].sign(MESSAGE)
    s = P256_ORDER - int.from_bytes(signature[32:], "big")
    verify_signature(
        public_key=signers["P-256"].public_key, message=MESSAGE, signature=signature[:32] + s.to_bytes(32, "big")
    )


def test_a_signer_does_not_show_its_private_key() -> None:
    private = parse_secret_multikey("z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq")
    public = public_key_of(private)
    shown = f"LocalSigner(verification_method='did:web:academy.example#key', public_key={public!r})"
    assert repr(_signer(private)) == shown
    with pytest.raises(dataclasses.FrozenInstanceError):
        _signer(private).verification_method = "x"  # type: ignore[misc] # that it is refused is the test


def test_a_key_on_another_curve_makes_no_signer() -> None:
    with pytest.raises(UnsupportedKeyError, match="secp256k1"):
        _signer(ec.generate_private_key(ec.SECP256K1()))


def test_a_short_rsa_key_makes_no_signer() -> None:
    with pytest.raises(InvalidKeyError, match="2048 to 8192 bits, got 1024"):
        _signer(rsa.generate_private_key(public_exponent=65_537, key_size=1024))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"\x80\x26" + bytes(31), "secret key of kind Ed25519 has 32 bytes, got 31"),
        (b"\x86\x26" + bytes(31) + b"\1\0", "secret key of kind P-256 has 32 bytes, got 33"),
        (b"\x86\x26" + bytes(32), "not a secret key of kind P-256"),
        (b"\x86\x26" + b"\xff" * 32, "not a secret key of kind P-256"),
        (b"\x87\x26" + b"\xff" * 48, "not a secret key of kind P-384"),
    ],
)
def test_a_bad_secret_key_is_refused(data: bytes, sentence: str) -> None:
    with pytest.raises(InvalidKeyError, match=sentence):
        parse_secret_multikey(encode_multibase(data))


def test_a_secret_key_of_another_kind_is_refused() -> None:
    with pytest.raises(UnsupportedKeyError, match="secret Multikey is of a kind"):
        parse_secret_multikey(encode_multibase(b"\x81\x26" + bytes(32)))


def test_a_public_key_is_not_taken_for_a_secret_one() -> None:
    with pytest.raises(UnsupportedKeyError):
        parse_secret_multikey("z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2")


def test_the_identity_point_cannot_become_a_key_whose_one_signature_fits_all() -> None:
    with pytest.raises(InvalidKeyError):
        PublicKey(kind="Ed25519", raw=b"\1" + bytes(31))
