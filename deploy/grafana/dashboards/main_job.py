"""The main job, hop by hop: from a post to the inboxes and streams of those who should know."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from deploy.grafana.panels import Colours, Query, graph, number, page, per_second, percentiles

SECONDS = Colours(amber=1, red=5)


def _p99(histogram: str) -> str:
    return f"histogram_quantile(0.99, sum by (le) (rate({histogram}_bucket[10m])))"


def main_job() -> Dashboard:
    """Return the dashboard."""
    return page(
        "The main job: from post to inbox",
        "commonplace-main-job",
        "Read it from left to right, as a fact travels: committed, told, heard, in the inboxes, on the streams.",
        {
            "What members feel": [
                number("Told within 5 s", "Of what was done in the last ten minutes; 99 % is what we promise.",
                       "1 - commonplace:inbox_late:ratio_rate10m", "percentunit",
                       colours=Colours(amber=0.99, red=0.95, falling=True)),
                number("Deed to inbox", "99 of 100 deeds are in their last inbox within this.",
                       _p99("commonplace_inbox_delay_seconds"), "s", colours=SECONDS),
                number("Inbox to stream", "99 of 100 notifications are on an open stream within this, once written.",
                       _p99("commonplace_stream_delay_seconds"), "s", colours=SECONDS),
                number("Notifications", "Written to inboxes, per second.",
                       "sum(rate(commonplace_notified_total[$__rate_interval]))"),
                number("Facts on the way", "Waiting in outboxes or in front of listeners.",
                       "sum(commonplace_outbox_waiting) + sum(commonplace:facts_waiting)",
                       colours=Colours(amber=1000, red=10000)),
                number("Dead letters", "Facts that could not be handled: `commonplace dead-letters list`.",
                       'sum(max by (vhost, queue) (rabbitmq_detailed_queue_messages{queue=~".+[.]dead-letters"}))',
                       colours=Colours(amber=1, red=1)),
                graph("Deed to last inbox", "Everything from the member's request to the last inbox that tells of it.",
                      *percentiles("commonplace_inbox_delay_seconds"), unit="s", span=12),
                graph("Inbox to stream", "From the writing of a notification to its sending down an open stream.",
                      *percentiles("commonplace_stream_delay_seconds"), unit="s", span=12),
            ],
            "1 · Committed": [
                graph("Deeds", "Threads opened and posts added.",
                      Query("sum(rate(commonplace_threads_opened_total[$__rate_interval]))", "threads"),
                      Query("sum(rate(commonplace_posts_added_total[$__rate_interval]))", "posts"), unit="ops"),
                graph("Transactions", "Time of a transaction that was committed.",
                      *percentiles("commonplace_transaction_seconds", "service", (0.5, 0.99)), unit="s"),
                graph("Lost races", "Handlers run again because somebody else changed the same thing first.",
                      per_second("commonplace_transaction_retries_total", "service"), unit="ops"),
            ],
            "2 · Told": [
                graph("Facts told", "Confirmed by RabbitMQ; `sweep` picks up what a crash or an outage has left.",
                      per_second("commonplace_outbox_published_total", "service, road"), unit="ops"),
                graph("Oldest fact in the outbox", "Somebody is called at 30 s.",
                      Query("max by (service) (commonplace_outbox_oldest_seconds)", "{{service}}"), unit="s"),
                graph("Facts in the outbox", "Committed, and not yet confirmed by RabbitMQ.",
                      Query("max by (service) (commonplace_outbox_waiting)", "{{service}}")),
            ],
            "3 · Heard": [
                graph("Facts heard", "By listener and contract.",
                      Query('sum by (service, contract) (rate(commonplace_heard_total{outcome="done"}[$__rate_interval]))',
                            "{{service}} · {{contract}}"), unit="ops"),
                graph("Telling to hearing", "From the commit of a fact to the commit of its effect.",
                      *percentiles("commonplace_heard_delay_seconds", "service", (0.5, 0.99)), unit="s"),
                graph("Facts in front of listeners", "Growing for minutes: the listener does not keep up.",
                      Query("commonplace:facts_waiting", "{{service}} · {{contract}}")),
                graph("Facts taken together", "Batches grow under load; that is how a listener keeps up.",
                      Query("sum by (service, contract) (rate(commonplace_batch_size_sum[$__rate_interval])) / "
                            "sum by (service, contract) (rate(commonplace_batch_size_count[$__rate_interval]))",
                            "{{service}} · {{contract}}")),
                graph("Not heard at once", "`again`: heard before, passed over; `retried`: failed, comes back; `dead`.",
                      Query('sum by (service, outcome) (rate(commonplace_heard_total{outcome!="done"}[$__rate_interval]))',
                            "{{service}} {{outcome}}"), unit="ops"),
                graph("Waiting for the database", "Pauses of listeners whose database was away; nothing is lost.",
                      per_second("commonplace_listener_pauses_total", "service"), unit="ops"),
            ],
            "4 · In the inboxes and on the streams": [
                graph("Notifications", "Written to inboxes, by what happened.",
                      per_second("commonplace_notified_total", "kind"), unit="ops", stacked=True),
                graph("Reasons", "Why somebody was told; one notification may give several.",
                      per_second("commonplace_notified_because_total", "reason"), unit="ops", stacked=True),
                graph("Inboxes that one deed reached", "The fan-out: on average, and what 99 of 100 deeds stay within.",
                      Query("sum(rate(commonplace_fan_out_size_sum[$__rate_interval])) / "
                            "sum(rate(commonplace_fan_out_size_count[$__rate_interval]))", "average"),
                      Query("ceil(histogram_quantile(0.99, "
                            "sum by (le) (rate(commonplace_fan_out_size_bucket[$__rate_interval]))))", "p99")),
                graph("On the streams", "Notifications sent down open streams.",
                      per_second('commonplace_stream_events_total{process="stream"}', "instance"),
                      unit="ops", span=12),
                graph("Streams open", "Members who are looking at this moment.",
                      Query('sum(commonplace_streams_open{process="stream"})', "open"), span=12),
            ],
            "5 · To partners' systems": [
                graph("Attempts", "Deliveries to webhooks, by what came of each attempt.",
                      per_second("commonplace_webhook_attempts_total", "outcome"), unit="ops", stacked=True),
                graph("Time of an attempt", "How long receivers take to answer; 15 s is the end.",
                      *percentiles("commonplace_webhook_attempt_seconds"), unit="s"),
                graph("Deed to webhook", "For what was taken at the first attempt.",
                      *percentiles("commonplace_webhook_delay_seconds"), unit="s"),
                graph("Deliveries that wait", "For their time, for an earlier one of their thread, or for a paused webhook.",
                      Query("max(commonplace_webhook_deliveries_waiting)", "waiting")),
                graph("Webhooks disabled", "Since the process began, by why.",
                      Query("sum by (reason) (commonplace_webhooks_disabled_total)", "{{reason}}")),
            ],
        },
    )  # fmt: skip
