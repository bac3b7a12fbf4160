"""Prometheus asks every process of a node, however many of them run and wherever they are."""

from pathlib import Path

import yaml

from deploy.commands.dashboards import COMPOSE_CONFIGURATION
from deploy.node.processes import PROCESSES, copies
from deploy.node.settings import NodeSettings
from deploy.prometheus.rules import RULES, rules
from deploy.prometheus.scraping import for_compose, for_this_machine


def jobs(text: str) -> dict[str, dict[str, object]]:
    return {job["job_name"]: job for job in yaml.safe_load(text)["scrape_configs"]}


def test_every_copy_on_this_machine_is_asked_under_its_process_name() -> None:
    settings = NodeSettings(discussion_copies=3, notifications_copies=2)
    static = jobs(for_this_machine(settings, RULES))["commonplace"]["static_configs"]
    found = {target: group["labels"]["process"] for group in static for target in group["targets"]}  # type: ignore[attr-defined]
    expected = {f"127.0.0.1:{copy.admin_port}": copy.process.name for copy in copies(settings)}
    assert found == expected and len(found) == len(PROCESSES) + 3


def test_a_rabbitmq_of_somebody_else_is_theirs_to_watch() -> None:
    own = jobs(for_this_machine(NodeSettings(), RULES))
    named = jobs(for_this_machine(NodeSettings(broker="amqp://a:b@elsewhere/v"), RULES))
    assert set(own) - set(named) == {"rabbitmq", "rabbitmq-queues"}


def test_rules_are_found_from_everywhere(tmp_path: Path) -> None:
    (pattern,) = yaml.safe_load(for_this_machine(NodeSettings(), RULES))["rule_files"]
    assert Path(pattern).is_absolute() and list(Path(pattern).parent.glob("*.yml"))


def test_every_process_is_found_in_docker_compose() -> None:
    found = jobs(for_compose())["commonplace"]["dns_sd_configs"]
    assert {one["names"][0]: one["port"] for one in found} == {  # type: ignore[attr-defined]
        process.name: NodeSettings.model_fields[process.admin_port].default for process in PROCESSES
    }


def test_the_configuration_that_is_kept_is_up_to_date() -> None:
    assert COMPOSE_CONFIGURATION.read_text() == for_compose(), "run `make dashboards`"


def test_a_process_that_disappears_is_missed() -> None:
    missing = next(rule for rule in rules() if rule.name == "ProcessMissing")
    assert missing.expression.count("absent(") == len(PROCESSES)
    for process in PROCESSES:
        assert f'process="{process.name}"' in missing.expression
