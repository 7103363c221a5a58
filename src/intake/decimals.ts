/**
 * Numbers as exports write them: decimal point or comma, surrounding spaces, no thousands.
 *
 * Law: what is not wholly a number is no number; `=1+1`, `12abc` and `1e999` are refused.
 */

const PLAIN = /^[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d{1,2})?$/

/** A decimal of either sign; undefined when the text is not wholly one. */
export function decimal(text: string): number | undefined {
  const trimmed = text.trim()
  if (trimmed.length > 32 || !PLAIN.test(trimmed)) return undefined
  const value = Number(trimmed.replace(',', '.'))
  return Number.isFinite(value) ? value : undefined
}

/** A JSON member that is a number, or a string that holds one. */
export function jsonNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value === 'string') return decimal(value)
  if (typeof value !== 'object' || value === null) return undefined
  // Extended JSON of a MongoDB dump: {"$numberLong": "1767258000000"}.
  for (const [key, inner] of Object.entries(value).slice(0, 1)) {
    if (/^\$number(Long|Int|Double|Decimal)$/.test(key)) return jsonNumber(String(inner))
  }
  return undefined
}
