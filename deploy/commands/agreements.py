"""`commonplace agreements …`: keys, signatures and agreements, for engineers of partners and for the operator.

`make-key`, `public-key`, `draft` and `sign` need no node: a private key never leaves the machine it was made on. The
rest are the operator's, who does for an organisation what its own system would do over HTTP.
"""

import json
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from deploy import tables
from deploy.agreements import NEWS, draft_terms, make_private_key, public_half, sign_terms
from deploy.node.operating import operate
from deploy.node.problems import NodeProblem
from shared.contracts.calls.call import Page
from shared.contracts.calls.discussion import Crossing, ExplainCrossing
from shared.contracts.calls.membership import (
    Agreement,
    AgreementSummary,
    CountersignAgreement,
    GetAgreement,
    ListAgreements,
    OrganisationKey,
    ProposeAgreement,
    RegisterKey,
    RevokeAgreement,
    RevokeKey,
    Terms,
)
from shared.contracts.vocabulary import ContentKind, MemberField, NotificationKind

MOST_ON_A_PAGE = 100

console = Console(highlight=False, soft_wrap=True)
commands = typer.Typer(help="Make keys, sign terms, and look after agreements.", no_args_is_help=True)

Organisation = Annotated[str, typer.Option(help="The id of the organisation this is done for.")]
KeyFile = Annotated[
    Path,
    typer.Option(
        help="The private key's file, as `make-key` wrote it; only its public half leaves this machine."
    ),
]
Contact = Annotated[str, typer.Option(help="The id of the member to tell of the end.")]


def register(app: typer.Typer) -> None:
    """Add the subcommands to `commonplace`."""
    for command in (
        make_key, public_key, draft, sign, register_key, revoke_key, propose, countersign, show, list_agreements, revoke,
        explain,
    ):  # fmt: skip
        commands.command(name=command.__name__.replace("_", "-").removesuffix("-agreements"))(command)
    app.add_typer(commands, name="agreements")


def make_key(
    file: Annotated[Path, typer.Argument(help="Where to write the private key.")],
    _as_json: Annotated[bool, typer.Option("--json", help="As it does anyway.")] = False,
) -> None:
    """Make a key to sign with; its private half goes into a file that only you can read. Prints the public half, JSON."""
    print(json.dumps(make_private_key(file)))


def public_key(
    file: Annotated[Path, typer.Argument(help="The private key's file, as `make-key` wrote it.")],
    _as_json: Annotated[bool, typer.Option("--json", help="As it does anyway.")] = False,
) -> None:
    """Print the public half of a key that was made before, JSON."""
    print(json.dumps(public_half(file)))


def draft(
    one: Annotated[str, typer.Option(help="The id of one party, the proposer as a rule.")],
    other: Annotated[str, typer.Option(help="The id of the other.")],
    community: Annotated[list[str], typer.Option(help="The id of a community; may be repeated.")],
    purpose: Annotated[str, typer.Option(help="What for, in a sentence.")],
    kind: Annotated[list[ContentKind], typer.Option(help="What may leave both; may be repeated.")],
    field: Annotated[list[MemberField] | None, typer.Option(help="What of members; may be repeated.")] = None,
    notification: Annotated[
        list[NotificationKind] | None,
        typer.Option(help="Which news; may be repeated.", show_default="news of what is said"),
    ] = None,
    days: Annotated[int, typer.Option(help="For how long.")] = 365,
    retention_days: Annotated[int, typer.Option(help="How long what was read may be kept.")] = 365,
) -> None:
    """Write terms to start from, the same for both directions; edit them, then sign them."""
    expires = datetime.now(UTC) + timedelta(days=days)
    print(
        draft_terms(
            agreement=secrets.token_hex(12),
            parties=(one, other),
            communities=community,
            purpose=purpose,
            kinds=kind,
            fields=field or [],
            notifications=notification or NEWS,
            retention_days=retention_days,
            expires_at=expires,
        ).model_dump_json(indent=2)
    )


def sign(
    terms: Annotated[Path, typer.Argument(help="The file with the terms.")],
    key: KeyFile,
) -> None:
    """Sign terms, without a node: prints the detached signature to send."""
    print(sign_terms(read_terms(terms), key))


