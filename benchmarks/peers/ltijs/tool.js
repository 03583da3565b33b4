// A tool on ltijs with its PostgreSQL plugin, as its own documentation shows: two cluster workers, one page.
'use strict'
const cluster = require('cluster')
const lti = require('ltijs').Provider
const Database = require('ltijs-sequelize')

const platform = JSON.parse(process.env.PLATFORM)
const database = new Database(process.env.PGDATABASE, process.env.PGUSER, '', {
  host: process.env.PGHOST,
  dialect: 'postgres',
  logging: false
})
lti.setup(process.env.TOOL_SECRET, { plugin: database }, {
  cookies: { secure: true, sameSite: 'None' },
  tokenMaxAge: 120 // seconds; its default of 10 is shorter than a stage of logins
})
lti.onConnect((token, _request, response) => response.send(`<!DOCTYPE html><title>Welcome</title><p>Hello ${token.userInfo.name}`))

async function begin () {
  await lti.deploy({ serverless: true, silent: true })
  await lti.registerPlatform({
    url: platform.issuer,
    name: 'LMS',
    clientId: platform.client_id,
    authenticationEndpoint: platform.auth_login_url,
    accesstokenEndpoint: platform.auth_token_url,
    authConfig: { method: 'JWK_SET', key: platform.key_set_url }
  })
  for (let number = 0; number < Number(process.env.WORKERS); number++) cluster.fork()
}

async function fail (error) {
  console.error(error)
  process.exit(1)
}

if (cluster.isPrimary) begin().catch(fail)
else lti.deploy({ port: Number(process.env.PORT), silent: true }).catch(fail)
