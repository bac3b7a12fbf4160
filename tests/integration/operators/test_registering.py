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
from joserfc.jwk import ECKey

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
    assert operator.made("agreements", "list", "--organisation", board["organisation"]) == []
    person = ("--handle", "ann", "--profession", "Nurse", "--interest", "falls", "--interest", "balance")
    ann = operator.made("members", "register", "Ann", "--organisation", board["organisation"], *person)
    assert (ann["organisation_name"], ann["interests"]) == ("Board [north]", ["falls", "balance"])

    token = operator.made("tokens", "issue", ann["member"], "--scope", "members:read", "--days", "1")
    assert token["scopes"] == ["members:read"]
    assert [one["member"] for one in operator.made("members", "list", "--handle", "ann")] == [ann["member"]]
    assert operator.made("communities", "list") == []
    assert operator.made("members", "list", "--organisation", NOBODY) == []
    assert operator.run("members", "list").stdout == f"{ann['member']}\tann\tAnn\tBoard [north]\tyes\n"
    assert [one["token"] for one in operator.made("tokens", "list", ann["member"])] == [token["token"]]
    by_secret = operator.run("tokens", "revoke", token["secret"])
    assert by_secret.returncode == 1 and "give its id, not its secret" in by_secret.stderr
    assert token["secret"] not in by_secret.stderr
    signed_in = {"Authorization": f"Bearer {token['secret']}"}
    assert httpx2.get(f"{running.url}/v1/me", headers=signed_in, timeout=10).json()["name"] == "Ann"
    assert operator.run("tokens", "revoke", token["token"]).returncode == 0
    refused_within_ten_seconds(f"{running.url}/v1/me", signed_in)

    scopes = ("--scope", "members:read", "--scope", "threads:read")
    said = operator.run("clients", "register", "Intranet", "--organisation", board["organisation"], *scopes)
    client, secret = said.stdout.split()[1], said.stdout.splitlines()[-1]
    (known,) = operator.made("clients", "list", "--organisation", board["organisation"])
    assert (known["client"], known["name"], known["secret"]) == (client, "Intranet", None)
    access = trade(running.url, client, secret).json()
    assert access["scope"].split() == ["members:read", "threads:read"]
    acting = {"Authorization": f"Bearer {access['access_token']}", "Commonplace-Member": ann["member"]}
    assert httpx2.get(f"{running.url}/v1/me", headers=acting, timeout=10).json()["name"] == "Ann"

    assert operator.run("clients", "revoke", client).stdout == f"Client {client} is ended.\n"
    refused_within_ten_seconds(f"{running.url}/v1/me", acting)
    assert trade(running.url, client, secret).status_code == 401


def test_a_systems_secret_is_changed_and_its_keys_are_set(
    fresh_environment: dict[str, str], node: StartNode, tmp_path: Path
) -> None:
    running = node(fresh_environment, {"membership": 1, "gateway": 1})
    operator = Operator(fresh_environment)
    board = operator.made("organisations", "register", "B", "--sector", "health", "--geography", "Wales")
    whose = ("--organisation", board["organisation"], "--scope", "members:read")
    client = operator.made("clients", "register", "Intranet", *whose, "--days", "30")
    added = operator.made("clients", "add-secret", client["client"], "--days", "90")
    assert trade(running.url, client["client"], added["secret"]).status_code == 200
    third = operator.run("clients", "add-secret", client["client"])
    assert third.returncode == 1 and "two secrets" in third.stderr
    first, second = operator.made("clients", "list-secrets", client["client"])["secrets"]
    assert (second["secret_id"], second["secret"]) == (added["secret_id"], None)
    assert operator.run("clients", "end-secret", client["client"], first["secret_id"]).returncode == 0
    assert trade(running.url, client["client"], client["secret"]).status_code == 401
    assert trade(running.url, client["client"], added["secret"]).status_code == 200

    key = ECKey.generate_key("P-256")
    private, public = tmp_path / "private.json", tmp_path / "public.json"
    private.write_text(json.dumps(key.as_dict(private=True)))
    public.write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
    refused = operator.run("clients", "set-keys", client["client"], "--keys", str(private))
    assert refused.returncode == 1 and "private" in refused.stderr
    assert key.as_dict(private=True)["d"] not in refused.stderr
    assert operator.run("clients", "set-keys", client["client"], "--keys", str(public)).returncode == 0
    signer = operator.made("clients", "register", "Signer", *whose, "--keys", str(public))
    assert signer["secret"] is None


