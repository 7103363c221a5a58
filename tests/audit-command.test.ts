/** `islet export` and `islet verify` as an auditor runs them. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Value } from 'typebox/value'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { VerifyDocument } from '../src/api/documents.door.ts'
import { type Consortium, DAY, openConsortium, START, trace } from '../src/audit/testing/consortium.ts'
import { type SignedHead, secp256k1Signer, signHead } from '../src/ledger/index.ts'
import { ranHere } from './testing/islet-command.ts'

let place: Consortium
let held: SignedHead

beforeAll(async () => {
  place = await openConsortium()
  const anna = await place.patient('anna')
  await anna.enrol(place.houses.south.id)
  await anna.add(trace(START - DAY, START), { fill: true })
  await place.tick()
  held = place.ledger.signedHead()
})
afterAll(async () => {
  await place?.close()
  await place?.remove()
})

const islet = (...argv: readonly string[]) => ranHere(argv)

const at = (name: string): string => join(place.directory, name)

describe('islet export', () => {
  it('writes a dump beside a running node and under the lock of a stopped one, and says how to verify it', async () => {
    const running = await islet('export', at('dump'), '--data', place.directory, '--json')
    expect(running.code).toBe(0)
    expect(JSON.parse(running.out)).toMatchObject({ schema: 'islet.export/1', head: { height: held.height } })
    const words = await islet('export', at('words'), '--data', place.directory)
    expect(words.code).toBe(0)
    expect(words.out).toContain(`islet verify ${at('words')}`)
    expect(await readdir(place.directory)).not.toContain('lock')
  })

  it('writes names and sizes only where that is asked for, and such a dump verifies', async () => {
    const { out } = await islet(
      ...['export', at('names'), '--objects', 'names', '--data', place.directory, '--json'],
    )
    expect(JSON.parse(out)).toMatchObject({ objects: 'names' })
    expect((await islet('verify', at('names'), '--json')).code).toBe(0)
    const files = await readdir(at('names'), { recursive: true })
    const whole = await readdir(at('dump'), { recursive: true })
    expect(files.length).toBeLessThan(whole.length)
  })

  it('refuses a folder that holds something, and a directory that is no node’s, with codes', async () => {
    await mkdir(at('taken'))
    await writeFile(at('taken/x'), 'x')
    const taken = await islet('export', at('taken'), '--data', place.directory, '--json')
    expect([taken.code, JSON.parse(taken.out).error.code]).toEqual([2, 'TARGET_NOT_EMPTY'])
    const none = await islet('export', at('none'), '--data', at('taken'), '--json')
    expect([none.code, JSON.parse(none.out).error.code]).toEqual([2, 'NO_DATA'])
  })
})

describe('islet verify', () => {
  it('prints one document of its schema, and exits 0 where nothing is found', async () => {
    const { code, out } = await islet('verify', at('dump'), '--json')
    const document: unknown = JSON.parse(out)
    expect(Value.Check(VerifyDocument, document)).toBe(true)
    expect(document).toMatchObject({ schema: 'islet.verify/1', ok: true, anchored: false, findings: [] })
    expect(code).toBe(0)
  })

  it('compares heads that others hold, and says in words what it proves and what it does not', async () => {
    await writeFile(at('held.json'), JSON.stringify(held))
    const anchored = await islet('verify', at('dump'), '--anchor', at('held.json'))
    expect(anchored.code).toBe(0)
    expect(anchored.out).toContain('The head that others hold fixes its past')
    const alone = await islet('verify', at('dump'))
    expect(alone.out).toContain('consistent with itself only')
    expect(alone.out).toContain('What it does not prove')
  })

  it('exits 1 with findings by their codes', async () => {
    const stranger = secp256k1Signer(new Uint8Array(32).fill(9))
    await writeFile(
      at('other.json'),
      JSON.stringify(signHead({ ...held, operator: stranger.address }, stranger)),
    )
    const other = await islet('verify', at('dump'), '--json', '--anchor', at('other.json'))
    const document: unknown = JSON.parse(other.out)
    expect(Value.Check(VerifyDocument, document)).toBe(true)
    expect(document).toMatchObject({
      ok: false,
      anchored: false,
      findings: [{ code: 'HEAD_OF_ANOTHER_CHAIN' }],
    })
    expect(other.code).toBe(1)
    const words = await islet('verify', at('dump'), '--anchor', at('other.json'))
    expect([words.code, words.out]).toEqual([1, expect.stringContaining('HEAD_OF_ANOTHER_CHAIN')])
  })

  it.each([
    { why: 'a folder that is not there', name: 'nowhere', code: 'DUMP_NOT_FOUND' },
    { why: 'an empty folder', name: 'empty', code: 'NOT_A_DUMP' },
    { why: 'a folder of something else', name: 'taken', code: 'NOT_A_DUMP' },
    { why: 'a file that is no passport', name: 'consortium.json', code: 'NOT_A_PASSPORT' },
  ])('refuses $why', async ({ name, code }) => {
    await mkdir(at('empty'), { recursive: true })
    const refused = await islet('verify', at(name), '--json')
    expect([refused.code, JSON.parse(refused.out).error.code]).toEqual([2, code])
  })

  it('refuses an anchor that is no signed head, naming the file', async () => {
    const { code, out } = await islet('verify', at('dump'), '--json', '--anchor', at('consortium.json'))
    const { error } = JSON.parse(out)
    expect([code, error.code, error.at.file]).toEqual([2, 'NOT_A_SIGNED_HEAD', at('consortium.json')])
    const missing = await islet('verify', at('dump'), '--json', '--anchor', at('no.json'))
    expect([missing.code, JSON.parse(missing.out).error.code]).toEqual([2, 'FILE_NOT_FOUND'])
  })

  it('changes nothing in the dump', async () => {
    const before = await readFile(at('dump/manifest.json'), 'utf8')
    const names = await readdir(at('dump'), { recursive: true })
    await islet('verify', at('dump'))
    expect(await readdir(at('dump'), { recursive: true })).toEqual(names)
    expect(await readFile(at('dump/manifest.json'), 'utf8')).toBe(before)
  })
})
