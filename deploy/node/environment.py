"""Makes the virtual environment from a lock file, with nothing but the machine's Python: `make` begins so.

`python3 -m deploy.node.environment .venv requirements.lock`. Standard library only.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from deploy.node import debian
from deploy.node.problems import NodeProblem

PIP = Path(__file__).with_name("pip.lock")


def make(venv: Path, lock: Path) -> None:
    """Bring `venv` to what `lock` says, hashes checked, and put the checkout itself into it.

    Raises NodeProblem when this Python is too old, or has no pip and none can be fetched.
    """
    if sys.version_info < (3, 11):  # noqa: UP036 - what this is run by is what is asked about
        raise NodeProblem(
            f"Commonplace needs Python 3.11 or newer and this is {sys.version.split()[0]}: name"
            " a newer one, as in PYTHON=/usr/bin/python3.12 make up."
        )
    python = venv / "bin" / "python"
    if not _has_pip(python):
        print("· Virtual environment", flush=True)
        _make_empty(venv, python)
    # Debian 12's own pip takes `package[extra]` for unlocked where hashes are checked.
    _pip(python, "pip", "--require-hashes", "--requirement", str(PIP))
    _pip(python, f"Packages of {lock}", "--require-hashes", "--requirement", str(lock))
    _pip(python, "Commonplace itself", "--no-deps", "--no-build-isolation", "--editable", ".")


def _has_pip(python: Path) -> bool:
    return python.exists() and _runs([str(python), "-m", "pip", "--version"])


def _make_empty(venv: Path, python: Path) -> None:
    if _runs([sys.executable, "-m", "venv", "--clear", str(venv)]):
        return
    # Debian keeps the pip that venv copies in a package of its own; without it we fetch pip's wheel.
    if not _runs([sys.executable, "-m", "venv", "--clear", "--without-pip", str(venv)]):
        raise NodeProblem(f"{sys.executable} can't make a virtual environment: install python3-venv.")
    with tempfile.TemporaryDirectory() as folder:
        apt = debian.PrivateApt(Path(folder) / "apt")
        apt.update()
        debian.unpack(apt.download(["python3-pip-whl"]), Path(folder) / "wheels")
        wheel = next(Path(folder, "wheels").glob("usr/share/python-wheels/pip-*.whl"))
        _pip(python, "pip", "--no-index", str(wheel), through=[str(wheel / "pip")])


def _pip(python: Path, what: str, *words: str, through: list[str] | None = None) -> None:
    """Install, counting aloud, since the first time takes a minute."""
    command = [str(python), *(through or ["-m", "pip"]), "install", "--disable-pip-version-check", *words]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said: list[str] = []
    fetched = 0
    for line in running.stdout or ():
        said.append(line)
        if line.startswith("Collecting "):
            fetched += 1
            if sys.stdout.isatty():
                print(f"\r· {what}: {fetched} fetched", end="", flush=True)
    if running.wait():
        raise NodeProblem(f"pip could not install ({what}); it said:\n{''.join(said[-15:])}")
    start_of_line = "\r" if sys.stdout.isatty() else ""
    print(f"{start_of_line}· {what}: {f'{fetched} fetched' if fetched else 'nothing to fetch'}", flush=True)


def _runs(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


if __name__ == "__main__":
    try:
        make(Path(sys.argv[1]), Path(sys.argv[2]))
    except NodeProblem as problem:
        sys.exit(f"✗ {problem}")
