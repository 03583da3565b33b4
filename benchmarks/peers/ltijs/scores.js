// Sends scores with ltijs's submitScore, several at once. Kept out, in its favour: the web request that would trigger
// each score, and the first token (asked for before the clock starts). Protocol: see benchmarks/senders.py.
'use strict'
const lti = require('ltijs').Provider
const Database = require('ltijs-sequelize')

const job = JSON.parse(process.env.JOB)
const AT_ONCE = 4
const issuer = 'https://lms.bench.example'
const token = { iss: issuer, clientId: 'a-tool', user: 'nobody' }

function score (person) {
  const body = { userId: person, scoreGiven: 1, scoreMaximum: 1, activityProgress: 'Completed', gradingProgress: 'FullyGraded' }
  return lti.Grade.submitScore(token, job.line_item_url, body)
}

async function some (people) {
  while (people.length > 0) await score(people.pop())
}

async function main () {
  const database = new Database(job.database, 'postgres', '', { host: job.host, dialect: 'postgres', logging: false })
  lti.setup('a secret of a measurement, long enough', { plugin: database }, {})
  await lti.deploy({ serverless: true, silent: true })
  await lti.registerPlatform({
    url: issuer,
    name: 'LMS',
    clientId: token.clientId,
    authenticationEndpoint: `${issuer}/auth`,
    accesstokenEndpoint: job.token_url,
    authConfig: { method: 'JWK_SET', key: `${issuer}/keys` }
  })
  await score('nobody')
  console.log('ready')
  await new Promise(resolve => process.stdin.once('data', resolve))
  await Promise.all(Array.from({ length: AT_ONCE }, () => some(job.people)))
  process.exit(0)
}

main().catch(error => { console.error(error); process.exit(1) })
