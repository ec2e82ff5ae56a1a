"""What the Academy serves beside its log, compared with what it logged: keys, scripts, policies, status lists."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from keys import ControllerDocument, KeysError, did_web, fragment_for, parse_controller_document
from schemas import DocumentError, decode_bitstring, parse_json
from schemas.tlog import digest_text
from verifier.fetch import DocumentsFetcher, Fetcher
from verifier.guarded import FetchError
from verifier.log.changes import ADDED, COMPROMISED, RETIRED
from verifier.log.findings import Findings
from verifier.log.story import Story

MAX_TRIED = 10_000  # numbers of status lists


def check_served(
    documents: Fetcher | None,
    story: Story,
    *,
    base_url: str | None,
    kept: Sequence[bytes],
    grown: Callable[[], bool],
    findings: Findings,
) -> list[bytes]:
    """Compare all of it; return the status lists that are as they were logged, for a later comparison.

    `grown` says whether the log has grown meanwhile: then what differs may be younger than the head that was read.
    """
    if documents is None or base_url is None:
        findings.add(
            "NOT_COMPARED",
            "Keys, scripts, policies and status lists as they are served were not compared with the log: they are "
            "not in this folder. Give them with --documents, or audit the address of the log.",
            level="note",
        )
        return []
    served = _Served(documents, story, base_url, grown, findings)
    served.keys()
    served.files()
    served.policies()
    return served.lists(kept)


@dataclass(slots=True)
class _Served:
    documents: Fetcher
    story: Story
    base_url: str
    grown: Callable[[], bool]
    findings: Findings

    def keys(self) -> None:
        """The DID document lists exactly the logged keys, each in its state."""
        data = self._fetch(f"{self.base_url}/.well-known/did.json", what="The Academy's keys")
        if data is None:
            return
        try:
            value = parse_json(data)
            document = parse_controller_document(value, expected_id=self._did(value))
        except (DocumentError, KeysError) as error:
            self.findings.add("KEYS_DIFFER", f"The Academy's DID document is refused: {error}.")
            return
        listed = _states(document)
        if rsa := sum(method.public_key.kind == "RSA" for method in document.methods.values()):
            sentence = f"{rsa} RSA keys (for badges as VC-JWT) are listed, which no leaf can name: not compared."
            self.findings.add("NOT_COMPARED", sentence, level="note")
        logged = {name: known.value for name, known in self.story.shelf.all("key")}
        for sentence in (
            *(f"a key is listed that was never logged ({key[:16]}…)" for key in sorted(listed.keys() - logged)),
            *(f"a logged key is not listed ({key[:16]}…)" for key in sorted(logged.keys() - listed)),
            *(
                f"a key is listed as {listed[key].decode()} and logged as {logged[key].decode()} ({key[:16]}…)"
                for key in sorted(listed.keys() & logged)
                if listed[key] != logged[key]
            ),
            *("a key is listed that cannot be used" for _ in document.unusable),
        ):
            self._differs(
                "KEYS_DIFFER", f"The Academy's DID document does not list exactly the logged keys: {sentence}."
            )

    def _did(self, document: object) -> str:
        """Return whose document it must be; an Academy on this machine, for trying out, has no did:web."""
        if self.base_url.startswith("https://"):
            return did_web(self.base_url)
        return str(document.get("id")) if isinstance(document, dict) else ""

    def files(self) -> None:
        """The scripts that browsers get are those of the last release."""
        for name, known in self.story.shelf.all("file"):
            data = self._fetch(f"{self.base_url}/{name}", what=f"The script {name}")
            if data is not None and _digest(data) != known.value.decode():
                self._differs(
                    "SCRIPT_DIFFERS",
                    f"The script {name} is not the one of the logged release {self.story.release}.",
                )

    def policies(self) -> None:
        """The policies are there, each under its digest."""
        for digest, _ in self.story.shelf.all("policy"):
            data = self._fetch(f"{self.base_url}/policies/{digest}", what="A policy that the log names")
            if data is not None and _digest(data) != digest:
                self._differs("POLICY_DIFFERS", f"The policy at /policies/{digest} has another digest.")

    def lists(self, kept: Sequence[bytes]) -> list[bytes]:
        """Each status list is the one published last, shows as many bits as logged, and none fell."""
        good = []
        earlier = {_digest(data): data for data in kept}
        wanted = {name: json.loads(known.value) for name, known in self.story.shelf.all("list")}
        for url in self._addresses():
            address = _digest(url.encode())
            if address not in wanted:
                continue
            state = wanted.pop(address)
            data = self._fetch(url, what=f"The status list {url}")
            if data is not None and self._list_is_good(data, url, address, state, earlier):
                good.append(data)
            if not wanted:
                break
        if wanted:
            sentence = (
                f"{len(wanted)} logged status lists have an address that is not known here; they were not read."
            )
            self.findings.add("NOT_COMPARED", sentence, level="note")
        return good

    def _addresses(self) -> Iterator[str]:
        """Yield where a status list may be: the log tells digests of addresses only."""
        documents = self.documents
        if isinstance(documents, DocumentsFetcher):
            yield from documents.files
            return
        for number in range(1, MAX_TRIED + 1):
            yield f"{self.base_url}/status/{number}"

    def _list_is_good(
        self, data: bytes, url: str, address: str, state: dict[str, object], earlier: dict[str, bytes]
    ) -> bool:
        digest = _digest(data)
        if digest != state["digest"]:
            if self.story.shelf.find("listed", f"{address} {digest}") is not None:
                self._differs("STATUS_LIST_OLD", f"{url} serves a status list that a later one replaced.")
            else:
                self._differs("STATUS_LIST_DIFFERS", f"{url} serves a status list that was never logged.")
            return False
        try:
            bits = _bits(data)
        except DocumentError as error:
            self.findings.add(
                "STATUS_LIST_DIFFERS", f"{url} serves a status list that cannot be read: {error.message}."
            )
            return False
        if (count := int.from_bytes(bits, "big").bit_count()) != state["set"]:
            sentence = f"{url} serves a status list with {count} set bits; logged are {state['set']}."
            self.findings.add("STATUS_LIST_COUNT", sentence)
            return False
        for known, former in earlier.items():
            # Only a list that the log names counts: whoever keeps files may keep others, too.
            if self.story.shelf.find("listed", f"{address} {known}") is not None and _fell(former, bits):
                sentence = f"{url} shows 0 where a list that was kept from an earlier audit shows 1."
                self.findings.add("STATUS_BIT_FELL", sentence)
        return True

    def _fetch(self, url: str, *, what: str) -> bytes | None:
        try:
            return self.documents.fetch(url).body
        except FetchError as error:
            if isinstance(self.documents, DocumentsFetcher) and url not in self.documents.files:
                sentence = f"{what} could not be compared: {url} is not among the documents given."
                self.findings.add("NOT_COMPARED", sentence, level="note")
            else:
                self.findings.add("SERVED_UNREAD", f"{what} could not be had: {error}.", level="unread")
            return None

    def _differs(self, code: str, sentence: str) -> None:
        if self.grown():
            hint = f"{sentence} The log has grown meanwhile, so it may be younger: run the audit again."
            self.findings.add("LOG_HAS_GROWN", hint, level="note")
        else:
            self.findings.add(code, sentence)


def _states(document: ControllerDocument) -> dict[str, bytes]:
    """Return what a DID document says of each key that a leaf can name."""
    return {
        fragment_for(method.public_key): COMPROMISED if method.revoked else RETIRED if method.expires else ADDED
        for method in document.methods.values()
        if method.public_key.kind != "RSA"
    }


def _digest(data: bytes) -> str:
    return digest_text(hashlib.sha256(data).digest())


def _bits(data: bytes) -> bytes:
    document = parse_json(data)
    subject = document.get("credentialSubject") if isinstance(document, dict) else None
    return decode_bitstring(subject.get("encodedList") if isinstance(subject, dict) else None)


def _fell(former: bytes, bits: bytes) -> bool:
    try:
        old = _bits(former)
    except DocumentError:
        return False
    padded = bits.ljust(len(old), b"\0")[: len(old)]
    return bool(int.from_bytes(old, "big") & ~int.from_bytes(padded, "big"))
