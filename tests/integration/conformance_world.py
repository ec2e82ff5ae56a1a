"""The program for the public suites in process, and credentials to send to it: valid as they come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import build_conformance
from schemas import CREDENTIALS_V1, CREDENTIALS_V2

NOW = datetime(2026, 5, 3, 12, tzinfo=UTC)
BASE_URL = "https://127.0.0.1:7443"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
# Every issuing endpoint, and the name in the manifest of the key that signs there.
ISSUERS = {
    "eddsa-rdfc-2022": "ed25519",
    "eddsa-jcs-2022": "ed25519",
    "eddsa-rdfc-2022-status": "ed25519",
    "Ed25519Signature2020": "ed25519",
    "ecdsa-rdfc-2019-p256": "p256",
    "ecdsa-rdfc-2019-p384": "p384",
    "ecdsa-jcs-2019-p256": "p256",
    "ecdsa-jcs-2019-p384": "p384",
    "vc-jwt": "p256",
}


class Gone:
    """As a change: the member is left out."""

    def __repr__(self) -> str:
        return "left out"


GONE = Gone()


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A client of the program, and its keys' DIDs."""

    client: FlaskClient
    manifest: Mapping[str, str]

    def credential(self, key: str = "ed25519", **changes: Any) -> dict[str, Any]:
        """Return a credential of 2.0 whose issuer is that key."""
        usual = {
            "@context": [CREDENTIALS_V2],
            "type": ["VerifiableCredential"],
            "issuer": self.manifest[key],
            "credentialSubject": {"id": "did:example:asha"},
        }
        changed = {name.replace("context", "@context"): value for name, value in changes.items()}
        return {name: value for name, value in (usual | changed).items() if value is not GONE}

    def old_credential(self, key: str = "ed25519", **changes: Any) -> dict[str, Any]:
        """Return a credential of 1.1."""
        changes = {"context": [CREDENTIALS_V1], "issuanceDate": "2026-05-01T00:00:00Z"} | changes
        return self.credential(key, **changes)

    def issue(self, credential: object, issuer: str = "", **options: Any) -> TestResponse:
        """Ask an endpoint to secure a credential."""
        path = f"/issuers/{issuer}/credentials/issue" if issuer else "/credentials/issue"
        return self.client.post(path, json={"credential": credential, "options": options})

    def issued(self, issuer: str = "", **changes: Any) -> dict[str, Any]:
        """Return a secured credential."""
        answer = self.issue(self.credential(ISSUERS.get(issuer, "ed25519"), **changes), issuer)
        assert answer.status_code == 201, answer.get_json()
        secured: dict[str, Any] = answer.get_json()["verifiableCredential"]
        return secured

    def verify(self, credential: object, **options: Any) -> TestResponse:
        """Ask whether a credential is good."""
        body = {"verifiableCredential": credential, "options": options}
        return self.client.post("/credentials/verify", json=body)

    def present(self, presentation: object, **options: Any) -> TestResponse:
        """Ask whether a presentation is good."""
        body = {"verifiablePresentation": presentation, "options": options}
        return self.client.post("/presentations/verify", json=body)


def a_site() -> Site:
    """Return the program with new keys, as of NOW."""
    client = build_conformance(BASE_URL, clock=lambda: NOW).test_client()
    return Site(client=client, manifest=client.get("/manifest").get_json())
