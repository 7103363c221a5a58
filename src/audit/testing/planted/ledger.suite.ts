/** Lies about the ledger: blocks, order, heads. */
import { describe, expect, it } from 'vitest'
import { type SignedHead, secp256k1Signer, signHead } from '../../../ledger/index.ts'
import { hash32, quantity, type UnixSeconds } from '../../../vocabulary/index.ts'
import { verifyDump } from '../../verify-dump.ts'
import { keysOf, seedOf } from '../consortium.ts'
import { otherHash } from '../forger.ts'
import type { Planted, Scene } from './scene.ts'

export function lyingLedger(scene: Scene): void {
  describe('the ledger', () => {
    it('cut short before a revoke is sound in itself and caught by the head that another member kept', async () => {
      expect(await scene.codesOf(scene.story.early)).toEqual([])
      expect(await scene.codesOf(scene.story.early, [scene.story.heads.before])).toEqual([])
      expect(await scene.codesOf(scene.story.early, [scene.story.heads.after])).toEqual(['DUMP_CUT_SHORT'])
    })

    it.each<Planted>([
      {
        name: 'a journal record altered',
        codes: ['JOURNAL_CORRUPT'],
        // Behind the code of the contracts, which stands at the journal's beginning.
        spoil: async (forger) =>
          forger.flip('ledger/journal', Math.floor((await forger.bytes('ledger/journal')).length * 0.9)),
      },
      {
        name: 'the end of the journal torn off',
        codes: ['JOURNAL_TORN'],
        spoil: async (forger) => {
          const bytes = await forger.bytes('ledger/journal')
          await forger.write('ledger/journal', bytes.subarray(0, bytes.length - 7))
        },
      },
      {
        name: 'a block removed',
        codes: ['JOURNAL_OUT_OF_ORDER'],
        spoil: (forger) => forger.journal((blocks) => blocks.toSpliced(20, 1)),
      },
      {
        name: 'a block removed and the others renumbered',
        codes: ['DUMP_CUT_SHORT', 'MANIFEST_WRONG', 'REPLAY_DIFFERS'],
        spoil: (forger) =>
          forger.journal((blocks) =>
            blocks.toSpliced(20, 1).map((block, i) => ({ ...block, height: i + 1 })),
          ),
      },
      {
        name: 'two transactions in the other order',
        codes: ['HEAD_FORKED', 'REPLAY_DIFFERS'],
        spoil: (forger) =>
          forger.journal((blocks) => {
            const at = blocks.findIndex(
              ({ transactions }) => transactions[0]?.raw !== blocks[0]?.transactions[0]?.raw,
            )
            const [first, second] = [blocks[at], blocks[at + 1]]
            if (first === undefined || second === undefined) throw new Error('too few blocks')
            return blocks.with(at, { ...first, transactions: second.transactions }).with(at + 1, {
              ...second,
              transactions: first.transactions,
            })
          }),
      },
      {
        name: 'the journal of another time written down as this one',
        codes: ['HEAD_FORKED', 'REPLAY_DIFFERS'],
        spoil: (forger) =>
          forger.journal((blocks) =>
            blocks.map((block) => ({ ...block, timestamp: quantity<UnixSeconds>(block.timestamp + 60) })),
          ),
      },
      {
        name: 'the signed head forged',
        codes: ['HEAD_MISSING', 'HEAD_SIGNATURE_WRONG'],
        spoil: (forger) =>
          forger.lines<SignedHead>('ledger/heads.jsonl', ([head]) => {
            if (head === undefined) throw new Error('no head')
            const thief = secp256k1Signer(seedOf('thief'))
            return [{ ...signHead({ ...head }, thief), operator: head.operator }]
          }),
      },
    ])('$name is found', async ({ codes, spoil }) => {
      expect(await scene.foundAfter(spoil)).toEqual(codes)
    })

    it('is told from another chain, and from another past of its own operator', async () => {
      const { last } = scene.story.heads
      const thief = secp256k1Signer(seedOf('thief'))
      const foreign = signHead({ ...last, operator: thief.address }, thief)
      expect(await scene.codesOf(scene.dump, [foreign])).toEqual(['HEAD_OF_ANOTHER_CHAIN'])
      const operator = secp256k1Signer(keysOf('north').ledgerKey)
      const other = signHead({ ...last, hash: hash32(otherHash(last.hash)) }, operator)
      expect(await scene.codesOf(scene.dump, [other])).toEqual(['HEAD_FORKED'])
      expect(await scene.codesOf(scene.dump, [{ ...last, signature: '0x00' }])).toEqual([
        'HEAD_SIGNATURE_WRONG',
      ])
      const report = await verifyDump(scene.dump, { anchors: [foreign] })
      expect(report.anchored).toBe(false)
    })
  })
}
