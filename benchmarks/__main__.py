"""`make bench`: one JSON line for each operation, medians of several rounds in one run, one thread, no network.

Machines are shared and noisy: compare lines of one run with each other (the raw Ed25519 operations are the limit),
not numbers of different days.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial

from app import Settings, build_app
from benchmarks.log import measure_log
from benchmarks.subjects import Subjects, subjects
from benchmarks.timing import measure
from keys import PublicKey, generate_private_key, local_signer, verify_signature
from keys.public import Kind
from schemas import add_proof, canonicalize, parse_compact_jws, sign_vc_jwt, to_quads, verify_jws, verify_proof
from verifier import read_badge, verify_badge

_MESSAGE = bytes(64)  # as long as what a Data Integrity proof signs
_SUITES: dict[str, Kind] = {
    "eddsa-rdfc-2022": "Ed25519",
    "eddsa-jcs-2022": "Ed25519",
    "ecdsa-rdfc-2019": "P-256",
    "ecdsa-jcs-2019": "P-256",
}
_TOKENS: dict[str, Kind] = {"jwt-eddsa": "Ed25519", "jwt-es256": "P-256", "jwt-rs256": "RSA"}


def _signatures() -> None:
    signer = local_signer(generate_private_key("Ed25519"), verification_method="did:example:a#key")
    signature = signer.sign(_MESSAGE)
    measure("ed25519-sign", lambda: signer.sign(_MESSAGE))
    measure(
        "ed25519-verify",
        lambda: verify_signature(public_key=signer.public_key, message=_MESSAGE, signature=signature),
    )


def _documents(subject: Subjects) -> None:
    measure("canonicalize simple", lambda: canonicalize(to_quads(subject.unsigned)))
    now = datetime.now(UTC)
    for name, kind in _SUITES.items():
        signer = local_signer(generate_private_key(kind), verification_method="did:example:a#key")
        issue = partial(add_proof, subject.unsigned, signer=signer, cryptosuite=name, created=now)
        measure(f"issue {name}", issue)
        secured = issue()
        check = partial(verify_proof, secured, proof=secured["proof"], public_key=signer.public_key)
        measure(f"verify-proof {name}", check)
    for name, kind in _TOKENS.items():
        signer = local_signer(generate_private_key(kind), verification_method="did:example:a#key")
        measure(f"issue {name}", partial(sign_vc_jwt, subject.unsigned, signer=signer))
        measure(
            f"verify-proof {name}",
            partial(_check_token, sign_vc_jwt(subject.unsigned, signer=signer), signer.public_key),
        )


def _check_token(token: str, key: PublicKey) -> None:
    verify_jws(parse_compact_jws(token), public_key=key)


def _reports(subject: Subjects) -> None:
    badge, now = subject.signed.encode("utf-8"), subject.clock()

    def report() -> None:
        if not verify_badge(read_badge(badge), now=now, fetcher=subject.fetcher):
            raise AssertionError("the measured badge is not good")

    measure("verify-report simple", report)


def _service(subject: Subjects) -> None:
    client = build_app(subject.academy, Settings(base_url=subject.academy.base_url)).test_client()
    body = json.dumps({"verifiableCredential": json.loads(subject.signed)})
    path = f"/credentials/{subject.credential}"

    def verify() -> None:
        answer = client.post("/credentials/verify", data=body, content_type="application/json")
        if answer.status_code != 200:
            raise AssertionError(answer.text)

    measure("http-verify", verify)
    measure("http-badge-json", lambda: client.get(path, headers={"Accept": "application/json"}).data)


def main() -> None:
    """Measure everything."""
    _signatures()
    with subjects() as subject:
        _documents(subject)
        _reports(subject)
        _service(subject)
    measure_log()


if __name__ == "__main__":
    main()
