"""An organisation's directory at the door, as its provisioning software speaks."""

from secrets import token_hex
from typing import Any, cast

import httpx2

from shared.contracts.calls.membership import (
    DirectoryEntry,
    DirectoryToken,
    EntryKind,
    GetDirectoryEntry,
    IssueDirectoryToken,
)
from tests.e2e.api.conftest import OPERATOR, Town

SCIM = "/scim/v2"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


def issue(town: Town, organisation: str) -> DirectoryToken:
    """A directory token from the operator."""
    call = IssueDirectoryToken(caller=OPERATOR, organisation=organisation, name="Entra ID", expires_in_days=1)
    return town.operate(call, DirectoryToken)


class Directory:
    """A directory with a token of its own, of an organisation of its own unless one is given."""

    def __init__(self, town: Town, organisation: str | None = None) -> None:
        self.town = town
        self.organisation = organisation or town.organisation(f"Trust {token_hex(4)}")
        self.token = issue(town, self.organisation)
        assert self.token.secret is not None
        self.http = self.speaking_with(self.token.secret)

    def speaking_with(self, credential: str) -> httpx2.Client:
        """A client that shows a credential."""
        headers = {"Authorization": f"Bearer {credential}", "Content-Type": "application/scim+json"}
        return httpx2.Client(base_url=f"{self.town.url}{SCIM}/", headers=headers, timeout=30)

    def add(self, user_name: str | None = None, **more: Any) -> dict[str, Any]:
        """Provision a user."""
        sent = {"schemas": [USER], "userName": user_name or f"{token_hex(6)}@trust.example", "active": True}
        answer = self.http.post("Users", json=sent | more)
        assert answer.status_code == 201, answer.text
        return cast(dict[str, Any], answer.json())

    def member_of(self, entry: str) -> str:
        """Which member a user is."""
        asking = GetDirectoryEntry(
            caller=OPERATOR, organisation=self.organisation, kind=EntryKind.USER, entry=entry
        )
        member = self.town.operate(asking, DirectoryEntry).member
        assert member is not None
        return member

    def patch(self, path: str, *operations: dict[str, Any], **headers: str) -> httpx2.Response:
        """Change by PATCH."""
        body = {"schemas": [PATCH], "Operations": list(operations)}
        return self.http.patch(path, json=body, headers=headers)


def refused(answer: httpx2.Response, status: int, scim_type: str | None = None) -> None:
    """Hold that an answer is a SCIM error of that status."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"].startswith("application/scim+json")
    error = answer.json()
    assert (error["schemas"], error["status"]) == ([ERROR], str(status))
    assert error.get("scimType") == scim_type or scim_type is None
