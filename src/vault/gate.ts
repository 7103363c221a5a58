/**
 * A gate that many pass together and one passes alone: writes side by side, a delete by itself.
 */
export interface Gate {
  /** Runs beside other shared work, never beside exclusive work. */
  shared<T>(work: () => Promise<T>): Promise<T>
  /** Runs alone, after what came before it. */
  exclusive<T>(work: () => Promise<T>): Promise<T>
}

export function makeGate(): Gate {
  let exclusiveDone: Promise<unknown> = Promise.resolve()
  const running = new Set<Promise<unknown>>()
  return {
    shared: async (work) => {
      const before = exclusiveDone
      const run = before.then(work)
      const settled = run.catch(() => {})
      running.add(settled)
      settled.finally(() => running.delete(settled))
      return run
    },
    exclusive: async (work) => {
      const run = Promise.all([exclusiveDone, ...running]).then(work)
      exclusiveDone = run.catch(() => {})
      return run
    },
  }
}
