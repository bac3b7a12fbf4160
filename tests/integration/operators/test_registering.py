"""An operator connects an organisation, its first member and its own system, on real processes, and shuts it out again."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.conftest import StartNode

COMMONPLACE = Path(sys.executable).with_name("commonplace")
NOBODY = "0" * 24


class Operator:
    """Somebody at a terminal."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = {**os.environ, **environment, "NO_COLOR": "1", "COLUMNS": "300"}

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [COMMONPLACE, *words], env=self.environment, capture_output=True, text=True, check=False
        )

    def made(self, *words: str) -> Any:
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


def trade(url: str, client: str, secret: str) -> httpx2.Response:
    return httpx2.post(
        f"{url}/oauth/token", auth=(client, secret), data={"grant_type": "client_credentials"}, timeout=10
    )


def test_a_partner_is_connected_and_shut_out(fresh_environment: dict[str, str], node: StartNode) -> None:
    running = node(fresh_environment, {"membership": 1, "gateway": 1})
    operator = Operator(fresh_environment)
    assert operator.made("organisations", "list") == []
    board = operator.made(
        "organisations", "register", "Board [north]", "--sector", "health", "--geography", "Wales"
    )
    assert operator.made("organisations", "list") == [board]
    assert "Board [north]" in operator.run("organisations", "list").stdout
    person = ("--handle", "ann", "--profession", "Nurse", "--interest", "falls", "--interest", "balance")
    ann = operator.made("members", "register", "Ann", "--organisation", board["organisation"], *person)
    assert (ann["organisation_name"], ann["interests"]) == ("Board [north]", ["falls", "balance"])

    token = operator.made("tokens", "issue", ann["member"], "--scope", "members:read", "--days", "1")
    assert token["scopes"] == ["members:read"]
    signed_in = {"Authorization": f"Bearer {token['secret']}"}
    assert httpx2.get(f"{running.url}/v1/me", headers=signed_in, timeout=10).json()["name"] == "Ann"
    assert operator.run("tokens", "revoke", token["token"]).returncode == 0
    refused_within_ten_seconds(f"{running.url}/v1/me", signed_in)

    scopes = ("--scope", "members:read", "--scope", "threads:read")
    said = operator.run("clients", "register", "Intranet", "--organisation", board["organisation"], *scopes)
    client, secret = said.stdout.split()[1], said.stdout.splitlines()[-1]
    access = trade(running.url, client, secret).json()
    assert access["scope"].split() == ["members:read", "threads:read"]
    acting = {"Authorization": f"Bearer {access['access_token']}", "Commonplace-Member": ann["member"]}
    assert httpx2.get(f"{running.url}/v1/me", headers=acting, timeout=10).json()["name"] == "Ann"

    assert operator.run("clients", "revoke", client).stdout == f"Client {client} is ended.\n"
    refused_within_ten_seconds(f"{running.url}/v1/me", acting)
    assert trade(running.url, client, secret).status_code == 401


def refused_within_ten_seconds(url: str, headers: Mapping[str, str]) -> None:
    end = time.monotonic() + 12
    while (status := httpx2.get(url, headers=headers, timeout=10).status_code) != 401:
        assert time.monotonic() < end, status
        time.sleep(0.2)


def test_what_can_not_be_done_is_said_in_a_sentence(
    fresh_environment: dict[str, str], node: StartNode
) -> None:
    node(fresh_environment, {"membership": 1})
    operator = Operator(fresh_environment)
    person = ("--handle", "ann", "--profession", "Nurse")
    for words, sentence in (
        (("members", "register", "Ann", "--organisation", NOBODY, *person), "There is no such organisation"),
        (("tokens", "issue", NOBODY), "no such member"),
        (("clients", "revoke", NOBODY), "no such client"),
    ):
        done = operator.run(*words)
        assert (done.returncode, done.stdout) == (1, ""), words
        assert "The node refuses this" in done.stderr and sentence.lower() in done.stderr.lower(), done.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("tokens", "issue", "ann"), "The member 'ann' can't be used"),
        (("tokens", "issue", NOBODY, "--days", "400"), "The expires in days 400 can't be used"),
        (("clients", "register", "X", "--organisation", NOBODY, "--scope", "all"), "The scopes 'all' can't"),
        (
            ("members", "register", "A", "--organisation", NOBODY, "--handle", "[x]", "--profession", "N"),
            "The handle '[x]' can't be used",
        ),
    ],
)
def test_what_was_mistyped_is_said_without_asking_the_node(words: tuple[str, ...], sentence: str) -> None:
    done = Operator({"COMMONPLACE_BROKER": "amqp://nobody:no@127.0.0.1:1/none"}).run(*words)
    assert (done.returncode, done.stdout) == (1, "")
    assert sentence in done.stderr and "Traceback" not in done.stderr
