"""What contacts are told of agreements, in words that fit into an inbox."""

import re
from datetime import UTC, datetime

import pytest

from services.notifications.domain.agreement import moved_deed
from shared.contracts.calls.notifications import MarkRead
from shared.contracts.membership import AgreementMoved
from shared.contracts.vocabulary import AgreementState

AGREEMENT, TRUST, COUNCIL, ANN, COMMUNITY = (digit * 24 for digit in "12345")


def fact(state: AgreementState, name: str = "Leeds Council") -> AgreementMoved:
    return AgreementMoved(
        agreement=AGREEMENT,
        organisation=TRUST,
        contact=ANN,
        other=COUNCIL,
        other_name=name,
        state=state,
        expires_at=datetime(2027, 1, 5, tzinfo=UTC),
        at=datetime(2026, 12, 6, tzinfo=UTC),
        revision=3,
    )


def test_the_contact_reads_with_whom_and_until_when() -> None:
    deed = moved_deed(fact(AgreementState.ENDING), COMMUNITY)
    assert deed is not None
    assert deed.title == (
        "Your agreement with Leeds Council ends on 5 January 2027: sign a further version, or let it end"
    )
    assert (deed.subject, deed.community) == (ANN, COMMUNITY)
    assert deed.link == f"/v1/agreements/{AGREEMENT}"
    pattern = MarkRead.model_fields["notification"].metadata[0].pattern
    assert re.fullmatch(pattern, f"{deed.thing}.{ANN}")


@pytest.mark.parametrize("state", set(AgreementState) - {AgreementState.PROPOSED})
def test_a_long_name_is_cut_and_not_the_news(state: AgreementState) -> None:
    deed = moved_deed(fact(state, "N" * 200), COMMUNITY)
    assert deed is not None
    assert len(deed.title) == 200
    assert "…" in deed.title
    assert not deed.title.endswith("…")


def test_a_proposal_is_no_news_to_a_contact() -> None:
    assert moved_deed(fact(AgreementState.PROPOSED), COMMUNITY) is None
