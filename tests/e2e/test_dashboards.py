"""Every panel says something while a node is at work, every rule can be computed, and poison raises its alert."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.grafana.checking import found_in_the_end
from deploy.grafana.queries import PanelQuery, panel_queries
from deploy.node.folder import CHECKOUT, node_folder
from deploy.node.ports import free_ports
from deploy.node.prometheus import Alertmanager, Prometheus
from deploy.node.server import ServerProcess
from deploy.node.software import get_software
from deploy.prometheus.asking import PrometheusApi
from deploy.prometheus.rules import RULES, rules
from deploy.prometheus.scraping import from_ports
from shared.contracts.calls.membership import Client, NewClient, RegisterClient
from shared.contracts.discussion import PostAdded
from shared.contracts.vocabulary import Visibility
from shared.wiring import queues
from shared.wiring.broker import connect
from shared.wiring.publisher import ConfirmedPublisher, Parcel
from tests.conftest import StartNode, node_settings
from tests.e2e.members import OPERATOR, Member, Town, eventually
from tests.e2e.receivers import receiver
from tests.e2e.streams import stream
from tests.shared_servers import TestServers

QUICKLY = "1s"


@dataclass
class Watched:
    """A node at work, and the Prometheus that watches it."""

    town: Town
    prometheus: PrometheusApi
    community: str
    asker: Member
    answerer: Member
    reader: Member
    deeds: int = 0

    def work(self) -> None:
        """Ask, answer, accept, come and go: a little of everything that members do."""
        self.deeds += 1
        thread = self.asker.open_thread(self.community, f"Who has tried this? {self.deeds}")["thread"]
        self.asker.post(thread, "I have tried half of it.")
        answer = self.answerer.post(thread, f"@{self.asker.handle} I have tried all of it.")["post"]
        self.asker.accept(thread, answer)
        self.answerer.inbox()
        self.moderate(answer)
        guest = self.answerer
        joined = self.town.community(self.asker, f"Another place {self.deeds}")
        assert guest.send("POST", f"/communities/{joined}/join-requests", {}).status_code == 201
        ending = f"/communities/{joined}/memberships/{guest.id}/ending"
        assert guest.send("PUT", ending, {}).status_code == 200

    def moderate(self, post: str) -> None:
        """Report a post, and decide to keep it."""
        report = {"reason": "off purpose"}
        assert self.reader.send("POST", f"/posts/{post}/reports", report).status_code == 201
        (case,) = self.asker.read(f"/communities/{self.community}/cases")["items"]
        decision = {"outcome": "keep", "reason": "It is to the point."}
        decided = self.asker.send("PUT", f"/cases/{case['case']}/decision", decision, revision=1)
        assert decided.status_code == 200


def rules_computed_quickly(folder: Path) -> Path:
    """A copy of the rules in which none waits for a minute of its own."""
    folder.mkdir()
    for file in RULES.glob("*.yml"):
        (folder / file.name).write_text(re.sub(r"(?m)^ +interval:.*\n", "", file.read_text()))
    return folder


def listen(town: Town, contact: Member, url: str) -> None:
    """Let a system of the contact's organisation be told by a webhook."""
    new = NewClient(name="Feed", scopes=("webhooks:write",))
    call = RegisterClient(caller=OPERATOR, organisation=contact.organisation, new=new)
    client = town.operate(call, Client)
    grant = {"grant_type": "client_credentials"}
    token = town.http.post("/oauth/token", data=grant, auth=(client.client, client.secret or ""))
    headers = {"Authorization": f"Bearer {token.json()['access_token']}", "Idempotency-Key": "feed"}
    webhook = {"name": "Feed", "url": url, "events": ["thread.opened", "post.added"], "contact": contact.id}
    assert town.http.post("/v1/webhooks", json=webhook, headers=headers).status_code == 201


