"""supervisord is told exactly what we mean, whatever characters it holds."""

from pathlib import Path

import pytest
from supervisor.options import ServerOptions

from deploy.node.folder import NodeFolder
from deploy.node.problems import NodeProblem
from deploy.node.server import Command
from deploy.node.supervisor import configuration


def understood(text: str, folder: Path) -> ServerOptions:
    """Return what supervisord itself makes of a configuration."""
    file = folder / "supervisord.conf"
    file.write_text(text)
    options = ServerOptions()
    options.realize(["-c", str(file)])
    return options


def test_a_command_arrives_as_it_was_meant(tmp_path: Path) -> None:
    folder = NodeFolder(tmp_path / "a folder, 100% ours")
    folder.logs.mkdir(parents=True)
    told = {"URL": "mongodb://127.0.0.1/?a=%20b", "WORDS": "one, two; it's four"}
    text = configuration([Command("one", ["/bin/a b", "-x", "50%"], told)], folder, 8816, "secret")
    (program,) = understood(text, tmp_path).process_group_configs[0].process_configs
    assert program.command == '"/bin/a b" "-x" "50%"'
    assert program.environment == told
    assert program.stdout_logfile == str(folder.logs / "one.log")
    assert program.stopwaitsecs == 30 and program.autorestart and not program.autostart
    assert program.startretries >= 1_000_000  # a process that dies is never given up


def test_what_it_can_not_be_told_is_refused(tmp_path: Path) -> None:
    for word in ('a"b', "'a", "a\nb"):
        with pytest.raises(NodeProblem, match="quotation mark"):
            configuration([Command("one", [word])], NodeFolder(tmp_path), 8816, "secret")
