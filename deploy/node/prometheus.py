"""Prometheus and Alertmanager on this machine: what watches a node, and what tells its operator."""

import urllib.error
import urllib.request
from pathlib import Path

from deploy.node.server import Command
from deploy.node.software import Software


class Prometheus:
    """A Prometheus of our own in one folder; the caller writes its configuration."""

    name = "prometheus"

    def __init__(self, software: Software, folder: Path, port: int, configuration: Path) -> None:
        """Take the software, a folder for its data, its port and its configuration file; starts nothing."""
        self.software = software
        self.folder = folder
        self.port = port
        self.configuration = configuration

    @property
    def url(self) -> str:
        """Where its pages and its API are."""
        return f"http://127.0.0.1:{self.port}"

    def commands(self) -> list[Command]:
        """Return the one process that must run."""
        shipped = self.software.debian / "usr/share/prometheus/web"
        argv = [
            str(self.software.prometheus),
            f"--config.file={self.configuration}",
            f"--storage.tsdb.path={self.folder / 'data'}",
            "--storage.tsdb.retention.time=15d",
            f"--web.listen-address=127.0.0.1:{self.port}",
            f"--web.console.templates={shipped}",
            f"--web.console.libraries={shipped}",
            "--web.enable-lifecycle",
            "--log.level=warn",
        ]
        return [Command(self.name, argv, {**self.software.environment(), "HOME": str(self.folder)})]

    def answers(self) -> bool:
        """Return whether it serves queries at this moment."""
        return _is_ready(self.url)


class Alertmanager:
    """An Alertmanager of our own in one folder, that speaks to no other."""

    name = "alertmanager"

    def __init__(self, software: Software, folder: Path, port: int, configuration: Path) -> None:
        """Take the software, a folder for its data, its port and its configuration file; starts nothing."""
        self.software = software
        self.folder = folder
        self.port = port
        self.configuration = configuration

    @property
    def url(self) -> str:
        """Where its pages and its API are."""
        return f"http://127.0.0.1:{self.port}"

    def commands(self) -> list[Command]:
        """Return the one process that must run."""
        argv = [
            str(self.software.alertmanager),
            f"--config.file={self.configuration}",
            f"--storage.path={self.folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--cluster.listen-address=",
            "--log.level=warn",
        ]
        environment = {**self.software.environment(), "HOME": str(self.folder)}
        templates = self.software.templates
        return [Command(self.name, argv, environment, templates if templates.exists() else self.folder)]

    def answers(self) -> bool:
        """Return whether it takes alerts at this moment."""
        return _is_ready(self.url)


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/-/ready", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
