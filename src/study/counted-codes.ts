/** Reasons as they are told: how many of each, in the order of the codes, and nobody named. */

export interface CountedCode {
  readonly code: string
  readonly count: number
}

/** Each code once, with how often it occurs; ascending. */
export function countedCodes(codes: readonly string[]): CountedCode[] {
  const counts = new Map<string, number>()
  for (const code of codes.toSorted()) counts.set(code, (counts.get(code) ?? 0) + 1)
  return [...counts].map(([code, count]) => ({ code, count }))
}
