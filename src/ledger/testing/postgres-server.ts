/** A PostgreSQL server of the test's own: a new cluster in a temporary folder, heard on a Unix socket there and nowhere else. */
import { execFileSync, spawn } from 'node:child_process'
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface PostgresServer {
  readonly url: string
  stop(): Promise<void>
}

const INSTALLED = '/usr/lib/postgresql'

/** Where Debian's programs lie, the newest; undefined where none are installed. */
export async function postgresPrograms(): Promise<string | undefined> {
  const versions = await readdir(INSTALLED).catch(() => [])
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0]
  return newest === undefined ? undefined : join(INSTALLED, newest, 'bin')
}

/** Makes a cluster and starts its server. */
export async function startPostgres(programs: string): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'islet-postgres-'))
  const as = await accountFor(folder)
  const data = join(folder, 'data')
  execFileSync(join(programs, 'initdb'), ['-D', data, '-U', 'islet', '-A', 'trust', '-E', 'UTF8', '-N'], {
    ...as,
    stdio: 'pipe',
  })
  const server = spawn(
    join(programs, 'postgres'),
    ['-D', data, '-k', folder, '-c', 'listen_addresses=', '-c', 'fsync=off'],
    { ...as, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const gone = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    let said = ''
    server.stderr.on('data', (part: Buffer) => {
      said += part.toString()
      if (said.includes('ready to accept connections')) resolve()
    })
    server.once('exit', () => reject(new Error(`the database server ended: ${said}`)))
  })
  return {
    url: `postgres://islet@/postgres?host=${encodeURIComponent(folder)}`,
    stop: async () => {
      // Fast shutdown: sessions that are left are ended.
      server.kill('SIGINT')
      await gone
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** PostgreSQL does not run as root: there it gets the account that its package made. */
async function accountFor(folder: string): Promise<{ readonly uid?: number; readonly gid?: number }> {
  if (process.getuid?.() !== 0) return {}
  const [uid = 0, gid = 0] = ['-u', '-g'].map((which) =>
    Number(execFileSync('id', [which, 'postgres'], { encoding: 'utf8' })),
  )
  await chown(folder, uid, gid)
  return { uid, gid }
}
