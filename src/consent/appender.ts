/**
 * Delivering records to a custodian: what writers under a grant and patients themselves do.
 *
 * Laws: records are grouped by UTC hour, merged with what the hour holds already, sealed under the newest key generation
 * at the next revision, and delivered as one signed order; the same records again deliver nothing. Where somebody else
 * wrote meanwhile, the newest revision is read first: no delivery drops another's records.
 */
import type { HealthRecord } from '../series/index.ts'
import { cidOf, HOURS_OF_DAY, hourObject, packDay } from '../vault/index.ts'
import { type Cover, type SealedChunk, sealHours } from '../vault/keys.door.ts'
import {
  type ConsentId,
  type InstitutionId,
  IsletError,
  isIsletError,
  type Kind,
  type Purpose,
  quantity,
  type UtcHour,
} from '../vocabulary/index.ts'
import { AppendAnswerSchema } from './answers.ts'
import { packBundle } from './bundle.ts'
import { asJson, parseDocument, sign } from './document.ts'
import { fetchPages, type HolderPorts, newest, openPages, orderBase } from './holder.ts'
import { byHour, type Correction, corrected, filled, type HourContent, withMore } from './hour-contents.ts'

/** Where and under what authority records are delivered. */
export interface Delivery {
  readonly custodian: InstitutionId
  /** Undefined for the patient's own. */
  readonly consentId: ConsentId | undefined
  readonly purpose: Purpose
  readonly stream: Uint8Array
  /** Newest generation of a kind, and the cover to seal its hours with. */
  sealWith(kind: Kind): Cover
  /** Cover to open earlier hours with. */
  openWith(kind: Kind, generation: number): Cover | undefined
  /** Whoever makes the generations tells the custodian of the newest one; left out by those who are told of it. */
  announce?(): Promise<unknown>
}

export interface Delivered {
  /** Records that were new. */
  readonly added: number
  readonly chunks: number
  readonly slots: readonly number[]
}

/** About as many chunks go in one order; longer deliveries go in several. */
const CHUNKS_AT_ONCE = 8_760
const MOST_TRIES = 5

interface Known {
  readonly revision: number
  readonly records: readonly HealthRecord[]
}

export interface Appender {
  /** Adds records; `fill` seals the empty hours around too. Throws the custodian's codes, `HOUR_NOT_COVERED`. */
  add(records: readonly HealthRecord[], options?: { readonly fill?: boolean }): Promise<Delivered>
  /** Replaces one record; the original stays in the earlier revision. Throws `RECORD_NOT_FOUND`, `CORRECTION_MOVES_HOUR`. */
  correct(correction: Correction): Promise<Delivered>
}

