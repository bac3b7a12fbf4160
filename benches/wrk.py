"""The load: wrk, a generator in C that takes little from the two cores it shares; Debian's, in a folder of its own."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from deploy.node.debian import lay
from deploy.node.folder import node_folder

_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


@dataclass
class Load:
    """What one run of wrk saw: requests a second, the 99th percentile in seconds, answers that were not 2xx."""

    rate: float
    p99: float
    bad: int


def program() -> tuple[Path, dict[str, str]]:
    """Where wrk is, fetched when it is not there yet, and the environment it needs."""
    into = node_folder().software / "bench"
    if not (into / "usr/bin/wrk").exists():
        into.parent.mkdir(parents=True, exist_ok=True)
        lay(["wrk"], lambda name: name == "wrk", into)
    libraries = ":".join(str(path) for path in into.glob("usr/lib/*-linux-gnu"))
    return into / "usr/bin/wrk", {"LD_LIBRARY_PATH": libraries}


def load(script: str, url: str, folder: Path, *, seconds: int = 6, connections: int = 16) -> Load:
    """Ask as fast as the answers come.

    Args:
        script: wrk's, in Lua; it makes each request.
        url: only its address counts.
        folder: for the script's file.
        seconds, connections: how long, and how many at a time.
    """
    path = folder / "load.lua"
    path.write_text(script)
    wrk, environment = program()
    done = subprocess.run(
        [
            str(wrk),
            "-t1",
            f"-c{connections}",
            f"-d{seconds}s",
            "--latency",
            "--timeout",
            "10s",
            "-s",
            str(path),
            url,
        ],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    said = done.stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s|m)", said)
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    if rate is None or p99 is None:
        raise RuntimeError(f"wrk said: {said} {done.stderr}")
    return Load(float(rate[1]), float(p99[1]) * _UNITS[p99[2]], int(bad[1]) if bad else 0)


def reading(paths: list[str], headers: dict[str, str]) -> str:
    """A script that asks for `paths` in turn."""
    return f"""
local paths = {{{", ".join(f'"{path}"' for path in paths)}}}
local headers = {{{", ".join(f'["{name}"]="{value}"' for name, value in headers.items())}}}
local n = 0
function request()
  n = n + 1
  return wrk.format("GET", paths[n % #paths + 1], headers)
end
"""


def posting(paths: list[str], headers: dict[str, str], run: str) -> str:
    """A script that posts a text to `paths` in turn, each under a key of its own."""
    return f"""
local paths = {{{", ".join(f'"{path}"' for path in paths)}}}
local n = 0
function request()
  n = n + 1
  local headers = {{{", ".join(f'["{name}"]="{value}"' for name, value in headers.items())}}}
  headers["Content-Type"] = "application/json"
  headers["Idempotency-Key"] = "{run}-" .. n
  local body = '{{"text": "We did the same last year, and it held. Number ' .. n .. '"}}'
  return wrk.format("POST", paths[n % #paths + 1], headers, body)
end
"""
