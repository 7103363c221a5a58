/**
 * `islet doctor`: what is wrong with this machine or data directory, and how to mend it. Changes nothing.
 */
import { constants, promises as fs } from 'node:fs'
import { createServer } from 'node:net'
import { freemem } from 'node:os'
import { dirname, join } from 'node:path'
import type { DoctorDocument } from '../../api/documents.door.ts'
import { examineData } from './doctor-data.ts'
import { EXIT, printDocument } from './outcome.ts'
import { packageRoot } from './package-root.ts'
import type { VerbContext, VerbOutcome } from './verb.ts'

type Check = DoctorDocument['checks'][number]
const MIB = 2 ** 20
const LEAST_FREE_DISK_BYTES = 500 * MIB
const LEAST_FREE_MEMORY_BYTES = 700 * MIB
/** No release of this product is older; a clock before it is wrong. */
const BUILT_AFTER = Date.UTC(2026, 10, 1)

const fine = (name: string, saw: string): Check => ({ name, ok: true, saw, remedy: null })
const wrong = (name: string, saw: string, remedy: string): Check => ({ name, ok: false, saw, remedy })

function node(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  return major > 20 || (major === 20 && minor >= 19)
    ? fine('node', process.version)
    : wrong('node', process.version, 'install Node 20.19 or later')
}

async function engine(): Promise<Check> {
  const name = `anvil-${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`
  const file = process.platform === 'win32' ? 'anvil.exe' : 'anvil'
  const path = join(packageRoot(), 'node_modules', '@foundry-rs', name, 'bin', file)
  return fs.access(path, constants.X_OK).then(
    () => fine('engine', `the ledger's executor is installed (${name})`),
    () =>
      wrong(
        'engine',
        `the ledger's executor for ${process.platform}/${process.arch} is missing`,
        'run npm ci again, without --omit=optional',
      ),
  )
}

/** The nearest folder above that exists. */
async function nearest(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    const there = await fs.stat(at).then(
      (stat) => stat.isDirectory(),
      () => false,
    )
    if (there || dirname(at) === at) return at
  }
}

async function dataDirectory(folder: string): Promise<readonly Check[]> {
  const existing = await nearest(folder)
  const probe = join(existing, `.islet-probe-${process.pid}`)
  const writable = await fs.writeFile(probe, '').then(
    () => fs.rm(probe).then(() => true),
    () => false,
  )
  const checks: Check[] = [
    writable
      ? fine('data directory', existing === folder ? folder : `${folder} (not there yet)`)
      : wrong('data directory', `${existing} cannot be written`, 'choose another with --data DIR'),
  ]
  const { bavail, bsize } = await fs.statfs(existing)
  const free = bavail * bsize
  checks.push(
    free >= LEAST_FREE_DISK_BYTES
      ? fine('disk', `${Math.round(free / MIB)} MiB free`)
      : wrong(
          'disk',
          `${Math.round(free / MIB)} MiB free`,
          'free at least 500 MiB; nothing acknowledged is lost',
        ),
  )
  return checks
}

function memory(): Check {
  const free = freemem()
  const saw = `${Math.round(free / MIB)} MiB free`
  return free >= LEAST_FREE_MEMORY_BYTES ? fine('memory', saw) : wrong('memory', saw, 'close other programs')
}

function clock(): Check {
  const now = Date.now()
  const saw = new Date(now).toISOString()
  return now >= BUILT_AFTER ? fine('clock', saw) : wrong('clock', saw, 'set the clock of this machine')
}

function portFree(port: number): Promise<Check> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () =>
      resolve(wrong('port', `port ${port} is taken`, 'stop the other program or start with --port N')),
    )
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () =>
      server.close(() => resolve(fine('port', `port ${port} is free`))),
    )
  })
}

export async function doctor(context: VerbContext): VerbOutcome {
  const checks = [
    node(),
    await engine(),
    ...(await dataDirectory(context.data)),
    ...(await examineData(context.data)),
    memory(),
    clock(),
    await portFree(8080),
  ]
  const document: DoctorDocument = {
    schema: 'islet.doctor/1',
    ok: checks.every((check) => check.ok),
    checks,
  }
  if (context.json) printDocument(document, context.terminal)
  else {
    for (const { name, ok, saw, remedy } of checks) {
      context.terminal.out(`${ok ? 'ok   ' : 'WRONG'} ${name}: ${saw}\n`)
      if (remedy !== null) context.terminal.out(`        → ${remedy}\n`)
    }
  }
  return document.ok ? EXIT.done : EXIT.checkFailed
}
