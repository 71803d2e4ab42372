// node-oidc-provider with its in-memory adapter, on the same signature algorithm and with the same lifetimes as Karat.
import { generateKeyPairSync } from 'node:crypto';
import { Provider } from 'oidc-provider';

const { PEER_PORT: port, PEER_SECRET: secret } = process.env;
const issuer = `http://localhost:${port}`;
const resource = 'https://api.load.test';
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key = { ...privateKey.export({ format: 'jwk' }), kid: 'peer', use: 'sig', alg: 'ES256' };

const provider = new Provider(issuer, {
  jwks: { keys: [key] },
  clients: [
    {
      client_id: 'load-service',
      client_secret: secret,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      id_token_signed_response_alg: 'ES256',
    },
    {
      client_id: 'load-app',
      client_secret: secret,
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: ['https://app.load.test/callback'],
      response_types: ['code'],
      id_token_signed_response_alg: 'ES256',
    },
  ],
  scopes: ['openid', 'offline_access', 'orders'],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: true },
    introspection: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({
        scope: 'orders',
        audience: resource,
        accessTokenTTL: 300,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
  rotateRefreshToken: true,
  pkce: { required: () => true },
  ttl: { AccessToken: 300, IdToken: 300, ClientCredentials: 300 },
  cookies: { keys: [secret] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
});
provider.listen(Number(port), '127.0.0.1');
