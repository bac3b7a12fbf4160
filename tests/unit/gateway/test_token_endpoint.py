"""Client credentials as RFC 6749 has them, and the gaps of the library closed."""

import base64
from collections.abc import Callable
from typing import Any

import pytest
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.gateway.door.application import Door
from shared.errors import Unavailable
from tests.unit.gateway.conftest import CLIENT, CLIENT_SECRET, OTHER, PlayedSwitchboard

GRANT = {"grant_type": "client_credentials"}
IN_BODY = {"client_id": CLIENT, "client_secret": CLIENT_SECRET}


@pytest.fixture
def client(app: Door) -> FlaskClient:
    return app.test_client()


def basic(user: str = CLIENT, secret: str = CLIENT_SECRET) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()}


def error(answer: TestResponse) -> tuple[int, Any]:
    assert answer.content_type == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status_code, answer.json["error"]  # type: ignore[index]


@pytest.mark.parametrize("way", [{"headers": basic(), "data": GRANT}, {"data": GRANT | IN_BODY}])
def test_a_secret_buys_a_token_for_fifteen_minutes(client: FlaskClient, way: dict[str, Any]) -> None:
    answer = client.post("/oauth/token", **way)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.json
    assert body is not None
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 900)
    assert "threads:write" in body["scope"].split()
    assert "refresh_token" not in body


def test_fewer_scopes_may_be_asked_for(client: FlaskClient) -> None:
    answer = client.post("/oauth/token", headers=basic(), data=GRANT | {"scope": "threads:read inbox:read"})
    assert answer.json["scope"] == "threads:read inbox:read"  # type: ignore[index]


