/**
 * The node as it is run, `islet start` in a process of its own: memory when idle, and the time until it is ready.
 *
 * Memory is resident memory of the process and of the executor that it starts, ten institutions in it, some time after
 * the last request. The first start plays the story first and is printed apart. The last rows start on a ledger that was
 * filled with grants.
 */
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Relay, secp256k1Signer, signGrant } from '../src/ledger/index.ts'
import { openConsortium } from '../src/node/world.door.ts'
import { hash32, toHex } from '../src/vocabulary/index.ts'
import { residentMiB, startIslet } from './support/process-tree.ts'
import { median, type Row, row } from './support/rows.ts'

const MEMORY_MIB = 700
const START_MS = 5000
const IN_FLIGHT = 400

export async function bench({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const [idleMs, starts, grants] = quick ? [5_000, 2, [500]] : [20_000, 5, [2_000, 8_000]]
  const directory = await mkdtemp(join(tmpdir(), 'islet-bench-'))
  const rows: Row[] = []
  try {
    const first = await measured(directory, idleMs)
    rows.push(
      row('first start, the story told in it, until ready', first.readyMs, 'ms', null, null, 1),
      memory('memory after the first start, story told', first.tree, 1),
    )
    rows.push(...(await again(directory, 'on the data of the story', starts, idleMs)))
    for (const count of grants) {
      const journal = await fill(directory, count)
      const size = `${(journal / 2 ** 20).toFixed(1)} MiB of journal, ${count} grants more`
      rows.push(...(await again(directory, size, Math.min(starts, 3), idleMs)))
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
  return rows
}

async function again(directory: string, on: string, starts: number, idleMs: number): Promise<readonly Row[]> {
  const all = []
  for (let i = 0; i < starts; i++) all.push(await measured(directory, i === 0 ? idleMs : 500))
  const readyMs = median(all.map((one) => one.readyMs))
  const [one] = all
  return [
    row(`start ${on}, until ready`, readyMs, 'ms', `the bound of ${START_MS} ms`, START_MS, starts),
    ...(one === undefined ? [] : [memory(`memory idle, ${on}`, one.tree, 1)]),
  ]
}

type Tree = ReturnType<typeof residentMiB>

async function measured(
  directory: string,
  idleMs: number,
): Promise<{ readonly readyMs: number; readonly tree: Tree }> {
  const node = await startIslet(directory)
  try {
    await new Promise((resolve) => setTimeout(resolve, idleMs))
    return { readyMs: node.readyMs, tree: residentMiB(node.pid) }
  } finally {
    await node.stop()
  }
}

function memory(name: string, tree: Tree, runs: number): Row {
  const total = tree.reduce((sum, { mib }) => sum + mib, 0)
  const parts = tree.map((one) => `${one.name} ${Math.round(one.mib)}`).join(', ')
  return row(`${name} (${parts} MiB)`, total, 'MiB', `the bound of ${MEMORY_MIB} MiB`, MEMORY_MIB, runs)
}

/** Puts single grants on the ledger of a directory, as a busy year would; gives the journal’s length in bytes. */
async function fill(directory: string, count: number): Promise<number> {
  const town = await openConsortium({ directory })
  try {
    const { ledger, deployment } = town
    const domain = { chainId: ledger.chainId, consents: deployment.consents }
    const by = secp256k1Signer(town.house('meadow').keys.ledgerKey)
    const relay = new Relay({ ledger, deployment, by, batchItems: 1 })
    const mark = String(performance.now())
    let next = 0
    await Promise.all(
      Array.from({ length: IN_FLIGHT }, async () => {
        for (let i = next++; i < count; i = next++) {
          const commitment = hash32(toHex(createHash('sha256').update(`${mark} ${i}`).digest()))
          const key = secp256k1Signer(createHash('sha256').update(`key ${mark} ${i}`).digest())
          const words = { commitment, expiryDay: 42_000, nonce: 0n, deadline: 3_600_000_000n }
          const { code } = await relay.grant(signGrant(domain, key, words))
          if (code !== 'GRANTED') throw new Error(`a grant was not granted: ${code}`)
        }
      }),
    )
    return town.embedded?.figures.journalBytes ?? 0
  } finally {
    await town.close()
  }
}
