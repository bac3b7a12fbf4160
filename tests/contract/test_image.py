"""The image's recipe: what goes in, who runs it, and what must never be in it."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
RECIPE = (ROOT / "deploy/Dockerfile").read_text()
STEPS = [
    re.sub(r"\\\n\s*", "", step) for step in re.findall(r"^[A-Z]+ (?:.*\\\n)*.*$", RECIPE, flags=re.MULTILINE)
]
IGNORE = (ROOT / ".dockerignore").read_text().splitlines()


def steps(word: str) -> list[str]:
    return [step.partition(" ")[2] for step in STEPS if step.startswith(f"{word} ")]


def test_it_stands_on_a_pinned_python_that_tests_ran_on() -> None:
    bases = {step.split()[0] for step in steps("FROM")}
    assert bases == {"python:3.11-slim-bookworm"}
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"].startswith(
        ">=3.11"
    )


def test_only_locked_wheels_are_installed() -> None:
    installs = [part.strip() for step in steps("RUN") for part in step.split("&&") if "pip install" in part]
    locked, own = installs
    assert "--require-hashes" in locked
    assert "--only-binary :all:" in locked
    assert "--requirement requirements.lock" in locked
    assert "--no-deps" in own
    assert "--no-build-isolation" in own


def test_every_package_of_the_lock_has_its_hashes() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    packages = re.findall(r"^[a-zA-Z0-9_.\[\]-]+==", lock, flags=re.MULTILINE)
    with_hash = re.findall(r"^[a-zA-Z0-9_.\[\]-]+==[^\n]* \\\n    --hash=sha256:", lock, flags=re.MULTILINE)
    assert len(packages) == len(with_hash) > 50


def test_nobody_is_root() -> None:
    (user,) = steps("USER")
    uid, gid = map(int, user.split(":"))
    assert uid >= 10000 and gid >= 10000
    assert STEPS.index(f"USER {user}") > max(STEPS.index(f"RUN {step}") for step in steps("RUN"))


def test_mongodbs_server_is_never_in_it() -> None:
    assert not re.search(r"fiftyone|mongod\b|get_software", RECIPE.lower().replace("mongodb's server", ""))
    assert "fiftyone" not in (ROOT / "requirements.lock").read_text()


def test_nothing_goes_in_but_what_is_named() -> None:
    rules = [line for line in IGNORE if line and not line.startswith("#")]
    assert rules[0] == "*"
    allowed = {rule[1:] for rule in rules if rule.startswith("!")}
    copied = {
        source for step in steps("COPY") if not step.startswith("--from") for source in step.split()[:-1]
    }
    assert copied == allowed
    assert all((ROOT / source).exists() for source in copied)
    assert not steps("ADD")


def test_it_stops_as_the_processes_expect() -> None:
    assert steps("STOPSIGNAL") == ["SIGTERM"]
    assert not steps("ENTRYPOINT"), "a shell in between would keep the signal"
    assert re.fullmatch(r'\[("[^"]+"(, )?)+\]', steps("CMD")[0])
