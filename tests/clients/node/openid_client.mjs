// The certified relying-party library `openid-client` against a running Karat. Reads its settings as JSON from the
// first argument; prints one JSON object with what it found, which the Rust test judges.

import * as client from 'openid-client'
import { Browser } from './browser.mjs'

const settings = JSON.parse(process.argv[2])
const found = {}

const config = await client.discovery(
  new URL(settings.issuer),
  settings.client_id,
  { id_token_signed_response_alg: settings.id_token_alg ?? 'RS256' },
  authentication(),
  { execute: [client.allowInsecureRequests] }, // plain http on loopback
)
found.supports_pkce = config.serverMetadata().supportsPKCE()

const browser = new Browser({ email: settings.email, password: settings.password })
const [tokens] = await logIn({ scope: 'openid profile email offline_access', prompt: 'consent' })
found.id_token = tokens.claims()
found.scope = tokens.scope
found.expires_in = tokens.expires_in
found.userinfo = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)

if (settings.client_secret) {
  found.introspection = await client.tokenIntrospection(config, tokens.access_token)
}

const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token)
found.refreshed = {
  new_access_token: refreshed.access_token !== tokens.access_token,
  new_refresh_token: refreshed.refresh_token !== undefined && refreshed.refresh_token !== tokens.refresh_token,
  sub: refreshed.claims()?.sub,
}

// Silently, on the same session: nothing to type, nothing to allow.
const [again] = await logIn({ scope: 'openid profile email', prompt: 'none' })
found.silent = { sub: again.claims().sub, auth_time: again.claims().auth_time }

await client.tokenRevocation(config, refreshed.refresh_token)
found.after_revocation = await client.refreshTokenGrant(config, refreshed.refresh_token).then(
  () => 'still works',
  (error) => error.error ?? error.code,
)
if (settings.client_secret) {
  found.introspection_after_revocation = await client.tokenIntrospection(config, refreshed.access_token)
}

const state = client.randomState()
const logout = client.buildEndSessionUrl(config, {
  id_token_hint: again.id_token,
  post_logout_redirect_uri: settings.post_logout_redirect_uri,
  state,
})
const back = await browser.travel(logout, settings.post_logout_redirect_uri)
found.logout_state_returned = back.searchParams.get('state') === state
found.after_logout = await logIn({ scope: 'openid', prompt: 'none' }).then(
  () => 'still logged in',
  (error) => error.error ?? error.cause?.error ?? error.code,
)

console.log(JSON.stringify(found))

function authentication() {
  if (!settings.client_secret) return client.None()
  return settings.client_secret_post
    ? client.ClientSecretPost(settings.client_secret)
    : client.ClientSecretBasic(settings.client_secret)
}

async function logIn(parameters) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier()
  const expectedState = client.randomState()
  const expectedNonce = client.randomNonce()
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: settings.redirect_uri,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
    ...parameters,
  })
  const back = await browser.travel(url, settings.redirect_uri)
  const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true }
  return [await client.authorizationCodeGrant(config, back, checks)]
}
