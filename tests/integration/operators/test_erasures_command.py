"""`commonplace erasures` on real processes: asked for once, taken back, carried out, and its receipts read."""

import time
from typing import Any

import httpx2

from tests.conftest import StartNode
from tests.integration.operators.test_registering import Operator

PATIENCE = 60.0


def test_the_operator_has_somebody_forgotten_and_reads_who_has_answered(
    fresh_environment: dict[str, str], node: StartNode
) -> None:
    environment = {**fresh_environment, "COMMONPLACE_ERASURE_WAITS_DAYS": "7"}
    processes = {"membership": 1, "discussion": 1, "notifications": 1, "gateway": 1}
    running = node(environment, processes)
    operator = Operator(environment)
    board = operator.made("organisations", "register", "North", "--sector", "health", "--geography", "Wales")
    profile = ("--organisation", board["organisation"], "--handle", "ann", "--profession", "Nurse")
    ann = operator.made("members", "register", "Ann Unmistakeable", *profile)["member"]
    wrong = operator.run("erasures", "ask", ann, "--handle", "anne")
    assert (wrong.returncode, "Type your own handle" in wrong.stderr) == (1, True)
    assert operator.run("erasures", "ask", "0" * 24, "--handle", "ann").returncode == 1
    first = operator.made("erasures", "ask", ann, "--handle", "ann")
    assert (first["state"], first["receipts"]) == ("waiting", [])
    again = operator.run("erasures", "ask", ann, "--handle", "ann")
    assert (again.returncode, "erased already" in again.stderr) == (1, True)
    assert ann in operator.run("erasures", "list", "--unfinished").stdout
    assert operator.made("erasures", "cancel", ann)["state"] == "cancelled"
    assert operator.run("erasures", "cancel", ann).returncode == 1
    assert operator.made("erasures", "list", "--unfinished") == []

    running.kill()
    at_once = {**fresh_environment, "COMMONPLACE_ERASURE_WAITS_DAYS": "0"}
    running = node(at_once, processes)
    operator = Operator(at_once)
    second = operator.made("erasures", "ask", ann, "--handle", "ann", "--remove-texts")
    done: dict[str, Any] = {}
    until = time.monotonic() + PATIENCE
    while done.get("state") != "complete":
        assert time.monotonic() < until, done
        time.sleep(0.5)
        done = operator.made("erasures", "show", second["erasure"])
    assert {receipt["service"] for receipt in done["receipts"]} == set(done["expected"])
    read = httpx2.get(f"{running.url}/erasure-receipts/{second['number']}", timeout=10).json()
    assert read == done
    shown = operator.run("erasures", "show", second["erasure"]).stdout
    assert "✓ membership" in shown and "not answered" not in shown
    assert "Ann" not in operator.run("erasures", "list", "--json").stdout
