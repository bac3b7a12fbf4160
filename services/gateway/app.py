"""The gateway's application, put together from its parts."""

from services.gateway.auth.access_tokens import AccessTokens
from services.gateway.auth.allowance import Allowance
from services.gateway.auth.callers import Callers
from services.gateway.auth.client_assertion import ClientAssertions
from services.gateway.auth.directories import Directories
from services.gateway.auth.fetching import Fetching
from services.gateway.auth.keys import SigningKeys
from services.gateway.auth.relying_party import RelyingParty
from services.gateway.auth.remote_keys import RemoteKeys
from services.gateway.auth.sealing import Sealing
from services.gateway.auth.token_endpoint import TOKEN_PATH, TokenEndpoint
from services.gateway.door.application import Door
from services.gateway.door.deprecation import DEPRECATED, Deprecations
from services.gateway.door.gate import Gate
from services.gateway.door.refusing import refuse_otherwise
from services.gateway.pages.crossings import crossing_pages
from services.gateway.pages.sign_in import sign_in_pages
from services.gateway.routes.agreements import agreements
from services.gateway.routes.audit import audit
from services.gateway.routes.cases import cases
from services.gateway.routes.client_secrets import client_secrets
from services.gateway.routes.communities import communities
from services.gateway.routes.crossings import crossings
from services.gateway.routes.documents import document_routes
from services.gateway.routes.erasures import erasures, receipt_routes
from services.gateway.routes.exports import export_routes, exports
from services.gateway.routes.front import front_routes
from services.gateway.routes.guard_rules import guard_rules
from services.gateway.routes.held_posts import held_posts
from services.gateway.routes.inbox import inbox
from services.gateway.routes.invitations import invitations
from services.gateway.routes.join_requests import join_requests
from services.gateway.routes.keys import keys
from services.gateway.routes.levels import levels
from services.gateway.routes.me import me
from services.gateway.routes.members import members
from services.gateway.routes.memberships import memberships
from services.gateway.routes.moves import moves
from services.gateway.routes.oauth import oauth_routes
from services.gateway.routes.organisation_cases import organisation_cases
from services.gateway.routes.organisations import organisations
from services.gateway.routes.outsiders import outsiders
from services.gateway.routes.passkeys import passkeys
from services.gateway.routes.posts import posts
from services.gateway.routes.problems import problem_routes
from services.gateway.routes.reports import reports
from services.gateway.routes.search import search
from services.gateway.routes.sign_ins import sign_ins
from services.gateway.routes.threads import threads
from services.gateway.routes.tokens import tokens
from services.gateway.routes.ways_in import ways_in
from services.gateway.routes.webhooks import webhooks
from services.gateway.scim.server import DirectoryServer, refusal_for
from services.gateway.settings import GatewaySettings
from services.gateway.switchboard import Switchboard
from shared.wiring.outbound import Outbound

RESOURCES = (
    me,
    moves,
    exports,
    erasures,
    organisations,
    guard_rules,
    members,
    outsiders,
    communities,
    memberships,
    join_requests,
    invitations,
    threads,
    posts,
    held_posts,
    reports,
    cases,
    organisation_cases,
    search,
    inbox,
    levels,
    tokens,
    client_secrets,
    keys,
    agreements,
    crossings,
    sign_ins,
    passkeys,
    ways_in,
    webhooks,
    audit,
)


def create_app(settings: GatewaySettings, switchboard: Switchboard | None = None) -> Door:
    """Put the application together.

    Args:
        settings: what the process was told.
        switchboard: makes the calls; one of its own when left out.
    """
    switchboard = switchboard or Switchboard(settings.broker, settings.deadline_seconds)
    keys = SigningKeys(settings.keys)
    failures = Allowance(settings.bad_credentials_per_minute)
    callers = Callers(switchboard, AccessTokens(keys, settings.issuer), failures)
    https = settings.issuer.startswith("https:")
    deprecations = Deprecations(DEPRECATED, [one for resource in RESOURCES for one in resource.operations])
    gate = Gate(callers, Allowance(settings.calls_per_minute), settings.issuer, deprecations)
    app = Door(settings, switchboard, gate)
    app.take(RESOURCES)
    outbound = Outbound(settings.outbound_allowed, settings.outbound_authorities)
    fetching = Fetching(outbound, max(1, settings.threads // 4))
    remote = RemoteKeys(fetching.get)
    assertions = ClientAssertions(switchboard, settings.issuer, settings.issuer + TOKEN_PATH, remote)
    endpoint = TokenEndpoint(app, switchboard, keys, settings.issuer, assertions)
    app.register_blueprint(
        oauth_routes(endpoint, keys, app.bodies, Allowance(settings.bad_secrets_per_minute), settings.issuer)
    )
    DirectoryServer(
        switchboard,
        Directories(callers),
        Allowance(settings.calls_per_minute),
        app.bodies,
        keys,
        settings.issuer,
    ).init_app(app)
    refuse_otherwise(app, refusal_for)
    party = RelyingParty(fetching, remote, Sealing(settings.keys), settings.issuer)
    pace = Allowance(settings.sign_in_requests_per_minute)
    links = Allowance(settings.sign_in_links_per_minute)
    app.register_blueprint(
        sign_in_pages(party, switchboard, callers, app.bodies, pace, links, settings.issuer)
    )
    app.register_blueprint(crossing_pages(switchboard, callers, pace, https))
    app.register_blueprint(front_routes(https))
    app.register_blueprint(document_routes(https))
    app.register_blueprint(problem_routes(https))
    app.register_blueprint(export_routes(Allowance(settings.sign_in_requests_per_minute)))
    app.register_blueprint(receipt_routes(Allowance(settings.sign_in_requests_per_minute)))
    return app
