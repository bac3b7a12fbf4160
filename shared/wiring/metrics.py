"""Every metric of a node, one sentence each; labels are bounded lists, never an id of a person or a post.

One names clients, which the operator has registered: whoever gives something up must know whom to tell.

What members do is counted from zero: a counter that appears with its first event hides that event
from every rate, and leaves a panel empty until then.
"""

from collections.abc import Iterable

from prometheus_client import Counter, Gauge, Histogram, Info

from shared.contracts.vocabulary import (
    CaseOutcome,
    Confidential,
    NotificationKind,
    Reason,
    ReportReason,
    ThreadKind,
)

QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5)
PATIENT = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)

ACROSS, WITHIN = "across", "within"
"""Whether something crossed an organisation's boundary: the values of every label `crossing`."""


def crossing(one: str | None, other: str | None) -> str:
    """The label for what passes between two organisations; somebody of none is at home everywhere."""
    return ACROSS if one and other and one != other else WITHIN


def _from_zero(counter: Counter, values: Iterable[str]) -> Counter:
    for value in values:
        counter.labels(value)
    return counter


BUILD = Info("commonplace_build", "Which version of Commonplace this process runs.")
READY = Gauge(
    "commonplace_ready",
    "1 while what this process needs is there, by what is checked, as /readyz says.",
    ["check"],
)

# HTTP, at the gateway's door
HTTP_REQUESTS = Counter(
    "commonplace_http_requests",
    "Requests answered, by method, route template and status.",
    ["method", "route", "status"],
)
DEPRECATED_CALLS = Counter(
    "commonplace_deprecated_calls",
    "Calls of operations, or with parts of a query, that are on their way out, by what and by the client that still does it.",
    ["what", "client"],
)
HTTP_DURATION = Histogram(
    "commonplace_http_request_duration_seconds",
    "Time from a request's arrival to its answer.",
    ["method", "route"],
    buckets=QUICK,
)
STREAMS_OPEN = Gauge("commonplace_streams_open", "Live-event streams open at this moment.")
STREAMS_MOST = Gauge("commonplace_streams_most", "Live-event streams that a process keeps open at most.")
STREAM_EVENTS = Counter("commonplace_stream_events", "Notifications sent down live-event streams.")
STREAM_DELAY = Histogram(
    "commonplace_stream_delay_seconds",
    "Time from a notification's writing to its sending down a stream.",
    buckets=PATIENT,
)

# Calls, seen from the gateway and from the service
CALLS = Counter(
    "commonplace_calls", "Calls made through the switchboard, by outcome.", ["service", "method", "outcome"]
)
CALL_DURATION = Histogram(
    "commonplace_call_duration_seconds",
    "Time from a call to its answer, seen by the caller.",
    ["service"],
    buckets=QUICK,
)
ANSWERED = Counter(
    "commonplace_answered",
    "Calls answered by a service, by outcome: done, repeated, refused, failed or late.",
    ["service", "method", "outcome"],
)
ANSWER_DURATION = Histogram(
    "commonplace_answer_duration_seconds",
    "Time a service took to answer.",
    ["service", "method"],
    buckets=QUICK,
)
WORKERS_BUSY = Gauge("commonplace_workers_busy", "Calls being answered at this moment.", ["service"])
WORKERS = Gauge("commonplace_workers", "Calls a process can answer at a time.", ["service"])

# Facts, told and heard
OUTBOX_PUBLISHED = Counter(
    "commonplace_outbox_published", "Facts the broker has confirmed.", ["service", "road"]
)
OUTBOX_WAITING = Gauge(
    "commonplace_outbox_waiting",
    "Facts committed and not yet confirmed, at most 10,000 counted.",
    ["service"],
)
OUTBOX_OLDEST = Gauge(
    "commonplace_outbox_oldest_seconds", "Age of the oldest fact not yet confirmed.", ["service"]
)
HEARD_OUTCOMES = ("done", "again", "retried", "dead")
HEARD = Counter(
    "commonplace_heard",
    "Facts heard, by outcome: done, again (heard before), retried or dead.",
    ["service", "contract", "outcome"],
)
HEARD_DELAY = Histogram(
    "commonplace_heard_delay_seconds",
    "Time from a fact's telling to its effect being committed.",
    ["service", "contract"],
    buckets=PATIENT,
)
BATCH_SIZE = Histogram(
    "commonplace_batch_size", "Facts taken together by a listener.", ["service", "contract"], buckets=SIZES
)
LISTENER_PAUSES = Counter(
    "commonplace_listener_pauses", "Times a listener waited for its database.", ["service"]
)

# The main job
NOTIFIED = _from_zero(
    Counter("commonplace_notified", "Notifications written to inboxes, by kind.", ["kind"]), NotificationKind
)
NOTIFIED_ACROSS = _from_zero(
    Counter(
        "commonplace_notified_across",
        "Notifications, by whether they crossed an organisation's boundary.",
        ["crossing"],
    ),
    (ACROSS, WITHIN),
)
NOTIFIED_BECAUSE = _from_zero(
    Counter(
        "commonplace_notified_because",
        "Notifications by the reason why, each counted once for every reason it gives.",
        ["reason"],
    ),
    Reason,
)
INBOX_DELAY = Histogram(
    "commonplace_inbox_delay_seconds",
    "Time from a deed to the last inbox that tells of it: what members feel.",
    buckets=PATIENT,
)
FAN_OUT = Histogram("commonplace_fan_out_size", "Inboxes that one fact reached.", buckets=SIZES)

