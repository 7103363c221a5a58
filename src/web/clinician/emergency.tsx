/**
 * Emergencies: what was sealed, the calls of this institution and those that ask it; nothing opens by one institution alone.
 */
import { useCallback, useState } from 'react'
import type { EmergenciesAnswer, PatientAnswer } from '../../api/index.ts'
import type { ConsentId, Hash32 } from '../../vocabulary/index.ts'
import { shownInstant } from '../shared/format.ts'
import { useSettings } from '../shared/settings.tsx'
import { Trouble } from '../shared/trouble.tsx'
import { useAsked } from '../shared/use-asked.ts'
import type { Clinic } from './clinic.ts'
import { RecordView } from './record-view.tsx'
import { WhileAllowed } from './while-allowed.tsx'
import { useClinicianWords } from './words.ts'

export function Emergency({ clinic }: { readonly clinic: Clinic }) {
  const { emergency: text, codes } = useClinicianWords()
  const {
    value: answer,
    error,
    again,
  } = useAsked(useCallback(() => clinic.ask('care-emergencies', {}), [clinic]))
  const [opened, setOpened] = useState<PatientAnswer>()
  const [trouble, setTrouble] = useState<unknown>()
  const [said, setSaid] = useState('')
  const act = async (work: () => Promise<string>): Promise<void> => {
    try {
      setTrouble(undefined)
      setSaid(await work())
      again()
    } catch (failure) {
      setTrouble(failure)
    }
  }
  const call = (consent: ConsentId, reason: string) =>
    act(async () => text.states[(await clinic.ask('care-call', { consent, reason })).state])
  const open = (hash: Hash32) =>
    act(async () => {
      setOpened(await clinic.ask('care-broken', { call: hash }))
      return text.states.opened
    })
  const release = (hash: Hash32, verdict: 'release' | 'decline') =>
    act(async () => {
      await clinic.ask('care-release', { call: hash, verdict })
      return text.answered
    })
  return (
    <section aria-labelledby="emergency-title">
      <h1 id="emergency-title">{text.title}</h1>
      <p className="quiet">{text.lead}</p>
      {error === undefined ? null : <Trouble error={error} again={again} codes={codes} />}
      {trouble === undefined ? null : <Trouble error={trouble} codes={codes} />}
      <p role="status">{said}</p>
      <button type="button" className="button small" onClick={again}>
        {text.refresh}
      </button>
      {answer === undefined ? null : clinic.reads ? (
        <>
          <Sealed sealed={answer.sealed} call={(consent, reason) => void call(consent, reason)} />
          <Calls calls={answer.calls} open={(hash) => void open(hash)} />
        </>
      ) : (
        <Heard heard={answer.heard} release={(hash, verdict) => void release(hash, verdict)} />
      )}
      {opened === undefined ? null : (
        <WhileAllowed key={opened.consent} answer={opened}>
          <RecordView answer={opened} />
        </WhileAllowed>
      )}
    </section>
  )
}

function Sealed({
  sealed,
  call,
}: {
  readonly sealed: EmergenciesAnswer['sealed']
  readonly call: (consent: ConsentId, reason: string) => void
}) {
  const words = useClinicianWords()
  const text = words.emergency
  const [reason, setReason] = useState('')
  return (
    <>
      <h2>{text.sealed}</h2>
      {sealed.length === 0 ? <p className="quiet">{text.none}</p> : null}
      {sealed.length === 0 ? null : (
        <label className="field">
          {text.reason}
          <input value={reason} maxLength={500} onChange={({ target }) => setReason(target.value)} />
        </label>
      )}
      <ul className="cards">
        {sealed.map(({ consent, name, second }) => {
          const who = name ?? words.panel.unnamed(consent.slice(2, 6))
          return (
            <li key={consent} className="card">
              <h3>{who}</h3>
              <p className="quiet">{text.line(second)}</p>
              <button
                type="button"
                className="button danger"
                aria-label={`${text.call}: ${who}`}
                disabled={reason.trim().length < 10}
                onClick={() => call(consent, reason.trim())}
              >
                {text.call}
              </button>
            </li>
          )
        })}
      </ul>
    </>
  )
}

function Calls({
  calls,
  open,
}: {
  readonly calls: EmergenciesAnswer['calls']
  readonly open: (call: Hash32) => void
}) {
  const { language } = useSettings()
  const text = useClinicianWords().emergency
  return (
    <>
      <h2>{text.calls}</h2>
      {calls.length === 0 ? <p className="quiet">{text.noCalls}</p> : null}
      <ul className="cards">
        {calls.map(({ call, person, reason, at, state, review }) => (
          <li key={call} className="card">
            <h3>
              {person}, {shownInstant(at, language)}
            </h3>
            <p>{reason}</p>
            <p>
              <strong>{text.states[state]}</strong> {review === null ? '' : (text.reviews[review] ?? '')}
            </p>
            {state === 'released' || state === 'opened' ? (
              <button type="button" className="button main" onClick={() => open(call)}>
                {text.open}
              </button>
            ) : null}
          </li>
        ))}
      </ul>
    </>
  )
}

function Heard({
  heard,
  release,
}: {
  readonly heard: EmergenciesAnswer['heard']
  readonly release: (call: Hash32, verdict: 'release' | 'decline') => void
}) {
  const { language } = useSettings()
  const text = useClinicianWords().emergency
  return (
    <>
      <h2>{text.heard}</h2>
      {heard.length === 0 ? <p className="quiet">{text.noCalls}</p> : null}
      <ul className="cards">
        {heard.map(({ call, person, reader, reason, at, state }) => (
          <li key={call} className="card">
            <h3>{text.asks(person, reader)}</h3>
            <p className="quiet">{shownInstant(at, language)}</p>
            <p>{reason}</p>
            {state === 'waiting' ? (
              <p className="row">
                <button type="button" className="button main" onClick={() => release(call, 'release')}>
                  {text.release}
                </button>
                <button type="button" className="button" onClick={() => release(call, 'decline')}>
                  {text.decline}
                </button>
              </p>
            ) : (
              <strong>{text.states[state]}</strong>
            )}
          </li>
        ))}
      </ul>
    </>
  )
}
