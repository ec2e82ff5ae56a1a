"""A witness on this machine, after c2sp.org/tlog-witness; told to, it is slow, away, forgetful or a liar."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from keys import PrivateKey, generate_private_key, local_signer, public_key_of
from schemas.tlog import (
    COSIGNATURE_V1,
    SIZE_CONTENT_TYPE,
    Checkpoint,
    TlogError,
    VerifierKey,
    WitnessRefusal,
    check_add_checkpoint,
    cosign_note,
    format_conflict,
    format_signature_lines,
    format_vkey,
    parse_add_checkpoint,
)

Reply = tuple[int, bytes]
NOW = 1_772_442_000


@dataclass(slots=True)
class Witness:
    """What a witness keeps. `reply` answers instead of it when it is set; None from it closes the connection."""

    name: str
    logs: dict[str, tuple[VerifierKey, ...]]
    private: PrivateKey = field(default_factory=lambda: generate_private_key("Ed25519"))
    latest: dict[str, Checkpoint] = field(default_factory=dict)
    asked: list[tuple[int, int]] = field(default_factory=list)
    reply: Callable[[bytes], Reply | None] | None = None
    release: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    url: str = ""

    @property
    def key(self) -> VerifierKey:
        return VerifierKey(
            name=f"{self.name}.example/w", public_key=public_key_of(self.private), signature_type=COSIGNATURE_V1
        )

    def add_checkpoint(self, body: bytes, *, sign_as: VerifierKey | None = None) -> Reply:
        with self.lock:
            try:
                request = parse_add_checkpoint(body)
                head = request.checkpoint.checkpoint
                self.asked.append((request.old_size, head.size))
                check_add_checkpoint(request, logs=self.logs, latest=self.latest.get(head.origin))
            except WitnessRefusal as refusal:
                return refusal.status, format_conflict(refusal.size) if refusal.size is not None else b"no\n"
            except TlogError:
                return 400, b"what is this?\n"
            self.latest[head.origin] = head
            signer = local_signer(self.private, verification_method="w")
            line = cosign_note(request.checkpoint.note.text, key=sign_as or self.key, signer=signer, timestamp=NOW)
            return 200, format_signature_lines([line]).encode()


@contextmanager
def serving(*witnesses: Witness) -> Iterator[None]:
    """Serve witnesses, each at an address of its own on this machine."""
    with ExitStack() as stack:
        for witness in witnesses:
            server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(witness))
            server.daemon_threads = True
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            stack.callback(server.server_close)
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            stack.callback(witness.release.set)
            witness.url = f"http://127.0.0.1:{server.server_address[1]}/{witness.name}"
        yield


def _handler(witness: Witness) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            reply = witness.reply(body) if witness.reply else witness.add_checkpoint(body)
            if reply is None or self.path != f"/{witness.name}/add-checkpoint":
                self.close_connection = True
                return
            self.send_response(reply[0])
            self.send_header("Content-Type", SIZE_CONTENT_TYPE if reply[0] == 409 else "text/plain")
            self.send_header("Content-Length", str(len(reply[1])))
            self.end_headers()
            self.wfile.write(reply[1])

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


def write_policy(path: Path, witnesses: list[Witness], *, quorum: int | None) -> Path:
    """Write a policy file in which so many of the witnesses are the quorum."""
    lines = [f"witness {w.name} {format_vkey(w.key)} {w.url}" for w in witnesses]
    if quorum is None:
        lines.append("quorum none")
    else:
        lines += [f"group all {quorum} {' '.join(w.name for w in witnesses)}", "quorum all"]
    path.write_text("".join(f"{line}\n" for line in lines))
    return path
