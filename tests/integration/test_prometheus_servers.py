"""Prometheus and Alertmanager come up from the fetched software and find each other."""

import json
import time
import urllib.request
from pathlib import Path

from deploy.node.folder import node_folder
from deploy.node.ports import free_ports
from deploy.node.prometheus import Alertmanager, Prometheus
from deploy.node.server import ServerProcess
from deploy.node.software import get_software


def known_alertmanagers(prometheus: Prometheus) -> list[str]:
    with urllib.request.urlopen(f"{prometheus.url}/api/v1/alertmanagers") as answer:
        return [one["url"] for one in json.load(answer)["data"]["activeAlertmanagers"]]


def test_prometheus_comes_up_and_knows_its_alertmanager(tmp_path: Path) -> None:
    software = get_software(node_folder().software)
    port, alerts_port = free_ports(2)
    target = f"{{static_configs: [{{targets: ['127.0.0.1:{alerts_port}']}}]}}"
    alertmanager = Alertmanager(software, tmp_path / "alerts", alerts_port)
    alertmanager.configure("route: {receiver: none}\nreceivers: [{name: none}]\n")
    prometheus = Prometheus(software, tmp_path / "metrics", port)
    prometheus.configure(f"alerting: {{alertmanagers: [{target}]}}\n")
    processes = [
        ServerProcess(command, tmp_path) for command in alertmanager.commands() + prometheus.commands()
    ]
    try:
        for process in processes:
            process.start()
        for server, process in zip((alertmanager, prometheus), processes, strict=True):
            deadline = time.monotonic() + 30
            while not server.answers():
                assert process.pid and time.monotonic() < deadline, process.last_words()
                time.sleep(0.1)
        deadline = time.monotonic() + 30
        while not (known := known_alertmanagers(prometheus)):
            assert time.monotonic() < deadline, processes[1].last_words()
            time.sleep(0.2)
        assert known == [alertmanager.alerts_url]
        # What an alert links to names the node itself, not what the machine calls itself.
        with urllib.request.urlopen(f"{prometheus.url}/api/v1/status/flags") as answer:
            assert json.load(answer)["data"]["web.external-url"] == prometheus.url
        for page in (prometheus.alerts_url, alertmanager.alerts_url):
            with urllib.request.urlopen(page) as answer:
                assert answer.status == 200
    finally:
        for process in processes:
            process.kill()


def test_the_software_that_checks_rules_is_there() -> None:
    assert get_software(node_folder().software).promtool.exists()
