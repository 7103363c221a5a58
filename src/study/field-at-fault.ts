/** Which field of a document a schema finds wrong, by the name that the document's writer knows. */

/** What a compiled schema says of one thing that does not fit. */
interface SchemaFault {
  readonly instancePath: string
  readonly params: unknown
  readonly message?: string
}

/** The first thing that does not fit; of a field that may be one of several, the innermost part at fault. */
export function faultOf(faults: readonly SchemaFault[]): { readonly field: string; readonly words: string } {
  const named = faults.map((fault) => ({ field: fieldOf(fault), words: fault.message ?? 'does not fit' }))
  const [first] = named
  if (first === undefined) return { field: '', words: 'does not fit' }
  return named.find(({ field }) => field.startsWith(`${first.field}.`)) ?? first
}

/** `/privacy/clip_norm` → `privacy.clip_norm`; a member that is missing, or that should not be there, is named itself. */
function fieldOf({ instancePath, params }: SchemaFault): string {
  const path = instancePath.slice(1).replaceAll('/', '.')
  if (typeof params !== 'object' || params === null) return path
  const named: unknown =
    'requiredProperties' in params
      ? params.requiredProperties
      : 'additionalProperties' in params
        ? params.additionalProperties
        : undefined
  const first: unknown = Array.isArray(named) ? named[0] : undefined
  return typeof first === 'string' ? (path === '' ? first : `${path}.${first}`) : path
}
