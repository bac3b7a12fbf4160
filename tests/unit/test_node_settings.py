"""What a node is told: whether the demo is wanted, and by what two sets of settings differ."""

import pytest

from deploy.node.settings import NodeSettings

ELSEWHERE = {"broker": "amqp://u:p@elsewhere/v", "mongo": "mongodb://elsewhere/?replicaSet=rs0"}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BROKER", "MONGO", "DEMO"):
        monkeypatch.delenv(f"COMMONPLACE_{name}", raising=False)


def test_the_demo_goes_into_servers_of_somebody_s_own_only_when_they_say_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert NodeSettings().makes_demo()
    for name, url in ELSEWHERE.items():
        monkeypatch.setenv("COMMONPLACE_DEMO", "")
        monkeypatch.setenv(f"COMMONPLACE_{name.upper()}", url)
        assert not NodeSettings().makes_demo()
        monkeypatch.setenv("COMMONPLACE_DEMO", "yes")
        assert NodeSettings().makes_demo()
        monkeypatch.delenv(f"COMMONPLACE_{name.upper()}")
    monkeypatch.setenv("COMMONPLACE_DEMO", "no")
    assert not NodeSettings().makes_demo()


def test_settings_differ_by_variables_and_the_demo_is_none_of_them() -> None:
    running = NodeSettings(broker="amqp://u:secret@elsewhere/v", demo=True)
    asked = NodeSettings(discussion_copies=2, demo=False)
    assert asked.other_than(running) == ["COMMONPLACE_BROKER", "COMMONPLACE_DISCUSSION_COPIES"]
    assert running.other_than(NodeSettings.model_validate_json(running.model_dump_json())) == []
