/**
 * New covers for grants that stand: of a new key generation, of further hours, of generations that came from the patient.
 *
 * Laws: whoever stays gets the new generation in the same step in which it is decided, the past of the window included, so
 * that corrections stay readable (PROTOCOL 14); whoever was revoked or suspended gets none (PROTOCOL 6).
 */
import {
  type ConsentId,
  fromBase64Url,
  type HourWindow,
  hourOf,
  IsletError,
  KINDS,
  type Kind,
  quantity,
  type UnixSeconds,
  type UtcHour,
} from '../vocabulary/index.ts'
import { coversFor, sealCovers, signCovers } from './cover-sealing.ts'
import { asJson } from './document.ts'
import { type Mandate, newestGeneration } from './mandate.ts'
import type { PatientPorts } from './patient-ports.ts'
import {
  type GrantState,
  generationIn,
  type Outgoing,
  type PatientMemory,
  type PatientState,
  withGrant,
  withNewGeneration,
} from './patient-state.ts'
import type { SignedEnvelope } from './signed-envelope.ts'

export interface Resealing {
  /**
   * Takes some kinds to a new generation, seals its covers for every grant that stays, and writes all of it down with
   * what is to be sent; `also` is written down in the same step.
   */
  nextGeneration(
    kinds: readonly Kind[],
    stays: (grant: GrantState) => boolean,
    also: (state: PatientState) => PatientState,
  ): Promise<void>
  /** Seals further hours for writers whose covers run short. */
  roll(): Promise<void>
  /** Seals anew where newer generations are at hand than the reader holds. */
  catchUp(): Promise<void>
  /** Seals the covers of a grant to a new key of its reader. */
  rekey(id: ConsentId, readerKey: string): Promise<void>
  /** Leaves these consents out of the next generation of their kinds, and of all later ones. */
  leaveOut(consents: ReadonlySet<ConsentId>): Promise<void>
}

const HOUR_SECONDS = 3600

/** The hours whose keys a reader gets now: all of the window, or for a writer those up to some hours ahead. */
export function coverWindow(window: HourWindow, hoursAhead: number, now: UnixSeconds): HourWindow {
  if (hoursAhead === 0) return window
  const reach = hourOf(quantity<UnixSeconds>(now + hoursAhead * HOUR_SECONDS)) + 1
  return {
    first: window.first,
    end: quantity<UtcHour>(Math.max(window.first + 1, Math.min(window.end, reach))),
  }
}

export function resealing(ports: PatientPorts, memory: PatientMemory, mandate: Mandate): Resealing {
  const { keys, chain } = ports
  const { hasher } = ports.crypto
  const now = (): UnixSeconds => quantity<UnixSeconds>(Math.floor(ports.clock()))

  /** The next envelope of a grant, for the generations of a state. */
  const seal = async (state: PatientState, grant: GrantState): Promise<SignedEnvelope> => {
    const { opening, signer, consentId } = grant.handOver
    const sequence = grant.handOver.envelope.notice.sequence + 1
    const covers = coversFor(
      hasher,
      mandate.covers,
      opening.kinds,
      newestGeneration(mandate, state),
      coverWindow(opening.window, grant.hoursAhead, ports.clock()),
    )
    const { chainId } = chain.domain
    const envelope = await sealCovers(hasher, fromBase64Url(grant.readerKey), chainId, signer, covers)
    const key = keys.consent(grant.index)
    return signCovers({ consentId, signer, sequence, chainId, covers }, envelope, key.privateKey)
  }

  /** Grants that stand and may get new covers. */
  const standing = (state: PatientState): readonly GrantState[] =>
    state.grants.filter(
      ({ status, handOver }) =>
        status !== 'ended' &&
        handOver.opening.expiresAt > now() &&
        !state.leftOut.includes(handOver.consentId),
    )

  const sealAnew = async (grants: readonly GrantState[]): Promise<void> => {
    if (grants.length === 0) return
    const envelopes = await Promise.all(grants.map((grant) => seal(memory.now, grant)))
    await memory.change((state) => announced(state, grants, envelopes, null))
  }

  const nextGeneration: Resealing['nextGeneration'] = async (kinds, stays, also) => {
    const next = withNewGeneration(memory.now, kinds)
    const touched = standing(next).filter(
      (grant) => stays(grant) && grant.handOver.opening.kinds.some((kind) => kinds.includes(kind)),
    )
    const envelopes = await Promise.all(touched.map((grant) => seal(next, grant)))
    const generations = Object.fromEntries(kinds.map((kind) => [kind, generationIn(next, kind)]))
    await memory.change((before) =>
      also(announced({ ...before, generations: next.generations }, touched, envelopes, generations)),
    )
  }

  return {
    nextGeneration,
    roll: () =>
      sealAnew(
        standing(memory.now).filter(({ hoursAhead, handOver: { opening, envelope } }) => {
          if (hoursAhead === 0) return false
          const reach = Math.max(...envelope.notice.covers.map((cover) => cover.window.end))
          return reach < opening.window.end && reach < hourOf(now()) + Math.ceil(hoursAhead / 2)
        }),
      ),
    catchUp: () => {
      const newest = newestGeneration(mandate, memory.now)
      return sealAnew(
        standing(memory.now).filter(({ handOver: { opening, envelope } }) =>
          opening.kinds.some((kind) => {
            const held = envelope.notice.covers.filter((cover) => cover.kind === kind)
            return Math.max(-1, ...held.map((cover) => cover.generation)) < newest(kind)
          }),
        ),
      )
    },
    rekey: async (id, readerKey) => {
      await memory.change((state) => ({
        ...state,
        grants: state.grants.map((grant) =>
          grant.handOver.consentId === id ? { ...grant, readerKey } : grant,
        ),
      }))
      await sealAnew(standing(memory.now).filter((grant) => grant.handOver.consentId === id))
    },
    leaveOut: async (consents) => {
      const isOut = (grant: GrantState): boolean => consents.has(grant.handOver.consentId)
      const kinds = KINDS.filter((kind) =>
        memory.now.grants.some((grant) => isOut(grant) && grant.handOver.opening.kinds.includes(kind)),
      )
      await nextGeneration(
        kinds,
        (grant) => !isOut(grant),
        (state) => ({ ...state, leftOut: [...state.leftOut, ...consents] }),
      )
    },
  }
}

/** The state with re-sealed envelopes kept and on their way to custodian and readers. */
function announced(
  state: PatientState,
  grants: readonly GrantState[],
  envelopes: readonly SignedEnvelope[],
  generations: Outgoing['generations'],
): PatientState {
  const { custodian } = state
  if (custodian === null) throw new IsletError('NO_CUSTODIAN', 'no custodian is chosen yet')
  let kept = state
  const outgoing: Outgoing[] = [
    {
      urgency: 'reseal',
      to: custodian,
      type: 'envelope-reseal',
      body: { envelopes: envelopes.map(asJson) },
      generations,
    },
  ]
  grants.forEach((grant, i) => {
    const envelope = envelopes[i]
    if (envelope === undefined) return
    kept = withGrant(kept, { ...grant, handOver: { ...grant.handOver, envelope } })
    const to = grant.handOver.opening.reader
    if (to === custodian) return
    const body = { envelopes: [asJson(envelope)] }
    outgoing.push({ urgency: 'other', to, type: 'envelope-reseal', body, generations: null })
  })
  return { ...kept, outbox: [...kept.outbox, ...outgoing] }
}
