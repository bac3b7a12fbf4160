"""Broker and database: RabbitMQ and MongoDB in their own words."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from deploy.grafana.panels import Colours, Panel, Query, graph, number, page, per_second

WRONG = Colours(amber=1, red=1)
UP = Colours(amber=1, red=1, falling=True)
CACHE = "mongodb_ss_wt_cache_"


def servers() -> Dashboard:
    """Return the dashboard."""
    return page(
        "Broker and database",
        "commonplace-servers",
        "RabbitMQ by its own metrics, MongoDB by what our exporter asks it.",
        {"Are they well?": _numbers(), "RabbitMQ": _rabbitmq(), "MongoDB": _mongodb()},
    )


def _numbers() -> list[Panel]:
    return [
        number("RabbitMQ", "1 while it answers.", 'min(up{job="rabbitmq"})', colours=UP),
        number("RabbitMQ's alarms", "Memory or disk: while there is one, nobody can publish.",
               "sum(rabbitmq_alarms_memory_used_watermark) + sum(rabbitmq_alarms_free_disk_space_watermark)",
               colours=WRONG),
        number("Queues without consumers", "Queues that somebody should take from, and nobody does.",
               'count(max by (vhost, queue) (rabbitmq_detailed_queue_consumers{queue=~".+[.]hears[.].+|.+[.]calls"}) == 0) or vector(0)',
               colours=WRONG),
        number("MongoDB", "1 while it answers.", "min(mongodb_up)", colours=UP),
        number("Primaries", "Members of the replica set that take writes: exactly one.",
               "count(mongodb_rs_members_state == 1) or vector(0)", colours=UP),
        number("MongoDB's disk", "Used; when it is full, MongoDB stops.",
               "max(mongodb_dbstats_fsUsedSize / mongodb_dbstats_fsTotalSize)", "percentunit",
               colours=Colours(amber=0.85, red=0.95)),
    ]  # fmt: skip


def _rabbitmq() -> list[Panel]:
    return [
        graph("Messages", "Through the whole broker.",
              Query("sum(rate(rabbitmq_global_messages_received_total[$__rate_interval]))", "published"),
              Query("sum(rate(rabbitmq_global_messages_delivered_total[$__rate_interval]))", "delivered"),
              Query("sum(rate(rabbitmq_global_messages_acknowledged_total[$__rate_interval]))", "acknowledged"),
              unit="ops"),
        graph("Longest queues", "The ten queues in which most is waiting.",
              Query("topk(10, max by (queue) (rabbitmq_detailed_queue_messages))", "{{queue}}")),
        graph("Dead letters", "By listener; each one waits for a person.",
              Query('max by (queue) (rabbitmq_detailed_queue_messages{queue=~".+[.]dead-letters"})', "{{queue}}")),
        graph("Waiting to be tried again", "Facts that failed, in the queues of growing delays.",
              Query('max by (queue) (rabbitmq_detailed_queue_messages{queue=~".+[.]waits[.].+"})', "{{queue}}")),
        graph("Consumers", "Of the queues that somebody should take from.",
              Query('max by (queue) (rabbitmq_detailed_queue_consumers{queue=~".+[.]hears[.].+|.+[.]calls"})',
                    "{{queue}}")),
        graph("Given back", "Messages that no queue took, and messages that had to be delivered again.",
              Query("sum(rate(rabbitmq_global_messages_unroutable_returned_total[$__rate_interval]))", "unroutable"),
              Query("sum(rate(rabbitmq_global_messages_redelivered_total[$__rate_interval]))", "delivered again"),
              unit="ops"),
        graph("Connections", "And channels in them.",
              Query("sum(rabbitmq_connections)", "connections"), Query("sum(rabbitmq_channels)", "channels")),
        graph("Memory", "At the limit everybody who publishes is blocked.",
              Query("rabbitmq_process_resident_memory_bytes", "used {{instance}}"),
              Query("rabbitmq_resident_memory_limit_bytes", "limit {{instance}}"), unit="bytes"),
        graph("Disk", "Below the limit everybody who publishes is blocked.",
              Query("rabbitmq_disk_space_available_bytes", "free {{instance}}"),
              Query("rabbitmq_disk_space_available_limit_bytes", "limit {{instance}}"), unit="bytes"),
        graph("Our lines", "1 while open. Lines on which we only publish open when there is something to say.",
              Query("min by (process, line) (commonplace_broker_connected)", "{{process}} {{line}}"), span=12),
        graph("Lines lost", "Once for an outage; again and again, and the network or RabbitMQ is unwell.",
              per_second("commonplace_broker_losses_total", "process, line"), unit="ops", span=12),
    ]  # fmt: skip


def _mongodb() -> list[Panel]:
    latency = "sum by (op_type) (rate(mongodb_ss_opLatencies_latency[$__rate_interval]))"
    count = "sum by (op_type) (rate(mongodb_ss_opLatencies_ops[$__rate_interval]))"
    newest = "scalar(max(mongodb_rs_members_optimeDate))"
    return [
        graph("Operations", "By kind.", per_second("mongodb_ss_opcounters", "legacy_op_type"), unit="ops"),
        graph("Time of an operation", "On average, inside MongoDB.",
              Query(f"{latency} / {count}", "{{op_type}}"), unit="µs"),
        graph("Transactions", "Aborted ones are mostly lost races, and run again.",
              Query("sum(rate(mongodb_ss_transactions_totalCommitted[$__rate_interval]))", "committed"),
              Query("sum(rate(mongodb_ss_transactions_totalAborted[$__rate_interval]))", "aborted"), unit="ops"),
        graph("Documents", "Read and written.", per_second("mongodb_ss_metrics_document", "doc_op_type"), unit="ops"),
        graph("Queries without an index", "Collection scans; a few are MongoDB's own, many are a mistake of ours.",
              Query("sum(rate(mongodb_ss_metrics_queryExecutor_collectionScans_total[$__rate_interval]))", "scans"),
              unit="ops"),
        graph("Waiting", "Operations that wait inside MongoDB.",
              Query('sum by (count_type) (mongodb_ss_globalLock_currentQueue{count_type!="total"})', "{{count_type}}")),
        graph("Cache", "From 20 % dirty or 95 % full on, MongoDB slows writers down.",
              Query(f"{CACHE}bytes_currently_in_the_cache / {CACHE}maximum_bytes_configured", "full"),
              Query(f"{CACHE}tracked_dirty_bytes_in_the_cache / {CACHE}maximum_bytes_configured", "dirty"),
              unit="percentunit"),
        graph("Connections", "To this MongoDB.",
              Query('sum by (conn_type) (mongodb_ss_connections{conn_type=~"current|active"})', "{{conn_type}}")),
        graph("Replication lag", "How far each member is behind; a write waits until a majority has it.",
              Query(f"({newest} - max by (member_idx) (mongodb_rs_members_optimeDate)) / 1000", "{{member_idx}}"),
              unit="s"),
        graph("Data", "Each service's own database.",
              Query('sum by (database) (mongodb_dbstats_dataSize{database!="admin"})', "{{database}}"),
              unit="bytes", span=12),
        graph("Indexes", "Each service's own database; they should fit into the cache.",
              Query('sum by (database) (mongodb_dbstats_indexSize{database!="admin"})', "{{database}}"),
              unit="bytes", span=12),
    ]  # fmt: skip
