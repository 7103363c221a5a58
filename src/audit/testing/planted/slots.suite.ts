/** Lies about anchored slots, leaves, objects and results. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cidOf } from '../../../vault/index.ts'
import { nodeCrypto } from '../../../vault/node-cipher.door.ts'
import { fromBase64Url, hash32, toBase64Url, toHex } from '../../../vocabulary/index.ts'
import type { DumpObject, DumpSlot } from '../../dump-format.ts'
import { seedOf } from '../consortium.ts'
import { otherHash } from '../forger.ts'
import type { Planted, Scene } from './scene.ts'

const SOUTH = 'institutions/south'

export function lyingSlots(scene: Scene): void {
  describe('slots and objects', () => {
    const slots = `${SOUTH}/slots.jsonl`
    const full = (lines: readonly DumpSlot[]): number =>
      lines.findIndex(({ stands }) => stands?.batches.some((batch) => 'leaves' in batch))
    const change = (
      lines: DumpSlot[],
      at: number,
      with_: (slot: DumpSlot) => DumpSlot,
    ): readonly DumpSlot[] => lines.map((slot, i) => (i === at ? with_(slot) : slot))
    const flipped = (text: string, at: number): string => {
      const bytes = fromBase64Url(text)
      bytes[at < 0 ? bytes.length + at : at] = (bytes.at(at) ?? 0) ^ 1
      return toBase64Url(bytes)
    }

    it.each<Planted>([
      {
        name: 'a slot root altered',
        codes: ['SLOT_ROOT_ALTERED'],
        spoil: (forger) =>
          forger.lines<DumpSlot>(slots, (lines) =>
            change(lines, 1, (slot) => ({ ...slot, root: hash32(otherHash(slot.root)) })),
          ),
      },
      {
        name: 'two slots in the other order',
        codes: ['SLOT_OUT_OF_ORDER'],
        spoil: (forger) =>
          forger.lines<DumpSlot>(slots, (lines) => [...lines.slice(0, -2), ...lines.slice(-2).toReversed()]),
      },
      {
        name: 'a slot left out, and with it the first revision of an hour',
        codes: ['OBJECT_WITHOUT_LEAF', 'REVISION_MISSING', 'SLOT_MISSING'],
        spoil: (forger) => forger.lines<DumpSlot>(slots, (lines) => lines.toSpliced(full(lines), 1)),
      },
      {
        name: 'a slot that was never anchored',
        codes: ['SLOT_NOT_ANCHORED'],
        spoil: (forger) =>
          forger.lines<DumpSlot>(slots, (lines) =>
            lines[0] === undefined ? [] : [{ ...lines[0], slot: 1 }, ...lines],
          ),
      },
      {
        name: 'the list of leaves altered in its padding',
        codes: ['LEAF_LIST_ALTERED', 'LEAF_UNACCOUNTED'],
        spoil: (forger) =>
          forger.lines<DumpSlot>(slots, (lines) =>
            change(lines, full(lines), (slot) => ({ ...slot, leaves: flipped(slot.leaves, -1) })),
          ),
      },
      {
        name: 'the list of leaves altered where an object stands',
        codes: ['LEAF_LIST_ALTERED', 'OBJECT_NOT_OF_LEAF'],
        spoil: (forger) =>
          forger.lines<DumpSlot>(slots, (lines) =>
            change(lines, full(lines), (slot) => ({ ...slot, leaves: flipped(slot.leaves, 0) })),
          ),
      },
      {
        name: 'a byte of an object flipped',
        codes: ['OBJECT_ALTERED'],
        spoil: async (forger) => {
          const [name] = await forger.objects('south')
          await forger.flip(`${SOUTH}/objects/${name}`, 200)
        },
      },
      {
        name: 'two objects under each other’s names',
        codes: ['OBJECT_SWAPPED'],
        spoil: async (forger) => {
          const [a, b] = await forger.objects('south')
          const [first, second] = [
            await forger.bytes(`${SOUTH}/objects/${a}`),
            await forger.bytes(`${SOUTH}/objects/${b}`),
          ]
          await forger.write(`${SOUTH}/objects/${a}`, second)
          await forger.write(`${SOUTH}/objects/${b}`, first)
        },
      },
      {
        name: 'an object gone',
        codes: ['OBJECT_MISSING'],
        spoil: async (forger) => {
          const [name] = await forger.objects('south')
          await rm(join(forger.dump, `${SOUTH}/objects/${name}`))
        },
      },
      {
        name: 'another object slipped in, renamed and listed',
        codes: ['OBJECT_NOT_OF_LEAF'],
        spoil: async (forger) => {
          const [name] = await forger.objects('south')
          const bytes = await forger.bytes(`${SOUTH}/objects/${name}`)
          bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
          const renamed = cidOf(nodeCrypto.hasher, bytes)
          await rm(join(forger.dump, `${SOUTH}/objects/${name}`))
          await forger.write(`${SOUTH}/objects/${renamed}`, bytes)
          for (const path of [slots, `${SOUTH}/objects.jsonl`]) {
            const text = Buffer.from(await forger.bytes(path)).toString('utf8')
            await forger.write(path, text.replaceAll(name ?? '', renamed))
          }
        },
      },
      {
        name: 'an object beside the leaves',
        codes: ['OBJECT_WITHOUT_LEAF'],
        spoil: async (forger) => {
          const bytes = Uint8Array.of(1, 2, 3)
          const name = cidOf(nodeCrypto.hasher, bytes)
          await forger.write(`${SOUTH}/objects/${name}`, bytes)
          await forger.lines<DumpObject>(`${SOUTH}/objects.jsonl`, (lines) => [
            ...lines,
            { cid: name, bytes: 3 },
          ])
        },
      },
      {
        name: 'a file among the objects that nothing lists',
        codes: ['FILE_UNLISTED'],
        spoil: (forger) => forger.write(`${SOUTH}/objects/stray`, 'x'),
      },
      {
        name: 'an object withheld under the pretence of an erasure',
        codes: ['ERASURE_NOT_LISTED', 'OBJECT_WITHOUT_LEAF', 'REVISION_MISSING'],
        spoil: (forger) =>
          forger.lines<DumpSlot>(slots, (lines) =>
            change(lines, full(lines), (slot) => ({
              ...slot,
              stands: {
                padding: slot.stands?.padding ?? '',
                batches: (slot.stands?.batches ?? []).map((batch) =>
                  'leaves' in batch ? { erased: batch.leaves.length, entry: 'ab'.repeat(32) } : batch,
                ),
              },
            })),
          ),
      },
      {
        name: 'erased leaves without a list of the erased',
        codes: ['ERASURE_NOT_LISTED'],
        spoil: (forger) => forger.write(`${SOUTH}/erased.txt`, ''),
      },
      {
        name: 'a leaf that stands for nothing',
        codes: ['LEAF_UNACCOUNTED'],
        spoil: (forger) =>
          forger.lines<DumpSlot>(slots, (lines) =>
            change(lines, 0, (slot) => ({
              ...slot,
              stands: {
                batches: slot.stands?.batches ?? [],
                padding: flipped(slot.stands?.padding ?? '', -1),
              },
            })),
          ),
      },
      {
        name: 'a result whose inputs were changed',
        codes: ['ANALYSIS_FORGED', 'ANALYSIS_INPUT_WRONG', 'ANALYSIS_NOT_OF_LEAF'],
        spoil: (forger) =>
          forger.lines<{ analysis: { body: { inputs: { consentId: string }[] } } }>(
            'institutions/north/results.jsonl',
            (lines) =>
              lines.map((line) => {
                const [input] = line.analysis.body.inputs
                if (input !== undefined) input.consentId = toHex(seedOf('no consent'))
                return line
              }),
          ),
      },
      {
        name: 'a line that is no document',
        codes: ['DOCUMENT_MALFORMED'],
        spoil: async (forger) => {
          const path = 'institutions/north/reads.jsonl'
          await forger.write(path, Buffer.concat([Buffer.from('{"x":1}\n'), await forger.bytes(path)]))
        },
      },
    ])('$name is found', async ({ codes, spoil }) => {
      expect(await scene.foundAfter(spoil)).toEqual(codes)
    })
  })
}
