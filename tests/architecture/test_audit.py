"""Every call that changes something is audited, or is named here as one that nobody has to account for."""

import importlib
import inspect

from services.gateway.app import RESOURCES
from shared.contracts.calls.call import Call

EVERYDAY = {
    # What is said: the thread and its versions are the record.
    "OpenThread", "AddPost", "EditPost", "React", "Unreact", "AcceptAnswer", "CloseThread", "ReopenThread",
    "HoldThread", "HoldPost", "HoldEdit", "WithdrawHeldPost",
    # Who reports is known to those who decide, and to no organisation that reads the audit log; the case is the record.
    "ReportPost", "AppealReport",
    # A member's own doings that give nobody more than they had.
    "ChangeMember", "Join", "MarkRead", "MarkAllRead", "SetCommunityLevel", "SetThreadLevel",
    # A challenge opens nothing; what is made with it is audited.
    "BeginPasskey",
}  # fmt: skip
COMMANDS = {
    "RegisterClient", "RevokeClient", "RegisterOrganisation", "ImportMembers", "ImportThreads",
    "SetClientKeys", "RegisterIdentityProvider", "RemoveIdentityProvider",
    "AddDirectoryEntry", "ChangeDirectoryEntry", "RemoveDirectoryEntry", "IssueDirectoryToken", "RevokeDirectoryToken",
}  # fmt: skip
WITHOUT_A_TOKEN = {
    "OpenSignIn",
    "OpenSignInByLink",
    "OpenSignInByPasskey",
    "SignOut",
    "ComeAsOutsider",
    "ConfirmOutsiderByLink",
}
"""What the sign-in pages have done, for somebody who has no credential yet."""


def changing() -> dict[str, type[Call]]:
    """The calls that routes make to change something, and those that only commands and directories make."""
    routed = {
        operation.call.__name__: operation.call
        for resource in RESOURCES
        for operation in resource.operations
        if operation.method != "GET"
    }
    for service in ("membership", "discussion"):
        module = importlib.import_module(f"shared.contracts.calls.{service}")
        routed |= {
            name: thing
            for name, thing in vars(module).items()
            if inspect.isclass(thing) and name in COMMANDS | WITHOUT_A_TOKEN
        }
    return routed


def test_what_changes_something_is_audited_or_everyday() -> None:
    calls = changing()
    assert calls.keys() >= COMMANDS
    assert {name for name, call in calls.items() if not call.audited} == EVERYDAY
