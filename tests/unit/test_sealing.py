"""Secrets that are kept sealed: who may open them, and who may not."""

from pathlib import Path

import pytest

from shared.wiring.sealing import NotSealedHere, Seal

SECRET = "whsec_c2VjcmV0"


def test_what_was_sealed_is_opened_again_by_any_process_of_the_node(tmp_path: Path) -> None:
    sealed = Seal(tmp_path / "keys").seal(SECRET, "one")
    assert SECRET not in sealed
    assert Seal(tmp_path / "keys").open(sealed, "one") == SECRET
    assert Seal(tmp_path / "keys").seal(SECRET, "one") != sealed
    assert len(list((tmp_path / "keys").iterdir())) == 1
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    assert next((tmp_path / "keys").iterdir()).stat().st_mode & 0o777 == 0o600


def test_a_new_key_seals_and_the_old_one_still_opens(tmp_path: Path) -> None:
    seal = Seal(tmp_path)
    old = seal.seal(SECRET, "one")
    (tmp_path / "sealing-0002.key").write_bytes(bytes(32))
    new = seal.seal(SECRET, "one")
    assert (old.partition(".")[0], new.partition(".")[0]) == ("0001", "0002")
    assert seal.open(old, "one") == seal.open(new, "one") == SECRET


@pytest.mark.parametrize("how", ["other owner", "other folder", "changed", "cut", "no such key", "empty"])
def test_nobody_else_opens_it(tmp_path: Path, how: str) -> None:
    seal = Seal(tmp_path / "keys")
    sealed, owner = seal.seal(SECRET, "one"), "one"
    if how == "other owner":
        owner = "two"
    elif how == "other folder":
        seal = Seal(tmp_path / "others")
    elif how == "no such key":
        sealed = "9999" + sealed[4:]
    else:
        sealed = {"changed": sealed[:-6] + "AAAA==", "cut": sealed[:20], "empty": ""}[how]
    with pytest.raises(NotSealedHere):
        seal.open(sealed, owner)
