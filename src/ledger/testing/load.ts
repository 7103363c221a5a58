/** Work for a consortium under test: lanes that submit one call after another, and what was acknowledged. */
import { CONSORTIUM_CONTRACTS } from '../consortium.door.ts'
import type { Ledger, Receipt } from '../port.ts'
import { hashOf, signerOf } from './fixtures.ts'

export interface Load {
  /** Receipts so far. */
  readonly acknowledged: readonly Receipt[]
  /** Lets every lane end its call. Throws what a lane met. */
  end(): Promise<readonly Receipt[]>
}

/** Starts so many lanes; names of one trial make its keys. */
export function startLoad(ledger: Ledger, trial: string, lanes: number): Load {
  const acknowledged: Receipt[] = []
  let isOver = false
  const lane = async (place: number): Promise<void> => {
    const by = signerOf(`${trial} lane ${place}`)
    for (let turn = 0; !isOver; turn++) {
      const keys = [hashOf(`${trial} ${place} ${turn}`)]
      acknowledged.push(
        await ledger.submit({ to: CONSORTIUM_CONTRACTS.consents, data: '0x', gas: 100_000 }, { by, keys }),
      )
    }
  }
  const running = Promise.all(Array.from({ length: lanes }, (_, place) => lane(place)))
  running.catch(() => undefined)
  return {
    acknowledged,
    end: async () => {
      isOver = true
      await running
      return acknowledged
    },
  }
}

/** A block as one node's consensus has it: its hash, and the application's hash of the state before it. */
export async function blockAt(comet: string, height: number): Promise<string | undefined> {
  try {
    const answer = await fetch(`http://${comet}/commit?height=${height}`, {
      signal: AbortSignal.timeout(5_000),
    })
    const { result } = (await answer.json()) as {
      result?: { signed_header: { header: { app_hash: string }; commit: { block_id: { hash: string } } } }
    }
    const header = result?.signed_header
    return header === undefined ? undefined : `${header.commit.block_id.hash} ${header.header.app_hash}`
  } catch {
    return undefined
  }
}
