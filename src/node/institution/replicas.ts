/**
 * Copies of sealed objects in a private swarm: an institution that a consent names holds on its own node what the consent
 * covers, as it lies there under the custodian's outer keys, so that it outlives the custodian's disk.
 *
 * Laws: a custodian tells which stored objects a consent covers whenever they changed, and that there are none once it is
 * revoked or has ended; the other side holds what the custodian of a grant that it has says, and no more; an erasure is
 * confirmed when the copies are gone. A copy opens for nobody without the outer key, which the custodian releases.
 */
import { join } from 'node:path'
import Type from 'typebox'
import { CidField, ConsentIdField, InstitutionIdField, type MessageHandlers } from '../../api/index.ts'
import { type Institution, type Send, serially } from '../../consent/index.ts'
import type { KuboStore } from '../../vault/kubo.door.ts'
import {
  type Cid,
  type ConsentId,
  type InstitutionId,
  IsletError,
  isIsletError,
} from '../../vocabulary/index.ts'
import { readDocumentFile, writeDocumentFile } from './document-file.ts'

/** The swarm that an institution's objects lie in. */
export interface Swarm {
  /** Under which name an object is stored. */
  storedAs(name: Cid): Cid | undefined
  /** Copies held for others, apart from the institution's own objects. */
  readonly copies: Pick<KuboStore, 'pin' | 'delete' | 'list'>
}

export interface Replicas {
  readonly handlers: Required<Pick<MessageHandlers, 'object-pins'>>
  /** Tells the institutions that consents name what to hold, where it changed; who cannot be reached is told the next time. */
  tell(): Promise<void>
  /** Lets go of what no grant is here for any more. */
  settle(): Promise<void>
}

const Entry = Type.Object({
  consent: ConsentIdField,
  /** Told: who holds. Held: who told. */
  with: InstitutionIdField,
  names: Type.Array(CidField),
})
const ReplicasFile = Type.Object({
  schema: Type.Literal('islet.replicas/1'),
  told: Type.Array(Entry),
  held: Type.Array(Entry),
})
type Side = Map<ConsentId, { readonly with: InstitutionId; readonly names: readonly Cid[] }>

/** Opens them from the institution's directory. Throws `REPLICAS_FILE_DAMAGED`. */
export async function openReplicas(ports: {
  readonly directory: string
  readonly institution: Pick<Institution, 'granted' | 'reader'>
  readonly swarm: Swarm
  readonly send: Send
}): Promise<Replicas> {
  const { institution, swarm, send } = ports
  const path = join(ports.directory, 'replicas.json')
  const file = await readDocumentFile(path, ReplicasFile, 'REPLICAS_FILE_DAMAGED')
  const sideOf = (entries: NonNullable<typeof file>['told'] = []): Side =>
    new Map(entries.map(({ consent, ...rest }) => [consent, rest]))
  const [told, held] = [sideOf(file?.told), sideOf(file?.held)]
  const entriesOf = (side: Side) => [...side].map(([consent, rest]) => ({ consent, ...rest }))
  const write = (): Promise<void> =>
    writeDocumentFile(path, { schema: 'islet.replicas/1', told: entriesOf(told), held: entriesOf(held) })
  const inTurn = serially()

  /** Holds what is wanted and nothing else; what is new first, so that nothing is let go by a failure. */
  const level = async (): Promise<void> => {
    const wanted = new Set([...held.values()].flatMap(({ names }) => names))
    const here = new Set<Cid>()
    for await (const name of swarm.copies.list()) here.add(name)
    for (const name of wanted) if (!here.has(name)) await swarm.copies.pin(name)
    await write()
    for (const name of here) if (!wanted.has(name)) await swarm.copies.delete(name)
  }

  const tellOne = async (consent: ConsentId, to: InstitutionId, names: readonly Cid[]): Promise<void> => {
    const before = told.get(consent)?.names ?? []
    if (before.length === names.length && before.every((name, place) => name === names[place])) return
    await send(to, 'object-pins', { consent, names: [...names] })
    if (names.length > 0) told.set(consent, { with: to, names })
    else told.delete(consent)
    await write()
  }

  return {
    handlers: {
      'object-pins': ({ consent, names }, { from }) =>
        inTurn(async () => {
          const grant = institution.reader.grants().find(({ consentId }) => consentId === consent)
          const custodian = grant?.custodian ?? held.get(consent)?.with
          if (from.kind !== 'institution' || from.id !== custodian) {
            throw new IsletError('CONSENT_NOT_HANDED_OVER', 'no such grant of this custodian is here')
          }
          if (names.length > 0) held.set(consent, { with: from.id, names })
          else held.delete(consent)
          await level()
          return { held: names.length }
        }),
    },
    tell: () =>
      inTurn(async () => {
        const granted = institution.granted()
        const known = new Set(granted.map(({ consentId }) => consentId))
        const now = [
          ...granted.map(({ consentId, reader, objects }) => {
            const names = objects.flatMap((name) => swarm.storedAs(name) ?? [])
            return [consentId, reader, names] as const
          }),
          // Erased meanwhile.
          ...[...told].flatMap(([consent, entry]) =>
            known.has(consent) ? [] : [[consent, entry.with, []] as const],
          ),
        ]
        for (const [consent, to, names] of now) {
          await tellOne(consent, to, names).catch((error: unknown) => {
            if (!isIsletError(error)) throw error
          })
        }
      }),
    settle: () =>
      inTurn(async () => {
        const here = new Set(institution.reader.grants().map(({ consentId }) => consentId))
        for (const consent of [...held.keys()]) if (!here.has(consent)) held.delete(consent)
        await level()
      }),
  }
}