CROSSINGS = Counter(
    "commonplace_crossings",
    "What passed an organisation's border by its systems, or was turned away there: direction, kind, decision, reason.",
    ["direction", "kind", "decision", "reason"],
)
for _kind in ("titles", "threads"):
    CROSSINGS.labels("out", _kind, "let", "in force")
    CROSSINGS.labels("out", _kind, "withheld", "no agreement")

# Who comes in
SIGN_INS = Counter(
    "commonplace_sign_ins",
    "Sign-ins at a browser, by the way (provider, link, passkey) and what came of them: done or refused.",
    ["way", "outcome"],
)
for _way in ("provider", "link", "passkey"):
    for _came_of_it in ("done", "refused"):
        SIGN_INS.labels(_way, _came_of_it)

# What is told to organisations' systems
WEBHOOK_ATTEMPTS = _from_zero(
    Counter(
        "commonplace_webhook_attempts", "Attempts to deliver to a webhook, by what came of them.", ["outcome"]
    ),
    ("delivered", "dropped", "error", "redirect", "refused", "timeout", "unreachable"),
)
WEBHOOK_SECONDS = Histogram(
    "commonplace_webhook_attempt_seconds", "Time of an attempt to deliver to a webhook.", buckets=PATIENT
)
WEBHOOK_DELAY = Histogram(
    "commonplace_webhook_delay_seconds",
    "Time from a deed to its delivery to a webhook that took it at the first attempt.",
    buckets=PATIENT,
)
WEBHOOKS_WAITING = Gauge(
    "commonplace_webhook_deliveries_waiting", "Deliveries to webhooks that wait, counted up to 10,000."
)
WEBHOOKS_DISABLED = _from_zero(
    Counter("commonplace_webhooks_disabled", "Webhooks that were disabled, by why.", ["reason"]),
    ("gone", "failing", "client-ended"),
)

# What members do
THREADS_OPENED = _from_zero(
    Counter("commonplace_threads_opened", "Threads opened, by kind.", ["kind"]), ThreadKind
)
POSTS_ADDED = _from_zero(
    Counter(
        "commonplace_posts_added",
        "Posts added, by whether the author's organisation differs from that of who opened the thread.",
        ["crossing"],
    ),
    (ACROSS, WITHIN),
)
GUARD_OUTCOMES = ("refused", "held", "released", "declined", "imported")
GUARD_FOUND = Counter(
    "commonplace_guard_found",
    "What the confidentiality guard found, by kind, and what came of it: refused, held, released, declined or imported.",
    ["kind", "outcome"],
)
for _kind in Confidential:
    for _outcome in GUARD_OUTCOMES:
        GUARD_FOUND.labels(_kind, _outcome)
POSTS_REPORTED = _from_zero(
    Counter("commonplace_posts_reported", "Reports of posts, by reason.", ["reason"]), ReportReason
)
CASES_WAITING = Gauge(
    "commonplace_cases_waiting",
    "Cases that wait for a decision or for the ruling on an appeal, counted up to 10,000; measured by one process.",
)
CASES_DECIDED = Counter(
    "commonplace_cases_decided",
    "Decisions in cases, by outcome and kind: decision or appeal.",
    ["outcome", "kind"],
)
for _case_outcome in CaseOutcome:
    for _step in ("decision", "appeal"):
        CASES_DECIDED.labels(_case_outcome, _step)
CASE_DECISION_DELAY = Histogram(
    "commonplace_case_first_decision_seconds",
    "Time from the first report of a post to the decision.",
    buckets=(60, 600, 3_600, 6 * 3_600, 24 * 3_600, 48 * 3_600, 7 * 24 * 3_600, 30 * 24 * 3_600),
)
ANSWERS_ACCEPTED = _from_zero(
    Counter(
        "commonplace_answers_accepted",
        "Answers accepted, by whether they crossed an organisation's boundary.",
        ["crossing"],
    ),
    (ACROSS, WITHIN),
)
JOINS = _from_zero(
    Counter(
        "commonplace_joins",
        "Members who came into a community: founded it, came by themselves, approved, invited.",
        ["way"],
    ),
    ("founded", "by themselves", "approved", "invited"),
)
LEAVES = _from_zero(
    Counter(
        "commonplace_leaves",
        "Places given up in a community: by themselves, removed, or with the organisation that was left.",
        ["way"],
    ),
    ("by themselves", "removed", "with the organisation"),
)

EXPORTS = _from_zero(
    Counter(
        "commonplace_exports",
        "Exports of members' own data: asked for, ready, fetched, expired, or never gathered whole.",
        ["outcome"],
    ),
    ("asked", "ready", "fetched", "expired", "not gathered"),
)
ERASURES = _from_zero(
    Counter(
        "commonplace_erasures", "Erasures of members: asked for, cancelled, begun, complete.", ["outcome"]
    ),
    ("asked", "cancelled", "begun", "complete"),
)
ERASURE_OVERDUE = Gauge(
    "commonplace_erasure_overdue_seconds",
    "How long the erasure that has been due for longest has waited for its last receipt; 0 when none waits.",
)

# Connections
BROKER_CONNECTED = Gauge("commonplace_broker_connected", "1 while the line to the broker is open.", ["line"])
BROKER_LOSSES = Counter("commonplace_broker_losses", "Times an open line to the broker was lost.", ["line"])
TRANSACTIONS = Histogram(
    "commonplace_transaction_seconds", "Time of a committed transaction.", ["service"], buckets=QUICK
)
TRANSACTION_RETRIES = Counter(
    "commonplace_transaction_retries", "Handlers run again because somebody else was quicker.", ["service"]
)
