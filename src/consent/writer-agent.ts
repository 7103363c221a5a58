/**
 * A writer: a hospital or device gateway that holds rolling covers from the patient and seals what it records.
 *
 * Laws: it seals under the newest generation that its envelope holds; when the patient moved on and its key is old, it
 * fetches the newer envelope, and where there is none it seals to the patient's inbox instead (PROTOCOL 14).
 */
import type { HealthRecord } from '../series/index.ts'
import { cidOf, hpkeSeal } from '../vault/index.ts'
import type { Cover } from '../vault/keys.door.ts'
import {
  type ConsentId,
  canonicalJson,
  fromBase64Url,
  IsletError,
  isIsletError,
  type Kind,
  toBase64Url,
  utf8,
} from '../vocabulary/index.ts'
import { type Appender, appender, type Delivered, type Delivery } from './appender.ts'
import { asJson, sign } from './document.ts'
import { orderBase } from './holder.ts'
import type { Correction } from './hour-contents.ts'
import type { Reader, ReaderPorts } from './reader-agent.ts'

/** `info` of what a writer leaves in a patient's inbox. */
export const DEPOSIT_INFO = utf8('islet/v1/inbox-deposit')

export type Written =
  | ({ readonly code: 'APPENDED' } & Delivered)
  /** No key for it: sealed to the patient's inbox. */
  | { readonly code: 'IN_INBOX'; readonly records: number }

export interface Writer {
  /** Appends records under a write grant, or leaves them in the inbox. Throws the custodian's code. */
  write(id: ConsentId, records: readonly HealthRecord[]): Promise<Written>
  /** Corrects one record under a write grant. */
  correct(id: ConsentId, correction: Correction): Promise<Delivered>
}

/** A writer over the grants of a reader. `inboxKeyOf` gives the patient's inbox key as told with the grant. */
export function writer(ports: ReaderPorts, holder: Reader): Writer {
  const appenders = new Map<ConsentId, { readonly sequence: number; readonly appender: Appender }>()

  const appenderOf = async (id: ConsentId): Promise<Appender> => {
    const grant = ports.consents.get(id)
    if (grant === undefined)
      throw new IsletError('CONSENT_NOT_HANDED_OVER', 'no such grant was handed over here')
    const known = appenders.get(id)
    if (known !== undefined && known.sequence === grant.envelope.notice.sequence) return known.appender
    const covers = await holder.covers(id)
    const [purpose] = grant.opening.purposes
    if (purpose === undefined) throw new IsletError('OPENING_REFUSED', 'a grant names at least one purpose')
    const delivery: Delivery = {
      custodian: grant.custodian,
      consentId: id,
      purpose,
      stream: fromBase64Url(grant.ownership.body.stream),
      sealWith: (kind) => newestCover(covers, kind),
      openWith: (kind, generation) =>
        covers.find((cover) => cover.kind === kind && cover.generation === generation),
    }
    const made = appender(ports, delivery)
    appenders.set(id, { sequence: grant.envelope.notice.sequence, appender: made })
    return made
  }

  /** Does it; once more with a newer envelope when the key turned out to be old. */
  const withNewestKey = async <T>(id: ConsentId, work: (made: Appender) => Promise<T>): Promise<T> => {
    try {
      return await work(await appenderOf(id))
    } catch (error) {
      if (!isIsletError(error, ...KEY_MISSING) || (await holder.collect(id)) === 'same') throw error
      return work(await appenderOf(id))
    }
  }

  return {
    write: async (id, records) => {
      try {
        return { code: 'APPENDED', ...(await withNewestKey(id, (made) => made.add(records))) }
      } catch (error) {
        if (!isIsletError(error, ...KEY_MISSING)) throw error
      }
      await leave(ports, id, records)
      return { code: 'IN_INBOX', records: records.length }
    },
    correct: (id, correction) => withNewestKey(id, (made) => made.correct(correction)),
  }
}

/** What says that a newer cover is needed. */
const KEY_MISSING = ['GENERATION_OLD', 'HOUR_NOT_COVERED', 'WINDOW_NOT_COVERED', 'HOUR_NOT_READABLE'] as const

/** Seals records to the patient's inbox and leaves them at the custodian. */
async function leave(ports: ReaderPorts, id: ConsentId, records: readonly HealthRecord[]): Promise<void> {
  const grant = ports.consents.get(id)
  if (grant === undefined) {
    throw new IsletError('CONSENT_NOT_HANDED_OVER', 'no such grant was handed over here')
  }
  const plaintext = utf8(canonicalJson(records.map(asJson)))
  const sealed = await hpkeSeal(fromBase64Url(grant.ownership.body.inboxKey), DEPOSIT_INFO, plaintext)
  const body = {
    ...orderBase(ports, grant.custodian),
    consentId: id,
    object: cidOf(ports.crypto.hasher, sealed),
  }
  const order = sign('islet.inbox-deposit/1', body, ports.signer)
  await ports.send(grant.custodian, 'inbox-deposit', { order: asJson(order), sealed: toBase64Url(sealed) })
}

function newestCover(covers: readonly Cover[], kind: Kind): Cover {
  const ofKind = covers.filter((cover) => cover.kind === kind)
  const newest = ofKind.reduce<Cover | undefined>(
    (best, cover) => (best === undefined || cover.generation > best.generation ? cover : best),
    undefined,
  )
  if (newest === undefined) {
    throw new IsletError('KIND_NOT_GRANTED', 'this writer holds no key for the kind', { kind })
  }
  return newest
}
