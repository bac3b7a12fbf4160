"""What MongoDB tells becomes Percona's names; what it doesn't tell is left out."""

from collections.abc import Iterable
from datetime import UTC, datetime

from prometheus_client.core import Metric

from deploy.mongo.translating import database_metrics, replica_metrics, server_metrics

STATUS = {
    "uptime": 12.0,
    "version": "6.0.5",
    "connections": {"current": 3, "available": 97},
    "opLatencies": {"reads": {"latency": 1000, "ops": 10}},
    "wiredTiger": {
        "cache": {"tracked dirty bytes in the cache": 7, "hazard pointer (maximum)": 1},
        "concurrentTransactions": {"write": {"out": 1, "available": 127}},
    },
    "metrics": {"queryExecutor": {"scanned": 5, "collectionScans": {"total": 2}}},
    "storageEngine": {"name": "wiredTiger"},
}


def samples(metrics: Iterable[Metric]) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for metric in metrics
        for sample in metric.samples
    }


def test_the_place_of_a_number_becomes_its_name() -> None:
    found = samples(server_metrics(STATUS))
    assert found == {
        ("mongodb_ss_uptime",): 12,
        ("mongodb_ss_connections", "current"): 3,
        ("mongodb_ss_connections", "available"): 97,
        ("mongodb_ss_opLatencies_latency", "reads"): 1000,
        ("mongodb_ss_opLatencies_ops", "reads"): 10,
        ("mongodb_ss_wt_cache_tracked_dirty_bytes_in_the_cache",): 7,
        ("mongodb_ss_wt_cache_hazard_pointer_maximum",): 1,
        ("mongodb_ss_wt_concurrentTransactions_out", "write"): 1,
        ("mongodb_ss_wt_concurrentTransactions_available", "write"): 127,
        ("mongodb_ss_metrics_queryExecutor_scanned",): 5,
        ("mongodb_ss_metrics_queryExecutor_collectionScans_total",): 2,
    }


def test_tickets_of_mongodb_7_have_the_same_name() -> None:
    newer = {"queues": {"execution": {"write": {"available": 5}, "monitorIntervalMillis": 100}}}
    assert samples(server_metrics(newer)) == {("mongodb_ss_wt_concurrentTransactions_available", "write"): 5}


def test_every_member_of_a_replica_set_is_a_series() -> None:
    moment = datetime(2026, 11, 23, tzinfo=UTC)
    status = {
        "myState": 1,
        "members": [
            {"name": "a:1", "stateStr": "PRIMARY", "state": 1, "health": 1.0, "optimeDate": moment},
            {"name": "b:1", "stateStr": "(not reachable/healthy)", "state": 8, "health": 0.0},
        ],
    }
    found = samples(replica_metrics(status))
    assert found["mongodb_rs_members_optimeDate", "a:1", "PRIMARY"] == moment.timestamp() * 1000
    assert found["mongodb_rs_members_health", "b:1", "(not reachable/healthy)"] == 0
    assert ("mongodb_rs_members_optimeDate", "b:1", "(not reachable/healthy)") not in found


def test_databases_are_told_apart() -> None:
    found = samples(database_metrics({"commonplace_discussion": {"db": "x", "dataSize": 10.0, "ok": 1.0}}))
    assert found["mongodb_dbstats_dataSize", "commonplace_discussion"] == 10
