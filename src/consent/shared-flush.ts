/**
 * One flush for all who wait for it: documents put at once into one directory share its flushes.
 *
 * Law: whoever asks is answered after a flush that began after they asked, and never by one that was under way; a flush
 * that failed has failed for those who waited for it, and for nobody after them.
 */

/** Flushes of one directory, each on its own when nobody waits. */
export function sharedFlush(flush: (path: string) => Promise<void>): (path: string) => Promise<void> {
  const running = new Map<string, Promise<void>>()
  const next = new Map<string, Promise<void>>()
  const begin = (path: string): Promise<void> => {
    next.delete(path)
    const begun = flush(path).finally(() => {
      if (running.get(path) === begun) running.delete(path)
    })
    running.set(path, begun)
    return begun
  }
  return (path) => {
    const before = running.get(path)
    if (before === undefined) return begin(path)
    const waiting =
      next.get(path) ??
      before.then(
        () => begin(path),
        () => begin(path),
      )
    next.set(path, waiting)
    return waiting
  }
}
