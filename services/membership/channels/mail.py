"""Mail by the operator's server, or into a folder when there is none, as on a machine where Commonplace is tried."""

import os
import smtplib
import ssl
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

SECONDS = 10.0
SUBMISSION, SMTPS = 587, 465


class MailFailed(Exception):
    """The server did not take a mail; it may do so later."""


def send(where: str, message: EmailMessage) -> None:
    """Hand a mail over.

    Args:
        where: `smtp://user:password@host:587` (with STARTTLS when the server offers it, which it must when
            there is a password), `smtps://…` (TLS from the beginning), or `file:///folder`.
        message: with all its headers; one that is sent again has the same `Message-ID`.

    Raises:
        MailFailed: it was not taken.
    """
    parts = urlsplit(where)
    if parts.scheme == "file":
        _lay_down(Path(unquote(parts.path)), message)
        return
    try:
        with _server(parts.scheme, parts.hostname or "", parts.port) as server:
            if parts.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
                server.ehlo()
            elif parts.scheme == "smtp" and parts.password:
                raise MailFailed("The mail server offers no TLS, and is not told a password without.")
            if parts.password:
                server.login(unquote(parts.username or ""), unquote(parts.password))
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise MailFailed(f"The mail server did not take it: {type(error).__name__}.") from error


def _server(scheme: str, host: str, port: int | None) -> smtplib.SMTP:
    if scheme == "smtps":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, port or SMTPS, timeout=SECONDS, context=context)
    server = smtplib.SMTP(host, port or SUBMISSION, timeout=SECONDS)
    server.ehlo()
    return server


def _lay_down(folder: Path, message: EmailMessage) -> None:
    """A file for each mail, whole from the moment it is there; the same mail again takes the same place."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{message['Message-ID'].strip('<>').partition('@')[0]}.eml"
    draft = folder / f".{name}.{os.getpid()}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(message.as_bytes())
    draft.rename(folder / name)
