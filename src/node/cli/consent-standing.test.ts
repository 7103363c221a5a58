import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import captured from '../../../test-vectors/consensus.json' with { type: 'json' }
import { CONSORTIUM_CONTRACTS } from '../../ledger/consortium.door.ts'
import { fromBase64Url } from '../../vocabulary/index.ts'
import { ranHere } from './testing/ran-here.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'islet-standing-'))
  await writeFile(join(folder, 'anchor.json'), JSON.stringify(captured.anchor))
  for (const [name, { proof }] of Object.entries(captured.proofs)) {
    await writeFile(join(folder, name), fromBase64Url(proof))
  }
  // The captured blocks are of that day; the trust period is counted from it.
  vi.setSystemTime(captured.now * 1_000)
})
afterAll(async () => {
  vi.useRealTimers()
  await rm(folder, { recursive: true, force: true })
})

const verify = (name: string, ...rest: string[]) => ranHere(['verify', join(folder, name), ...rest])

test.each([
  { name: 'active', says: 'is granted and not revoked; it ends when 2084-12-28 begins' },
  { name: 'revoked', says: 'is revoked' },
  { name: 'absent', says: 'was neither granted nor revoked' },
  { name: 'spent', says: 'was not granted and cannot be' },
])('a captured proof tells of a consent that $says', async ({ name, says }) => {
  const { code, out } = await verify(name, '--anchor', join(folder, 'anchor.json'))
  expect(out).toContain(says)
  expect(code).toBe(0)
})

test('a proof that does not follow from the anchor is refused with its code and exit 1', async () => {
  const bytes = fromBase64Url(captured.proofs.active.proof)
  bytes[700] = bytes[700]! ^ 1
  await writeFile(join(folder, 'altered'), bytes)
  const { code, out } = await verify('altered', '--anchor', join(folder, 'anchor.json'), '--json')
  expect(JSON.parse(out)).toMatchObject({ ok: false, state: null, findings: [{ where: 'the proof' }] })
  expect(code).toBe(1)
})

test('without an anchor nothing is believed, and the words say how to get one', async () => {
  const { code, err } = await verify('active')
  expect(err).toContain('islet network anchor')
  expect(code).toBe(2)
  const other = await verify('active', '--anchor', join(folder, 'active'))
  expect(other.err).toContain('NOT_A_TRUST_ANCHOR')
})

test('the ledger of the captured proofs stands where every consortium has it', () => {
  expect(captured.consents).toBe(CONSORTIUM_CONTRACTS.consents)
})
