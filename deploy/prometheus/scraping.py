"""Prometheus's configuration, from the one list of a node's processes, so that none is ever forgotten."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from deploy.node.processes import PROCESSES, copies
from deploy.node.settings import NodeSettings

EVERY = "10s"
QUEUES = {"family": ["queue_coarse_metrics", "queue_consumer_count"]}
"""RabbitMQ tells of single queues only when asked; these two families, because they are cheap."""

HEADER = "# Written by `make dashboards` from deploy/node/processes.py; a test compares. Change it there.\n"
COMPOSE_PORTS = {"rabbitmq": 15692, "prometheus": 9090, "alertmanager": 9093}

Discovery = dict[str, Any]


def for_this_machine(settings: NodeSettings, rules: Path, every: str = EVERY) -> str:
    """Return the configuration for a node on one machine.

    Args:
        settings: where the processes' admin ports are; a RabbitMQ that isn't the node's own is left out.
        rules: the folder of alert and recording rules.
        every: how often everything is asked and every rule computed.
    """
    own = {} if settings.broker else {"rabbitmq": settings.rabbitmq_prometheus_port}
    other = {**own, "prometheus": settings.prometheus_port, "alertmanager": settings.alertmanager_port}
    ports = ((copy.process.name, copy.admin_port) for copy in copies(settings))
    return from_ports(ports, other, rules, every)


def from_ports(
    processes: Iterable[tuple[str, int]], other: Mapping[str, int], rules: Path, every: str = EVERY
) -> str:
    """Return the configuration for processes on ports of this machine.

    Args:
        processes: each process's name in deploy/node/processes.py, and its admin port.
        other: ports of `rabbitmq`, `prometheus` and `alertmanager`, as far as they are there.
        rules: the folder of alert and recording rules.
        every: how often everything is asked and every rule computed.
    """
    static = [{**_at(port), "labels": {"process": name}} for name, port in processes]
    job = {"job_name": "commonplace", "static_configs": static}
    found = {name: {"static_configs": [_at(port)]} for name, port in other.items()}
    return _configuration([job, *_other_jobs(found)], found, f"{rules.resolve()}/*.yml", every)


def for_compose() -> str:
    """Return the configuration for docker compose, where every copy of a service is found by its name."""
    fields = NodeSettings.model_fields
    named = [_named(process.name, fields[process.admin_port].default) for process in PROCESSES]
    process = {"source_labels": ["__meta_dns_name"], "target_label": "process"}
    job = {"job_name": "commonplace", "dns_sd_configs": named, "relabel_configs": [process]}
    found = {name: {"dns_sd_configs": [_named(name, port)]} for name, port in COMPOSE_PORTS.items()}
    return HEADER + _configuration([job, *_other_jobs(found)], found, "/etc/prometheus/alerts/*.yml", EVERY)


def _at(port: int) -> Discovery:
    return {"targets": [f"127.0.0.1:{port}"]}


def _named(name: str, port: int) -> Discovery:
    return {"names": [name], "type": "A", "port": port, "refresh_interval": "15s"}


def _other_jobs(found: Mapping[str, Discovery]) -> list[Discovery]:
    jobs = [{"job_name": name, **discovery} for name, discovery in found.items()]
    if "rabbitmq" in found:
        detailed = {"metrics_path": "/metrics/detailed", "params": QUEUES}
        jobs.append({"job_name": "rabbitmq-queues", **found["rabbitmq"], **detailed})
    return jobs


def _configuration(jobs: Sequence[Discovery], found: Mapping[str, Discovery], rules: str, every: str) -> str:
    document = {
        "global": {"scrape_interval": every, "scrape_timeout": every, "evaluation_interval": every},
        "rule_files": [rules],
        "alerting": {"alertmanagers": [found["alertmanager"]] if "alertmanager" in found else []},
        "scrape_configs": jobs,
    }
    # Through JSON, because the writer would name what occurs twice and refer to it.
    return yaml.safe_dump(json.loads(json.dumps(document)), sort_keys=False, width=110)
