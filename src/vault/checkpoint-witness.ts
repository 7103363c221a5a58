/**
 * Witnesses: other members that sign a log's checkpoint after checking that it grew out of the last one they saw,
 * so that a log cannot show two histories without two of its members lying.
 *
 * Law: a witness never cosigns a head that is smaller than, or inconsistent with, one it cosigned before; the new
 * head is kept durably before the cosignature is handed out.
 * Source: C2SP tlog-cosignature (Ed25519, cosignature/v1) and tlog-witness (add-checkpoint).
 */
import { type Bytes, concat, equalBytes, type UnixSeconds, uint64, utf8 } from '../vocabulary/index.ts'
import {
  NOTE_TYPES,
  type Note,
  type NoteKey,
  type NoteSigner,
  type NoteVerifier,
  noteKeyId,
  readCheckpoint,
  signatureLine,
  type TreeHead,
} from './checkpoint-note.ts'
import type { TreeHasher } from './merkle-hash.ts'
import { verifyConsistency } from './merkle-proof.ts'

/** A witness's statement under a checkpoint. */
export interface Cosignature {
  readonly name: string
  /** When the witness signed, seconds since 1970. */
  readonly at: number
}

/** The signature line of a witness over a checkpoint's text. */
export function cosign(
  text: string,
  witness: { readonly name: string; readonly signer: NoteSigner },
  at: UnixSeconds,
  hasher: TreeHasher,
): string {
  const time = Math.floor(at)
  const key = { name: witness.name, publicKey: witness.signer.publicKey }
  const signature = witness.signer.sign(cosignedBytes(text, time))
  return signatureLine(
    witness.name,
    noteKeyId(key, NOTE_TYPES.cosignature, hasher),
    concat(uint64(time), signature),
  )
}

/** The cosignatures of known witnesses under a note. One that fails to verify is named in `false`. */
export function cosignatures(
  note: Note,
  witnesses: readonly NoteKey[],
  verifier: NoteVerifier,
  hasher: TreeHasher,
): { readonly valid: readonly Cosignature[]; readonly false: readonly string[] } {
  const valid: Cosignature[] = []
  const wrong: string[] = []
  for (const witness of witnesses) {
    const id = noteKeyId(witness, NOTE_TYPES.cosignature, hasher)
    for (const line of note.signatures) {
      if (line.name !== witness.name || !equalBytes(line.keyId, id)) continue
      const at = line.signature.length === 72 ? timestamp(line.signature) : -1
      const holds =
        at >= 0 &&
        verifier.verify(witness.publicKey, cosignedBytes(note.text, at), line.signature.subarray(8))
      if (holds) valid.push({ name: witness.name, at })
      else wrong.push(witness.name)
    }
  }
  return { valid, false: wrong }
}

/** Where a witness keeps the newest head per log; `replace` is durable and fails if the head moved meanwhile. */
export interface WitnessMemory {
  read(origin: string): Promise<TreeHead | undefined>
  replace(origin: string, from: TreeHead | undefined, to: TreeHead): Promise<boolean>
}

/** A request to cosign: the log's checkpoint and the proof from the size it believes the witness knows. */
export interface CosignRequest {
  readonly oldSize: number
  readonly proof: readonly Uint8Array[]
  readonly checkpoint: string
}

export type CosignReply =
  | { readonly ok: true; readonly line: string }
  | { readonly ok: false; readonly code: 'WITNESS_STALE'; readonly knownSize: number }
  | {
      readonly ok: false
      readonly code:
        | 'WITNESS_LOG_UNKNOWN'
        | 'WITNESS_SIGNATURE_WRONG'
        | 'WITNESS_REQUEST_WRONG'
        | 'WITNESS_FORK_SEEN'
        | 'WITNESS_PROOF_WRONG'
    }

/** What a witness is made of. */
export interface WitnessParts {
  readonly name: string
  readonly signer: NoteSigner
  readonly verifier: NoteVerifier
  readonly hasher: TreeHasher
  readonly memory: WitnessMemory
  readonly now: () => UnixSeconds
  /** Public keys of a log it watches; empty for an unknown one. */
  readonly keysOf: (origin: string) => readonly Uint8Array[]
}

/** Answers a request to cosign, step by step as tlog-witness has it. */
export async function addCheckpoint(request: CosignRequest, witness: WitnessParts): Promise<CosignReply> {
  const { hasher, memory, verifier } = witness
  const origin = request.checkpoint.slice(0, Math.max(0, request.checkpoint.indexOf('\n')))
  const keys = witness.keysOf(origin)
  if (keys.length === 0) return { ok: false, code: 'WITNESS_LOG_UNKNOWN' }
  const reading = readCheckpoint(request.checkpoint, { origin, keys }, verifier, hasher)
  if (!reading.ok) return { ok: false, code: 'WITNESS_SIGNATURE_WRONG' }
  const { head, note } = reading
  const { oldSize, proof } = request
  if (!Number.isSafeInteger(oldSize) || oldSize < 0 || oldSize > head.size || proof.length > 63) {
    return { ok: false, code: 'WITNESS_REQUEST_WRONG' }
  }
  const known = await memory.read(origin)
  const knownSize = known?.size ?? 0
  if (oldSize !== knownSize) return { ok: false, code: 'WITNESS_STALE', knownSize }
  if (known !== undefined && known.size === head.size && !equalBytes(known.root, head.root)) {
    return { ok: false, code: 'WITNESS_FORK_SEEN' }
  }
  if (!grew(known, head, proof, hasher)) return { ok: false, code: 'WITNESS_PROOF_WRONG' }
  if (!(await memory.replace(origin, known, head))) {
    const now = await memory.read(origin)
    return { ok: false, code: 'WITNESS_STALE', knownSize: now?.size ?? 0 }
  }
  return { ok: true, line: cosign(note.text, witness, witness.now(), hasher) }
}

function grew(
  known: TreeHead | undefined,
  head: TreeHead,
  path: readonly Uint8Array[],
  hasher: TreeHasher,
): boolean {
  if (known === undefined || known.size === 0) return path.length === 0
  return verifyConsistency(
    { first: known.size, second: head.size, firstRoot: known.root, secondRoot: head.root, path },
    hasher,
  )
}

function cosignedBytes(text: string, time: number): Bytes {
  return utf8(`cosignature/v1\ntime ${time}\n${text}`)
}

function timestamp(signature: Uint8Array): number {
  const at = new DataView(signature.buffer, signature.byteOffset, 8).getBigUint64(0)
  return at <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(at) : -1
}
