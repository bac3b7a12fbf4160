"""`commonplace openapi` prints what a gateway serves, without one."""

import json
import subprocess
import sys
from pathlib import Path

COMMONPLACE = Path(sys.executable).with_name("commonplace")


def test_the_document_is_printed_whole() -> None:
    words = [COMMONPLACE, "openapi", "--public-url", "https://commonplace.example"]
    printed = subprocess.run(words, capture_output=True, text=True, check=True)
    document = json.loads(printed.stdout)
    assert printed.stderr == ""
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": "https://commonplace.example", "x-internal": False}]
    assert "post" in document["paths"]["/v1/communities/{community}/threads"]
