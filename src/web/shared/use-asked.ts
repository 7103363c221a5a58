/** Something asked of the node: what it answered, or why it did not; asked again on request, or by itself where it grows old. */
import { useCallback, useEffect, useState } from 'react'
import { askAgain } from './ask-again.ts'

export interface Asked<T> {
  readonly value: T | undefined
  readonly error: unknown
  readonly again: () => void
}

/** `ask` must stay the same function while the question does (`useCallback`); `every`: seconds after which a page that is shown asks again. */
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
    return askAgain(() => void load(), every, document)
  }, [load, every])
  return { value, error, again: () => void load() }
}
