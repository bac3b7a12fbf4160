"""Several gateways share one folder of keys; a new key is laid beside the old."""

import json
import stat
import threading
import time
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from services.gateway.auth import keys as keys_module
from services.gateway.auth.keys import NoSuchKey, SigningKeys, StillNeeded


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


def test_a_new_key_is_published_before_it_signs_and_the_old_one_until_its_last_token_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = SigningKeys(tmp_path), SigningKeys(tmp_path)
    old = str(here.signing().kid)
    began = time.time()
    new = here.add().kid

    def at(seconds: float) -> tuple[str, list[str], list[str | None]]:
        """At that time: who signs, what is published, what another gateway finds of the two."""
        monkeypatch.setattr(keys_module.time, "time", lambda: began + seconds)
        published = [key["kid"] for key in here.published()["keys"]]
        found = [there.find(kid) for kid in (old, new)]
        return str(here.signing().kid), published, [one and str(one.kid) for one in found]

    signs_from = keys_module.PUBLISHED_BEFORE + 1
    assert at(0) == (old, [old, new], [old, new])
    assert at(signs_from) == (new, [old, new], [old, new])
    assert at(signs_from + keys_module.LIFETIME)[1] == [old, new], "its last token is still good"
    assert at(signs_from + keys_module.LIFETIME + 2 * keys_module.MARGIN) == (new, [new], [None, new])
    monkeypatch.setattr(keys_module, "LOOK_AGAIN", 0.0)
    assert there.signing().kid == new


def test_a_key_is_taken_away_only_when_nothing_needs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = SigningKeys(tmp_path)
    old = str(keys.signing().kid)
    with pytest.raises(StillNeeded):
        keys.retire(old, at_once=True)
    new = keys.add(at_once=True).kid
    with pytest.raises(StillNeeded):
        keys.retire(new, at_once=True)
    with pytest.raises(StillNeeded):
        keys.retire(old)
    with pytest.raises(NoSuchKey):
        keys.retire("no-such-key")
    began = time.time()
    monkeypatch.setattr(keys_module.time, "time", lambda: began + 2_000)
    keys.retire(old)
    assert [key.kid for key in SigningKeys(tmp_path).all()] == [new]


def test_a_key_that_is_no_longer_ones_own_goes_at_once_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = SigningKeys(tmp_path), SigningKeys(tmp_path)
    old = str(here.signing().kid)
    new = here.add(at_once=True).kid
    here.retire(old, at_once=True)
    assert there.find(new) is not None, "an unknown key is looked for at once"
    assert there.find(old) is None
    assert there.signing().kid == new


def test_a_key_as_it_was_written_at_first_is_read(tmp_path: Path) -> None:
    key = ECKey.generate_key("P-256")
    key.ensure_kid()
    (tmp_path / "access-tokens-0001.json").write_text(json.dumps(key.as_dict(private=True)))
    assert SigningKeys(tmp_path).signing().kid == key.kid
