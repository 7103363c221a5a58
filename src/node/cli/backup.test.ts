import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lockDataDirectory } from '../../ledger/lock.door.ts'
import { nodeErasureList } from '../../vault/erasure.door.ts'
import { ranHere } from './testing/ran-here.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'islet-backup-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const islet = (...argv: readonly string[]) => ranHere([...argv, '--json'])

function put(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}
const read = (path: string): string => readFileSync(join(folder, path), 'utf8')
const codeOf = (out: string): string => (JSON.parse(out) as { error: { code: string } }).error.code

describe('backup and restore', () => {
  it('bring every file back to the byte, and leave out what is rebuilt', async () => {
    put('data/ledger/journal', 'journal \u0000 bytes')
    put('data/institutions/north/objects/ab/cid', 'sealed')
    put('data/projection/db', 'rebuilt anyway')
    const file = join(folder, 'backup.tar.gz')
    expect((await islet('backup', file, '--data', join(folder, 'data'))).code).toBe(0)
    expect((await islet('restore', file, '--data', join(folder, 'again'))).code).toBe(0)
    expect(read('again/ledger/journal')).toBe('journal \u0000 bytes')
    expect(read('again/institutions/north/objects/ab/cid')).toBe('sealed')
    expect(() => read('again/projection/db')).toThrow()
  })

  it('never overwrite: a backup that is there, a directory that holds something', async () => {
    put('data/ledger/journal', 'x')
    put('backup.tar.gz', 'precious')
    put('full/ledger/journal', 'mine')
    const file = join(folder, 'backup.tar.gz')
    expect(codeOf((await islet('backup', file, '--data', join(folder, 'data'))).out)).toBe('FILE_EXISTS')
    expect(read('backup.tar.gz')).toBe('precious')
    const other = join(folder, 'other.tar.gz')
    await islet('backup', other, '--data', join(folder, 'data'))
    const refused = await islet('restore', other, '--data', join(folder, 'full'))
    expect([refused.code, codeOf(refused.out)]).toEqual([2, 'DIRECTORY_NOT_EMPTY'])
    expect(read('full/ledger/journal')).toBe('mine')
  })

  it('leave nothing when they are interrupted, and say so in their one document', async () => {
    put('data/ledger/journal', 'x')
    const file = join(folder, 'backup.tar.gz')
    const data = ['--data', join(folder, 'data'), '--json']
    expect((await ranHere(['backup', file, ...data])).code).toBe(0)
    for (const args of [
      ['backup', join(folder, 'other.tar.gz'), ...data],
      ['restore', file, '--data', join(folder, 'again'), '--json'],
    ]) {
      const { code, out } = await ranHere(args, AbortSignal.abort('SIGINT'))
      expect([code, codeOf(out)]).toEqual([130, 'INTERRUPTED'])
    }
    expect(readdirSync(folder).sort()).toEqual(['backup.tar.gz', 'data'])
  })

  it.each([
    { why: 'cut short', harm: (bytes: Buffer) => bytes.subarray(0, bytes.length - 40) },
    {
      why: 'changed in one byte',
      harm: (bytes: Buffer) => {
        const copy = Buffer.from(bytes)
        copy[bytes.length >> 1] = (copy[bytes.length >> 1] ?? 0) ^ 4
        return copy
      },
    },
    { why: 'no backup at all', harm: () => Buffer.from('hello') },
  ])('refuse a backup that is $why and leave nothing behind', async ({ harm }) => {
    put('data/ledger/journal', 'x'.repeat(5000))
    put('data/node.key', Array.from({ length: 900 }, (_, i) => (i * 7919) % 97).join(' '))
    const file = join(folder, 'backup.tar.gz')
    await islet('backup', file, '--data', join(folder, 'data'))
    writeFileSync(file, harm(readFileSync(file)))
    const { code, out } = await islet('restore', file, '--data', join(folder, 'again'))
    expect([code, codeOf(out)]).toEqual([2, 'BACKUP_DAMAGED'])
    expect(() => read('again/ledger/journal')).toThrow()
  })

  it('refuse while a node holds the data directory', async () => {
    put('data/ledger/journal', 'x')
    const lock = await lockDataDirectory(join(folder, 'data'))
    const { code, out } = await islet('backup', join(folder, 'b.tar.gz'), '--data', join(folder, 'data'))
    await lock.release()
    expect([code, codeOf(out)]).toEqual([3, 'DATA_IN_USE'])
  })

  it('do not bring back who was erased after the backup', async () => {
    const list = (root: string) => nodeErasureList(join(folder, root, 'institutions/north/erasures'))
    await list('data').add(['11'.repeat(32)])
    put('data/ledger/journal', 'x')
    const file = join(folder, 'backup.tar.gz')
    await islet('backup', file, '--data', join(folder, 'data'))
    await list('wiped').add(['22'.repeat(32)])
    expect((await islet('restore', file, '--data', join(folder, 'wiped'))).code).toBe(0)
    expect([...(await list('wiped').read())].sort()).toEqual(['11'.repeat(32), '22'.repeat(32)])
    expect(read('wiped/ledger/journal')).toBe('x')
  })
})
