/** Types of boundaries.mjs, for the test that plants violations. */
export interface Violation {
  readonly rule: { readonly name: string; readonly severity: string }
  readonly from: string
  readonly to: string
}
export function boundaries(
  folders?: readonly string[],
  baseDir?: string,
): Promise<{ readonly modules: number; readonly violations: readonly Violation[] }>
