"""`commonplace dashboards check`: what is empty on a quiet node is no fault, and a query that fails is."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from deploy.grafana.queries import panel_queries
from deploy.prometheus.expressions import metrics_of
from deploy.prometheus.rules import rules

COMMONPLACE = Path(sys.executable).with_name("commonplace")


@contextmanager
def quiet_prometheus(names: set[str]) -> Iterator[str]:
    """The address of a Prometheus that knows these metrics and has a value of none of them."""

    class Quiet(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data: object = {"resultType": "vector", "result": []}
            if "/label/" in self.path:
                data = sorted(names)
            elif "/metadata" in self.path:
                data = {}
            body = json.dumps({"status": "success", "data": data}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def check(prometheus: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMONPLACE, "dashboards", "check", "--prometheus", prometheus],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_quiet_node_is_not_at_fault_and_a_metric_that_nobody_has_is() -> None:
    needed = {name for query in panel_queries() for name in metrics_of(query.expression)}
    needed |= {name for rule in rules() for name in metrics_of(rule.expression)}
    with quiet_prometheus(needed) as url:
        done = check(url)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "✗" not in done.stdout and "empty just now" in done.stdout and ", 0 at fault." in done.stdout

    with quiet_prometheus(needed - {"commonplace_calls_total"}) as url:
        done = check(url)
    assert done.returncode == 1
    assert "✗" in done.stdout and "nobody has commonplace_calls_total" in done.stdout
