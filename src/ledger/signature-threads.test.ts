import { availableParallelism } from 'node:os'
import { afterEach, expect, test } from 'vitest'
import { SignatureThreads } from './signature-threads.ts'
import { recoverSigner } from './signer.ts'
import { bytesOf, signerOf } from './testing/fixtures.ts'

let threads = new SignatureThreads()
let release = threads.hold()
afterEach(async () => {
  await release()
  threads = new SignatureThreads()
  release = threads.hold()
})

/** Good ones, and every way in which one can be bad. */
function signatures(count: number): readonly { digest: Uint8Array; signature: Uint8Array }[] {
  return Array.from({ length: count }, (_, i) => {
    const digest = bytesOf(`digest ${i}`)
    const signature = Uint8Array.from(signerOf(`signer ${i % 7}`).sign(digest))
    const spoilt = [
      () => undefined,
      () => signature.fill(0),
      () => signature.fill(255, 0, 32),
      () => signature.fill(255, 32, 64),
      () => signature.fill(2, 64),
      () => signature.fill(1 - (signature[64] ?? 0), 64),
      () => signature.fill(27 + (signature[64] ?? 0), 64),
      () => signature.fill(i % 256, 10, 11),
    ]
    spoilt[i % (2 * spoilt.length)]?.()
    return { digest, signature }
  })
}

test('threads answer as the main one does, each asker its own', async () => {
  const asked = signatures(400)
  const answers = await Promise.all(asked.map((one) => threads.recover(one.digest, one.signature)))
  expect(threads.running).toBeGreaterThan(0)
  expect(threads.running).toBeLessThanOrEqual(Math.max(1, Math.min(2, availableParallelism() - 1)))
  expect(answers).toEqual(asked.map((one) => recoverSigner(one.digest, one.signature)))
  expect(answers.filter((answer) => answer === undefined).length).toBeGreaterThan(50)
})

test('a few are looked at here: no thread starts for them', async () => {
  const digest = bytesOf('few')
  const by = signerOf('few')
  expect(await threads.recover(digest, by.sign(digest))).toBe(by.address)
  expect(await threads.recover(digest, new Uint8Array(64))).toBeUndefined()
  expect(threads.running).toBe(0)
})

test('what a thread had under way when it was ended is answered all the same', async () => {
  const asked = signatures(200)
  const answers = Promise.all(asked.map((one) => threads.recover(one.digest, one.signature)))
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  expect(threads.running).toBeGreaterThan(0)
  await release()
  expect(await answers).toEqual(asked.map((one) => recoverSigner(one.digest, one.signature)))
})

test('the last ledger that closes ends the threads', async () => {
  const other = threads.hold()
  const asked = signatures(50)
  await Promise.all(asked.map((one) => threads.recover(one.digest, one.signature)))
  await release()
  expect(threads.running).toBe(1)
  await other()
  expect(threads.running).toBe(0)
})
