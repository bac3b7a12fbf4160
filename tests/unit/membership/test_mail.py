"""Handing mail over: to a server or into a folder, and never a password in clear."""

import stat
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from deploy.node.ports import free_ports
from services.membership.channels.mail import MailFailed, send


class Received:
    """What the server has taken."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.refuses = False

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.refuses:
            return "451 Come back later"
        self.mails.append(envelope.content)
        return "250 Taken"


@pytest.fixture
def server() -> Iterator[tuple[Received, int]]:
    received, (port,) = Received(), free_ports(1)
    controller = Controller(received, hostname="127.0.0.1", port=port)
    controller.start()
    yield received, port
    controller.stop()


def a_mail() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@node.example", "b@example.org", "Hello"
    message["Message-ID"] = "<one@node.example>"
    message.set_content("A line.\n")
    return message


def test_a_server_takes_it(server: tuple[Received, int]) -> None:
    received, port = server
    send(f"smtp://127.0.0.1:{port}", a_mail())
    (mail,) = received.mails
    assert message_from_bytes(mail)["Message-ID"] == "<one@node.example>"


def test_what_is_not_taken_is_said(server: tuple[Received, int]) -> None:
    received, port = server
    received.refuses = True
    with pytest.raises(MailFailed):
        send(f"smtp://127.0.0.1:{port}", a_mail())
    (nobody,) = free_ports(1)
    with pytest.raises(MailFailed):
        send(f"smtp://127.0.0.1:{nobody}", a_mail())


def test_a_password_is_told_over_tls_only(server: tuple[Received, int]) -> None:
    received, port = server
    with pytest.raises(MailFailed, match="TLS"):
        send(f"smtp://user:secret@127.0.0.1:{port}", a_mail())
    assert not received.mails


def test_without_a_server_it_is_laid_into_a_folder_for_its_owner(tmp_path: Path) -> None:
    folder = tmp_path / "mail here"
    for _ in range(2):
        send(folder.as_uri(), a_mail())
    (file,) = folder.iterdir()
    assert file.name == "one.eml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert message_from_bytes(file.read_bytes())["Subject"] == "Hello"
