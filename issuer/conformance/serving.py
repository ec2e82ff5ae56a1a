"""Listening on the loopback address, with a certificate of the moment where https is asked for."""

from __future__ import annotations

import ipaddress
import logging
import socket
import ssl
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask import Flask
from werkzeug.serving import make_server

HOST = "127.0.0.1"
_LIFE = timedelta(days=7)


def serve(app: Flask, *, port: int, tls: bool, now: datetime, ready: Callable[[], None]) -> None:
    """Serve on 127.0.0.1 until interrupted; raise OSError when the port cannot be had.

    `ready` is called once requests are taken.
    """
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    context = self_signed_context(now=now) if tls else None
    with socket.create_server((HOST, port)) as listener:
        server = make_server(HOST, port, app, threaded=True, ssl_context=context, fd=listener.fileno())
        ready()
        server.serve_forever()


def self_signed_context(*, now: datetime) -> ssl.SSLContext:
    """Return a TLS context with a new key and certificate for localhost; both are gone from the disk at once."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address(HOST))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + _LIFE)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:  # made with mode 0700; the library reads files only
        path = Path(folder) / "localhost.pem"
        path.touch(mode=0o600)
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context.load_cert_chain(path)
    return context
