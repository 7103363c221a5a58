/** One patient: the record, their name in the clinic's list, a dose for a meal. */
import { useCallback, useState } from 'react'
import type { PatientAnswer } from '../../api/index.ts'
import { consentId, isIsletError } from '../../vocabulary/index.ts'
import { PrescribeCard } from '../medication/prescribe-card.tsx'
import { shownInstant } from '../shared/format.ts'
import { useSettings } from '../shared/settings.tsx'
import { Trouble } from '../shared/trouble.tsx'
import { useAsked } from '../shared/use-asked.ts'
import { type Clinic, LOOK_EVERY } from './clinic.ts'
import { DoseCard } from './dose-card.tsx'
import { RecordView } from './record-view.tsx'
import { healthRecords } from './records.ts'
import { WhileAllowed } from './while-allowed.tsx'
import { useClinicianWords } from './words.ts'

const DAYS = 14

export function PatientPage({ clinic }: { readonly clinic: Clinic }) {
  const text = useClinicianWords()
  const consent = chosen()
  if (consent === undefined) {
    return (
      <section aria-labelledby="patient-title">
        <h1 id="patient-title">{text.nav.patient}</h1>
        <p>
          <a href="#/panel">{text.patient.choose}</a>
        </p>
      </section>
    )
  }
  return <Opened key={consent} clinic={clinic} consent={consent} />
}

type Chosen = NonNullable<ReturnType<typeof chosen>>

function Opened({ clinic, consent }: { readonly clinic: Clinic; readonly consent: Chosen }) {
  const { language } = useSettings()
  const text = useClinicianWords()
  const {
    value: answer,
    error,
    again,
  } = useAsked(
    useCallback(() => clinic.ask('care-patient', { consent, days: DAYS }), [clinic, consent]),
    LOOK_EVERY,
  )
  return (
    <section aria-labelledby="patient-title">
      <h1 id="patient-title">{answer?.name ?? text.panel.unnamed(consent.slice(2, 6))}</h1>
      {error === undefined ? null : <Trouble error={error} again={again} codes={text.codes} />}
      {answer === undefined ? (
        <p role="status">{error === undefined ? text.patient.opening : ''}</p>
      ) : (
        <WhileAllowed answer={answer}>
          <p className="quiet">{text.patient.until(shownInstant(answer.expires, language))}</p>
          <InList clinic={clinic} consent={consent} answer={answer} again={again} />
          <RecordView answer={answer} />
          <PrescribeCard
            staff={clinic.staff}
            consent={consent}
            answer={answer}
            days={DAYS}
            insulin={healthRecords(answer.records).filter((record) => record.type === 'insulin')}
            again={again}
          />
          <DoseCard clinic={clinic} consent={consent} decisions={answer.decisions} again={again} />
        </WhileAllowed>
      )}
    </section>
  )
}

function InList({
  clinic,
  consent,
  answer,
  again,
}: {
  readonly clinic: Clinic
  readonly consent: Chosen
  readonly answer: PatientAnswer
  readonly again: () => void
}) {
  const { patient: text, codes } = useClinicianWords()
  const [name, setName] = useState(answer.name ?? '')
  const [said, setSaid] = useState('')
  const [error, setError] = useState<unknown>()
  const keep = async (reviewed: boolean): Promise<void> => {
    try {
      await clinic.ask('care-list', { consent, name: name.trim(), reviewed })
      setSaid(text.saved)
      setError(undefined)
      again()
    } catch (failure) {
      setError(failure)
    }
  }
  return (
    <div className="card">
      {error === undefined ? null : <Trouble error={error} codes={codes} />}
      <label className="field">
        {text.name}
        <input value={name} maxLength={120} onChange={({ target }) => setName(target.value)} />
      </label>
      <p className="row">
        <button
          type="button"
          className="button"
          disabled={name.trim() === ''}
          onClick={() => void keep(false)}
        >
          {text.save}
        </button>
        <button
          type="button"
          className="button"
          disabled={name.trim() === ''}
          onClick={() => void keep(true)}
        >
          {text.review}
        </button>
        <span role="status">{said}</span>
      </p>
    </div>
  )
}

/** The consent that the address names, if any. */
function chosen() {
  try {
    return consentId(location.hash.split('/')[2] ?? '')
  } catch (error) {
    if (isIsletError(error, 'NOT_A_HASH')) return undefined
    throw error
  }
}
