/**
 * Work on many items a few at a time, waiting for all of it even when one fails.
 */

/** Runs `work` for every item, at most `width` at once; throws the first failure after the others have ended. */
export async function inParallel<T>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<void>,
  width = 8,
): Promise<void> {
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++
      const item = items[index]
      if (item !== undefined) await work(item, index)
    }
  }
  const lanes = await Promise.allSettled(Array.from({ length: Math.min(width, items.length) }, lane))
  for (const one of lanes) if (one.status === 'rejected') throw one.reason
}

/** What `work` gives for every item, in their order; as `inParallel`. */
export async function allInParallel<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const made: R[] = []
  await inParallel(items, async (item, place) => {
    made[place] = await work(item)
  })
  return made
}
