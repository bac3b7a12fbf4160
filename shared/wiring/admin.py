"""The operator's door of a process: /metrics, /healthz and /readyz on a port of its own.

Apart from the work, so that it answers in milliseconds also when every worker is busy. `healthz`
says that the process lives; `readyz` asks each check and says which one is not ready, and why.
"""

import json
import threading
from collections.abc import Callable, Iterable, Mapping
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from prometheus_client import REGISTRY, make_wsgi_app

from shared.wiring.metrics import READY

Checks = Mapping[str, Callable[[], str | None]]


class _Quiet(WSGIRequestHandler):
    timeout = 10

    def log_message(self, format: str, *args: object) -> None:
        pass


class _Threading(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    allow_reuse_address = True


def _answer(start_response: StartResponse, status: str, content: dict[str, object]) -> Iterable[bytes]:
    body = json.dumps(content).encode()
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def _reasons(checks: Checks) -> dict[str, str]:
    """Ask every check; the alert on `commonplace_ready` and a load balancer's probe see the same."""
    reasons = {}
    for name, check in checks.items():
        if reason := check():
            reasons[name] = reason
        READY.labels(name).set(name not in reasons)
    return reasons


def admin_application(checks: Checks) -> WSGIApplication:
    """The WSGI application behind the admin port.

    Args:
        checks: by name, a function that returns None when ready and otherwise one sentence saying why not.
    """
    metrics: WSGIApplication = make_wsgi_app(REGISTRY)

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/metrics":
            _reasons(checks)
            return metrics(environ, start_response)
        if path == "/healthz":
            return _answer(start_response, "200 OK", {"status": "alive"})
        if path == "/readyz":
            if reasons := _reasons(checks):
                return _answer(
                    start_response, "503 Service Unavailable", {"status": "not ready", "why": reasons}
                )
            return _answer(start_response, "200 OK", {"status": "ready"})
        return _answer(
            start_response, "404 Not Found", {"status": "there is only /metrics, /healthz and /readyz"}
        )

    return application


def start_admin(host: str, port: int, checks: Checks) -> Callable[[], None]:
    """Serve the admin port from a thread of its own; returns the function that stops it. Port 0 serves nothing."""
    if not port:
        return lambda: None
    server = make_server(host, port, admin_application(checks), server_class=_Threading, handler_class=_Quiet)
    threading.Thread(target=server.serve_forever, name="admin", daemon=True).start()

    def stop() -> None:
        server.shutdown()
        server.server_close()

    return stop
