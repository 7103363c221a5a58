/** A PostgreSQL server of the test's own: a new cluster in a temporary folder, heard on a Unix socket there and nowhere else. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface PostgresServer {
  readonly url: string
  /** Ends the server and starts it anew on the same data. */
  restart(): Promise<void>
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
  let server = await running(programs, data, folder, as)
  // Fast shutdown: sessions that are left are ended.
  const end = async (): Promise<void> => {
    const gone = new Promise<void>((resolve) => server.once('exit', () => resolve()))
    server.kill('SIGINT')
    await gone
  }
  return {
    url: `postgres://islet@/postgres?host=${encodeURIComponent(folder)}`,
    restart: async () => {
      await end()
      server = await running(programs, data, folder, as)
    },
    stop: async () => {
      await end()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Starts a server on a cluster and waits until it takes connections. */
async function running(
  programs: string,
  data: string,
  folder: string,
  as: { readonly uid?: number; readonly gid?: number },
): Promise<ChildProcess> {
  const server = spawn(
    join(programs, 'postgres'),
    ['-D', data, '-k', folder, '-c', 'listen_addresses=', '-c', 'fsync=off'],
    { ...as, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  await new Promise<void>((resolve, reject) => {
    let said = ''
    server.stderr.on('data', (part: Buffer) => {
      said += part.toString()
      if (said.includes('ready to accept connections')) resolve()
    })
    server.once('exit', () => reject(new Error(`the database server ended: ${said}`)))
  })
  return server
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
