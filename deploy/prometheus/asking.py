"""Asks a running Prometheus, over its HTTP API."""

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

# What a family is called without these is what its source calls it.
PARTS_OF_A_FAMILY = ("_total", "_bucket", "_sum", "_count", "_info", "_created")


class Refused(Exception):
    """Prometheus did not answer a question, and said why."""


class PrometheusApi:
    """A Prometheus at an address such as `http://127.0.0.1:8890`."""

    def __init__(self, url: str) -> None:
        self.url = url

    def query(self, expression: str) -> list[float]:
        """Return the values that an expression has at this moment; raises Refused."""
        answer = self._ask("query", query=expression)
        if answer["resultType"] == "scalar":
            return [float(answer["result"][1])]
        return [float(series["value"][1]) for series in answer["result"]]

    def query_range(self, expression: str, start: float, end: float, step: float) -> list[dict[str, Any]]:
        """Return the series of an expression over a time; raises Refused."""
        answer = self._ask("query_range", query=expression, start=start, end=end, step=step)
        return list(answer["result"])

    def metrics(self) -> set[str]:
        """Return the names of all metrics: those that have series, and those of which a source only tells."""
        return {*self._ask("label/__name__/values"), *self._ask("metadata")}

    def firing(self) -> set[str]:
        """Return the names of the alerts that fire at this moment."""
        alerts = self._ask("alerts")["alerts"]
        return {alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing"}

    def targets(self) -> dict[str, str]:
        """Return every scraped address, with `up`, `unknown` or what went wrong there."""
        active = self._ask("targets", state="active")["activeTargets"]
        return {one["scrapeUrl"]: one["lastError"] or one["health"] for one in active}

    def _ask(self, path: str, **parameters: object) -> Any:
        url = f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise Refused(json.load(error).get("error", str(error))) from None
        except OSError as error:
            raise Refused(f"Prometheus at {self.url} does not answer: {error}") from None


def is_known(metric: str, known: set[str]) -> bool:
    """Return whether a metric is among `known`, also when only its family is."""
    family = (metric.removesuffix(part) for part in PARTS_OF_A_FAMILY)
    return metric in known or any(name in known for name in family)
