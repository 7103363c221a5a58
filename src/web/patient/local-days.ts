/** Days of this device’s clock, midnight to midnight. */

/**
 * The last `count` days, first day first, as seconds since 1970; `last` lies in the last one. A day with a change of the
 * clock is an hour longer or shorter.
 */
export function localDays(last: number, count: number): readonly (readonly [from: number, until: number])[] {
  const today = new Date(last * 1_000)
  const midnight = (back: number): number =>
    new Date(today.getFullYear(), today.getMonth(), today.getDate() - back).getTime() / 1_000
  return Array.from({ length: count }, (_, i) => [midnight(count - 1 - i), midnight(count - 2 - i)] as const)
}
