/** Who looked: every access, checked on this device against the signed log before a line of it is shown. */
import { useCallback, useEffect, useState } from 'react'
import { type Emergency, emergenciesOf } from '../review/emergencies.ts'
import { EmergencyList } from '../review/emergency-list.tsx'
import { listed, shownInstant } from '../shared/format.ts'
import { useSettings } from '../shared/settings.tsx'
import { Trouble } from '../shared/trouble.tsx'
import { type Look, looksOf } from './looks.ts'
import type { Person } from './sign-in.ts'
import { usePatientWords } from './words.ts'

export function Looked({ person }: { readonly person: Person }) {
  const text = usePatientWords()
  const [looks, setLooks] = useState<readonly Look[]>()
  const [emergencies, setEmergencies] = useState<readonly Emergency[]>([])
  const [error, setError] = useState<unknown>()
  const [own, setOwn] = useState(false)
  const check = useCallback(async (): Promise<void> => {
    try {
      const accesses = await person.agent.accesses()
      setLooks(looksOf(accesses, person.agent.memory.now.grants))
      setEmergencies(emergenciesOf(accesses))
      setError(undefined)
    } catch (failure) {
      setLooks(undefined)
      setError(failure)
    }
  }, [person])
  useEffect(() => {
    void check()
  }, [check])
  const shown = looks?.filter(({ who, action }) => own || (who !== undefined && action !== 'append')) ?? []
  return (
    <section aria-labelledby="looked-title">
      <h1 id="looked-title">{text.looked.title}</h1>
      <p className="quiet">{text.looked.lead}</p>
      {error === undefined ? null : <Trouble error={error} again={() => void check()} />}
      {looks === undefined ? (
        error === undefined ? (
          <p role="status">{text.looked.loading}</p>
        ) : null
      ) : (
        <>
          <p className="notice good" role="status" data-testid="checked">
            {text.looked.checked(looks.length)}
          </p>
          <EmergencyList emergencies={emergencies} identity={person.keys.identity} send={person.send} />
          <label className="tick">
            <input type="checkbox" checked={own} onChange={(event) => setOwn(event.target.checked)} />{' '}
            {text.looked.own}
          </label>
          {shown.length === 0 ? <p>{text.looked.none}</p> : null}
          <ol className="timeline">
            {shown.map((look) => (
              <LookLine key={look.index} look={look} />
            ))}
          </ol>
        </>
      )}
    </section>
  )
}

function LookLine({ look }: { readonly look: Look }) {
  const { words, language } = useSettings()
  const text = usePatientWords()
  return (
    <li className={look.action === 'refuse' ? 'refused' : ''}>
      <time dateTime={new Date(look.at * 1_000).toISOString()}>{shownInstant(look.at, language)}</time>
      <span>
        <strong>{look.who ?? text.looked.you}</strong>{' '}
        {(look.who === undefined ? text.looked.whatYou : text.looked.what)[look.action]}
        {look.kinds.length === 0
          ? ''
          : ` · ${listed(
              look.kinds.map((kind) => words.kinds[kind]),
              words.and,
            )}`}
        {look.action === 'read' ? ` · ${text.looked.hours(look.count)}` : ''}
        {look.emergency === undefined ? null : (
          <em> {text.looked.emergency(look.emergency.reason, look.emergency.second)}</em>
        )}
      </span>
    </li>
  )
}
