"""A real browser, if there is one on this machine: Chromium, spoken to over a pipe by its DevTools protocol."""

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.e2e.identity.passkeys import ORIGIN

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PATIENCE = 20.0
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
"""A telephone whose owner puts their finger on it as soon as it asks."""


class Tab:
    """One tab.

    Args:
        to, back: the ends of the pipes that Chromium reads from and writes to.
    """

    def __init__(self, to: int, back: int) -> None:
        self._to = to
        self._back = os.fdopen(back, "rb")
        self._number = 0
        self._waiting = b""
        self._session: str | None = None
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "WebAuthn"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Ask Chromium for something, and wait for the answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            told: dict[str, Any] = json.loads(self._next())
            if told.get("id") == self._number:
                assert "error" not in told, told
                result: dict[str, Any] = told["result"]
                return result

    def _next(self) -> bytes:
        while b"\0" not in self._waiting:
            read = self._back.raw.read(65_536)  # type: ignore[attr-defined]
            assert read, "Chromium has gone"
            self._waiting += read
        one, _, self._waiting = self._waiting.partition(b"\0")
        return one

    def open(self, path: str) -> None:
        """Go to a page of the node."""
        self.ask("Page.navigate", url=ORIGIN + path)
        self.until("document.readyState === 'complete'")

    def run(self, expression: str) -> Any:
        """What an expression is on the page; None while there is none."""
        told = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, userGesture=True)
        return told["result"].get("value")

    def until(self, expression: str) -> None:
        """Wait until an expression holds."""
        end = time.monotonic() + PATIENCE
        while not self.run(expression):
            assert time.monotonic() < end, f"{expression}: {self.run('document.body.innerText')}"
            time.sleep(0.05)

    def click(self, selector: str) -> None:
        """Click on something."""
        self.run(f"document.querySelector({json.dumps(selector)}).click()")

    def sign_in(self, cookie: str, value: str) -> None:
        """Hold the cookie of a sign-in."""
        told = {"name": cookie, "value": value, "url": ORIGIN, "path": "/", "secure": True, "httpOnly": True}
        assert self.ask("Network.setCookie", **told)["success"]

    def device(self, **different: Any) -> str:
        """Plug an authenticator in; its id."""
        told = self.ask("WebAuthn.addVirtualAuthenticator", options={**DEVICE, **different})
        device: str = told["authenticatorId"]
        return device

    def picture(self, file: Path, width: int = 900) -> None:
        """What is seen, as a PNG."""
        self.ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False
        )
        shot = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(shot["data"]))


@contextmanager
def chromium(folder: Path, port: int) -> Iterator[Tab]:
    """A browser that finds the node under its name.

    Args:
        folder: for its profile.
        port: where the gateway is on this machine.
    """
    assert PROGRAM
    reads, to = os.pipe()
    back, writes = os.pipe()
    name = ORIGIN.removeprefix("http://")
    # Chromium reads its orders from 3 and answers on 4.
    orders = f'exec 3<&{reads} 4>&{writes}; exec "$0" "$@"'
    running = subprocess.Popen(
        [
            "bash", "-c", orders, PROGRAM, "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu",
            f"--user-data-dir={folder}", f"--host-resolver-rules=MAP {name}:80 127.0.0.1:{port}",
            "--no-first-run", "--disable-background-networking", "--disable-component-update",
        ],
        pass_fds=(reads, writes),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(reads)
    os.close(writes)
    try:
        yield Tab(to, back)
    finally:
        running.terminate()
        running.wait(20)
        os.close(to)
