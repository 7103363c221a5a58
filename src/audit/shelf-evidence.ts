/**
 * What an institution's documents show an auditor: closed slots and what their leaves stand for, its own reads, the erased.
 *
 * Laws: of a patient's document only the destroyable salt key is used, to derive the salts of single leaves; no handle,
 * name or key of a person is given on. Layout of the documents: consent/slot-book.ts, custody.ts, results.ts, reader-agent.ts.
 */
import Type, { type Static } from 'typebox'
import { Base64UrlField, CidField, Hash32Field, KindField } from '../api/index.ts'
import { type Shelf, SignedAnalysisSchema, shelfPart } from '../consent/index.ts'
import {
  erasureEntry,
  leafSalt,
  paddedCount,
  type SaltHasher,
  saltedLeafHash,
  type TreeHasher,
} from '../vault/index.ts'
import {
  type Bytes,
  type Cid,
  concat,
  fromBase64Url,
  fromUtf8,
  type Hash32,
  IsletError,
  institutionId,
  KINDS,
  toBase64Url,
  utf8,
} from '../vocabulary/index.ts'
import { type DumpBatch, type DumpRead, type DumpResult, type DumpSlot, parse } from './dump-format.ts'

const Count = Type.Integer({ minimum: 0 })
const Padding = Type.Object({ key: Base64UrlField })
const Chunk = Type.Object({
  kind: KindField,
  hour: Count,
  revision: Count,
  overflow: Count,
  cid: CidField,
  part: Count,
})
const Note = Type.Union([
  Type.Object({ patient: Type.String(), chunks: Type.Array(Chunk) }),
  Type.Object({ erased: Type.String({ pattern: '^[0-9a-f]{64}$' }) }),
  Type.Object({ analysis: Hash32Field }),
])
const Closed = Type.Object({
  leaves: Base64UrlField,
  root: Hash32Field,
  count: Count,
  block: Count,
  batches: Type.Array(Type.Object({ first: Count, count: Count, note: Note })),
})
type Placed = Static<typeof Closed>['batches'][number]
const Result = Type.Object({
  analysis: SignedAnalysisSchema,
  salt: Base64UrlField,
  slot: Count,
  index: Count,
})
const PatientSalt = Type.Object({ id: Type.String(), saltKey: Base64UrlField })
const Read = Type.Object({ consentId: Hash32Field, at: Type.Number(), block: Count, count: Count })
const Grant = Type.Object({ consentId: Hash32Field, custodian: Hash32Field })

const HASH_BYTES = 32
const NOTHING = new Uint8Array(0)

export interface ShelfEvidence {
  /** Closed slots in order; `stands` only when asked for. `placed` hears of every object that a leaf stands for. */
  slots(options: {
    readonly stands: boolean
    readonly placed: (cid: Cid, block: number) => void
  }): AsyncGenerator<DumpSlot>
  reads(): AsyncGenerator<DumpRead>
  /** Recorded results, those of open slots too. */
  results(): AsyncGenerator<DumpResult>
  /** Entries of the erasure list, sorted. */
  erased(): Promise<readonly string[]>
}

