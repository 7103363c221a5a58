/**
 * Stop sharing: new keys go to those who remain first, then the revoke; every path refuses at once.
 *
 * The reader keeps trying while the patient stops, so that the time until the first refusal is measured, not assumed.
 */
import type { ConsentId } from '../../../vocabulary/index.ts'
import type { Party } from '../../institution/party.ts'
import { need, refusalOf, type Stage } from '../stage.ts'
import { exportEarly } from './verify.ts'

export async function revoke(stage: Stage): Promise<void> {
  const { consortium, person, reader, remainingReader } = stage
  const consent = need(stage.progress.consent, 'the consent')
  const remaining = need(stage.progress.remaining, 'the remaining consent')
  const { signer } = need(
    (await reader.grants()).find((one) => one.consentId === consent),
    'the grant',
  )
  await exportEarly(stage)
  const begun = performance.now()
  const trying = firstRefusal(reader, consent, begun)
  const outcome = await person.agent.revoke(consent)
  const acknowledged = Math.round(performance.now() - begun)
  const first = await trying
  stage.check(
    'the revoke stands on the ledger',
    outcome === 'on-ledger',
    `${outcome} after ${acknowledged} ms, sealing for those who remain included`,
  )
  stage.check(
    'a reader that keeps asking is refused from then on',
    first.code === 'CONSENT_REVOKED',
    `${first.code} ${first.milliseconds} ms after the patient stopped, at try ${first.tries}`,
  )
  const paths = [await refusalOf(reader.read(consent)), await refusalOf(reader.search(consent))]
  stage.check(
    'reading and searching are both refused',
    paths.every((code) => code === 'CONSENT_REVOKED'),
    paths.join(', '),
  )
  const { state } = await consortium.chain.consentState(consent, signer)
  stage.check('the state is terminal', state === 'REVOKED', state)
  const still = await refusalOf(remainingReader.read(remaining))
  stage.check(`${remainingReader.name} still reads under its own consent`, still === 'NOT_REFUSED', still)
  const generations = await remainingReader.generations(remaining)
  stage.check(
    'the reader that remains holds keys of the new generation',
    generations.includes(1),
    `generations ${generations.join(', ')}`,
  )
  stage.note({ revokes: 1, refusals: 3, accesses: 1 })
}

interface Refusal {
  readonly code: string
  readonly milliseconds: number
  readonly tries: number
}

/** Longer than any revoke may take on the busiest machine, milliseconds. */
const PATIENCE = 20_000
const BETWEEN = 20

/** Asks again and again for one thing until it is refused. */
async function firstRefusal(reader: Party, consent: ConsentId, begun: number): Promise<Refusal> {
  for (let tries = 1; ; tries++) {
    const code = await refusalOf(reader.search(consent))
    const milliseconds = Math.round(performance.now() - begun)
    if (code !== 'NOT_REFUSED' || milliseconds > PATIENCE) return { code, milliseconds, tries }
    await new Promise((resolve) => setTimeout(resolve, BETWEEN))
  }
}
