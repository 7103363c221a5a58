import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { encodeRecord, type JournalBlock, RECORDS_START, readJournal } from '../journal/index.ts'
import { toHex } from '../vocabulary/index.ts'
import { openEmbedded } from './embedded.door.ts'
import { encodeBlock, encodeGenesis } from './journal-encoding.ts'
import { replayJournal } from './replay.door.ts'
import { bytesOf, hashOf, signerOf, temporaryFolder } from './testing/fixtures.ts'

test('a journal replays without its node to the signed head, and a rewritten one does not', async () => {
  const folder = await temporaryFolder()
  try {
    const ledger = await openEmbedded({ directory: folder.path, operator: signerOf('operator') })
    const to = signerOf('nowhere').address
    for (const word of ['one', 'two', 'three']) {
      const call = { to, data: toHex(bytesOf(word)), gas: 60_000 }
      await ledger.submit(call, { by: signerOf('sender'), keys: [hashOf(word)] })
    }
    const signed = ledger.signedHead()
    await ledger.close()
    const journal = await readFile(join(folder.path, 'journal'))

    const seen: { readonly hash: string; readonly journal: string }[] = []
    for await (const { head, recordHash, receipts } of replayJournal(journal)?.blocks ?? []) {
      expect(receipts).toHaveLength(1)
      seen.push({ hash: head.hash, journal: toHex(recordHash) })
    }
    expect(seen.at(-1)).toEqual({ hash: signed.hash, journal: signed.journal })

    // The operator leaves the second transaction out and chains the records anew.
    const opened = readJournal(journal)
    if (opened === undefined) throw new Error('no journal')
    const blocks: JournalBlock[] = [...opened.entries].map(({ block }) => block)
    const forged = blocks.map((block) => (block.height === 2 ? { ...block, transactions: [] } : block))
    let last = RECORDS_START
    const parts = [encodeGenesis(opened.genesis), ...forged.map(encodeBlock)].map((payload) => {
      const record = encodeRecord(last, payload)
      last = record.hash
      return record.bytes
    })
    const replay = replayJournal(Buffer.concat(parts))
    await expect(async () => {
      for await (const _ of replay?.blocks ?? []);
    }).rejects.toMatchObject({ code: 'REPLAY_MISMATCH', facts: { height: 3 } })
  } finally {
    await folder.remove()
  }
})
