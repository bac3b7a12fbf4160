"""The stream as a process: one that has lost a part ends with 1, so that its supervisor starts it again."""

import os
import socket
import time
from pathlib import Path

from tests.node import Node


def test_a_stream_that_cannot_listen_ends_and_says_so(
    node_environment: dict[str, str], tmp_path: Path
) -> None:
    process = Node({**os.environ, **node_environment}, tmp_path, {"stream": 1})["stream"]
    port = int(process.command.environment["COMMONPLACE_STREAM_PORT"])
    with socket.create_server(("127.0.0.1", port)):
        process.start()
        deadline = time.monotonic() + 20
        while process.exit_code is None:
            assert time.monotonic() < deadline, process.last_words()
            time.sleep(0.1)
    assert process.exit_code == 1
    assert "stream.part_ended" in process.last_words(40)
