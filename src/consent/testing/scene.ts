/**
 * A scene for tests of sharing: five days of Anna's glucose at South Hospital, and two other institutions.
 */
import { nodeEd25519 } from '../../identity/node-signer.door.ts'
import { chunksOf } from '../../vault/index.ts'
import type { Cover } from '../../vault/keys.door.ts'
import { openHours } from '../../vault/keys.door.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import { type HourWindow, isIsletError, type Kind } from '../../vocabulary/index.ts'
import type { Choice } from '../narrow.ts'
import type { GrantOptions, PatientAgent } from '../patient-agent.ts'
import { restorePatientAgent } from '../patient-agent.ts'
import type { Ask } from '../reader-agent.ts'
import { memoryShelf } from '../shelf.ts'
import { askOf, at, DAY, type House, START, type Town, town, trace } from './town.ts'

export interface Scene {
  readonly place: Town
  readonly north: House
  readonly south: House
  readonly east: House
  readonly anna: PatientAgent
}

/** Five days of Anna's glucose lie at South Hospital, anchored. */
export async function scene(): Promise<Scene> {
  const place = town()
  const south = await place.house('South Hospital')
  const north = await place.house('North Clinic')
  const east = await place.house('East Lab')
  const anna = await place.patient('anna')
  await anna.enrol(south.id)
  await anna.add(trace(START - 5 * DAY, START), { fill: true })
  await south.open.tick(true)
  return { place, north, south, east, anna }
}

/** A house asks, Anna grants. */
export async function granted(
  { south, anna }: Scene,
  reader: House,
  ask: Partial<Ask> & Pick<Ask, 'from' | 'until'>,
  choice: Choice = {},
  options: GrantOptions = {},
) {
  const mailbox = await anna.openMailbox(reader.name)
  await reader.open.reader.ask({ custodian: south.id, mailbox }, askOf(reader, ask), reader.chain)
  const { requests } = await anna.collect()
  const pending = requests.at(-1)
  if (pending === undefined) throw new Error('no request arrived')
  const grant = await anna.grant(pending.request, choice, { ...options, requestId: pending.id })
  return grant.handOver.consentId
}

export const THREE_DAYS = { from: at(START - 4 * DAY), until: at(START - DAY) }

export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    if (isIsletError(error)) return error.code
    throw error
  }
  return 'NO_ERROR'
}

/** Anna's agent on another device, from R alone. */
export function elsewhere({ place, south }: Scene): Promise<PatientAgent> {
  return restorePatientAgent(
    {
      keys: place.keysOf('anna'),
      ed: nodeEd25519,
      crypto: nodeCrypto,
      chain: south.chain,
      shelf: memoryShelf(),
      clock: () => at(place.now),
      send: place.send,
    },
    south.id,
  )
}

/** Tries covers on ciphertext, hour by hour, whatever a custodian would say. */
export async function triedOn(
  covers: readonly Cover[],
  keeper: House,
  window: HourWindow,
  kind: Kind = 'glucose',
) {
  const opened: number[] = []
  for await (const cid of keeper.store.list()) {
    for (const { context, bytes } of chunksOf(await keeper.store.get(cid))) {
      if (context.kind !== kind || context.hour < window.first || context.hour >= window.end) continue
      for (const cover of covers) {
        // Any label may be tried: the generation of the cover and the one of the chunk.
        for (const generation of new Set([cover.generation, context.generation])) {
          const chunk = { hour: context.hour, revision: context.revision, overflow: context.overflow, bytes }
          const [result] = await openHours(nodeCrypto, { ...cover, generation }, context.stream, [chunk])
          if (result?.code === 'OPENED') opened.push(context.hour)
        }
      }
    }
  }
  return opened
}
