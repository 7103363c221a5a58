/**
 * Where a projection keeps its rows: a port of few verbs, with an implementation in memory.
 *
 * Law: `apply` is all or nothing; `rewind` leaves exactly what blocks up to the height had made; `digest` depends on
 * the content alone, so that two stores can be compared.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { canonicalJson, type Hash32, type Json, toHex, utf8 } from '../vocabulary/index.ts'
import type { ContractEvent } from './contract-events.ts'
import type { Head } from './port.ts'
import {
  type AnchorRow,
  type Change,
  type ConsentRow,
  changeOf,
  type InstitutionRow,
  type ProjectionReads,
  type RequestRow,
} from './projection.ts'

export interface BlockEvents {
  readonly block: Head
  readonly events: readonly ContractEvent[]
}

export interface ProjectionStore extends ProjectionReads {
  /** The last block taken in, or undefined. */
  head(): Promise<Head | undefined>
  /** Blocks with events that were taken in, newest first, from a height downwards. */
  blocksBelow(height: number, limit: number): Promise<readonly Head[]>
  apply(blocks: readonly BlockEvents[]): Promise<void>
  /** Forgets everything above a block; undefined forgets all. */
  rewind(to: Head | undefined): Promise<void>
  /** SHA-256 over all rows in a fixed order. */
  digest(): Promise<Hash32>
}

/** Digest of rows, whatever order they come in. */
export function digestOf(tables: Readonly<Record<string, readonly object[]>>): Hash32 {
  const hash = sha256.create()
  for (const [name, rows] of Object.entries(tables).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const lines = rows.map((row) => canonicalJson(row as Json)).sort()
    hash.update(utf8(`${name} ${rows.length}\n${lines.join('\n')}\n`))
  }
  return toHex(hash.digest()) as Hash32
}

const anchorName = (institution: string, stream: number, slot: number): string =>
  `${institution} ${stream} ${slot}`

/** Everything in maps: for tests, for the verifier, and for a node without a database. */
export class MemoryStore implements ProjectionStore {
  #blocks: BlockEvents[] = []
  #head: Head | undefined
  readonly #consents = new Map<string, ConsentRow>()
  readonly #institutions = new Map<string, InstitutionRow>()
  readonly #anchors = new Map<string, AnchorRow>()
  readonly #requests = new Map<string, RequestRow>()

  async head(): Promise<Head | undefined> {
    return this.#head
  }

  async blocksBelow(height: number, limit: number): Promise<readonly Head[]> {
    const below = this.#blocks.filter(({ block }) => block.height < height).map(({ block }) => block)
    return below.reverse().slice(0, limit)
  }

  async apply(blocks: readonly BlockEvents[]): Promise<void> {
    for (const entry of blocks) {
      if (entry.events.length > 0) this.#blocks.push(entry)
      this.#head = entry.block
      for (const event of entry.events) this.#change(changeOf(event), entry.block.height)
    }
  }

  async rewind(to: Head | undefined): Promise<void> {
    const kept = this.#blocks.filter(({ block }) => to !== undefined && block.height <= to.height)
    this.#blocks = []
    this.#head = undefined
    for (const table of [this.#consents, this.#institutions, this.#anchors, this.#requests]) table.clear()
    await this.apply(kept)
    this.#head = to
  }

  async digest(): Promise<Hash32> {
    return digestOf({
      consents: [...this.#consents.values()],
      institutions: [...this.#institutions.values()],
      anchors: [...this.#anchors.values()],
      requests: [...this.#requests.values()],
    })
  }

  consent: ProjectionReads['consent'] = async (id) => this.#consents.get(id)
  institution: ProjectionReads['institution'] = async (id) => this.#institutions.get(id)
  institutions: ProjectionReads['institutions'] = async () =>
    [...this.#institutions.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  institutionOf: ProjectionReads['institutionOf'] = async (key) =>
    [...this.#institutions.values()].find(({ ledgerKey }) => ledgerKey === key)
  anchor: ProjectionReads['anchor'] = async (institution, stream, slot) =>
    this.#anchors.get(anchorName(institution, stream, slot))
  anchors: ProjectionReads['anchors'] = async ({ institution, stream, fromSlot = 0, toSlot = Infinity }) =>
    [...this.#anchors.values()]
      .filter((row) => row.institution === institution && row.stream === stream)
      .filter(({ slot }) => slot >= fromSlot && slot <= toSlot)
      .sort((a, b) => a.slot - b.slot)
  request: ProjectionReads['request'] = async (institution, commitment) =>
    this.#requests.get(`${institution} ${commitment}`)
  counts: ProjectionReads['counts'] = async () => ({
    consents: this.#consents.size,
    revoked: [...this.#consents.values()].filter(({ state }) => state === 'REVOKED').length,
    anchors: this.#anchors.size,
    requests: this.#requests.size,
    institutions: this.#institutions.size,
  })

  #change(change: Change | undefined, height: number): void {
    if (change === undefined) return
    switch (change.is) {
      case 'granted': {
        const { consentId, signer, commitment, expiryDay } = change
        this.#consents.set(consentId, {
          consentId,
          signer,
          commitment,
          state: 'ACTIVE',
          expiryDay,
          grantedHeight: height,
          revokedHeight: null,
        })
        return
      }
      case 'revoked': {
        const { consentId, signer } = change
        const before = this.#consents.get(consentId) ?? TOMBSTONE
        this.#consents.set(consentId, {
          ...before,
          consentId,
          signer,
          state: 'REVOKED',
          revokedHeight: height,
        })
        return
      }
      case 'institution':
        this.#institutions.set(change.row.id, change.row)
        return
      case 'institution-changed': {
        const before = this.#institutions.get(change.id)
        if (before !== undefined) this.#institutions.set(change.id, { ...before, ...change.fields })
        return
      }
      case 'anchored':
        this.#anchors.set(anchorName(change.row.institution, change.row.stream, change.row.slot), change.row)
        return
      case 'corrected': {
        const name = anchorName(change.institution, change.stream, change.slot)
        const before = this.#anchors.get(name)
        if (before !== undefined) this.#anchors.set(name, { ...before, corrects: change.corrects })
        return
      }
      case 'requested':
        this.#requests.set(`${change.row.institution} ${change.row.commitment}`, change.row)
        return
      default:
        change satisfies never
    }
  }
}

/** What a revoke leaves when no grant came before it. */
const TOMBSTONE = { commitment: null, expiryDay: null, grantedHeight: null } as const
