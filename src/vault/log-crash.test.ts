import { spawn } from 'node:child_process'
import { appendFile, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { fromUtf8, utf8 } from '../vocabulary/index.ts'
import { logFiles, openAccessLog } from './log.door.ts'
import { LOG_KEY, logSigner, noteVerifier, ORIGIN, record } from './log.suite.ts'
import { verifyLog } from './log-verify.ts'
import { nodeCrypto } from './node-cipher.door.ts'

const parts = { origin: ORIGIN, signer: logSigner, verifier: noteVerifier }
const folders: string[] = []
async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'islet-log-'))
  folders.push(made)
  return made
}
afterAll(async () => {
  for (const made of folders) await rm(made, { recursive: true })
})

/** A process that appends as fast as it can and tells each index once acknowledged; killed after `acknowledged` of them. */
async function killedAfter(directory: string, acknowledged: number): Promise<number> {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const writer = join(import.meta.dirname, 'log-crash.suite.ts')
  const child = spawn(process.execPath, ['--import', loader, writer, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let last = -1
  let text = ''
  child.stdout.setEncoding('utf8')
  child.stdout.on('data', (chunk: string) => {
    text += chunk
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
      last = Number(text.slice(0, end))
      text = text.slice(end + 1)
      if (last >= acknowledged) child.kill('SIGKILL')
    }
  })
  await new Promise((resolve) => child.once('close', resolve))
  return last
}

describe('the access log on a disk', () => {
  it('loses nothing acknowledged when its process is killed, again and again', async () => {
    const directory = await folder()
    let known = 0
    for (const more of [7, 140, 260, 33, 520]) {
      const last = await killedAfter(directory, known + more)
      const log = await openAccessLog(directory, parts)
      expect(log.size).toBeGreaterThan(last)
      expect((await log.entries(0, log.size)).map(fromUtf8)).toEqual(
        Array.from({ length: log.size }, (_, i) => `entry ${i}`),
      )
      await log.checkpoint()
      known = log.size
      await log.close()
    }
    const verdict = await verifyLog(logFiles(directory), {
      ...parts,
      keys: [logSigner.publicKey],
      crypto: nodeCrypto,
    })
    expect(verdict.size).toBe(known)
    expect(new Set(verdict.findings.map(({ code }) => code))).toEqual(new Set(['LOG_ENTRY_MALFORMED']))
  })

  it('cuts off a torn tail and goes on behind it', async () => {
    const directory = await folder()
    const log = await openAccessLog(directory, parts)
    for (let n = 0; n < 3; n++) await log.append(record(n), LOG_KEY)
    await log.close()
    await appendFile(
      join(directory, 'tail/0'),
      Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16),
    )
    const opened = await openAccessLog(directory, parts)
    expect(opened.size).toBe(3)
    await opened.append(record(3), LOG_KEY)
    await opened.checkpoint()
    await opened.close()
    const verdict = await verifyLog(logFiles(directory), {
      ...parts,
      keys: [logSigner.publicKey],
      crypto: nodeCrypto,
      logKeys: [LOG_KEY],
    })
    expect(verdict).toMatchObject({ findings: [], size: 4, opened: 4 })
  })

  it('keeps its files to itself and leaves no half-written ones', async () => {
    const directory = await folder()
    const log = await openAccessLog(directory, parts)
    await log.appendEntries(Array.from({ length: 300 }, (_, i) => utf8(`e${i}`)))
    await log.checkpoint()
    await log.close()
    const names = await readdir(directory, { recursive: true })
    expect(names.filter((name) => name.endsWith('.new'))).toEqual([])
    expect((await stat(join(directory, 'checkpoint'))).mode & 0o077).toBe(0)
  })

  it('refuses with a code a directory that is none of its own', async () => {
    const directory = await folder()
    await writeFile(join(directory, 'tail'), 'a file where a folder should be')
    await expect(openAccessLog(directory, parts)).rejects.toMatchObject({ code: 'LOG_DISK_FAILED' })
  })
})
