// oauth4webapi, a strict client that knows nothing of Commonplace: discovery, then a token by secret and by signature.
// Reads {issuer, client, secret, key (private JWK), scope} from standard input, writes what it got to standard output.
import * as oauth from 'oauth4webapi';
import { text } from 'node:stream/consumers';

const told = JSON.parse(await text(process.stdin));
const onLoopback = { [oauth.allowInsecureRequests]: true };

const issuer = new URL(told.issuer);
const discovered = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...onLoopback });
const server = await oauth.processDiscoveryResponse(issuer, discovered);
const client = { client_id: told.client };

async function token(authentication) {
  const asked = await oauth.clientCredentialsGrantRequest(
    server, client, authentication, new URLSearchParams({ scope: told.scope }), onLoopback,
  );
  return oauth.processClientCredentialsResponse(server, client, asked);
}

const { kid, ...jwk } = told.key;
const key = await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
const tokens = {
  basic: await token(oauth.ClientSecretBasic(told.secret)),
  post: await token(oauth.ClientSecretPost(told.secret)),
  signed: await token(oauth.PrivateKeyJwt({ key, kid })),
};

// What it thinks of the access token: signature by the published keys, issuer, audience, type (RFC 9068).
const request = new Request(told.issuer, { headers: { authorization: `Bearer ${tokens.signed.access_token}` } });
const claims = await oauth.validateJwtAccessToken(server, request, told.issuer, onLoopback);

process.stdout.write(JSON.stringify({ server, tokens, claims }));
