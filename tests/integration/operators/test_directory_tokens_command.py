"""`commonplace directory tokens` on real processes: shown once, two at a time, listed without secrets, ended."""

from tests.conftest import StartNode
from tests.integration.operators.test_registering import Operator


def test_an_organisation_gets_two_directory_tokens_and_loses_one(
    fresh_environment: dict[str, str], node: StartNode
) -> None:
    node(fresh_environment, {"membership": 1})
    operator = Operator(fresh_environment)
    made = operator.made("organisations", "register", "North", "--sector", "health", "--geography", "Wales")
    organisation = made["organisation"]
    first = operator.made("directory", "tokens", "issue", organisation, "--name", "Entra")
    second = operator.made("directory", "tokens", "issue", organisation)
    assert first["secret"].startswith("cop_directory_") and first["secret"] != second["secret"]
    third = operator.run("directory", "tokens", "issue", organisation)
    assert third.returncode == 1
    assert "revoke one" in third.stderr
    listed = operator.run("directory", "tokens", "list", organisation).stdout
    assert first["token"] in listed and second["token"] in listed and first["secret"] not in listed
    assert {one["token"] for one in operator.made("directory", "tokens", "list", organisation)} == {
        first["token"],
        second["token"],
    }
    assert operator.run("directory", "tokens", "revoke", organisation, first["token"]).returncode == 0
    assert first["token"] not in operator.run("directory", "tokens", "list", organisation).stdout
    again = operator.run("directory", "tokens", "revoke", organisation, first["token"])
    assert again.returncode == 1
