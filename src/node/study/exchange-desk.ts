/**
 * Daily data of the studies of this node: fetched while it runs, and once by the command.
 *
 * Laws: days come in through the sites' own readers, by grant, cover and custodian like every other read, and are logged
 * there; what came in lies sealed under the site's secret in one document with its note; what was kept of a person who
 * was erased goes with the next round.
 */
import { join } from 'node:path'
import Type from 'typebox'
import { Value } from 'typebox/value'
import type { StudyExchangeDocument } from '../../api/documents.door.ts'
import { diskShelf } from '../../consent/shelf-disk.door.ts'
import type { HealthRecord } from '../../series/index.ts'
import {
  countedCodes,
  type ExchangeOutcome,
  exchangeDays,
  nextDay,
  type ReceivedDay,
} from '../../study/index.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import {
  type Bytes,
  type ConsentId,
  concat,
  consentId,
  formatInstant,
  fromBase64Url,
  fromHex,
  fromUtf8,
  IsletError,
  toBase64Url,
  type UnixSeconds,
  utf8,
} from '../../vocabulary/index.ts'
import type { Consortium } from '../world/consortium.ts'
import { readAnchored } from './read-anchored.ts'
import type { StudyFile } from './study-shelf.ts'
import type { HostedSite, StudySites } from './study-sites.ts'

type SiteDays = StudyExchangeDocument['sites'][number]

/** One day of one person as it lies at a site. */
const DayFile = Type.Object({
  schema: Type.Literal('islet.study.exchange-day/1'),
  records: Type.Integer({ minimum: 0 }),
  nonce: Type.String(),
  sealed: Type.String(),
})

const LABEL = utf8('islet/v1/exchange-day\0')
const NONCE_BYTES = 12

/** The days that came in at a site. */
export interface DayShelf {
  has(day: string, consent: ConsentId): Promise<boolean>
  keep(received: ReceivedDay<readonly HealthRecord[]>): Promise<void>
  /** Throws `EXCHANGE_DAY_DAMAGED`. */
  read(day: string, consent: ConsentId): Promise<readonly HealthRecord[] | undefined>
  /** What is kept, by day, then consent. */
  list(): Promise<readonly { readonly day: string; readonly consent: ConsentId; readonly records: number }[]>
  /** Destroys what is kept of consents that are not among these. */
  retain(consents: ReadonlySet<string>): Promise<void>
}

/** Opens the days of a study at a site. */
export async function openDayShelf(
  { house: houseOf }: Pick<Consortium, 'house'>,
  { study }: Pick<StudyFile, 'study'>,
  { key, ports }: Pick<HostedSite, 'key' | 'ports'>,
): Promise<DayShelf> {
  const shelf = await diskShelf(join(houseOf(key).directory, 'studies', study.slice(2), 'exchange'))
  const nameOf = (day: string, consent: string): string => `${day}/${consent.slice(2)}`
  const sealing = (day: string, consent: ConsentId): { readonly key: Bytes; readonly associated: Bytes } => {
    const associated = concat(LABEL, utf8(day), fromHex(consent))
    return { key: nodeCrypto.hasher.hmacSha256(ports.secret, associated), associated }
  }
  const fileAt = async (name: string) => {
    const bytes = await shelf.get(name)
    if (bytes === undefined) return undefined
    const value: unknown = JSON.parse(fromUtf8(bytes))
    if (Value.Check(DayFile, value)) return value
    throw damaged(name)
  }
  return {
    has: async (day, consent) => (await shelf.get(nameOf(day, consent))) !== undefined,
    keep: async ({ day, consent, records }) => {
      const nonce = nodeCrypto.cipher.random(NONCE_BYTES)
      const plaintext = utf8(JSON.stringify(records))
      const [sealed] = await nodeCrypto.cipher.encrypt([{ ...sealing(day, consent), nonce, plaintext }])
      const file = {
        schema: 'islet.study.exchange-day/1',
        records: records.length,
        nonce: toBase64Url(nonce),
        sealed: toBase64Url(sealed ?? new Uint8Array()),
      }
      await shelf.put(nameOf(day, consent), utf8(JSON.stringify(file)))
    },
    read: async (day, consent) => {
      const file = await fileAt(nameOf(day, consent))
      if (file === undefined) return undefined
      const [nonce, sealed] = [fromBase64Url(file.nonce), fromBase64Url(file.sealed)]
      const [plaintext] = await nodeCrypto.cipher.decrypt([{ ...sealing(day, consent), nonce, sealed }])
      if (plaintext === undefined) throw damaged(nameOf(day, consent))
      // What this site sealed itself is what it was.
      return JSON.parse(fromUtf8(plaintext)) as readonly HealthRecord[]
    },
    list: async () => {
      const names = await shelf.list('')
      return Promise.all(
        names.map(async (name) => {
          const [day = '', consent = ''] = name.split('/')
          return { day, consent: consentId(`0x${consent}`), records: (await fileAt(name))?.records ?? 0 }
        }),
      )
    },
    retain: async (consents) => {
      for (const name of await shelf.list('')) {
        if (!consents.has(`0x${name.split('/')[1] ?? ''}`)) await shelf.delete(name)
      }
    },
  }
}

/** Fetches what is due at the sites of this node. Throws the codes of ledger and disk. */
export async function runExchange(
  consortium: Pick<Consortium, 'house'>,
  file: StudyFile,
  { study, sites }: StudySites,
  now: UnixSeconds,
): Promise<StudyExchangeDocument> {
  let state: ExchangeOutcome['state'] = 'NOT_PLANNED'
  const days: SiteDays[] = []
  for (const site of sites) {
    const book = await openDayShelf(consortium, file, site)
    const { reader } = consortium.house(site.key).institution
    await book.retain(new Set(reader.grants().map(({ consentId: id }) => String(id))))
    const outcome = await exchangeDays(
      {
        ...site.ports,
        book,
        read: async (claim, window) => {
          const asked = { purpose: 'HRESCH', kinds: study.plan.data.kinds, window } as const
          return (await readAnchored(() => reader.read(claim.consentId, asked))).records
        },
      },
      study,
      now,
    )
    state = outcome.state
    days.push(await siteDays(site.key, book, outcome))
  }
  const next = state === 'RUNNING' ? nextDay(study.plan, now) : undefined
  return {
    schema: 'islet.study.exchange/1',
    study: file.study,
    state,
    sites: days,
    next: next === undefined ? null : formatInstant(next),
  }
}

async function siteDays(key: string, book: DayShelf, outcome: ExchangeOutcome): Promise<SiteDays> {
  const kept = await book.list()
  const byDay = new Map<string, { received: number; records: number }>()
  for (const { day, records } of kept) {
    const sum = byDay.get(day) ?? { received: 0, records: 0 }
    byDay.set(day, { received: sum.received + 1, records: sum.records + records })
  }
  return {
    key,
    people: new Set(kept.map(({ consent }) => consent)).size,
    days: [...byDay].sort(([a], [b]) => (a < b ? -1 : 1)).map(([day, sums]) => ({ day, ...sums })),
    now: outcome.received.length,
    refused: countedCodes([...outcome.leftOut, ...outcome.refused].map(({ code }) => code)),
  }
}

function damaged(name: string): IsletError {
  return new IsletError(
    'EXCHANGE_DAY_DAMAGED',
    'a day of a study is not what this site kept',
    {},
    {
      at: { file: name },
      remedy: 'Restore it from a backup; deleted, it is fetched again while the consent holds.',
    },
  )
}