def test_the_gateways_keys_are_changed(fresh_environment: dict[str, str], node: StartNode) -> None:
    running = node(fresh_environment, {"membership": 1, "gateway": 1})
    operator = Operator(fresh_environment)

    def published() -> set[str]:
        return {key["kid"] for key in httpx2.get(f"{running.url}/oauth/jwks.json").json()["keys"]}

    (old,) = published()
    still = operator.run("keys", "retire", old)
    assert still.returncode == 1 and "signing" in still.stderr
    new = operator.run("keys", "rotate", "--at-once").stdout.split()[1]
    listed = operator.run("keys", "list").stdout
    assert old in listed and new in listed
    states = {one["key"]: one["state"] for one in operator.made("keys", "list")}
    assert states.keys() == {old, new} and states[new] == "signing"
    end = time.monotonic() + 12
    while published() != {old, new}:
        assert time.monotonic() < end
        time.sleep(0.2)
    assert operator.run("keys", "retire", old).returncode == 1, "its tokens are still good"
    assert operator.run("keys", "retire", old, "--at-once").returncode == 0
    end = time.monotonic() + 12
    while published() != {new}:
        assert time.monotonic() < end
        time.sleep(0.2)


def test_an_organisations_sign_in_is_connected(
    fresh_environment: dict[str, str], node: StartNode, tmp_path: Path
) -> None:
    running = node(fresh_environment, {"membership": 1, "gateway": 1})
    operator = Operator(fresh_environment)
    board = operator.made("organisations", "register", "B", "--sector", "health", "--geography", "Wales")
    secret = tmp_path / "secret.txt"
    secret.write_text("a very secret secret\n")
    told = ("--organisation", board["organisation"], "--client-id", "us", "--domain", "Board.example")
    issuer = ("--issuer", "https://login.example/realms/staff")
    made = operator.made("identity-providers", "add", "Staff", *told, *issuer, "--secret-file", str(secret))
    assert (made["domains"], made["sealed_secret"]) == (["board.example"], None)
    listed = operator.made("identity-providers", "list")
    assert listed == {"providers": [made]}
    again = operator.run("identity-providers", "add", "Staff 2", *told, *issuer)
    assert again.returncode == 1 and "domains" in again.stderr
    common = ("--issuer", "https://login.microsoftonline.com/common/v2.0", "--kind", "entra")
    everybodys = operator.run("identity-providers", "add", "Entra", *told, *common)
    assert everybodys.returncode == 1 and "tenant" in everybodys.stderr

    person = ("--handle", "ann", "--profession", "Nurse", "--external-id", "ann-at-home")
    ann = operator.made("members", "register", "Ann", "--organisation", board["organisation"], *person)
    invitation = operator.run("members", "invite", ann["member"]).stdout.splitlines()[-1]
    page = httpx2.get(f"{running.url}{invitation}", timeout=10)
    assert page.status_code == 200 and made["provider"] in page.text
    assert operator.run("identity-providers", "remove", made["provider"]).returncode == 0
    assert operator.made("identity-providers", "list") == {"providers": []}
    assert httpx2.get(f"{running.url}{invitation}", timeout=10).status_code == 404


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
        (
            ("tokens", "issue", "ann"),
            "The member 'ann' can't be used: must be an id: 24 characters, each 0 to 9 or a to f.",
        ),
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
