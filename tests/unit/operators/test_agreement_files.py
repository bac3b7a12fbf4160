"""Keys and signatures made offline are what the node believes."""

import json
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.agreements import draft_terms, make_private_key, public_half, sign_terms
from deploy.commands.agreements import read_terms
from deploy.node.problems import NodeProblem
from services.membership.domain import organisation_key, signing
from shared.contracts.calls.membership import NewOrganisationKey, Terms
from shared.contracts.vocabulary import ContentKind, MemberField

NOW = datetime.now(UTC)
COMMONPLACE = Path(sys.executable).with_name("commonplace")
ONE, OTHER = "1" * 24, "2" * 24


def drafted() -> Terms:
    return draft_terms(
        agreement="a" * 24,
        parties=(ONE, OTHER),
        communities=["c" * 24],
        purpose="Fewer falls",
        kinds=[ContentKind.THREADS],
        fields=[MemberField.NAME],
        retention_days=30,
        expires_at=NOW + timedelta(days=365),
    )


def test_terms_signed_offline_are_signed_for_the_node(tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    public = make_private_key(file)
    assert "d" not in public and public_half(file) == public
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    key = organisation_key.register(ONE, NewOrganisationKey.model_validate(public), (), NOW)
    written = tmp_path / "terms.json"
    written.write_text(drafted().model_dump_json(indent=2))
    terms = read_terms(written)
    assert signing.is_signed(terms, sign_terms(terms, file), key)


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    made = make_private_key(file)
    with pytest.raises(NodeProblem, match=r"already.*agreements public-key"):
        make_private_key(file)
    printed = subprocess.run(
        [COMMONPLACE, "agreements", "public-key", str(file)], capture_output=True, text=True, check=True
    )
    assert json.loads(printed.stdout) == made


def test_what_cannot_be_signed_is_said_in_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "terms.json"
    with pytest.raises(NodeProblem, match="can't be read"):
        read_terms(file)
    file.write_text(json.dumps({**drafted().model_dump(mode="json"), "purpose": " "}))
    with pytest.raises(NodeProblem, match="purpose"):
        read_terms(file)
    with pytest.raises(NodeProblem, match="holds no key"):
        sign_terms(drafted(), file)
