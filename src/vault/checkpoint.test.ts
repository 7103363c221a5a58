import { describe, expect, it } from 'vitest'
import vectors from '../../test-vectors/notes.json' with { type: 'json' }
import { type Bytes, fromHex, quantity, toHex, type UnixSeconds, utf8 } from '../vocabulary/index.ts'
import {
  fromBase64,
  NOTE_TYPES,
  noteKeyId,
  parseNote,
  parseTreeHead,
  readCheckpoint,
  signCheckpoint,
  type TreeHead,
  toBase64,
} from './checkpoint-note.ts'
import {
  addCheckpoint,
  type CosignRequest,
  cosign,
  cosignatures,
  type WitnessMemory,
  type WitnessParts,
} from './checkpoint-witness.ts'
import { MemoryDisk, noteSigner, noteVerifier, ORIGIN, partsOn } from './log.suite.ts'
import { openLog } from './log-writer.ts'
import { testHasher as hasher } from './merkle.suite.ts'

const root = (fill: number): Bytes => new Uint8Array(32).fill(fill)
const signer = noteSigner(9)
const log = { origin: ORIGIN, keys: [signer.publicKey] }
const head: TreeHead = { origin: ORIGIN, size: 42, root: root(1) }
const note = signCheckpoint(head, signer, hasher)
const read = (text: string) => readCheckpoint(text, log, noteVerifier, hasher)

describe('a signed note', () => {
  it('of the reference implementation verifies, with the key id it gives', () => {
    const key = { name: vectors.key.name, publicKey: fromBase64(vectors.key.typeAndKey)?.slice(1) ?? root(0) }
    const parsed = parseNote(vectors.note)
    const [line] = parsed.signatures
    expect(toHex(noteKeyId(key, NOTE_TYPES.ed25519, hasher))).toBe(`0x${vectors.key.id}`)
    expect(line?.name).toBe(key.name)
    expect(toHex(line?.keyId ?? root(0))).toBe(`0x${vectors.key.id}`)
    expect(noteVerifier.verify(key.publicKey, utf8(parsed.text), line?.signature ?? root(0))).toBe(true)
  })

  it('of the specification parses to its parts', () => {
    const parsed = parseNote(vectors.cosigned)
    expect(parseTreeHead(parsed.text)).toMatchObject({
      origin: 'example.com/behind-the-sofa',
      size: 20852163,
    })
    expect(parsed.signatures.map(({ name, signature }) => [name, signature.length])).toEqual([
      ['example.com/behind-the-sofa', 64],
      ['witness.example.com/w1', 72],
    ])
  })

  it('gives back the head it was made of', () => {
    expect(read(note)).toMatchObject({ ok: true, head })
  })

  it.each([
    { why: 'its size changed', note: note.replace('\n42\n', '\n43\n'), code: 'NOTE_SIGNATURE_WRONG' },
    {
      why: 'it is of another log',
      note: signCheckpoint({ ...head, origin: 'islet.log/ff' }, signer, hasher),
      code: 'NOTE_ORIGIN_WRONG',
    },
    {
      why: 'another key signed it',
      note: signCheckpoint(head, noteSigner(8), hasher),
      code: 'NOTE_KEY_UNKNOWN',
    },
    {
      why: 'an extension line was added',
      note: note.replace('\n\n', '\nmore\n\n'),
      code: 'NOTE_SIGNATURE_WRONG',
    },
    { why: 'it has no signature', note: note.slice(0, note.indexOf('\n\n') + 2), code: 'NOTE_MALFORMED' },
    { why: 'its size has a leading zero', note: note.replace('\n42\n', '\n042\n'), code: 'NOTE_MALFORMED' },
    {
      why: 'its size is beyond whole numbers',
      note: note.replace('\n42\n', '\n9999999999999999\n'),
      code: 'NOTE_MALFORMED',
    },
    {
      why: 'its root is short',
      note: note.replace(/\n[A-Za-z0-9+/]{43}=\n/, '\nAAAA\n'),
      code: 'NOTE_MALFORMED',
    },
    { why: 'it holds a control character', note: note.replace('42', '4\u00002'), code: 'NOTE_MALFORMED' },
    { why: 'it is empty', note: '', code: 'NOTE_MALFORMED' },
    { why: 'it is endless', note: `${'x'.repeat(70_000)}${note}`, code: 'NOTE_MALFORMED' },
  ])('is refused when $why', ({ note: wrong, code }) => {
    expect(read(wrong)).toEqual({ ok: false, code })
  })

  it('keeps its standing under signatures of strangers, and loses it under one false signature of its own key', () => {
    const stranger = signCheckpoint(head, noteSigner(8), hasher).split('\n\n')[1] ?? ''
    expect(read(note + stranger)).toMatchObject({ ok: true })
    const own = note.split('\n\n')[1] ?? ''
    const other = signCheckpoint({ ...head, size: 1 }, signer, hasher).split('\n\n')[1] ?? ''
    expect(read(`${note.split('\n\n')[0]}\n\n${own}${other}`)).toEqual({
      ok: false,
      code: 'NOTE_SIGNATURE_WRONG',
    })
  })

  it('cannot name a log with spaces or plus signs', () => {
    for (const origin of ['a b', 'a+b', '', 'a\nb']) {
      expect(() => signCheckpoint({ ...head, origin }, signer, hasher)).toThrow(
        expect.objectContaining({ code: 'NOTE_NAME_WRONG' }),
      )
    }
  })

  it('spells base64 in one way only', () => {
    for (const bytes of [fromHex(''), fromHex('00'), fromHex('00ff'), fromHex('fbff01')])
      expect(fromBase64(toBase64(bytes))).toEqual(bytes)
    for (const text of ['AB==', 'A', 'AA', '====', 'A-==', 'AAB=']) expect(fromBase64(text)).toBeUndefined()
  })
})

