"""What the ledger tells and what it may be asked."""

from typing import ClassVar

from shared.contracts.calls.call import Answer, Call
from shared.contracts.envelope import Contract


class Paid(Contract):
    speaker: ClassVar[str] = "ledger"
    word: ClassVar[str] = "paid"
    heard_by: ClassVar[tuple[str, ...]] = ("ledger",)

    payment: str
    amount: int
    fails: int = 0


class Receipt(Answer):
    payment: str
    amount: int
    revision: int = 1


class Pay(Call):
    to: ClassVar[str] = "ledger"
    answer = Receipt

    payment: str
    amount: int
    fails: int = 0
    wait: float = 0


class Bump(Call):
    """Adds to one account that everybody changes at once."""

    to: ClassVar[str] = "ledger"
    answer = Receipt
