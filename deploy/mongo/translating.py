"""What MongoDB says of itself, in the words of Prometheus: Percona's names, so that their dashboards fit too.

A name follows from the place: `serverStatus.wiredTiger.cache.<field>` becomes `mongodb_ss_wt_cache_<field>`, with
everything that is no letter, digit or underscore as one underscore. Where the field itself is a value of a
closed list, it becomes a label. Source: percona/mongodb_exporter, `exporter/metrics.go`.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from prometheus_client.core import UnknownMetricFamily

Document = Mapping[str, Any]
Families = dict[str, UnknownMetricFamily]

# Part of the server's status to the metric's name and the label that its fields become, if they do.
PARTS: Mapping[str, tuple[str, str | None]] = {
    "asserts": ("mongodb_ss_asserts", "assert_type"),
    "connections": ("mongodb_ss_connections", "conn_type"),
    "globalLock.currentQueue": ("mongodb_ss_globalLock_currentQueue", "count_type"),
    "mem": ("mongodb_ss_mem", None),
    "metrics.cursor.open": ("mongodb_ss_metrics_cursor_open", "csr_type"),
    "metrics.document": ("mongodb_ss_metrics_document", "doc_op_type"),
    "metrics.queryExecutor": ("mongodb_ss_metrics_queryExecutor", None),
    "metrics.queryExecutor.collectionScans": ("mongodb_ss_metrics_queryExecutor_collectionScans", None),
    "network": ("mongodb_ss_network", None),
    "opcounters": ("mongodb_ss_opcounters", "legacy_op_type"),
    "transactions": ("mongodb_ss_transactions", None),
    "wiredTiger.cache": ("mongodb_ss_wt_cache", None),
}
# Parts whose fields hold documents: the inner field ends the name, the outer one is the label.
NESTED_PARTS: Mapping[str, tuple[str, str]] = {
    "opLatencies": ("mongodb_ss_opLatencies", "op_type"),
    "wiredTiger.concurrentTransactions": ("mongodb_ss_wt_concurrentTransactions", "txn_rw_type"),
    # The same since MongoDB 7, which has it at another place.
    "queues.execution": ("mongodb_ss_wt_concurrentTransactions", "txn_rw_type"),
}
MEMBER_FIELDS = ("health", "state", "uptime", "optimeDate")


def server_metrics(status: Document) -> Iterator[UnknownMetricFamily]:
    """The metrics of a `serverStatus` answer; parts that this server doesn't tell are left out."""
    families: Families = {}
    _add(families, "mongodb_ss_uptime", {}, status.get("uptime"))
    for place, (name, label) in PARTS.items():
        for field, value in _part(status, place).items():
            if label:
                _add(families, name, {label: field}, value)
            else:
                _add(families, f"{name}_{_plain(field)}", {}, value)
    for place, (name, label) in NESTED_PARTS.items():
        for outer, inside in _part(status, place).items():
            for field, value in inside.items() if isinstance(inside, Mapping) else ():
                _add(families, f"{name}_{_plain(field)}", {label: outer}, value)
    yield from families.values()


def replica_metrics(status: Document) -> Iterator[UnknownMetricFamily]:
    """The metrics of a `replSetGetStatus` answer: one series for each member, times in milliseconds."""
    families: Families = {}
    _add(families, "mongodb_rs_myState", {}, status.get("myState"))
    for member in status.get("members", ()):
        labels = {"member_idx": str(member["name"]), "member_state": str(member["stateStr"])}
        for field in MEMBER_FIELDS:
            _add(families, f"mongodb_rs_members_{field}", labels, member.get(field))
    yield from families.values()


def database_metrics(all_stats: Mapping[str, Document]) -> Iterator[UnknownMetricFamily]:
    """The metrics of `dbStats` answers by database: sizes in bytes, and the disk that they lie on."""
    families: Families = {}
    for database, stats in all_stats.items():
        for field, value in stats.items():
            _add(families, f"mongodb_dbstats_{_plain(field)}", {"database": database}, value)
    yield from families.values()


def _part(status: Document, place: str) -> Document:
    for word in place.split("."):
        inside = status.get(word)
        if not isinstance(inside, Mapping):
            return {}
        status = inside
    return status


def _add(families: Families, name: str, labels: Mapping[str, str], value: Any) -> None:
    if isinstance(value, datetime):
        value = value.replace(tzinfo=value.tzinfo or UTC).timestamp() * 1000
    if not isinstance(value, int | float):
        return
    if name not in families:
        families[name] = UnknownMetricFamily(name, f"MongoDB: {name}.", labels=list(labels))
    families[name].add_metric(list(labels.values()), float(value))


def _plain(field: str) -> str:
    return re.sub(r"[^a-zA-Z0-9]+", "_", field).strip("_")