export function appender(ports: HolderPorts, delivery: Delivery): Appender {
  const { crypto } = ports
  /** What the newest revision of an hour holds, as far as known here. */
  const known = new Map<string, Known>()
  const nameOf = (kind: Kind, hour: UtcHour): string => `${kind} ${hour}`

  /** Reads the newest revisions of the hours touched. */
  const learn = async (contents: readonly HourContent[]): Promise<void> => {
    const kinds = [...new Set(contents.map((content) => content.kind))]
    for (const kind of kinds) {
      const hours = contents.filter((content) => content.kind === kind).map((content) => content.hour)
      const first = hours.reduce((a, b) => (a < b ? a : b))
      const end = quantity<UtcHour>(hours.reduce((a, b) => (a > b ? a : b)) + 1)
      const window = { first, end }
      const { consentId, purpose, custodian } = delivery
      const body = {
        ...(consentId === undefined ? {} : { consentId }),
        actor: { type: 'institution' } as const,
        action: 'write' as const,
        purpose,
        kinds: [kind],
        window,
        history: false,
        have: 0,
      }
      const pages = await fetchPages(ports, custodian, body)
      const asked = { custodian, kinds: [kind], window }
      const reading = await openPages(ports, asked, delivery.stream, delivery.openWith, pages)
      const fresh = new Map<string, { revision: number; records: HealthRecord[] }>()
      for (const chunk of newest(reading.chunks)) {
        if (chunk.code !== 'OPENED') {
          throw new IsletError('HOUR_NOT_READABLE', 'an hour that others wrote to cannot be opened here', {
            kind,
            hour: chunk.place.hour,
          })
        }
        const name = nameOf(kind, chunk.place.hour)
        const hour = fresh.get(name) ?? { revision: chunk.place.revision, records: [] }
        hour.records.push(...chunk.records)
        fresh.set(name, hour)
      }
      for (const [name, hour] of fresh) known.set(name, hour)
    }
  }

  const deliver = async (contents: readonly HourContent[]): Promise<Delivered> => {
    const kinds = [...new Set(contents.map((content) => content.kind))]
    const objects: ObjectToSend[] = []
    let chunks = 0
    for (const kind of kinds) {
      const hours = contents
        .filter((content) => content.kind === kind)
        .map(({ hour, records }) => ({
          hour,
          records,
          revision: (known.get(nameOf(kind, hour))?.revision ?? -1) + 1,
        }))
      const sealed = await sealHours(crypto, delivery.sealWith(kind), new Uint8Array(delivery.stream), hours)
      objects.push(...objectsOf(sealed))
      chunks += sealed.length
    }
    const slots = new Set<number>()
    for (let at = 0, end = 0; at < objects.length; at = end) {
      // The chunks of one hour go together.
      let inside = 0
      while (end < objects.length && (inside < CHUNKS_AT_ONCE || objects[end]?.startsHour === false)) {
        inside += objects[end]?.chunks ?? 0
        end++
      }
      const part = objects.slice(at, end).map((object) => object.bytes)
      const { consentId, purpose, custodian } = delivery
      const body = {
        ...orderBase(ports, custodian),
        ...(consentId === undefined ? {} : { consentId }),
        purpose,
        objects: part.map((object) => cidOf(crypto.hasher, object)),
      }
      const order = sign('islet.append/1', body, ports.signer)
      const reply = await ports.send(custodian, 'append', { order: asJson(order), objects: packBundle(part) })
      slots.add(parseDocument(AppendAnswerSchema, reply, 'answer to an append').slot)
    }
    for (const { kind, hour, records } of contents) {
      const name = nameOf(kind, hour)
      known.set(name, { revision: (known.get(name)?.revision ?? -1) + 1, records })
    }
    return { added: 0, chunks, slots: [...slots] }
  }

  /** Makes new contents from what is known, delivers them, and learns first where others wrote. */
  const change = async (
    touched: readonly HourContent[],
    contentsNow: () => { readonly contents: readonly HourContent[]; readonly added: number },
  ): Promise<Delivered> => {
    for (let tries = 1; ; tries++) {
      const { contents, added } = contentsNow()
      if (contents.length === 0) return { added: 0, chunks: 0, slots: [] }
      try {
        return { ...(await deliver(contents)), added }
      } catch (error) {
        if (tries >= MOST_TRIES) throw error
        if (isIsletError(error, 'REVISION_TAKEN')) await learn(touched)
        else if (
          delivery.announce !== undefined &&
          isIsletError(error, 'GENERATION_UNKNOWN', 'GENERATION_OLD')
        ) {
          // The patient stopped a grant meanwhile: the custodian learns of the new keys first, then gets it under them.
          await delivery.announce()
        } else throw error
      }
    }
  }

  return {
    add: (records, options = {}) => {
      const given = byHour(records)
      const touched = options.fill === true ? filled(given) : given
      return change(touched, () => {
        const contents: HourContent[] = []
        let added = 0
        for (const { kind, hour, records: more } of touched) {
          const before = known.get(nameOf(kind, hour))
          const after = withMore(before?.records ?? [], more)
          if (after === undefined && before !== undefined) continue
          added += (after?.length ?? 0) - (before?.records.length ?? 0)
          contents.push({ kind, hour, records: after ?? [] })
        }
        return { contents, added }
      })
    },
    correct: async (correction) => {
      const touched = byHour([correction.original])
      await learn(touched)
      return change(touched, () => ({
        added: 0,
        contents: touched.map(({ kind, hour }) => ({
          kind,
          hour,
          records: corrected(known.get(nameOf(kind, hour))?.records ?? [], correction),
        })),
      }))
    },
  }
}

interface ObjectToSend {
  readonly bytes: Uint8Array
  readonly chunks: number
  readonly startsHour: boolean
}

/** Whole UTC days as one object each, all else hour by hour (PROTOCOL 13): few files, the same leaves. */
function objectsOf(sealed: readonly SealedChunk[]): readonly ObjectToSend[] {
  const objects: ObjectToSend[] = []
  for (let at = 0, end = 0; at < sealed.length; at = end) {
    const day = dayOf(sealed[at])
    while (end < sealed.length && dayOf(sealed[end]) === day) end++
    const chunks = sealed.slice(at, end)
    if (isWholeDay(chunks)) objects.push({ bytes: packDay(chunks), chunks: chunks.length, startsHour: true })
    else {
      for (const chunk of chunks) {
        objects.push({ bytes: hourObject(chunk), chunks: 1, startsHour: chunk.context.overflow === 0 })
      }
    }
  }
  return objects
}

function dayOf(chunk: SealedChunk | undefined): number {
  return Math.floor((chunk?.context.hour ?? 0) / HOURS_OF_DAY)
}

/** Whether every hour of the day is there, in order, with as many chunks as the others, all of one size. */
function isWholeDay(chunks: readonly SealedChunk[]): boolean {
  const perHour = chunks.length / HOURS_OF_DAY
  const first = chunks[0]
  return (
    first !== undefined &&
    Number.isInteger(perHour) &&
    chunks.every(
      ({ context, bytes }, i) =>
        context.hour % HOURS_OF_DAY === Math.floor(i / perHour) &&
        context.overflow === i % perHour &&
        bytes.length === first.bytes.length,
    )
  )
}