def register_key(
    key: KeyFile,
    organisation: Organisation,
) -> None:
    """Register the public half of a key for an organisation."""
    made = operate(RegisterKey, OrganisationKey, organisation=organisation, new=public_half(key))
    console.print(f"Key {made.kid} is registered for {made.organisation}.")


def revoke_key(kid: Annotated[str, typer.Argument(help="The key's id.")], organisation: Organisation) -> None:
    """Revoke an organisation's key, and with it every agreement that rests on it."""
    operate(RevokeKey, OrganisationKey, organisation=organisation, kid=kid)
    console.print(f"Key {kid} is revoked.")


def propose(
    terms: Annotated[Path, typer.Argument(help="The file with the terms.")],
    signature: Annotated[str, typer.Option(help="As `sign` printed it.")],
    organisation: Organisation,
    contact: Contact,
) -> None:
    """Propose an agreement, or a further version, for one of its parties."""
    new = {"terms": read_terms(terms).model_dump(mode="json"), "signature": signature, "contact": contact}
    made = operate(ProposeAgreement, Agreement, organisation=organisation, new=new)
    console.print(
        f"Agreement {made.agreement} is {made.state}; version {made.proposed} waits to be countersigned."
    )


def countersign(
    agreement: Annotated[str, typer.Argument(help="Its id.")],
    version: Annotated[int, typer.Option(help="Which version was signed.")],
    signature: Annotated[str, typer.Option(help="As `sign` printed it.")],
    organisation: Organisation,
    contact: Contact,
) -> None:
    """Countersign a proposed version for the other party, which brings it into force."""
    said = {"version": version, "signature": signature, "contact": contact}
    made = operate(
        CountersignAgreement, Agreement, organisation=organisation, agreement=agreement, countersignature=said
    )
    console.print(f"Agreement {made.agreement} is {made.state}, by version {made.in_force}.")


def show(agreement: Annotated[str, typer.Argument(help="Its id.")], organisation: Organisation) -> None:
    """Show an agreement with its versions as one of its parties sees it, for programs and people."""
    found = operate(GetAgreement, Agreement, organisation=organisation, agreement=agreement)
    print(found.model_dump_json(indent=2))


def list_agreements(
    organisation: Organisation,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List an organisation's agreements, newest first."""
    found: list[AgreementSummary] = []
    after = None
    while True:
        page = operate(
            ListAgreements,
            Page[AgreementSummary],
            organisation=organisation,
            limit=MOST_ON_A_PAGE,
            after=after,
        )
        found += page.items
        if (after := page.next) is None:
            break
    if as_json:
        print(json.dumps([one.model_dump(mode="json") for one in found], indent=2))
        return
    tables.show(
        ("id", "state", "until", "parties"),
        (
            (
                one.agreement,
                one.state,
                f"{one.expires_at:%Y-%m-%d}" if one.expires_at else "–",
                " ".join(one.parties),
            )
            for one in found
        ),
    )


def revoke(agreement: Annotated[str, typer.Argument(help="Its id.")], organisation: Organisation) -> None:
    """Revoke an agreement for one of its parties, at once and for good."""
    operate(RevokeAgreement, Agreement, organisation=organisation, agreement=agreement)
    console.print(f"Agreement {agreement} is revoked.")


def explain(
    item: Annotated[str, typer.Argument(help="The id of a thread or post.")],
    organisation: Annotated[
        str, typer.Option(help="The id of the organisation whose systems would read it.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Say what an organisation's systems get to see of a thread or post, and why."""
    found = operate(ExplainCrossing, Crossing, item=item, organisation=organisation)
    if as_json:
        print(found.model_dump_json(indent=2))
        return
    tables.show(
        ("kind", "crosses", "reason", "agreement"),
        (
            (one.kind.value, "yes" if one.lets else "no", one.reason.value, one.agreement or "–")
            for one in found.decisions
        ),
    )


def read_terms(file: Path) -> Terms:
    """The terms in a file, read as strictly as the node reads them.

    Raises:
        NodeProblem: it cannot be read, or holds no terms; the sentence says what is wrong where.
    """
    try:
        return Terms.model_validate_json(file.read_bytes(), strict=True)
    except OSError as error:
        raise NodeProblem(f"{file} can't be read: {error.strerror}.") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "the file"
        raise NodeProblem(f"{file} holds no terms of an agreement: {where}: {first['msg']}.") from None
