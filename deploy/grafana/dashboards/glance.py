"""A node at a glance: is everything there, does the door answer, have the processes room."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from deploy.grafana.panels import Colours, Query, graph, number, page, per_second, percentiles

NONE_IS_GOOD = Colours(amber=1, red=1)
PROMISE = Colours(amber=0.999, red=0.99, falling=True)
MINE = 'job="commonplace", process=~"$process"'


def glance() -> Dashboard:
    """Return the dashboard."""
    return page(
        "A node at a glance",
        "commonplace-glance",
        "The first page for an operator: red numbers above say which page comes next.",
        {
            "Is everything there?": [
                number("Alerts", "What Prometheus calls somebody for at this moment; Alertmanager's page lists it.",
                       'count(ALERTS{alertstate="firing", severity!="none"}) or vector(0)', colours=NONE_IS_GOOD),
                number("Processes away", "Processes that do not answer Prometheus.",
                       'count(up{job="commonplace"} == 0) or vector(0)', colours=NONE_IS_GOOD),
                number("Not ready", "Checks that fail: a process without its broker or its database.",
                       "count(commonplace_ready == 0) or vector(0)", colours=NONE_IS_GOOD),
                number("Dead letters", "Facts that could not be handled: `commonplace dead-letters list`.",
                       'sum(max by (vhost, queue) (rabbitmq_detailed_queue_messages{queue=~".+[.]dead-letters"}))', colours=NONE_IS_GOOD),
                number("Erasure overdue", "For how long one has waited for a receipt: `commonplace erasures list --unfinished`.",
                       "max(commonplace_erasure_overdue_seconds)", "s", colours=Colours(amber=600, red=3600)),
                number("Requests without error", "Of the last hour; 99.9 % is what we promise.",
                       "1 - commonplace:http_errors:ratio_rate1h", "percentunit", colours=PROMISE),
                number("Told within 5 s", "Of what was done in the last ten minutes; 99 % is what we promise.",
                       "1 - commonplace:inbox_late:ratio_rate10m", "percentunit",
                       colours=Colours(amber=0.99, red=0.95, falling=True)),
            ],
            "The door": [
                graph("Requests", "Answers of the gateway by status.",
                      per_second("commonplace_http_requests_total", "status"), unit="reqps", stacked=True),
                graph("Time to answer", "95 % within 300 ms is what we promise.",
                      *percentiles("commonplace_http_request_duration_seconds"), unit="s"),
                graph("Slowest routes", "The five routes whose slowest twentieth takes longest.",
                      Query("topk(5, histogram_quantile(0.95, sum by (le, method, route) "
                            "(rate(commonplace_http_request_duration_seconds_bucket[$__rate_interval]))))",
                            "{{method}} {{route}}"), unit="s"),
                graph("Deprecated calls", "Of what is on its way out, by what and by the client that still does it; docs/api-changelog.md.",
                      Query("sum by (what, client) (increase(commonplace_deprecated_calls_total[1h])) or vector(0)", "{{what}}: {{client}}")),
                graph("Errors", "The share of requests answered with 5xx. At 1.44 % for an hour somebody is called.",
                      Query("commonplace:http_errors:ratio_rate5m", "5 min"),
                      Query("commonplace:http_errors:ratio_rate1h", "1 h"),
                      Query("commonplace:http_errors:ratio_rate6h", "6 h"), unit="percentunit"),
                graph("Calls to the services", "What became of the gateway's calls.",
                      per_second("commonplace_calls_total", "service, outcome"), unit="reqps", stacked=True),
                graph("Time of a call", "As the gateway sees it: queue, handler and answer.",
                      *percentiles("commonplace_call_duration_seconds", "service", (0.5, 0.95)), unit="s"),
            ],
            "The processes": [
                graph("Processor", "1 is one processor fully used; a Python process cannot use much more.",
                      per_second(f"process_cpu_seconds_total{{{MINE}}}", "process"), unit="short"),
                graph("Memory", "Resident; a ticket is written at 1 GB.",
                      Query(f"sum by (process, instance) (process_resident_memory_bytes{{{MINE}}})",
                            "{{process}} {{instance}}"), unit="bytes"),
                graph("Workers busy", "At 1 calls wait in the queue: run another copy.",
                      Query("sum by (service) (commonplace_workers_busy) / sum by (service) (commonplace_workers)",
                            "{{service}}"), unit="percentunit"),
                graph("Answers of the services", "`repeated`: a repetition was given its first answer again.",
                      per_second("commonplace_answered_total", "service, outcome"), unit="reqps"),
                graph("Live-event streams", "Open streams; each process has a most.",
                      Query('sum by (instance) (commonplace_streams_open{process="stream"})', "open {{instance}}"),
                      Query("sum(commonplace_streams_most)", "most")),
                graph("Age", "Time since each process started: a saw is a process that keeps dying.",
                      Query(f"time() - process_start_time_seconds{{{MINE}}}", "{{process}} {{instance}}"), unit="s"),
            ],
        },
    )  # fmt: skip
