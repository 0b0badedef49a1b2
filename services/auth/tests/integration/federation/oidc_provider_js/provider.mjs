// The certified provider `oidc-provider`, as strict as it comes: exact redirect addresses, PKCE S256 required,
// single-use codes, claims only at the userinfo endpoint, and its issuer in every answer (RFC 9207).
// node provider.mjs '{"port": 0, "callback": "…", "people": {"sub": {"email": "…"}}}' prints its issuer when it listens.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';

import Provider from 'oidc-provider';

const options = JSON.parse(process.argv[2]);

function key(kid, alg, type, parameters) {
  const { privateKey } = generateKeyPairSync(type, parameters);
  return { ...privateKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
}

function client(id, alg, more = {}) {
  return {
    client_id: id,
    client_secret: `secret of ${id}: 100% sure & safe/+`,
    redirect_uris: [options.callback],
    response_types: ['code'],
    grant_types: ['authorization_code'],
    id_token_signed_response_alg: alg,
    ...more,
  };
}

const server = createServer();
server.listen(options.port ?? 0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      client('rs256', 'RS256'),
      client('es256', 'ES256', { token_endpoint_auth_method: 'client_secret_post' }),
      client('eddsa', 'EdDSA'),
      client('public', 'PS256', { client_secret: undefined, token_endpoint_auth_method: 'none' }),
    ],
    jwks: {
      keys: [
        key('rsa', 'RS256', 'rsa', { modulusLength: 2048 }),
        key('pss', 'PS256', 'rsa', { modulusLength: 2048 }),
        key('ec', 'ES256', 'ec', { namedCurve: 'P-256' }),
        key('ed', 'EdDSA', 'ed25519', {}),
      ],
    },
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA'] },
    pkce: { required: () => true, methods: ['S256'] },
    scopes: ['openid', 'email', 'profile', 'groups'],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...options.people[sub] }) }),
    cookies: { keys: ['of a test'] },
    ttl: { AccessToken: 600, AuthorizationCode: 60, IdToken: 600, Interaction: 600, Session: 600, Grant: 600 },
  });
  server.on('request', provider.callback());
  process.stdout.write(`${issuer}\n`);
});
process.stdin.on('end', () => process.exit(0)).resume();
