"""Several gateways share one folder of keys; a new key is laid beside the old."""

import stat
import threading
from pathlib import Path

import pytest

from services.gateway.auth import keys as keys_module
from services.gateway.auth.keys import SigningKeys


def test_gateways_that_start_together_agree_on_a_key(tmp_path: Path) -> None:
    made: list[SigningKeys] = []
    together = threading.Barrier(8)

    def start() -> None:
        together.wait()
        made.append(SigningKeys(tmp_path / "keys"))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one.signing().kid for one in made}) == 1
    assert len(list((tmp_path / "keys").iterdir())) == 1


def test_only_the_owner_may_read_a_key(tmp_path: Path) -> None:
    SigningKeys(tmp_path / "keys")
    (file,) = (tmp_path / "keys").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_nothing_private_is_published(tmp_path: Path) -> None:
    (key,) = SigningKeys(tmp_path).published()["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}


def test_a_new_key_signs_and_the_old_one_still_verifies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = SigningKeys(tmp_path), SigningKeys(tmp_path)
    old = str(here.signing().kid)
    new = here.add()
    assert here.signing().kid == new
    assert here.find(old) is not None
    assert there.find("no-such-key") is None
    monkeypatch.setattr(keys_module, "LOOK_AGAIN", 0.0)
    assert there.find(new) is not None
