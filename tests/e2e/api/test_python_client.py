"""A partner's system at work through the generated Python client alone."""

import json
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from typing import Any

import httpx2
import pytest

from tests.e2e.api.conftest import SCOPES, Town
from tests.e2e.api.partners import Place
from tests.e2e.api.python_client import forget_client, make_client
from tests.e2e.api.waiting import eventually
from tests.e2e.receivers import receiver


@pytest.fixture(scope="module")
def document(town: Town) -> Any:
    return httpx2.get(f"{town.url}/v1/openapi.json").json()


@pytest.fixture(scope="module")
def made(document: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_client(document, tmp_path_factory.mktemp("client"))


@pytest.fixture(scope="module")
def client_package(made: Path) -> Iterator[Path]:
    """The client, to be imported."""
    sys.path.insert(0, str(made))
    yield made
    sys.path.remove(str(made))
    forget_client()


def test_a_partners_system_does_its_work(town: Town, client_package: Path) -> None:
    from commonplace_client import Refused, answered, connect, pages
    from commonplace_client.v1.api.communities import list_communities
    from commonplace_client.v1.api.posts import add_post, edit_post, get_post
    from commonplace_client.v1.api.threads import list_threads, open_thread
    from commonplace_client.v1.models import NewPost, NewThread, ThreadKind

    place = Place(town)
    client, secret = town.client(place.theirs, SCOPES)
    with connect(town.url, client=client, secret=secret, member=place.ben.id) as node:
        (listed,) = pages(list_communities.sync_detailed, client=node, mine=True)
        assert [community.community for community in listed.items] == [place.community]

        question = NewThread(kind=ThreadKind.QUESTION, title="Who has tried this?", text="Tell us.")
        key = token_hex(12)
        first, again = (
            open_thread.sync_detailed(place.community, client=node, body=question, idempotency_key=key)
            for _ in range(2)
        )
        thread = answered(first)
        assert answered(again) == thread and again.headers["Idempotency-Replayed"] == "true"

        for number in range(3):
            place.asks(f"Question {number}")
        found = list(pages(list_threads.sync_detailed, place.community, client=node, limit=2))
        assert [len(page.items) for page in found] == [2, 2, 1]
        assert {thread.thread} < {one.thread for page in found for one in page.items}

        post = answered(
            add_post.sync_detailed(
                thread.thread, client=node, body=NewPost(text="Day three."), idempotency_key=token_hex(12)
            )
        )
        read = get_post.sync_detailed(post.post, client=node)
        edited = edit_post.sync_detailed(
            post.post, client=node, if_match=read.headers["ETag"], body=NewPost(text="Day **two**.")
        )
        assert "<strong>two</strong>" in answered(edited).html
        with pytest.raises(Refused) as late:
            answered(
                edit_post.sync_detailed(
                    post.post, client=node, if_match=read.headers["ETag"], body=NewPost(text="Day four.")
                )
            )
        assert (late.value.status, late.value.kind) == (412, "stale-revision")
        assert [fault.where for fault in late.value.errors] == ["If-Match"]


def test_a_partners_system_is_told_by_a_webhook(town: Town, client_package: Path) -> None:
    from commonplace_client import Refused, answered, connect
    from commonplace_client.v1.api.webhooks import (
        delete_webhook,
        get_webhook,
        list_webhook_deliveries,
        register_webhook,
        replay_webhook_delivery,
    )
    from commonplace_client.v1.models import EventType, NewWebhook
    from standardwebhooks import Webhook as Verifier

    place = Place(town)
    client, secret = town.client(place.theirs, SCOPES)
    with receiver() as there, connect(town.url, client=client, secret=secret) as node:
        new = NewWebhook(name="Feed", url=there.url, events=[EventType.THREAD_OPENED], contact=place.ben.id)
        webhook = answered(
            register_webhook.sync_detailed(client=node, body=new, idempotency_key=token_hex(12))
        )
        assert isinstance(webhook.secret, str)
        thread = place.asks()
        eventually(lambda: there.types == ["thread.opened"])
        told = there.received[0]
        assert Verifier(webhook.secret).verify(told.body, told.headers)["subject"] == thread

        def delivered() -> list[Any]:
            page = answered(list_webhook_deliveries.sync_detailed(webhook.webhook, client=node))
            return [one for one in page.items if one.state == "delivered"]

        eventually(lambda: bool(delivered()))
        replay_webhook_delivery.sync_detailed(webhook.webhook, told.id, client=node)
        eventually(lambda: there.ids == [told.id, told.id])

        answered(delete_webhook.sync_detailed(webhook.webhook, client=node))
        with pytest.raises(Refused, match="There is no such thing") as gone:
            answered(get_webhook.sync_detailed(webhook.webhook, client=node))
        assert (gone.value.status, gone.value.kind) == (404, "not-found")


def test_credentials_are_renewed_and_refused(town: Town, client_package: Path) -> None:
    from commonplace_client import CredentialsRefused, Refused, Unchanged, answered, connect
    from commonplace_client.v1.api.me import get_me
    from commonplace_client.v1.api.organisations import get_organisation

    organisation = town.organisation(f"Health {token_hex(4)}")
    client, secret = town.client(organisation, SCOPES)
    with connect(f"{town.url}/", client=client, secret=secret) as node:
        read = get_organisation.sync_detailed(organisation, client=node)
        tag = read.headers["ETag"]
        with pytest.raises(Unchanged):
            answered(get_organisation.sync_detailed(organisation, client=node, if_none_match=tag))
        authentication = node.get_httpx_client().auth
        authentication._token = "no token any more"
        assert (
            answered(get_organisation.sync_detailed(organisation, client=node)).organisation == organisation
        )
        with pytest.raises(Refused) as nobody:
            answered(get_me.sync_detailed(client=node))
        assert (nobody.value.status, nobody.value.kind) == (403, "member-needed")
    with connect(town.url, client=client, secret="wrong") as node, pytest.raises(CredentialsRefused) as wrong:
        get_organisation.sync_detailed(organisation, client=node)
    assert (wrong.value.status, wrong.value.error) == (401, "invalid_client")
    member = town.person(organisation, "Mem Ber")
    with connect(town.url, token=member.secret) as node:
        assert answered(get_me.sync_detailed(client=node)).member == member.id
    with pytest.raises(ValueError, match="give `client` and `secret`, or `token`"):
        connect(town.url)


def test_it_is_typed_throughout(made: Path) -> None:
    program = made / "program.py"
    program.write_text(
        "from commonplace_client import answered, connect, pages\n"
        "from commonplace_client.v1.api.threads import get_thread, list_threads\n"
        "node = connect('https://commonplace.example', token='cop_x')\n"
        "reveal_type(answered(get_thread.sync_detailed('a', client=node)))\n"
        "for page in pages(list_threads.sync_detailed, 'a', client=node):\n"
        "    for item in page.items:\n"
        "        reveal_type(item.posts)\n"
        "answered(get_thread.sync_detailed('a', client=node)).no_such_field\n"
    )
    words = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--config-file=", "program.py"]
    done = subprocess.run(words, cwd=made, capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if not line.startswith("commonplace_client/v1/")]
    assert [line.partition(": ")[2] for line in lines if "reveal" in line or "note: Revealed" in line] == [
        'note: Revealed type is "commonplace_client.v1.models.thread.Thread"',
        'note: Revealed type is "int"',
    ], done.stdout
    assert [line for line in lines if "error" in line] == [
        'program.py:8: error: "Thread" has no attribute "no_such_field"  [attr-defined]'
    ]


def test_a_wheel_of_it_holds_everything_and_has_the_apis_version(made: Path, document: Any) -> None:
    words = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", "dist", "."]
    subprocess.run([sys.executable, *words], cwd=made, check=True, capture_output=True)
    (wheel,) = (made / "dist").glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"commonplace_client/py.typed", "commonplace_client/v1/api/threads/open_thread.py"} <= names
    version = tomllib.loads((made / "pyproject.toml").read_text())["project"]["version"]
    assert version == document["info"]["version"] == wheel.name.split("-")[1]


def test_every_operation_has_a_function(made: Path, document: Any) -> None:
    functions = {path.stem for path in (made / "commonplace_client" / "v1" / "api").glob("*/*.py")}
    asked = {
        operation["operationId"]
        for item in document["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict)
    }
    assert asked <= functions, json.dumps(sorted(asked - functions))
