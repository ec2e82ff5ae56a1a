"""Fakes that we write ourselves: a clock that stands still, a way out for mails, a mail server on this machine."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from issuer.service.mailing import Mail, UndeliveredError

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(slots=True)
class FakeClock:
    """A clock that stands still until a test moves it."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def pass_days(self, days: float) -> None:
        self.now += timedelta(days=days)


@dataclass(slots=True)
class FakePost:
    """A way out for mails that keeps them, or does not take them."""

    takes: bool = True
    mails: list[Mail] = field(default_factory=list)

    def __call__(self, mail: Mail) -> None:
        if not self.takes:
            raise UndeliveredError
        self.mails.append(mail)


@dataclass(slots=True)
class FakeSMTPServer:
    """A mail server on the loopback address: it speaks just enough SMTP, keeps what it hears, or refuses."""

    port: int
    refuses: bool = False
    heard: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    def serve(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return  # the test is over
            with connection:
                self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        lines = connection.makefile("r", encoding="utf-8", newline="\r\n")

        def say(line: str) -> None:
            connection.sendall(f"{line}\r\n".encode())

        say("220 loopback ready")
        for line in lines:
            self.heard.append(line.strip())
            verb = line[:4].upper()
            if verb == "EHLO":
                say("250-loopback\r\n250 AUTH PLAIN")
            elif verb == "AUTH":
                say("235 welcome")
            elif verb == "RCPT" and self.refuses:
                say("451 try again later")
            elif verb == "DATA":
                say("354 go on")
                self.messages.append("".join(iter(lines.readline, ".\r\n")))
                say("250 kept")
            elif verb == "QUIT":
                say("221 bye")
                return
            else:
                say("250 fine")


@contextmanager
def smtp_server(*, refuses: bool = False) -> Iterator[FakeSMTPServer]:
    """Run a mail server on a free port of the loopback address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = FakeSMTPServer(port=listener.getsockname()[1], refuses=refuses)
        thread = threading.Thread(target=server.serve, args=(listener,))
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(timeout=10)
