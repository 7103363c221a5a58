import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type SignedHead, secp256k1Signer, signHead } from '../../ledger/index.ts'
import { hash32, quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { type HeadBookOptions, openHeadBook } from './head-book.ts'

const isSealer = async (key: string) => key === operator.address
const operator = secp256k1Signer(new Uint8Array(32).fill(7))
const stranger = secp256k1Signer(new Uint8Array(32).fill(8))
const hashOf = (text: string) => hash32(`0x${Buffer.from(text).toString('hex').padStart(64, '0')}`)
const GENESIS = hashOf('genesis')

function head(height: number, of = 'one', by = operator): SignedHead {
  return signHead(
    {
      schema: 'islet.head/1',
      chainId: 42,
      genesisHash: GENESIS,
      height,
      hash: hashOf(`${of} ${height}`),
      timestamp: quantity<UnixSeconds>(1_790_000_000 + height),
      journal: hashOf(`journal ${of} ${height}`),
      operator: by.address,
    },
    by,
  )
}
const block = (height: number, of = 'one') => {
  const { hash, timestamp } = head(height, of)
  return { height, hash, timestamp, parentHash: hashOf('parent') }
}

describe('the heads an institution holds', () => {
  let directory: string
  let options: HeadBookOptions
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'islet-heads-'))
    options = { directory, chainId: 42, genesisHash: GENESIS, isSealer }
  })
  afterEach(() => rm(directory, { recursive: true, force: true }))

  test('are kept once, survive a restart, and are files that a verifier takes as anchors', async () => {
    const book = await openHeadBook(options)
    expect(await book.keep(head(3))).toEqual({ code: 'KEPT' })
    expect(await book.keep(head(3))).toEqual({ code: 'KNOWN' })
    expect(await book.keep(head(5))).toEqual({ code: 'KEPT' })
    expect(await readdir(directory)).toEqual(['000000000003.json', '000000000005.json'])
    const again = await openHeadBook(options)
    expect(again.newest()).toEqual(head(5))
    expect(again.all().map(({ height }) => height)).toEqual([3, 5])
  })

  test('of one height that differ are proof of rewriting, kept for good, and the first stays', async () => {
    const book = await openHeadBook(options)
    await book.keep(head(4))
    expect(await book.keep(head(4, 'another'))).toEqual({ code: 'REWRITTEN', height: 4 })
    expect(book.newest()).toEqual(head(4))
    const again = await openHeadBook(options)
    expect(again.rewritten()).toEqual([4])
    expect(await readdir(directory)).toContain('rewritten-4.json')
  })

  test('are held against what the ledger shows: another block there, or none, is proof too', async () => {
    const book = await openHeadBook(options)
    expect(await book.compare(async () => undefined)).toEqual({ code: 'KNOWN' })
    await book.keep(head(6))
    expect(await book.compare(async (height) => block(height))).toEqual({ code: 'KNOWN' })
    expect(await book.compare(async (height) => block(height, 'another'))).toEqual({
      code: 'REWRITTEN',
      height: 6,
    })
    await book.keep(head(9))
    expect(await book.compare(async () => undefined)).toEqual({ code: 'REWRITTEN', height: 9 })
    expect(book.rewritten()).toEqual([6, 9])
  })

  test('are not held against a ledger that has not come that far here', async () => {
    const book = await openHeadBook(options)
    await book.keep(head(6))
    await book.keep(head(9))
    const short = async (height: number) => (height > 7 ? undefined : block(height))
    expect(await book.compare(short, 7)).toEqual({ code: 'KNOWN' })
    expect(await book.compare(async (height) => block(height, 'another'), 7)).toMatchObject({ height: 6 })
    expect(book.rewritten()).toEqual([6])
  })

  test('may be of several who seal; two of one height that differ are proof then too', async () => {
    const book = await openHeadBook({ ...options, isSealer: async () => true })
    await book.keep(head(4))
    expect(await book.keep(head(4, 'one', stranger))).toEqual({ code: 'KNOWN' })
    expect(await book.keep(head(4, 'another', stranger))).toEqual({ code: 'REWRITTEN', height: 4 })
  })

  test.each([
    ['signed by somebody else', head(2, 'one', stranger)],
    ['with one field changed after it was signed', { ...head(2), hash: hashOf('changed') }],
    ['of another chain', { ...head(2), chainId: 43 }],
  ])('never include a head %s', async (_, wrong) => {
    const book = await openHeadBook(options)
    await expect(book.keep(wrong)).rejects.toMatchObject({ code: 'HEAD_REFUSED' })
    expect(book.all()).toEqual([])
  })

  test('thin out as they age, and the newest stays', async () => {
    const book = await openHeadBook({ ...options, most: 8 })
    for (let height = 1; height <= 40; height++) await book.keep(head(height))
    expect(book.all().length).toBeLessThanOrEqual(8)
    expect(book.newest()?.height).toBe(40)
    expect(book.all()[0]?.height).toBe(1)
    expect((await readdir(directory)).length).toBe(book.all().length)
  })

  test('do not include what a crash left half-written', async () => {
    const book = await openHeadBook(options)
    await book.keep(head(1))
    await writeFile(join(directory, '000000000002.json'), '{"schema":"islet.hea')
    await writeFile(join(directory, '000000000003.json.new'), JSON.stringify(head(3)))
    expect((await openHeadBook(options)).all().map(({ height }) => height)).toEqual([1])
  })
})
