"""A provider that says whatever a test has it say, to be found out."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

KEY = ECKey.generate_key("P-256", {"kid": "1", "use": "sig", "alg": "ES256"})


class FalseProvider:
    """Serves metadata and keys like any provider; its ID tokens are made by `make`.

    Args:
        issuer: where it is.
    """

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.metadata: dict[str, Any] = {}
        self.nonce: str | None = None
        self.client = ""
        self.make: Callable[[FalseProvider], str] = FalseProvider.token
        self.traded: list[dict[str, list[str]]] = []

    def heard(self, address: str) -> str:
        """What a browser was sent here with: remembers the nonce; the state to answer."""
        asked = parse_qs(urlsplit(address).query)
        self.nonce, self.client = asked["nonce"][0], asked["client_id"][0]
        return asked["state"][0]

    def token(self, key: Any = KEY, head: Any = None, **different: Any) -> str:
        """An ID token, sound but for what is said to be different (None leaves a claim out)."""
        now = int(time.time())
        sound = {"iss": self.issuer, "aud": self.client, "sub": "mallory", "nonce": self.nonce}
        claims = sound | {"iat": now, "exp": now + 300} | different
        header = {"alg": "ES256", "kid": "1"} | (head or {})
        said = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(header, said, key, algorithms=[header["alg"]])

    def answer(self, path: str) -> Any:
        """What is at an address."""
        if path.endswith("/.well-known/openid-configuration"):
            places = ("authorization_endpoint", "token_endpoint", "end_session_endpoint", "jwks_uri")
            return (
                {"issuer": self.issuer} | {name: f"{self.issuer}/{name}" for name in places} | self.metadata
            )
        if path == "/jwks_uri":
            return KeySet([KEY]).as_dict(private=False)
        return {"token_type": "Bearer", "access_token": "x", "id_token": self.make(self)}


@contextmanager
def false_provider(port: int) -> Iterator[FalseProvider]:
    """Run one on the loopback interface."""
    provider = FalseProvider(f"http://127.0.0.1:{port}")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            provider.traded.append(parse_qs(body.decode()))
            self._answer()

        def _answer(self) -> None:
            content = json.dumps(provider.answer(self.path)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
