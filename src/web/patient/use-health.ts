/**
 * The person's readings as the screens need them: opened from the node and read on as they arrive, or the copy of this device
 * while it is away; and what waits to be sent, sent as soon as it answers.
 *
 * Law: what is shown from the copy is called so; nothing that was signed is forgotten, whatever the network does.
 */
import { useCallback, useEffect, useState } from 'react'
import { isIsletError } from '../../vocabulary/index.ts'
import { FIRST_DAYS, type Health, readHealth, readOn } from './health.ts'
import { mayAdd } from './may-add.ts'
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
/** Seconds from one reading to the next, and those that it takes to arrive. */
const READING_EVERY = 300
const ON_ITS_WAY = 75
/** Seconds between two looks at least; where nothing came when it was due, a whole step. */
const SOONEST_LOOK = 30

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
  useEffect(() => {
    if (health === undefined || health.isCopy || !agent.memory.now.grants.some(mayAdd)) return
    const readMore = async (): Promise<void> => {
      const opened = await readOn(agent, health, Math.floor(Date.now() / 1_000))
      setHealth((shown) => (shown === health ? opened : shown))
      await (await import('./offline/own-copy.ts')).keepHealth(person, opened)
    }
    // What goes wrong is said, or bridged by the copy, as at any other look.
    const timer = setTimeout(() => void readMore().catch(load), secondsToNext(health) * 1_000)
    return () => clearTimeout(timer)
  }, [person, agent, health, load])
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

/** Seconds until it is worth looking for the next reading. */
function secondsToNext({ points, at }: Pick<Health, 'points' | 'at'>): number {
  const due = (points.at(-1)?.at ?? 0) + READING_EVERY + ON_ITS_WAY - at
  return due > 0 ? Math.max(SOONEST_LOOK, due) : READING_EVERY
}
