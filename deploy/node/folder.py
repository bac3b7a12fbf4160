"""Where a node on this machine keeps its software, data, logs and secrets."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class NodeFolder:
    """The one folder that a node writes to, so that deleting it leaves the machine as it was."""

    path: Path

    @property
    def software(self) -> Path:
        """What was downloaded and unpacked; kept by `make reset`."""
        return self.path / "software"

    @property
    def data(self) -> Path:
        """What RabbitMQ, MongoDB and Prometheus remember."""
        return self.path / "data"

    @property
    def logs(self) -> Path:
        """One file per process."""
        return self.path / "logs"

    @property
    def keys(self) -> Path:
        """The gateway's signing keys."""
        return self.path / "keys"

    @property
    def mail(self) -> Path:
        """The mail that the node would send if it were told a server: a file for each."""
        return self.path / "mail"

    @property
    def secrets(self) -> Path:
        """Generated passwords, readable by their owner only."""
        return self.path / "secrets"

    @property
    def test_servers(self) -> Path:
        """The RabbitMQ and MongoDB that test sessions share."""
        return self.path / "test-servers"


def node_folder() -> NodeFolder:
    """Return COMMONPLACE_NODE_FOLDER, or `.node` in the checkout when that isn't set."""
    return NodeFolder(Path(os.environ.get("COMMONPLACE_NODE_FOLDER") or CHECKOUT / ".node").resolve())


def remembered_secret(folder: Path, name: str) -> str:
    """Return the secret kept in `folder/name`; made up (32 hex digits) and written 0600 when missing."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / name
    if not file.exists():
        draft = folder / f".{name}.{os.getpid()}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(secrets.token_hex(16))
        try:
            os.link(draft, file)
        except FileExistsError:
            pass  # another process made it up first: its secret counts
        finally:
            draft.unlink()
    return file.read_text()
