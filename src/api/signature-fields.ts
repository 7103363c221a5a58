/**
 * The two fields that carry a signature: `Signature-Input` and `Signature`, one signature labelled `islet`.
 *
 * Law: exactly one spelling is read (the one that is written), so that nothing can be smuggled beside what was signed.
 * Source: RFC 9421 sections 4.1–4.2, in the grammar of RFC 8941.
 */
import { fromBase64, toBase64 } from './content-digest.ts'
import { type Component, type SignatureParameters, serialiseParameters } from './signature-base.ts'

export const LABEL = 'islet'

export interface SignatureFields {
  readonly components: readonly Component[]
  readonly parameters: SignatureParameters
  readonly signature: Uint8Array
}

/** The fields to add to a message. */
export function writeSignature(fields: SignatureFields): { 'signature-input': string; signature: string } {
  return {
    'signature-input': `${LABEL}=${serialiseParameters(fields.components, fields.parameters)}`,
    signature: `${LABEL}=:${toBase64(fields.signature)}:`,
  }
}

const LIMIT = 1_000
const COMPONENT = /^"(@?[a-z0-9-]{1,40})"(;req)?$/
const PARAMETER = /;([a-z]{1,12})=(?:([0-9]{1,12})|"([\x20-\x21\x23-\x5b\x5d-\x7e]{0,120})")/y

/** Reads the fields of a message; undefined when they are not spelled as `writeSignature` spells them. */
export function readSignature(headers: Readonly<Record<string, string>>): SignatureFields | undefined {
  const input = headers['signature-input'] ?? ''
  const field = /^islet=:([A-Za-z0-9+/=]{1,200}):$/.exec(headers['signature'] ?? '')
  const signature = field?.[1] === undefined ? undefined : fromBase64(field[1])
  const shape = /^islet=\(([^()]*)\)(.*)$/.exec(input.length > LIMIT ? '' : input)
  if (shape?.[1] === undefined || shape[2] === undefined || signature === undefined) return undefined

  const components: Component[] = []
  for (const part of shape[1] === '' ? [] : shape[1].split(' ')) {
    const match = COMPONENT.exec(part)
    if (match?.[1] === undefined) return undefined
    components.push(match[2] === undefined ? { name: match[1] } : { name: match[1], request: true })
  }
  const parameters: [string, string | number][] = []
  PARAMETER.lastIndex = 0
  while (PARAMETER.lastIndex < shape[2].length) {
    const match = PARAMETER.exec(shape[2])
    if (match?.[1] === undefined) return undefined
    const name = match[1]
    if (parameters.some(([other]) => other === name)) return undefined
    parameters.push([name, match[2] === undefined ? (match[3] ?? '') : Number(match[2])])
  }
  const fields = { components, parameters, signature }
  return writeSignature(fields)['signature-input'] === input ? fields : undefined
}
