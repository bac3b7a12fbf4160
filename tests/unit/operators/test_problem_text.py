"""What a problem says reaches the person as it is, also where it looks like markup."""

import os
import subprocess
import sys
from pathlib import Path

COMMONPLACE = Path(sys.executable).with_name("commonplace")


def said(*words: str | Path, **environment: str) -> str:
    """Run a command that must fail with a sentence; returns the sentence."""
    done = subprocess.run(
        [COMMONPLACE, *words], env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    return done.stderr


def test_a_problem_is_printed_to_the_letter(tmp_path: Path) -> None:
    for text in ("[error]", "[/var/lib/x]"):
        sentence = said("up", COMMONPLACE_PORT=text, COMMONPLACE_NODE_FOLDER=str(tmp_path))
        assert f"COMMONPLACE_PORT={text} can't be used" in sentence


def test_a_problem_of_an_import_is_printed_to_the_letter(tmp_path: Path) -> None:
    organisations = tmp_path / "organisations.json"
    organisations.write_text('["A"]')
    for name in ("[error].jsonl", "[italic].jsonl"):
        (tmp_path / name).write_text("no thread\n")
        assert f"{name}, line 1" in said("import", tmp_path / name, "--organisations", organisations)
