"""Prometheus and Alertmanager on this machine: what watches a node, and what tells its operator."""

import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from deploy.node.server import Command
from deploy.node.software import Software


@dataclass(frozen=True)
class Watching:
    """What the watchers are told: their configuration files' text."""

    prometheus: str
    alertmanager: str


class Prometheus:
    """A Prometheus of our own in one folder."""

    def __init__(self, software: Software, folder: Path, port: int) -> None:
        """Take the software, a folder for everything it writes, and its port; starts nothing."""
        self.software = software
        self.folder = folder
        self.port = port

    @property
    def url(self) -> str:
        """Where its API is; its pages look for their templates where Debian's package would have put them."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def alerts_url(self) -> str:
        """Which alerts fire or are about to, as JSON."""
        return f"{self.url}/api/v1/alerts"

    def commands(self) -> list[Command]:
        """Return the one process that must run."""
        shipped = self.software.debian / "usr/share/prometheus/web"
        argv = [
            str(self.software.prometheus),
            f"--config.file={self.folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={self.folder / 'data'}",
            "--storage.tsdb.retention.time=15d",
            f"--web.listen-address=127.0.0.1:{self.port}",
            f"--web.external-url={self.url}",
            f"--web.console.templates={shipped}",
            f"--web.console.libraries={shipped}",
            "--log.level=warn",
        ]
        return [Command("prometheus", argv, {**self.software.environment(), "HOME": str(self.folder)})]

    def configure(self, configuration: str) -> None:
        """Write its configuration; one that runs reads it again on SIGHUP."""
        _write(self.folder / "prometheus.yml", configuration)

    def answers(self) -> bool:
        """Return whether it serves queries at this moment."""
        return _ask(f"{self.url}/-/ready")


class Alertmanager:
    """An Alertmanager of our own in one folder, that speaks to no other."""

    def __init__(self, software: Software, folder: Path, port: int) -> None:
        """Take the software, a folder for everything it writes, and its port; starts nothing."""
        self.software = software
        self.folder = folder
        self.port = port

    @property
    def url(self) -> str:
        """Where its API is; Debian's package comes without the pages."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def alerts_url(self) -> str:
        """What it would tell receivers now, as JSON."""
        return f"{self.url}/api/v2/alerts"

    def commands(self) -> list[Command]:
        """Return the one process that must run."""
        argv = [
            str(self.software.alertmanager),
            f"--config.file={self.folder / 'alertmanager.yml'}",
            f"--storage.path={self.folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            f"--web.external-url={self.url}",
            "--cluster.listen-address=",
            "--log.level=warn",
        ]
        environment = {**self.software.environment(), "HOME": str(self.folder)}
        templates = self.software.templates
        return [Command("alertmanager", argv, environment, templates if templates.exists() else self.folder)]

    def configure(self, configuration: str) -> None:
        """Write its configuration, and have it read again when it runs already."""
        _write(self.folder / "alertmanager.yml", configuration)
        if self.answers():
            _ask(f"{self.url}/-/reload", "POST")

    def answers(self) -> bool:
        """Return whether it takes alerts at this moment."""
        return _ask(f"{self.url}/-/ready")


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def _ask(url: str, method: str = "GET") -> bool:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