@pytest.fixture(scope="module")
def watched(
    module_servers: TestServers, module_node: StartNode, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("watchers")
    settings = node_settings(
        module_servers.rabbitmq.url, module_servers.mongodb.url, "watched", folder / "keys"
    ) | {"COMMONPLACE_OUTBOUND_ALLOWED": "http://127.0.0.1:*"}
    node = module_node(settings)
    software = get_software(node_folder().software)
    prometheus_port, alertmanager_port = free_ports(2)
    prometheus = Prometheus(software, folder / "prometheus", prometheus_port)
    alertmanager = Alertmanager(software, folder / "alertmanager", alertmanager_port)
    prometheus.configure(
        from_ports(
            [(process.name, process.admin_port) for process in node.processes],
            {
                "rabbitmq": module_servers.rabbitmq.ports.prometheus,
                "prometheus": prometheus_port,
                "alertmanager": alertmanager_port,
            },
            rules_computed_quickly(folder / "rules"),
            every=QUICKLY,
        )
    )
    alertmanager.configure((CHECKOUT / "deploy/alertmanager/alertmanager.yml").read_text())
    api = PrometheusApi(prometheus.url)
    with ExitStack() as ending:
        for server in (alertmanager, prometheus):
            (command,) = server.commands()
            process = ServerProcess(command, folder)
            process.start()
            ending.callback(process.kill)
            eventually(server.answers)
        eventually(lambda: set(api.targets().values()) == {"up"}, seconds=30)
        town = Town(node, settings)
        ending.callback(town.close)
        asker = town.member(town.organisation("Ysbyty"), "Ann Ask")
        answerer = town.member(town.organisation("Coleg"), "Bob Answer", "lecturer")
        reader = town.member(town.organisation("Cyngor"), "Cai Read")
        community = town.community(asker, "Falls", Visibility.OPEN)
        town.bring(community, [answerer])
        town.wait_until_known(community, [asker, answerer])
        told = ending.enter_context(receiver())
        listen(town, asker, told.url)
        yield Watched(town, api, community, asker, answerer, reader)


def test_every_panel_says_something_and_every_rule_can_be_computed(watched: Watched) -> None:
    with stream(watched.asker, watched.town.node.stream_url):
        for _ in range(5):
            watched.work()
        found = found_in_the_end(
            watched.prometheus, list(panel_queries()), list(rules()), meanwhile=watched.work
        )
    assert not any(found), "\n".join(found.broken + found.empty)


def test_a_panel_that_says_nothing_is_found(watched: Watched) -> None:
    bad = [
        PanelQuery("planted", "no such metric", "rate(commonplace_http_request_total[1m])"),
        PanelQuery("planted", "no such label", 'commonplace_ready{check="weather"}'),
        PanelQuery("planted", "no PromQL", "sum(rate(up[1m])"),
        PanelQuery("planted", "refused", "rate(up)"),
    ]
    found = found_in_the_end(watched.prometheus, bad, [], patience=0)
    named = [sentence.split(":")[0] for sentence in found.broken + found.empty]
    assert sorted(named) == sorted(query.where for query in bad)


def test_a_poison_message_raises_its_alert_and_everything_else_flows(watched: Watched) -> None:
    assert "DeadLettersPresent" not in watched.prometheus.firing()
    with connect(watched.town.broker, name="test") as connection:
        queues.declare_listening(connection.channel(), "notifications", PostAdded)
    publisher = ConfirmedPublisher(watched.town.broker, "test")
    publisher.publish([Parcel(queues.exchange_of("discussion"), PostAdded.type(), b"poison")])
    publisher.close()
    eventually(lambda: "DeadLettersPresent" in watched.prometheus.firing(), seconds=30, pause=0.5)
    before = len(watched.answerer.inbox())
    watched.asker.open_thread(watched.community, "Does it still flow?")
    eventually(lambda: len(watched.answerer.inbox()) > before)


def test_nobody_is_called_while_all_is_well(watched: Watched) -> None:
    """But for the poison of the test before."""
    assert watched.prometheus.firing() <= {"Watchdog", "DeadLettersPresent"}
