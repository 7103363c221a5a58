/**
 * The person's readings as the screens need them: opened from the node, or the copy of this device while it is away; and what
 * waits to be sent, sent as soon as it answers.
 *
 * Law: what is shown from the copy is called so; nothing that was signed is forgotten, whatever the network does.
 */
import { useCallback, useEffect, useState } from 'react'
import { isIsletError } from '../../vocabulary/index.ts'
import { FIRST_DAYS, type Health, readHealth } from './health.ts'
import { waitingIn } from './offline/waiting.ts'
import type { Person } from './sign-in.ts'

export interface OwnHealth {
  readonly health: Health | undefined
  readonly error: unknown
  /** How many grants and stops wait to be sent. */
  readonly waiting: number
  /** Rises with every try to reach the node, so that screens look again. */
  readonly turn: number
  /** Sends what waits and reads anew. */
  readonly again: () => void
  /** Sends what waits. */
  readonly send: () => void
  /** Asks for more days. */
  readonly reach: (days: number) => void
}

/** Milliseconds between two tries while something waits. */
const TRY_AGAIN = 5_000

export function useHealth(person: Person): OwnHealth {
  const { agent } = person
  const [health, setHealth] = useState<Health>()
  const [error, setError] = useState<unknown>()
  const [days, reach] = useState(FIRST_DAYS)
  const [turn, setTurn] = useState(0)
  const load = useCallback(async (): Promise<void> => {
    const copies = await import('./offline/own-copy.ts')
    try {
      const opened = await readHealth(agent, Math.floor(Date.now() / 1_000), days)
      setHealth(opened)
      setError(undefined)
      await copies.keepHealth(person, opened)
    } catch (failure) {
      const copy = isIsletError(failure, 'NODE_AWAY', 'PEER_SILENT')
        ? await copies.copiedHealth(person)
        : undefined
      setHealth((shown) => copy ?? shown)
      setError(copy === undefined ? failure : undefined)
    }
  }, [person, agent, days])
  /** Covers of writers, new keys after a suspension, whatever is still to be sent. */
  const settle = useCallback(async (): Promise<void> => {
    // Away now: it is tried again; what went wrong otherwise is said.
    await agent
      .settle()
      .catch((failure) => (isIsletError(failure, 'NODE_AWAY') ? undefined : setError(failure)))
    setTurn((before) => before + 1)
  }, [agent])
  const again = useCallback((): void => {
    void settle().then(load)
  }, [settle, load])
  useEffect(() => {
    void load()
  }, [load])
  useEffect(() => {
    void settle()
  }, [settle])
  const waiting = waitingIn(agent.memory.now).size
  const away = health?.isCopy === true
  useEffect(() => {
    let trying = false
    const retry = (): void => {
      if (trying) return
      trying = true
      void settle()
        .then(load)
        .finally(() => {
          trying = false
        })
    }
    addEventListener('online', retry)
    const timer = waiting > 0 || away ? setInterval(retry, TRY_AGAIN) : undefined
    return () => {
      removeEventListener('online', retry)
      clearInterval(timer)
    }
  }, [settle, load, waiting, away])
  return { health, error, waiting, turn, again, send: () => void settle(), reach }
}
