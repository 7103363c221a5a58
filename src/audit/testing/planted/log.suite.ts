/** Lies about the access log: what was logged, signed and anchored. */
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nodeEd25519 } from '../../../identity/node-signer.door.ts'
import { readCheckpoint, signCheckpoint } from '../../../vault/index.ts'
import { openAccessLog } from '../../../vault/log.door.ts'
import { nodeCrypto } from '../../../vault/node-cipher.door.ts'
import { fromHex } from '../../../vocabulary/index.ts'
import type { DumpRead } from '../../dump-format.ts'
import { keysOf } from '../consortium.ts'
import { bundleOf, entriesIn, type Forger } from '../forger.ts'
import type { Planted, Scene } from './scene.ts'

const SOUTH = 'institutions/south'
const BUNDLE = `${SOUTH}/log/tile/entries/000.p`

export function lyingLog(scene: Scene): void {
  /** The one bundle of South's log. */
  const bundlePath = async (forger: Forger): Promise<string> => {
    const { files } = await forger.manifest()
    const path = Object.keys(files).find((name) => name.startsWith(BUNDLE))
    if (path === undefined) throw new Error('no bundle')
    return path
  }

  /** The log of South made anew of some entries, under its true key. */
  const relog = async (forger: Forger, keep: (index: number, count: number) => boolean): Promise<void> => {
    const path = await bundlePath(forger)
    const entries = entriesIn(await forger.bytes(path))
    const folder = await mkdtemp(join(scene.story.place.directory, 'relog-'))
    const log = await openAccessLog(folder, {
      origin: `islet.log/${scene.story.place.houses.south.id}`,
      signer: keysOf('south').message,
      verifier: nodeEd25519,
    })
    await log.appendEntries(entries.filter((_, index) => keep(index, entries.length)))
    await log.checkpoint()
    await log.close()
    await rm(join(forger.dump, `${SOUTH}/log`), { recursive: true })
    await cp(folder, join(forger.dump, `${SOUTH}/log`), {
      recursive: true,
      filter: (from) => !from.endsWith('/tail'),
    })
  }

  describe('an access log', () => {
    it.each<Planted>([
      {
        name: 'with an entry removed from its bundle',
        codes: [
          'ACCESS_NOT_LOGGED',
          'ACCESS_TIME_IMPLAUSIBLE',
          'LOG_ANCHOR_DIFFERS',
          'LOG_CUT_BEHIND_ANCHOR',
          'LOG_LEAF_WRONG',
          'LOG_TRUNCATED',
        ],
        spoil: async (forger) => {
          const path = await bundlePath(forger)
          await forger.write(path, bundleOf(entriesIn(await forger.bytes(path)).toSpliced(2, 1)))
        },
      },
      {
        name: 'with the clear part of an entry altered',
        codes: ['LOG_ANCHOR_DIFFERS', 'LOG_LEAF_WRONG', 'LOG_ROOT_WRONG'],
        // Byte 53 of the entry behind its length: the number of records that left.
        spoil: async (forger) => forger.flip(await bundlePath(forger), 2 + 53),
      },
      {
        name: 'truncated behind its checkpoint',
        codes: ['LOG_CUT_BEHIND_ANCHOR', 'LOG_TRUNCATED'],
        spoil: async (forger) => {
          const path = await bundlePath(forger)
          await forger.write(path, bundleOf(entriesIn(await forger.bytes(path)).slice(0, -1)))
        },
      },
      {
        name: 'with a checkpoint that somebody else signed',
        codes: ['LOG_SIGNATURE_WRONG'],
        spoil: async (forger) => {
          const path = `${SOUTH}/log/checkpoint`
          const origin = `islet.log/${scene.story.place.houses.south.id}`
          const note = Buffer.from(await forger.bytes(path)).toString('utf8')
          const keys = [fromHex(keysOf('south').public.messageKey)]
          const reading = readCheckpoint(note, { origin, keys }, nodeEd25519, nodeCrypto.hasher)
          if (!reading.ok) throw new Error(reading.code)
          await forger.write(path, signCheckpoint(reading.head, keysOf('east').message, nodeCrypto.hasher))
        },
      },
      {
        name: 'without its checkpoint',
        codes: ['LOG_CHECKPOINT_MISSING'],
        spoil: (forger) => rm(join(forger.dump, `${SOUTH}/log/checkpoint`)),
      },
      {
        name: 'with an entry removed and all made anew under the custodian’s true key',
        codes: [
          'ACCESS_NOT_LOGGED',
          'ACCESS_TIME_IMPLAUSIBLE',
          'LOG_ANCHOR_DIFFERS',
          'LOG_CUT_BEHIND_ANCHOR',
        ],
        spoil: (forger) => relog(forger, (index) => index !== 2),
      },
      {
        name: 'with its last entry removed and all made anew under the custodian’s true key',
        codes: ['LOG_CUT_BEHIND_ANCHOR'],
        spoil: (forger) => relog(forger, (index, count) => index < count - 1),
      },
      {
        name: 'without a read that the reader recorded',
        codes: ['ACCESS_NOT_LOGGED'],
        spoil: (forger) =>
          forger.lines<DumpRead>('institutions/north/reads.jsonl', ([first, ...rest]) =>
            first === undefined ? [] : [{ ...first, at: first.at + 1 }, ...rest],
          ),
      },
      {
        name: 'with another number of records than the reader got',
        codes: ['ACCESS_COUNT_DIFFERS'],
        spoil: (forger) =>
          forger.lines<DumpRead>('institutions/north/reads.jsonl', ([first, ...rest]) =>
            first === undefined ? [] : [{ ...first, count: first.count - 1 }, ...rest],
          ),
      },
    ])('$name is found', async ({ codes, spoil }) => {
      expect(await scene.foundAfter(spoil)).toEqual(codes)
    })
  })
}
