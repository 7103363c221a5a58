/** Something asked of the node: what it answered, or why it did not; asked again on request. */
import { useCallback, useEffect, useState } from 'react'

export interface Asked<T> {
  readonly value: T | undefined
  readonly error: unknown
  readonly again: () => void
}

/** `ask` must stay the same function while the question does (`useCallback`). */
export function useAsked<T>(ask: () => Promise<T>): Asked<T> {
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
  }, [load])
  return { value, error, again: () => void load() }
}
