/** One thing at a time that somebody does: whether it is under way, and what became of it. */
import { useState } from 'react'

export interface Act {
  readonly busy: boolean
  readonly error: unknown
  readonly run: (work: () => Promise<void>) => void
}

export function useAct(): Act {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const run = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true)
    setError(undefined)
    await work().catch(setError)
    setBusy(false)
  }
  return { busy, error, run: (work) => void run(work) }
}
