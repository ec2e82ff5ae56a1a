"""Ways out for mails: an SMTP server where one is configured, the terminal on a machine for trying out."""

from __future__ import annotations

import smtplib
import ssl
import sys
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

from issuer.errors import AcademyError
from issuer.service.mailing import Mail, UndeliveredError

_TIMEOUT_S = 20
_PORTS = {"smtp": 587, "smtps": 465}


class MailSettingsError(AcademyError):
    """The address of the mail server cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SMTPTransport:
    """Hands mails to an SMTP server: `smtp` with STARTTLS, `smtps` with TLS from the start.

    Only towards this very machine may it go without TLS.
    """

    scheme: str
    host: str
    port: int
    sender: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    def __call__(self, mail: Mail) -> None:
        """Send one mail; raise UndeliveredError when the server does not take it now."""
        try:
            message = self._written(mail)
            with self._connect() as server:
                if self.user is not None:
                    server.login(self.user, self.password or "")
                server.send_message(message, to_addrs=[mail.recipient])
        except (OSError, smtplib.SMTPException, ValueError, LookupError) as error:  # the last two: no such header
            print(f"mail {mail.id} was not taken by {self.host}: {error}", file=sys.stderr)  # noqa: T201 - the log
            raise UndeliveredError from error

    def _written(self, mail: Mail) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = mail.recipient
        message["Subject"] = mail.subject
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=self.sender.rpartition("@")[2] or None)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.body)
        return message

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.scheme == "smtps":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=_TIMEOUT_S, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=_TIMEOUT_S)
        if self.host not in {"localhost", "127.0.0.1", "::1"}:
            server.starttls(context=context)
        return server


def parse_smtp_url(text: str, *, sender: str) -> SMTPTransport:
    """Return the transport for smtp://user:password@host:port; raise MailSettingsError."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise MailSettingsError(f"SMTP_URL is not an address such as smtp://mail.example.org: {error}") from error
    if parts.scheme not in _PORTS or not parts.hostname:
        raise MailSettingsError("SMTP_URL is an address such as smtp://user:password@mail.example.org:587")
    return SMTPTransport(
        scheme=parts.scheme,
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        sender=sender,
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )


def to_terminal(mail: Mail) -> None:
    """Show a mail's link on the terminal, on a machine where nothing is sent."""
    links = [word for word in mail.body.split() if "/sign-in/" in word]
    print(f"mail for {mail.recipient}: {mail.subject}", *links, sep="\n  ", flush=True)  # noqa: T201 - its purpose


def keep_waiting(_mail: Mail) -> None:
    """Leave mails in the queue: no mail server is configured."""
    raise UndeliveredError
