/** Something asked of the node: what it answered, or why it did not; asked again on request, or by itself where it grows old. */
import { useCallback, useEffect, useState } from 'react'

export interface Asked<T> {
  readonly value: T | undefined
  readonly error: unknown
  readonly again: () => void
}

/** `ask` must stay the same function while the question does (`useCallback`); `every`: seconds after which it is asked again. */
export function useAsked<T>(ask: () => Promise<T>, every?: number): Asked<T> {
  const [value, setValue] = useState<T>()
  const [error, setError] = useState<unknown>()
  const load = useCallback(async (): Promise<void> => {
    try {
      setValue(await ask())
      setError(undefined)
    } catch (failure) {
      setError(failure)
    }
  }, [ask])
  useEffect(() => {
    void load()
    if (every === undefined) return
    const timer = setInterval(() => void load(), every * 1_000)
    return () => clearInterval(timer)
  }, [load, every])
  return { value, error, again: () => void load() }
}
