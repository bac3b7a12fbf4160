"""Communities: does what is asked in one organisation get answered in another? That is what all of this is for."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from deploy.grafana.panels import Query, graph, number, page


def _in_range(counter: str) -> str:
    return f"round(sum(increase({counter}[$__range])))"


def _share_across(counter: str) -> str:
    across = f'sum(increase({counter}{{crossing="across"}}[$__range]))'
    return f"{across} / sum(increase({counter}[$__range]))"


def _hourly(counter: str, by: str) -> Query:
    return Query(f"sum by ({by}) (increase({counter}[1h]))", f"{{{{{by}}}}}")


def communities() -> Dashboard:
    """Return the dashboard."""
    return page(
        "Communities: boundary-crossing activity",
        "commonplace-communities",
        "What members do, and how much of it crosses the boundary between organisations; no person is in it.",
        {
            "In the time chosen above": [
                number("Threads opened", "Questions, experiences, discussions and announcements.",
                       _in_range("commonplace_threads_opened_total")),
                number("Posts", "Added to threads.", _in_range("commonplace_posts_added_total")),
                number("Posts across", "Posts by people of another organisation than who opened the thread.",
                       _share_across("commonplace_posts_added_total"), "percentunit"),
                number("Answers accepted", "Questions that were answered to the asker's satisfaction.",
                       _in_range("commonplace_answers_accepted_total")),
                number("Answers across", "Accepted answers that came from another organisation.",
                       _share_across("commonplace_answers_accepted_total"), "percentunit"),
                number("Told across", "Notifications about what somebody of another organisation did.",
                       _share_across("commonplace_notified_across_total"), "percentunit"),
            ],
            "What is said, per hour": [
                graph("Threads", "Opened, by kind. Questions without experiences: ask facilitators what worked.",
                      _hourly("commonplace_threads_opened_total", "kind"), stacked=True, span=12),
                graph("Posts", "`across`: by somebody of another organisation than who opened the thread.",
                      _hourly("commonplace_posts_added_total", "crossing"), stacked=True, span=12),
                graph("Accepted answers", "`across`: the answer came from another organisation.",
                      _hourly("commonplace_answers_accepted_total", "crossing"), stacked=True, span=12),
                graph("Notifications", "`across`: told somebody of one organisation what one of another did.",
                      _hourly("commonplace_notified_across_total", "crossing"), stacked=True, span=12),
            ],
            "What crosses to partners' systems, per hour": [
                graph("Crossings", "By an agreement, or kept back for want of one; docs/agreements.md says what each reason is.",
                      Query("sum by (decision, reason) (increase(commonplace_crossings_total[1h]))", "{{decision}}: {{reason}}"),
                      stacked=True, span=12),
                graph("Crossings by kind", "Out: read by a partner's system. In: written through one, for a member.",
                      Query("sum by (direction, kind) (increase(commonplace_crossings_total[1h]))", "{{direction}}: {{kind}}"),
                      stacked=True, span=12),
            ],
            "What the confidentiality guard found, per hour": [
                graph("By kind", "In what members wrote: refused once, and counted again when somebody insisted.",
                      _hourly("commonplace_guard_found_total", "kind"), stacked=True, span=12),
                graph("By what came of it", "Held without being released or declined: facilitators are wanted.",
                      _hourly("commonplace_guard_found_total", "outcome"), stacked=True, span=12),
            ],
            "Moderation": [
                number("Cases that wait", "For a decision, or for the ruling on an appeal.",
                       "max(commonplace_cases_waiting)", span=8),
                number("First decision, median", "From the first report of a post to the decision.",
                       "histogram_quantile(0.5, sum by (le) (increase(commonplace_case_first_decision_seconds_bucket[$__range])))", "s", span=8),
                number("Reports", "Of posts, by members.", _in_range("commonplace_posts_reported_total"), span=8),
                graph("Reported, per hour", "By reason.",
                      _hourly("commonplace_posts_reported_total", "reason"), stacked=True, span=12),
                graph("Decided, per hour", "By outcome, appeals included.",
                      _hourly("commonplace_cases_decided_total", "outcome"), stacked=True, span=12),
            ],
            "Who comes and goes, per hour": [
                graph("Came in", "Into a community: founded it, by themselves, approved, or invited.",
                      _hourly("commonplace_joins_total", "way"), stacked=True, span=12),
                graph("Went", "By themselves, removed, or with the organisation that they left.",
                      _hourly("commonplace_leaves_total", "way"), stacked=True, span=12),
                graph("Signed in", "At a browser, by the way they came: at their organisation's provider, by a link, by a passkey; and refused.",
                      Query("sum by (way, outcome) (increase(commonplace_sign_ins_total[1h]))", "{{way}}, {{outcome}}"), span=24),
                graph("Copies of one's own data", "Exports: asked for, ready, fetched, expired.",
                      _hourly("commonplace_exports_total", "outcome"), span=12),
                graph("Forgotten", "Erasures of members: asked for, cancelled, begun, complete.",
                      _hourly("commonplace_erasures_total", "outcome"), span=12),
            ],
        },
    )  # fmt: skip
