/**
 * A study as it stands and as it goes on: the node's events for as long as the screen shows it, asked for again when they
 * break off.
 */
import { useCallback, useEffect, useState } from 'react'
import type { StudyStandingAnswer } from '../../api/index.ts'
import type { Hash32 } from '../../vocabulary/index.ts'
import type { StaffPerson } from '../shared/staff-sign-in.ts'

export interface WatchedStudy {
  readonly standing: StudyStandingAnswer | undefined
  readonly error: unknown
  readonly again: () => void
}

/** Seconds after which a stream that ended is opened anew. */
const PAUSE_SECONDS = 3

export function useStudy(person: StaffPerson, study: Hash32): WatchedStudy {
  const [standing, setStanding] = useState<StudyStandingAnswer>()
  const [error, setError] = useState<unknown>()
  const [turn, setTurn] = useState(0)
  const again = useCallback(() => setTurn((before) => before + 1), [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: a turn opens the stream anew
  useEffect(() => {
    const gone = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const watch = async (): Promise<void> => {
      try {
        for await (const { value } of person.watching(gone.signal).studyEvents({ params: { study } })) {
          setStanding(value)
          setError(undefined)
        }
      } catch (failure) {
        if (!gone.signal.aborted) setError(failure)
      }
      if (!gone.signal.aborted) timer = setTimeout(again, PAUSE_SECONDS * 1_000)
    }
    void watch()
    return () => {
      gone.abort()
      clearTimeout(timer)
    }
  }, [person, study, turn, again])
  return { standing, error, again }
}
