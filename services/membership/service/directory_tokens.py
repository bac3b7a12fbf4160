"""Handlers for directories' tokens."""

from services.membership.domain import directory_token as directory_tokens
from services.membership.domain.operator import check_operator
from services.membership.domain.organisation import no_such_organisation
from services.membership.service.handlers import Handlers
from services.membership.service.secrets import FOR_DIRECTORIES, make_secret
from shared.contracts.calls.call import Done
from shared.contracts.calls.membership import (
    DirectoryIdentity,
    DirectoryToken,
    DirectoryTokens,
    IdentifyDirectoryToken,
    IssueDirectoryToken,
    ListDirectoryTokens,
    RevokeDirectoryToken,
)
from shared.wiring.rpc import rpc
from shared.wiring.store import Work, new_id, now


class DirectoryTokenHandlers(Handlers):
    """The operator issues and ends them; the door asks whose one is."""

    @rpc
    def issue_directory_token(self, call: IssueDirectoryToken) -> DirectoryToken:
        check_operator(call.caller)
        if self.organisations.get(call.organisation) is None:
            raise no_such_organisation()
        at = now()
        there = [token for token in self.directory_tokens.of(call.organisation) if token.expires_at > at]
        secret = make_secret(FOR_DIRECTORIES)
        token = directory_tokens.issue(new_id(), secret.digest, call, there, at)
        work = Work()
        self.directory_tokens.clear(work, call.organisation, at)
        self.directory_tokens.add(work, token)
        self.commit(work, call, token.shown())
        return token.shown(secret.text)

    @rpc
    def list_directory_tokens(self, call: ListDirectoryTokens) -> DirectoryTokens:
        check_operator(call.caller)
        return DirectoryTokens(
            items=tuple(token.shown() for token in self.directory_tokens.of(call.organisation))
        )

    @rpc
    def revoke_directory_token(self, call: RevokeDirectoryToken) -> Done:
        check_operator(call.caller)
        if call.token not in {token.id for token in self.directory_tokens.of(call.organisation)}:
            raise directory_tokens.no_such_token()
        work = Work()
        self.directory_tokens.end(work, call.organisation, call.token)
        return self.commit(work, call, Done())

    @rpc
    def identify_directory_token(self, call: IdentifyDirectoryToken) -> DirectoryIdentity:
        return directory_tokens.identify(self.directory_tokens.by_digest(call.digest), now())