/** A witness over a log that grows in memory. */
async function scene() {
  const disk = new MemoryDisk()
  const grown = await openLog(partsOn(disk))
  const heads = new Map<string, TreeHead>()
  const memory: WitnessMemory = {
    read: async (origin) => heads.get(origin),
    replace: async (origin, from, to) => {
      if (heads.get(origin) !== from) return false
      heads.set(origin, to)
      return true
    },
  }
  const parts: WitnessParts = {
    name: 'islet.witness/b',
    signer: noteSigner(7),
    verifier: noteVerifier,
    hasher,
    memory,
    now: () => quantity<UnixSeconds>(1_800_000_000.7),
    keysOf: (origin) => (origin === ORIGIN ? log.keys : []),
  }
  const grow = async (count: number, from: number): Promise<CosignRequest> => {
    await grown.appendEntries(Array.from({ length: count }, (_, i) => utf8(`e${grown.size + i}`)))
    const signed = await grown.checkpoint()
    const proof = from <= signed.size ? await grown.consistency(from, signed.size) : []
    return { oldSize: from, proof, checkpoint: signed.note }
  }
  return { parts, grow, heads, grown, memory }
}

describe('a witness', () => {
  it('cosigns a log that grew, and its line verifies under the checkpoint', async () => {
    const { parts, grow } = await scene()
    for (const [count, from] of [
      [5, 0],
      [0, 5],
      [300, 5],
    ] as const) {
      const request = await grow(count, from)
      const reply = await addCheckpoint(request, parts)
      if (!reply.ok) throw new Error(reply.code)
      const cosigned = parseNote(request.checkpoint + reply.line)
      const known = [{ name: parts.name, publicKey: parts.signer.publicKey }]
      expect(cosignatures(cosigned, known, noteVerifier, hasher)).toEqual({
        valid: [{ name: parts.name, at: 1_800_000_000 }],
        false: [],
      })
      expect(read(request.checkpoint + reply.line)).toMatchObject({ ok: true })
    }
  })

  it('is not believed for another text, another time or another witness', () => {
    const witness = { name: 'islet.witness/b', signer: noteSigner(7) }
    const at = quantity<UnixSeconds>(1_800_000_000)
    const key = { name: witness.name, publicKey: witness.signer.publicKey }
    const line = cosign(parseNote(note).text, witness, at, hasher)
    const other = signCheckpoint({ ...head, size: 43 }, signer, hasher)
    expect(cosignatures(parseNote(other + line), [key], noteVerifier, hasher)).toEqual({
      valid: [],
      false: [witness.name],
    })
    const bytes = fromBase64(line.trim().split(' ')[2] ?? '') ?? root(0)
    bytes[11] = (bytes[11] ?? 0) ^ 1
    const shifted = `— ${witness.name} ${toBase64(bytes)}\n`
    expect(cosignatures(parseNote(note + shifted), [key], noteVerifier, hasher)).toEqual({
      valid: [],
      false: [witness.name],
    })
    const stranger = [{ name: witness.name, publicKey: noteSigner(6).publicKey }]
    expect(cosignatures(parseNote(note + line), stranger, noteVerifier, hasher)).toEqual({
      valid: [],
      false: [],
    })
  })

  it('refuses a second history, a proof that does not hold, a stale size, a stranger and a false signature', async () => {
    const { parts, grow } = await scene()
    const first = await grow(5, 0)
    expect(await addCheckpoint(first, parts)).toMatchObject({ ok: true })
    const fork = signCheckpoint({ ...head, size: 5 }, signer, hasher)
    expect(await addCheckpoint({ oldSize: 5, proof: [], checkpoint: fork }, parts)).toEqual({
      ok: false,
      code: 'WITNESS_FORK_SEEN',
    })
    const rewritten = signCheckpoint({ ...head, size: 9 }, signer, hasher)
    expect(await addCheckpoint({ oldSize: 5, proof: [root(1)], checkpoint: rewritten }, parts)).toEqual({
      ok: false,
      code: 'WITNESS_PROOF_WRONG',
    })
    const next = await grow(4, 5)
    expect(await addCheckpoint({ ...next, oldSize: 3 }, parts)).toEqual({
      ok: false,
      code: 'WITNESS_STALE',
      knownSize: 5,
    })
    expect(await addCheckpoint({ ...next, oldSize: 10 }, parts)).toEqual({
      ok: false,
      code: 'WITNESS_REQUEST_WRONG',
    })
    const foreign = signCheckpoint({ ...head, origin: 'islet.log/ff' }, signer, hasher)
    expect(await addCheckpoint({ ...next, checkpoint: foreign }, parts)).toEqual({
      ok: false,
      code: 'WITNESS_LOG_UNKNOWN',
    })
    const unsigned = signCheckpoint({ ...head, size: 9 }, noteSigner(8), hasher)
    expect(await addCheckpoint({ ...next, checkpoint: unsigned }, parts)).toEqual({
      ok: false,
      code: 'WITNESS_SIGNATURE_WRONG',
    })
    expect(await addCheckpoint(next, parts)).toMatchObject({ ok: true })
    expect(await addCheckpoint(first, parts)).toEqual({ ok: false, code: 'WITNESS_STALE', knownSize: 9 })
  })

  it('keeps the head before it signs, and gives way to a request that was faster', async () => {
    const { parts, grow, heads, memory } = await scene()
    const request = await grow(5, 0)
    const raced: WitnessParts = {
      ...parts,
      memory: {
        ...memory,
        replace: async (origin, from, to) => {
          heads.set(origin, { ...to, size: 7 })
          return memory.replace(origin, from, to)
        },
      },
    }
    expect(await addCheckpoint(request, raced)).toEqual({ ok: false, code: 'WITNESS_STALE', knownSize: 7 })
  })
})
