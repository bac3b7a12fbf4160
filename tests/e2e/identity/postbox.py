"""A mail server of the operator's, and how a node is told of it."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from typing import Any

from aiosmtpd.controller import Controller

from deploy.node.ports import free_ports


class Postbox:
    """The operator's mail server: what it took, by address."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.mails: dict[str, list[Any]] = {}
        self.controller: Controller | None = None

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        for to in envelope.rcpt_tos:
            mail = message_from_bytes(envelope.content, policy=policy.default)
            self.mails.setdefault(to, []).append(mail)
        return "250 Taken"

    def open(self) -> None:
        """Begin to take mail."""
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    def close(self) -> None:
        """Take none."""
        if self.controller is not None:
            self.controller.stop()
            self.controller = None

    def links(self, to: str, number: int = 1, patience: float = 20.0) -> list[str]:
        """The links that came to an address, when so many have come."""
        until = time.monotonic() + patience
        while len(self.mails.get(to, [])) < number:
            assert time.monotonic() < until, f"{len(self.mails.get(to, []))} of {number} mails came"
            time.sleep(0.1)
        texts = [mail.get_content() for mail in self.mails[to]]
        return [found[0] for text in texts if (found := re.search(r"http://\S+/sign-in/link/\S+", text))]


@contextmanager
def opened() -> Iterator[Postbox]:
    """A mail server that takes mail."""
    box = Postbox(free_ports(1)[0])
    box.open()
    try:
        yield box
    finally:
        box.close()


def told_of(postbox: Postbox) -> dict[str, str]:
    """The settings of a node that sends its mail there."""
    return {
        "COMMONPLACE_MAIL": f"smtp://127.0.0.1:{postbox.port}",
        "COMMONPLACE_MAIL_FROM": "node@node.example",
        "COMMONPLACE_OUTBOUND_ALLOWED": "http://127.0.0.1:*",
        "COMMONPLACE_SIGN_IN_LINKS_PER_MINUTE": "1000",
    }
