/**
 * Whether the node can serve: each part is really asked.
 */
import { constants } from 'node:fs'
import { access, statfs } from 'node:fs/promises'
import { isIsletError } from '../../vocabulary/index.ts'
import type { ReadyCheck } from '../http/own-handlers.ts'
import type { Consortium } from '../world/consortium.ts'

const LEAST_FREE_BYTES = 50 * 2 ** 20

/** Ledger, institutions' logs, disk and read model. */
export async function readiness(
  consortium: Consortium,
  projection: () => Promise<unknown>,
): Promise<readonly ReadyCheck[]> {
  const state = consortium.ledger.state()
  return Promise.all([
    state.status === 'running'
      ? tried('ledger', () => consortium.ledger.read({ to: consortium.deployment.membership, data: '0x' }))
      : Promise.resolve({ name: 'ledger', ok: false, code: state.code }),
    tried('institutions', async () => {
      await Promise.all([...consortium.hosted.values()].map(({ log }) => log.root(log.size)))
    }),
    tried('disk', async () => {
      await access(consortium.directory, constants.W_OK)
      const { bavail, bsize } = await statfs(consortium.directory)
      if (bavail * bsize < LEAST_FREE_BYTES) throw new Error('full')
    }),
    tried('projection', projection),
  ])
}

const SYSTEM: Readonly<Record<string, string>> = {
  disk: 'DISK_FULL',
  ledger: 'LEDGER_UNREADABLE',
  institutions: 'LOG_DISK_FAILED',
  projection: 'NOT_READY',
}

async function tried(name: string, work: () => Promise<unknown>): Promise<ReadyCheck> {
  try {
    await work()
    return { name, ok: true }
  } catch (error) {
    if (isIsletError(error, 'CALL_REVERTED')) return { name, ok: true }
    return { name, ok: false, code: isIsletError(error) ? error.code : (SYSTEM[name] ?? 'NOT_READY') }
  }
}
