/** Lies of the manifest and of the files that it names. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hash32, type InstitutionId } from '../../../vocabulary/index.ts'
import { Forger, otherHash } from '../forger.ts'
import type { Planted, Scene } from './scene.ts'

const SOUTH = 'institutions/south'

export function lyingManifest(scene: Scene): void {
  describe('the manifest', () => {
    it.each<Planted>([
      {
        name: 'altered',
        codes: ['MANIFEST_ALTERED'],
        spoil: async (forger) => {
          const text = Buffer.from(await forger.bytes('manifest.json')).toString('utf8')
          await forger.write('manifest.json', text.replace('south hospital', 'south Hospital'))
        },
      },
      {
        name: 'in another spelling',
        codes: ['MANIFEST_ALTERED'],
        spoil: async (forger) => {
          const text = Buffer.from(await forger.bytes('manifest.json')).toString('utf8')
          await forger.write('manifest.json', text.replace('{', '{ '))
        },
      },
      {
        name: 'no manifest any more',
        codes: ['MANIFEST_ALTERED'],
        spoil: (forger) => forger.write('manifest.json', 'null'),
      },
      {
        name: 'made for another head and sealed again',
        codes: ['MANIFEST_WRONG'],
        spoil: (forger) =>
          forger.reseal((manifest) => ({ ...manifest, head: { ...manifest.head, height: 3 } })),
      },
      {
        name: 'naming an institution that the ledger never admitted',
        codes: ['MANIFEST_WRONG'],
        spoil: (forger) =>
          forger.reseal((manifest) => ({
            ...manifest,
            institutions: [
              ...manifest.institutions,
              { id: hash32(otherHash('x')) as InstitutionId, key: 'stranger', name: 'x', unsigned: 0 },
            ],
          })),
      },
      {
        name: 'of contracts that nobody committed',
        codes: ['CONTRACT_BUILD_UNKNOWN'],
        spoil: (forger) =>
          forger.reseal((manifest) => ({
            ...manifest,
            contracts: { ...manifest.contracts, sourceHash: '00'.repeat(32) },
          })),
      },
      {
        name: 'with a file altered behind it',
        codes: ['FILE_ALTERED'],
        spoil: (forger) => forger.write(`${SOUTH}/erased.txt`, ''),
      },
      {
        name: 'with a file missing',
        codes: ['FILE_MISSING'],
        spoil: (forger) => rm(join(forger.dump, 'institutions/north/erased.txt')),
      },
      {
        name: 'with a file added',
        codes: ['FILE_UNLISTED'],
        spoil: (forger) => forger.write('ledger/notes.txt', 'x'),
      },
    ])('$name is found', async ({ codes, spoil }) => {
      const forger = await Forger.of(scene.dump)
      await spoil(forger)
      const found = await scene.codesOf(forger.dump)
      expect(found).toEqual(expect.arrayContaining([...codes]))
      expect(found.filter((code) => !codes.includes(code) && code !== 'ERASURE_NOT_LISTED')).toEqual([])
      await rm(forger.dump, { recursive: true })
    })
  })
}