export function shelfEvidence(shelf: Shelf, hasher: TreeHasher & SaltHasher): ShelfEvidence {
  const slots = shelfPart(shelf, 'slots')
  return {
    slots: async function* ({ stands, placed }) {
      const padding = await document(slots, 'padding', Padding)
      const salts = await saltKeys(shelf)
      for (const name of await slots.list('closed/')) {
        const closed = await document(slots, name, Closed)
        if (closed === undefined || padding === undefined) throw damaged(name)
        const slot = numberOf(name)
        const own = fromBase64Url(closed.leaves)
        const filling = paddingOf(own.length / HASH_BYTES, fromBase64Url(padding.key), slot, hasher)
        const { root, count, block } = closed
        const leaves = toBase64Url(
          concat(own, ...filling.map((salt) => saltedLeafHash(salt, NOTHING, hasher))),
        )
        const told: DumpBatch[] = []
        for (const batch of closed.batches) {
          const one = batchOf(batch, slot, salts, hasher)
          if ('leaves' in one) for (const leaf of one.leaves) placed(leaf.cid, block)
          told.push(one)
        }
        yield {
          slot,
          root,
          count,
          block,
          leaves,
          ...(stands ? { stands: { batches: told, padding: toBase64Url(concat(...filling)) } } : {}),
        }
      }
    },
    reads: async function* () {
      const custodians = new Map<Hash32, Hash32>()
      for (const name of await shelf.list('grants/')) {
        const grant = await document(shelf, name, Grant)
        if (grant !== undefined) custodians.set(grant.consentId, grant.custodian)
      }
      for (const name of await shelf.list('reader/reads/')) {
        const read = await document(shelf, name, Read)
        if (read === undefined) throw damaged(name)
        const custodian = custodians.get(read.consentId)
        yield {
          consent: read.consentId,
          custodian: custodian === undefined ? null : institutionId(custodian),
          at: read.at,
          block: read.block,
          count: read.count,
        }
      }
    },
    results: async function* () {
      for (const name of await shelf.list('results/')) {
        const result = await document(shelf, name, Result)
        if (result === undefined) throw damaged(name)
        const { analysis, salt, slot, index } = result
        yield { analysis, salt, slot, index }
      }
    },
    erased: async () => {
      const bytes = await shelf.get('erased')
      return bytes === undefined ? [] : entriesOf(fromUtf8(bytes))
    },
  }
}

/** Entries out of an erasure list, whichever of the two spellings it has. */
export function entriesOf(text: string): readonly string[] {
  return [...new Set(text.split('\n').filter((entry) => /^[0-9a-f]{64}$/.test(entry)))].toSorted()
}

/** Salts of the leaves that fill a slot up (vault/merkle-slot.ts). */
function paddingOf(real: number, key: Bytes, slot: number, hasher: SaltHasher): readonly Bytes[] {
  const all = paddedCount(real)
  return Array.from({ length: all - real }, (_, i) => leafSalt(key, nameOfSlot(slot), real + i, hasher))
}

/** As the slot book names a slot in salts and padding. */
function nameOfSlot(slot: number): Bytes {
  return utf8(`slot ${slot}`)
}

async function saltKeys(shelf: Shelf): Promise<ReadonlyMap<string, Bytes>> {
  const keys = new Map<string, Bytes>()
  for (const name of await shelf.list('people/patients/')) {
    const patient = await document(shelf, name, PatientSalt)
    if (patient !== undefined) keys.set(patient.id, fromBase64Url(patient.saltKey))
  }
  return keys
}

function batchOf(
  { first, count, note }: Placed,
  slot: number,
  salts: ReadonlyMap<string, Bytes>,
  hasher: TreeHasher & SaltHasher,
): DumpBatch {
  if ('analysis' in note) return { analysis: note.analysis }
  if ('erased' in note) return { erased: count, entry: note.erased }
  const key = salts.get(note.patient)
  // The patient's document goes before the notes of their leaves do: an erasure that a crash broke off.
  if (key === undefined) return { erased: count, entry: erasureEntry(note.patient, hasher) }
  return {
    leaves: note.chunks.map(({ kind, hour, revision, overflow, cid, part }, i) => ({
      cid,
      part,
      kind: KINDS.indexOf(kind),
      hour,
      revision,
      overflow,
      salt: toBase64Url(leafSalt(key, nameOfSlot(slot), first + i, hasher)),
    })),
  }
}

function numberOf(name: string): number {
  return Number(name.split('/')[1])
}

async function document<S extends Parameters<typeof parse>[0]>(shelf: Shelf, name: string, schema: S) {
  const bytes = await shelf.get(name)
  return bytes === undefined ? undefined : parse(schema, fromUtf8(bytes))
}

function damaged(name: string): IsletError {
  return new IsletError(
    'SHELF_DAMAGED',
    'a document of an institution cannot be read',
    {},
    { at: { file: name.split('/').slice(0, 2).join('/') }, remedy: 'Restore the directory from a backup.' },
  )
}
