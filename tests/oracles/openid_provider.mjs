// oidc-provider, a certified OpenID Provider that nobody here wrote, on the loopback interface.
// Reads {port, path, clients, claims, rotate} from its first argument; everybody signs in as the login they name.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const told = JSON.parse(process.argv[2]);
const base = `http://127.0.0.1:${told.port}`;

const provider = new Provider(`${base}${told.path ?? ''}`, {
  clients: told.clients,
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
  claims: { openid: ['sub', 'tid', 'oid', 'email'], profile: ['name'], email: ['email'] },
  conformIdTokenClaims: false,
  findAccount: (_ctx, login) => ({
    accountId: login,
    claims: () => ({ sub: login, ...(told.claims[login] ?? {}) }),
  }),
});

// Mounted below a path when its issuer has one, as Entra's tenants are.
const handle = provider.callback();
createServer((request, response) => {
  if (told.path && request.url.startsWith(told.path)) {
    request.originalUrl = request.url;
    request.url = request.url.slice(told.path.length) || '/';
  }
  handle(request, response);
}).listen(told.port, '127.0.0.1', () => process.stdout.write('ready\n'));
