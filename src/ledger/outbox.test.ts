import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { hash32, toHex } from '../vocabulary/index.ts'
import { realDisk } from './disk.ts'
import { Outbox, type Outgoing } from './outbox.ts'
import { openRpc } from './rpc.door.ts'
import { startBareAnvil } from './testing/bare-anvil.ts'
import { bytesOf, hashOf, signerOf, temporaryFolder } from './testing/fixtures.ts'
import { signTransaction } from './transaction.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(() => folder.remove())

const outgoing = (nonce: number): Outgoing => {
  const call = { to: signerOf('x').address, data: toHex(bytesOf(`call ${nonce}`)), gas: 60_000 }
  const { hash, sender, raw } = signTransaction(call, nonce, 7_215_335, signerOf('sender'))
  return { hash, sender, nonce, raw, keys: [hashOf(`key ${nonce}`)] }
}

test('what was kept is there after reopening, what was settled keeps its key only, what was dropped is free', async () => {
  const first = await Outbox.open(realDisk, folder.path)
  const [a, b, c] = [outgoing(0), outgoing(1), outgoing(2)]
  for (const one of [c, a, b]) await first.keep(one)
  await first.settle(a.hash)
  await first.drop(b.hash)
  await first.close()
  await appendFile(join(folder.path, 'outbox'), 'ISLR torn')
  for (let again = 0; again < 2; again++) {
    const opened = await Outbox.open(realDisk, folder.path)
    expect(opened.waiting()).toEqual([c])
    expect(opened.find(hashOf('key 0'))).toBe(a.hash)
    expect(opened.find(hashOf('key 1'))).toBeUndefined()
    expect(opened.find(hashOf('key 2'))).toBe(c.hash)
    await opened.close()
  }
})

test('what a crash left unsent goes out at the next start, in order, under the same hashes', async () => {
  const anvil = await startBareAnvil()
  try {
    const outbox = await Outbox.open(realDisk, folder.path)
    const left = [outgoing(2), outgoing(0), outgoing(1)]
    for (const one of left) await outbox.keep(one)
    await outbox.close()
    const ledger = await openRpc({ urls: [anvil.url], directory: folder.path, pollMs: 20 })
    for (const { nonce, hash } of left) {
      await expect
        .poll(async () => (await ledger.lookup(hashOf(`key ${nonce}`)))?.transaction, { timeout: 120_000 })
        .toBe(hash32(hash))
    }
    await ledger.close()
  } finally {
    await anvil.stop()
  }
})

test('another chain behind the address is refused before anything is sent', async () => {
  const anvil = await startBareAnvil()
  try {
    for (const expect_ of [{ chainId: 1 }, { genesisHash: hashOf('other genesis') }]) {
      const opening = openRpc({ urls: [anvil.url], directory: folder.path, expect: expect_ })
      await expect(opening).rejects.toMatchObject({ code: 'OTHER_CHAIN' })
    }
    const nowhere = openRpc({ urls: ['http://127.0.0.1:9/'], directory: folder.path })
    await expect(nowhere).rejects.toMatchObject({ code: 'UNREACHABLE' })
  } finally {
    await anvil.stop()
  }
})
