/** Stop sharing: new keys go to those who remain first, then the revoke; every path refuses at once. */
import { need, refusalOf, type Stage } from '../stage.ts'

export async function revoke(stage: Stage): Promise<void> {
  const { person, reader, remainingReader, custodian } = stage
  const consent = need(stage.progress.consent, 'the consent')
  const remaining = need(stage.progress.remaining, 'the remaining consent')
  const signer = need(
    reader.institution.reader.grants().find((one) => one.consentId === consent),
    'the grant',
  ).signer
  const before = performance.now()
  const outcome = await person.agent.revoke(consent)
  const refused = await refusalOf(reader.institution.reader.read(consent))
  const milliseconds = Math.round(performance.now() - before)
  stage.check('the revoke stands on the ledger', outcome === 'on-ledger', outcome)
  stage.check('the reader is refused', refused === 'CONSENT_REVOKED', `${refused} after ${milliseconds} ms`)
  const { state } = await custodian.chain.consentState(consent, signer)
  stage.check('the state is terminal', state === 'REVOKED', state)
  const still = await refusalOf(remainingReader.institution.reader.read(remaining))
  stage.check(`${remainingReader.name} still reads under its own consent`, still === 'NOT_REFUSED', still)
  const covers = await remainingReader.institution.reader.covers(remaining)
  const generations = [...new Set(covers.map((cover) => cover.generation))]
  stage.check(
    'the reader that remains holds keys of the new generation',
    generations.includes(1),
    `generations ${generations.join(', ')}`,
  )
  stage.note({ revokes: 1, refusals: 1, accesses: 1 })
}
