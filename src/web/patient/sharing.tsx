/** Sharing: who asks, who can read now, and what is over; each grant a card with its sentence and its stop. */
import { lazy, Suspense, useCallback, useEffect, useState } from 'react'
import type { GrantState, SignedRequest } from '../../consent/browser.door.ts'
import { isIsletError } from '../../vocabulary/index.ts'
import { listed } from '../shared/format.ts'
import { useSettings } from '../shared/settings.tsx'
import { Trouble } from '../shared/trouble.tsx'
import { GrantCards } from './grant-cards.tsx'
import { copiedRequests, keepRequests } from './offline/own-copy.ts'
import { waitingIn } from './offline/waiting.ts'
import { isOnPass, PassRequest } from './pass-request.tsx'
import { readerName } from './reader-name.ts'
import type { Person } from './sign-in.ts'
import { soundRequests } from './sound-requests.ts'
import type { StopWords } from './stop-dialog.tsx'
import type { PatientWords } from './words/en.ts'
import { usePatientWords } from './words.ts'

const GrantDialog = lazy(async () => ({ default: (await import('./grant-dialog.tsx')).GrantDialog }))
const VisitPass = lazy(async () => ({ default: (await import('./visit-pass.tsx')).VisitPass }))
const StopDialog = lazy(async () => ({ default: (await import('./stop-dialog.tsx')).StopDialog }))

export interface Pending {
  readonly id: string
  readonly request: SignedRequest
}

export function Sharing({
  person,
  turn,
  changed,
}: {
  readonly person: Person
  /** Rises when it is time to look again. */
  readonly turn: number
  /** Told after each answer and each stop. */
  readonly changed: () => void
}) {
  const text = usePatientWords()
  const { agent } = person
  const [requests, setRequests] = useState<readonly Pending[]>()
  const [error, setError] = useState<unknown>()
  const [answering, setAnswering] = useState<Pending>()
  const [stopping, setStopping] = useState<GrantState>()
  const [said, setSaid] = useState('')
  const look = useCallback(async (): Promise<void> => {
    try {
      const asking = await soundRequests(person, (await agent.collect()).requests)
      setRequests(asking)
      setError(undefined)
      await keepRequests(person, asking)
    } catch (failure) {
      const away = isIsletError(failure, 'NODE_AWAY')
      if (away) setRequests(await copiedRequests(person))
      setError(away ? undefined : failure)
    }
  }, [person, agent])
  // biome-ignore lint/correctness/useExhaustiveDependencies: each turn is a time to look again
  useEffect(() => {
    void look()
  }, [look, turn])
  const done = (words: string): void => {
    setSaid(words)
    setAnswering(undefined)
    setStopping(undefined)
    changed()
  }
  const now = Date.now() / 1_000
  const isActive = (grant: GrantState): boolean =>
    grant.status !== 'ended' && grant.handOver.opening.expiresAt > now
  const grants = [...agent.memory.now.grants].reverse()
  const active = grants.filter(isActive)
  const reading = active.filter(({ handOver }) => handOver.opening.actions.includes('read'))
  const adding = active.filter((grant) => !reading.includes(grant))
  const ended = grants.filter((grant) => !isActive(grant))
  const waiting = waitingIn(agent.memory.now)
  return (
    <section aria-labelledby="sharing-title">
      <h1 id="sharing-title">{text.sharing.title}</h1>
      <p className={said === '' ? 'away' : 'notice good'} role="status">
        {said}
      </p>
      {error === undefined ? null : <Trouble error={error} again={() => void look()} />}
      <h2>{text.sharing.requests}</h2>
      {requests === undefined && error === undefined ? <p className="quiet">…</p> : null}
      {requests?.length === 0 ? <p className="quiet">{text.sharing.noRequests}</p> : null}
      <ul className="cards">
        {requests?.map((pending) =>
          isOnPass(agent, pending) ? (
            <PassRequest key={pending.id} agent={agent} pending={pending} done={done} />
          ) : (
            <RequestCard key={pending.id} pending={pending} answer={() => setAnswering(pending)} />
          ),
        )}
      </ul>
      <Suspense fallback={null}>
        <VisitPass agent={agent} look={() => void look()} />
      </Suspense>
      <h2>{text.sharing.active}</h2>
      {reading.length === 0 ? <p className="quiet">{text.sharing.noActive}</p> : null}
      <GrantCards grants={reading} waiting={waiting} stop={setStopping} />
      {adding.length === 0 ? null : <h2>{text.sharing.adding}</h2>}
      <GrantCards grants={adding} waiting={waiting} stop={setStopping} />
      {ended.length === 0 ? null : <h2>{text.sharing.ended}</h2>}
      <GrantCards grants={ended} waiting={waiting} />
      <Suspense fallback={null}>
        {answering === undefined ? null : (
          <GrantDialog agent={agent} pending={answering} done={done} close={() => setAnswering(undefined)} />
        )}
        {stopping === undefined ? null : (
          <StopDialog
            agent={agent}
            grants={[stopping]}
            words={stopWords(text.stop, readerName(stopping.handOver))}
            done={done}
            close={() => setStopping(undefined)}
          />
        )}
      </Suspense>
    </section>
  )
}

function RequestCard({ pending, answer }: { readonly pending: Pending; readonly answer: () => void }) {
  const { words } = useSettings()
  const text = usePatientWords()
  const { body } = pending.request
  const who = readerName(body)
  return (
    <li className="card">
      <h3>{text.sharing.asks(who)}</h3>
      <p>
        {text.sharing.wants(
          listed(
            body.kinds.map((kind) => words.kinds[kind]),
            words.and,
          ),
          listed(
            body.purposes.map((purpose) => words.purposes[purpose]),
            words.and,
          ),
        )}
      </p>
      <button
        type="button"
        className="button main"
        onClick={answer}
        aria-label={`${text.sharing.answer}: ${who}`}
      >
        {text.sharing.answer}
      </button>
    </li>
  )
}

/** The words of stopping one grant. */
function stopWords(words: PatientWords['stop'], who: string): StopWords {
  const { title, onLedger, onItsWay, kept, ...rest } = words
  return { ...rest, title: title(who), onLedger: onLedger(who), onItsWay: onItsWay(who), kept: kept(who) }
}
