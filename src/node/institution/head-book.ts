/**
 * The signed heads that an institution holds, in its own directory, one file each.
 *
 * Law: a head counts only with a sealer's signature over this ledger (the one operator's, or any member's on a
 * consortium); two heads of one height that differ are proof of
 * rewriting and are both kept for good, as is a head whose block the ledger no longer shows (PROTOCOL 18). What is held is
 * thinned out as it ages, never the proofs, never the newest.
 */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { serially } from '../../consent/index.ts'
import { type Head, parseSignedHead, type SignedHead, verifyHead } from '../../ledger/index.ts'
import { type Address, type Hash32, IsletError } from '../../vocabulary/index.ts'
import { writeDocumentFile } from './document-file.ts'

export interface HeadBookOptions {
  readonly directory: string
  readonly chainId: number
  readonly genesisHash: Hash32
  /** Whether this address seals heads of the ledger. */
  readonly isSealer: (address: Address) => Promise<boolean>
  /** Heads kept before every second of the older half is let go. */
  readonly most?: number
}

export type Kept =
  | { readonly code: 'KEPT' | 'KNOWN' }
  /** Another head of that height is held: the operator showed two histories. */
  | { readonly code: 'REWRITTEN'; readonly height: number }

export interface HeadBook {
  newest(): SignedHead | undefined
  /** Ascending. */
  all(): readonly SignedHead[]
  /** Heights of which proof of rewriting is held. */
  rewritten(): readonly number[]
  /** Takes a head in, durable when it returns. Throws `HEAD_REFUSED`. */
  keep(head: SignedHead): Promise<Kept>
  /**
   * Holds the newest head, or the newest up to a height that the own ledger has reached, against what it shows now.
   */
  compare(block: (height: number) => Promise<Head | undefined>, upTo?: number): Promise<Kept>
}

const MOST = 256
const DIGITS = 12

/** Opens the book; what a crash left half-written is no head and is left out. */
export async function openHeadBook(options: HeadBookOptions): Promise<HeadBook> {
  const { directory, most = MOST } = options
  const held = new Map<number, SignedHead>()
  const rewritten = new Set<number>()
  await mkdir(directory, { recursive: true, mode: 0o700 })
  for (const name of await readdir(directory)) {
    const proof = /^rewritten-(\d+)\.json$/.exec(name)
    if (proof !== null) rewritten.add(Number(proof[1]))
    if (!/^\d+\.json$/.test(name)) continue
    const head = parsed(await readFile(join(directory, name), 'utf8'))
    if (head !== undefined && (await isOfThisLedger(head, options))) held.set(head.height, head)
  }
  const sorted = (): SignedHead[] => [...held.values()].sort((a, b) => a.height - b.height)
  const pathOf = (height: number): string => join(directory, `${String(height).padStart(DIGITS, '0')}.json`)

  const prove = async (height: number, proof: object): Promise<Kept> => {
    if (!rewritten.has(height)) {
      await writeDocumentFile(join(directory, `rewritten-${height}.json`), {
        schema: 'islet.rewritten/1',
        ...proof,
      })
      rewritten.add(height)
    }
    return { code: 'REWRITTEN', height }
  }

  const thin = async (): Promise<void> => {
    if (held.size <= most) return
    const older = sorted().slice(0, Math.floor(held.size / 2))
    for (const [index, { height }] of older.entries()) {
      if (index % 2 === 0) continue
      held.delete(height)
      await rm(pathOf(height), { force: true })
    }
  }

  const keepOne = async (head: SignedHead): Promise<Kept> => {
    if (!(await isOfThisLedger(head, options)) || !verifyHead(head, head.operator)) {
      throw new IsletError('HEAD_REFUSED', 'the head is not signed by who seals this ledger', {
        height: head.height,
      })
    }
    const known = held.get(head.height)
    if (known !== undefined) {
      if (known.hash === head.hash && known.journal === head.journal) return { code: 'KNOWN' }
      return prove(head.height, { held: known, shown: head })
    }
    await writeDocumentFile(pathOf(head.height), head)
    held.set(head.height, head)
    await thin()
    return { code: 'KEPT' }
  }

  const inTurn = serially()
  const newest = (): SignedHead | undefined => sorted().at(-1)

  return {
    newest,
    all: sorted,
    rewritten: () => [...rewritten].sort((a, b) => a - b),
    keep: (head) => inTurn(() => keepOne(head)),
    compare: (block, upTo = Number.POSITIVE_INFINITY) =>
      inTurn(async () => {
        const head = sorted().findLast(({ height }) => height <= upTo)
        if (head === undefined) return { code: 'KNOWN' }
        const shown = await block(head.height)
        if (shown?.hash === head.hash) return { code: 'KNOWN' }
        return prove(head.height, { held: head, shown: shown ?? null })
      }),
  }
}

async function isOfThisLedger(head: SignedHead, options: HeadBookOptions): Promise<boolean> {
  const { chainId, genesisHash, isSealer } = options
  return head.chainId === chainId && head.genesisHash === genesisHash && (await isSealer(head.operator))
}

function parsed(text: string): SignedHead | undefined {
  try {
    return parseSignedHead(JSON.parse(text))
  } catch {
    return undefined
  }
}
