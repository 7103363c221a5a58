/** A custodian and a reader whose objects lie in one swarm, with a consent between them that a test changes at will. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Arrival } from '../../../api/index.ts'
import type { Institution } from '../../../consent/index.ts'
import { type Cid, consentId, IsletError, institutionId } from '../../../vocabulary/index.ts'
import { openReplicas, type Swarm } from '../replicas.ts'

export const CUSTODIAN = institutionId(`0x${'c0'.repeat(32)}`)
export const READER = institutionId(`0x${'ad'.repeat(32)}`)
export const STRANGER = institutionId(`0x${'5a'.repeat(32)}`)
export const CONSENT = consentId(`0x${'01'.repeat(32)}`)

/** What both sides see of the consent; `copies` are those of the reader's node. */
export async function twoInASwarm(copies: Swarm['copies'], storedAs: Swarm['storedAs'] = (name) => name) {
  const folder = await mkdtemp(join(tmpdir(), 'islet-replicas-'))
  const state = {
    /** What the consent covers; undefined: it was forgotten by an erasure. */
    objects: undefined as readonly Cid[] | undefined,
    isHere: true,
    reaches: true,
  }
  const from = (id: typeof READER): Arrival => ({
    from: { kind: 'institution', id },
    ...{ keyId: '', roles: ['member'], id: '', created: '' },
  })
  const none = { storedAs: () => undefined, copies }
  const open = async () => {
    const reader = await openReplicas({
      directory: join(folder, 'reader'),
      institution: {
        granted: () => [],
        reader: {
          grants: () => (state.isHere ? [{ consentId: CONSENT, custodian: CUSTODIAN }] : []),
        } as unknown as Institution['reader'],
      },
      swarm: none,
      send: async () => ({}),
    })
    const custodian = await openReplicas({
      directory: join(folder, 'custodian'),
      institution: {
        granted: () =>
          state.objects === undefined ? [] : [{ consentId: CONSENT, reader: READER, objects: state.objects }],
        reader: { grants: () => [] } as unknown as Institution['reader'],
      },
      swarm: { storedAs, copies },
      send: async (_to, _type, body) => {
        if (!state.reaches) throw new IsletError('PEER_UNREACHABLE', 'nobody is there')
        return reader.handlers['object-pins'](body as never, from(CUSTODIAN))
      },
    })
    return { reader, custodian }
  }
  return { state, open, from, remove: () => rm(folder, { recursive: true, force: true }) }
}
