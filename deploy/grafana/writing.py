"""Writes the dashboards down as Grafana reads them."""

from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from deploy.grafana.dashboards.communities import communities
from deploy.grafana.dashboards.glance import glance
from deploy.grafana.dashboards.main_job import main_job
from deploy.grafana.dashboards.servers import servers
from deploy.grafana.queries import PROVISIONED

DASHBOARDS = {
    "1-glance": glance,
    "2-main-job": main_job,
    "3-communities": communities,
    "4-servers": servers,
}


def written() -> dict[str, str]:
    """Return each dashboard's file name and JSON."""
    encoder = JSONEncoder(sort_keys=True, indent=1, ensure_ascii=False)
    return {f"{name}.json": f"{encoder.encode(build().build())}\n" for name, build in DASHBOARDS.items()}


def write(folder: Path = PROVISIONED) -> list[Path]:
    """Write the dashboards into `folder` and remove what is none of them; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = written()
    for file in folder.glob("*.json"):
        if file.name not in texts:
            file.unlink()
    for name, text in texts.items():
        (folder / name).write_text(text)
    return sorted(folder.glob("*.json"))
