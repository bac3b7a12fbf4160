"""Debian's and Ubuntu's packages, unpacked into a folder of our own: no root, nothing installed, no service.

apt is given its own state and cache, and an empty list of installed packages, so that it names everything
that a package needs whatever the state of this machine. Of that, the packages asked for are always taken (the
same on every machine), libraries only when missing.
"""

import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from deploy.node.problems import NodeProblem

# The hooks of this machine's apt configuration would clear or refresh caches that belong to the system.
CONFIGURATION = """\
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
Dir::State "{apt}/state";
Dir::State::status "{apt}/nothing-installed";
Dir::Cache "{apt}/cache";
Debug::NoLocking "1";
APT::Sandbox::User "";
APT::Install-Recommends "false";
"""


class PrivateApt:
    """apt with everything it writes inside one folder."""

    def __init__(self, folder: Path) -> None:
        """Take `folder` (made when missing) for apt's lists and downloads."""
        if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
            raise NodeProblem(
                "This machine has no apt: run RabbitMQ and MongoDB yourself and name them in"
                " COMMONPLACE_BROKER and COMMONPLACE_MONGO, or use docker-compose.yml."
            )
        self.folder = folder
        for name in ("state/lists/partial", "cache/archives/partial", "downloads"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / "nothing-installed").touch()
        self.configuration = folder / "apt.conf"
        self.configuration.write_text(CONFIGURATION.format(apt=folder))

    def update(self) -> None:
        """Read the package lists of the sources that this machine already trusts."""
        self._apt("update")

    def needs(self, packages: Sequence[str]) -> list[str]:
        """Return the names of everything that `packages` need, themselves included, as on an empty machine.

        Raises NodeProblem when a package isn't in the machine's sources.
        """
        answer = self._apt("--simulate", "install", *packages)
        return [line.split()[1] for line in answer.splitlines() if line.startswith("Inst ")]

    def download(self, packages: Sequence[str]) -> list[Path]:
        """Fetch the packages (checked by apt against the signed lists) and return their files."""
        downloads = self.folder / "downloads"
        self._apt("download", *packages, folder=downloads)
        return sorted(downloads.glob("*.deb"))

    def _apt(self, *words: str, folder: Path | None = None) -> str:
        done = subprocess.run(
            ["apt-get", "-c", str(self.configuration), "-q", *words],
            cwd=folder or self.folder, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if done.returncode:
            lines = done.stderr.splitlines()
            said = " ".join([line for line in lines if line.startswith("E:")] or lines)[:300]
            raise NodeProblem(
                f"apt-get failed ({said}): check this machine's network and package sources (Ubuntu needs its"
                " 'universe' part), or name servers of your own in COMMONPLACE_BROKER and COMMONPLACE_MONGO."
            )
        return done.stdout


def installed() -> set[str]:
    """Return the names of the packages that this machine has installed."""
    answer = subprocess.run(
        ["dpkg-query", "-W", "-f", "${db:Status-Abbrev} ${Package}\n"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {line.split()[1] for line in answer.stdout.splitlines() if line.startswith("ii")}


def unpack(archives: Sequence[Path], into: Path) -> None:
    """Lay the files of Debian archives under `into`; no script of a package is run."""
    into.mkdir(parents=True, exist_ok=True)
    for archive in archives:
        subprocess.run(["dpkg", "-x", str(archive), str(into)], check=True, capture_output=True)


def lay(packages: Sequence[str], always: Callable[[str], bool], into: Path) -> None:
    """Unpack `packages` and the libraries they need that this machine lacks under `into`.

    `always` says of a name whether to take it even when the machine has it.
    """
    apt = PrivateApt(into.parent / f"{into.name}-apt")
    needed = _needed(apt, packages)
    have = installed()
    wanted = [name for name in needed if always(name) or (_is_library(name) and name not in have)]
    unpack(apt.download(wanted), into)
    shutil.rmtree(apt.folder)


def _needed(apt: PrivateApt, packages: Sequence[str]) -> list[str]:
    """Return everything that `packages` need, also when a source that we don't need can't be reached."""
    try:
        apt.update()
    except NodeProblem as unreachable:
        try:
            return apt.needs(packages)
        except NodeProblem:
            raise unreachable from None
    return apt.needs(packages)


def _is_library(name: str) -> bool:
    return name.startswith("lib") and not name.startswith("libjs-") and not name.endswith("-perl")