def test_a_scope_that_was_not_granted_is_refused(client: FlaskClient, switchboard: PlayedSwitchboard) -> None:
    switchboard.scopes = ("threads:read",)
    for scope in ("threads:write", "threads:read threads:write", "everything"):
        assert error(client.post("/oauth/token", headers=basic(), data=GRANT | {"scope": scope})) == (
            400,
            "invalid_scope",
        )


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"headers": basic(secret="wrong"), "data": GRANT}, (401, "invalid_client")),
        ({"headers": basic(user=OTHER), "data": GRANT}, (401, "invalid_client")),
        ({"headers": basic(user="$ne"), "data": GRANT}, (401, "invalid_client")),
        ({"headers": {"Authorization": "Basic !!!"}, "data": GRANT}, (401, "invalid_client")),
        ({"data": GRANT}, (401, "invalid_client")),
        ({"data": GRANT | {"client_id": CLIENT}}, (401, "invalid_client")),
        ({"data": GRANT | IN_BODY | {"client_secret": "ключ"}}, (401, "invalid_client")),
        (
            {"headers": basic(), "data": {"grant_type": "password", "username": "a", "password": "b"}},
            (400, "unsupported_grant_type"),
        ),
        ({"headers": basic(), "data": {"grant_type": "authorization_code"}}, (400, "unsupported_grant_type")),
        ({"headers": basic(), "data": {"scope": ""}}, (400, "invalid_request")),
        ({"headers": basic(), "data": {}}, (400, "invalid_request")),
        (
            {"headers": basic(), "data": {"grant_type": ["client_credentials", "client_credentials"]}},
            (400, "invalid_request"),
        ),
        (
            {"headers": basic(), "data": GRANT | {"scope": ["threads:read", "inbox:read"]}},
            (400, "invalid_request"),
        ),
        ({"headers": basic(), "data": GRANT | IN_BODY}, (400, "invalid_request")),
        ({"headers": basic(), "json": GRANT}, (400, "invalid_request")),
        ({"headers": basic(), "data": GRANT, "query_string": "a=b"}, (400, "invalid_request")),
        ({"query_string": GRANT | IN_BODY}, (400, "invalid_request")),
    ],
)
def test_refusals_are_oauths_own(
    client: FlaskClient, request_: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert error(client.post("/oauth/token", **request_)) == expected


@pytest.mark.parametrize(
    ("form", "status", "words"),
    [
        (GRANT | {"client_secret": "wrong"}, 401, "No client is known by this id and secret"),
        (GRANT | {"client_id": OTHER}, 401, "No client is known by this id and secret"),
        (GRANT | {"scope": "threads:write everything"}, 400, "leave scope out to be given all that it has"),
        ({"grant_type": "<password>"}, 400, "send grant_type=client_credentials"),
        ({"grant_type": ""}, 400, "send grant_type=client_credentials"),
        ({"scope": "threads:read"}, 400, "Send grant_type=client_credentials"),
    ],
)
def test_refusals_say_in_our_words_how_to_mend_it(
    client: FlaskClient, form: dict[str, Any], status: int, words: str
) -> None:
    answer = client.post("/oauth/token", data=IN_BODY | form)
    assert answer.status_code == status
    sentence = answer.json["error_description"]  # type: ignore[index]
    assert words in sentence
    for inside in ("methods", "client_secret_", "[", "<", "everything"):
        assert inside not in sentence
    # RFC 6749, 5.2: printable ASCII without quotes and backslashes.
    assert all(" " <= letter <= "~" and letter not in '"\\' for letter in sentence)
    challenge = answer.headers.get("WWW-Authenticate")
    assert challenge == ('Basic realm="commonplace"' if status == 401 else None)


@pytest.mark.parametrize("method", ["get", "head", "put", "delete", "patch"])
def test_a_secret_in_an_address_is_never_read(client: FlaskClient, method: str) -> None:
    answer = getattr(client, method)("/oauth/token", query_string=GRANT | IN_BODY)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


def test_the_sixth_wrong_secret_in_a_minute_has_to_wait(client: FlaskClient) -> None:
    for _ in range(5):
        assert error(client.post("/oauth/token", headers=basic(secret="wrong"), data=GRANT))[0] == 401
    answer = client.post("/oauth/token", headers=basic(secret="wrong"), data=GRANT)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert client.post("/oauth/token", headers=basic(), data=GRANT).status_code == 429
    spoofed = basic(secret="wrong") | {"X-Forwarded-For": "10.1.2.3"}
    assert client.post("/oauth/token", headers=spoofed, data=GRANT).status_code == 429
    elsewhere = client.post(
        "/oauth/token", headers=basic(), data=GRANT, environ_overrides={"REMOTE_ADDR": "10.9.9.9"}
    )
    assert elsewhere.status_code == 200, "a stranger's guesses must not lock the client out"


def test_right_secrets_are_not_counted(client: FlaskClient) -> None:
    for _ in range(10):
        assert client.post("/oauth/token", headers=basic(), data=GRANT).status_code == 200


def test_when_nobody_can_be_asked_it_says_so(client: FlaskClient, switchboard: PlayedSwitchboard) -> None:
    def away(call: object) -> None:
        raise Unavailable("away", retry_after="3")

    switchboard.ask = away  # type: ignore[method-assign, assignment]
    answer = client.post("/oauth/token", headers=basic(), data=GRANT)
    assert error(answer) == (503, "temporarily_unavailable")
    assert answer.headers["Retry-After"] == "3"


def test_the_metadata_is_sound(make_app: Callable[..., Door]) -> None:
    issuer = "https://node.example"
    client = make_app(public_url=issuer + "/").test_client()
    answer = client.get("/.well-known/oauth-authorization-server", base_url=issuer)
    # authlib takes the empty list, which says that there is no authorization endpoint, for a missing one.
    AuthorizationServerMetadata(answer.json | {"response_types_supported": ["none"]}).validate()  # type: ignore[operator]
    assert answer.json["issuer"] == issuer  # type: ignore[index]
    assert answer.json["token_endpoint"] == f"{issuer}/oauth/token"  # type: ignore[index]
    assert client.get("/oauth/jwks.json", base_url=issuer).json["keys"]  # type: ignore[index]
