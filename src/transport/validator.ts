/**
 * Schemas compiled once; nothing is coerced or dropped from a body: it fits, or it is refused.
 */
import { Ajv } from 'ajv'
import type { TSchema } from 'typebox'

export interface Misfit {
  /** JSON pointer of the first place that does not fit; never the value that stands there. */
  readonly field: string
  readonly rule: string
}

const ajv = new Ajv({ strict: false, allErrors: false, validateFormats: false, messages: false })
const compiled = new WeakMap<TSchema, ReturnType<typeof ajv.compile>>()

/** The first misfit of a value against a schema, or undefined when it fits. */
export function misfit(schema: TSchema, value: unknown): Misfit | undefined {
  let check = compiled.get(schema)
  if (check === undefined) {
    check = ajv.compile(schema)
    compiled.set(schema, check)
  }
  if (check(value) === true) return undefined
  const error = check.errors?.[0]
  // Names of unknown members are the sender's own text: only the place of their parent is told.
  return { field: declaredPlace(error?.instancePath ?? ''), rule: error?.keyword ?? 'schema' }
}

const lenient = new Ajv({ strict: false, coerceTypes: true, validateFormats: false, messages: false })
const compiledLenient = new WeakMap<TSchema, ReturnType<typeof lenient.compile>>()

/** Path names and query fields, which are text on the wire, as the types of their schema; without a schema none is allowed. */
export function coerced(
  schema: TSchema | undefined,
  given: unknown,
): { readonly value?: unknown; readonly place?: string } {
  const value = { ...(typeof given === 'object' ? given : {}) }
  if (schema === undefined) return Object.keys(value).length === 0 ? {} : { place: '/' }
  let check = compiledLenient.get(schema)
  if (check === undefined) {
    check = lenient.compile(schema)
    compiledLenient.set(schema, check)
  }
  if (check(value) === true) return { value }
  return { place: declaredPlace(check.errors?.[0]?.instancePath ?? '') }
}

/** A pointer shortened to what can be no value: names and indices of at most 40 plain characters. */
function declaredPlace(pointer: string): string {
  const parts = pointer.split('/').slice(1)
  const plain = parts.findIndex((part) => !/^[A-Za-z_][A-Za-z0-9_]{0,39}$|^\d{1,6}$/.test(part))
  return `/${(plain < 0 ? parts : parts.slice(0, plain)).join('/')}`
}
