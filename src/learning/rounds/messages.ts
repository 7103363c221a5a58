/**
 * What coordinator and sites say to each other, byte for byte: figures of traffic count these messages and nothing else.
 *
 * Down: stage (1) ‖ round (4) ‖ attempt (1) ‖ version of the model (4) ‖ parts. Up: parts. A part is its length (4) and
 * its bytes. Integers are big-endian.
 */
import { concat, IsletError, uint32 } from '../../vocabulary/index.ts'

const STAGES = ['advertise', 'share', 'train', 'reveal', 'evaluate'] as const
export type AskedStage = (typeof STAGES)[number]

export interface Ask {
  readonly stage: AskedStage
  readonly round: number
  readonly attempt: number
  readonly version: number
  readonly parts: readonly Uint8Array[]
}

export function encodeAsk({ stage, round, attempt, version, parts }: Ask): Uint8Array<ArrayBuffer> {
  return concat(
    Uint8Array.of(STAGES.indexOf(stage)),
    uint32(round),
    Uint8Array.of(attempt),
    uint32(version),
    encodeParts(parts),
  )
}

/** Throws `WRONG_SHAPE`. */
export function decodeAsk(bytes: Uint8Array): Ask {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const stage = STAGES[bytes[0] ?? STAGES.length]
  if (bytes.length < 10 || stage === undefined)
    throw new IsletError('WRONG_SHAPE', 'this is no message of a round')
  return {
    stage,
    round: view.getUint32(1),
    attempt: view.getUint8(5),
    version: view.getUint32(6),
    parts: decodeParts(bytes.subarray(10)),
  }
}

export function encodeParts(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return concat(...parts.flatMap((part) => [uint32(part.length), part]))
}

/** Throws `WRONG_SHAPE` where lengths and bytes differ. */
export function decodeParts(bytes: Uint8Array): readonly Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const parts: Uint8Array[] = []
  let at = 0
  while (at < bytes.length) {
    const length = at + 4 <= bytes.length ? view.getUint32(at) : Number.POSITIVE_INFINITY
    if (at + 4 + length > bytes.length)
      throw new IsletError('WRONG_SHAPE', 'a part of the message ends too early')
    parts.push(bytes.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return parts
}

/** How a model travels down: not at all, as the step from the version before, or whole. */
export type ModelForm = 'held' | 'step' | 'whole'
const FORMS: readonly ModelForm[] = ['held', 'step', 'whole']

export function encodeModel(form: ModelForm, body: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(FORMS.indexOf(form)), body)
}

export function decodeModel(bytes: Uint8Array | undefined): {
  readonly form: ModelForm
  readonly body: Uint8Array
} {
  const form = FORMS[bytes?.[0] ?? FORMS.length]
  if (bytes === undefined || form === undefined)
    throw new IsletError('WRONG_SHAPE', 'the message carries no model')
  return { form, body: bytes.subarray(1) }
}
