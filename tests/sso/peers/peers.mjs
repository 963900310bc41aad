// Two identity providers that are not ours, in one process: panva's oidc-provider and a SAML one of samlify.
// Configuration comes as JSON on the first line of stdin; a line of JSON on stdout says when both answer; the process
// ends with its stdin.
import http from 'node:http'
import readline from 'node:readline'
import { Provider } from 'oidc-provider'
import * as samlify from 'samlify'

samlify.setSchemaValidator({ validate: async () => 'not checked here' })
console.info = console.warn = () => {}

const listen = (server) => new Promise((done) => server.listen(0, '127.0.0.1', () => done(server.address().port)))

async function openid({ redirects, secret }) {
  const server = http.createServer()
  const port = await listen(server)
  const issuer = `http://127.0.0.1:${port}`
  const provider = new Provider(issuer, {
    clients: [
      { client_id: 'cnc', client_secret: secret, redirect_uris: redirects, token_endpoint_auth_method: 'client_secret_post' },
      { client_id: 'cnc-basic', client_secret: secret, redirect_uris: redirects },
    ],
    pkce: { required: () => true },
    cookies: { keys: ['of a test'] },
    claims: { email: ['email', 'email_verified'], profile: ['name'] },
    findAccount: async (_, id) => ({
      accountId: id,
      claims: async () => ({ sub: id, email: `${id}@company.example`, email_verified: true, name: `Person ${id}` }),
    }),
  })
  server.on('request', provider.callback())
  return issuer
}

async function saml({ receiver, spEntity, privateKey, certificate }) {
  const server = http.createServer()
  const port = await listen(server)
  const origin = `http://127.0.0.1:${port}`
  const { post, redirect } = samlify.Constants.namespace.binding
  const idp = samlify.IdentityProvider({
    entityID: `${origin}/metadata`,
    privateKey,
    signingCert: certificate,
    requestSignatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    nameIDFormat: ['urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'],
    singleSignOnService: [{ Binding: redirect, Location: `${origin}/sso` }],
    loginResponseTemplate: {
      context: samlify.SamlLib.defaultLoginResponseTemplate.context.replace(
        '{AttributeStatement}',
        '<saml:AuthnStatement AuthnInstant="{IssueInstant}"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>{AttributeStatement}'),
      attributes: [{ name: 'email', valueTag: 'user.email', nameFormat: 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic', valueXsiType: 'xs:string' }],
    },
  })
  const sp = samlify.ServiceProvider({
    entityID: spEntity,
    wantAssertionsSigned: true,
    assertionConsumerService: [{ Binding: post, Location: receiver }],
  })
  const fill = (request, who) => (template) => {
    const now = Date.now()
    const at = (ms) => new Date(now + ms).toISOString()
    const id = `_${Math.random().toString(16).slice(2)}${now}`
    const values = {
      ID: id, AssertionID: `${id}a`, Destination: receiver, Audience: spEntity, SubjectRecipient: receiver,
      Issuer: idp.entityMeta.getEntityID(), IssueInstant: at(0), StatusCode: 'urn:oasis:names:tc:SAML:2.0:status:Success',
      ConditionsNotBefore: at(-1000), ConditionsNotOnOrAfter: at(300000), SubjectConfirmationDataNotOnOrAfter: at(300000),
      AssertionConsumerServiceURL: receiver, NameIDFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
      NameID: who, InResponseTo: request.extract.request.id, attrUserEmail: `${who}@company.example`,
    }
    return { id, context: samlify.SamlLib.replaceTagsByValue(template, values) }
  }
  server.on('request', async (asked, answer) => {
    const url = new URL(asked.url, origin)
    if (url.pathname === '/metadata') {
      answer.end(idp.getMetadata())
      return
    }
    const query = Object.fromEntries(url.searchParams)
    const request = await idp.parseLoginRequest(sp, 'redirect', { query })
    const made = await idp.createLoginResponse(sp, request, 'post', {}, fill(request, query.who ?? 'berta'))
    answer.setHeader('Content-Type', 'application/json')
    answer.end(JSON.stringify({ SAMLResponse: made.context, RelayState: query.RelayState, to: receiver, issuer: request.extract.issuer }))
  })
  return origin
}

const lines = readline.createInterface({ input: process.stdin })
lines.once('line', async (line) => {
  const said = JSON.parse(line)
  console.log(JSON.stringify({ openid: await openid(said.openid), saml: await saml(said.saml) }))
})
lines.on('close', () => process.exit(0))
