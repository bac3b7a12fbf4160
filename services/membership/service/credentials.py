"""Handlers for members' tokens."""

from services.membership.domain import credential as credentials
from services.membership.service.handlers import Handlers
from services.membership.service.pages import after_time, cut_by_time
from services.membership.service.secrets import FOR_TOKENS, make_secret
from shared.contracts.calls.call import Done, Page
from shared.contracts.calls.membership import (
    IdentifyToken,
    Identity,
    IssueToken,
    ListTokens,
    RevokeToken,
    Token,
)
from shared.wiring.rpc import rpc
from shared.wiring.store import Work, new_id, now


class CredentialHandlers(Handlers):
    """Secrets are shown in the answer that makes them and kept nowhere; a repetition is answered without."""

    @rpc
    def issue_token(self, call: IssueToken) -> Token:
        whose = credentials.whose_token(call.caller, call.member)
        credentials.check_scopes(call.caller, call.new.scopes)
        member = self.at_home(call.caller, whose)
        secret = make_secret(FOR_TOKENS)
        token = credentials.issue(new_id(), secret.digest, whose, call.caller.client, call.new, now())
        work = Work()
        self.tokens.add(work, token)
        # The member's row is changed too, so that a token issued while they leave ends like the others.
        self.members.hold(work, member)
        self.commit(work, call, token.shown())
        return token.shown(secret.text)

    @rpc
    def list_tokens(self, call: ListTokens) -> Page[Token]:
        member = credentials.whose_token(call.caller, call.member)
        found = self.tokens.page(member, now(), after_time(call), call.limit + 1)
        page, next = cut_by_time(call, found, lambda last: (last.issued_at, last.id))
        return Page[Token](
            items=tuple(token.shown() for token in page),
            next=next,
        )

    @rpc
    def revoke_token(self, call: RevokeToken) -> Done:
        token = self.tokens.get(call.token)
        if token is None or not (call.caller.operator or call.caller.member == token.member):
            raise credentials.no_such_token()
        work = Work()
        self.tokens.end(work, token.id)
        return self.commit(work, call, Done())

    @rpc
    def identify_token(self, call: IdentifyToken) -> Identity:
        token = self.tokens.by_digest(call.digest)
        member = None if token is None else self.members.get(token.member)
        return credentials.identify_token(token, member, now())
