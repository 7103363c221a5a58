/**
 * What was prescribed to a patient: asked of everybody who may read them for care, doses counted from the patient's own records.
 *
 * Law: nobody is asked to whom nothing was granted, and nobody is told what was recorded.
 */
import { useCallback } from 'react'
import { MESSAGES, type PrescriptionEntry } from '../../api/index.ts'
import { signPrescriptionQuestion } from '../../care/browser.door.ts'
import { asJson, hoursIn, type PatientAgent, parseText, type Send } from '../../consent/browser.door.ts'
import type { Signer } from '../../identity/index.ts'
import { hourOf, quantity, type UnixSeconds, type UtcHour } from '../../vocabulary/index.ts'
import { Trouble } from '../shared/trouble.tsx'
import { useAsked } from '../shared/use-asked.ts'
import { type Recorded, ShownPrescription } from './shown-prescription.tsx'
import { useMedicationWords } from './words.ts'

const DAYS = 14
const DAY = 86_400

interface Asked {
  readonly name: string
  /** Undefined where nobody answered. */
  readonly entries: readonly PrescriptionEntry[] | undefined
}

interface Patient {
  readonly agent: PatientAgent
  readonly keys: { readonly identity: Signer }
  readonly send: Send
}

export function Medication({ person }: { readonly person: Patient }) {
  const text = useMedicationWords()
  const { value, error, again } = useAsked(
    useCallback(async () => {
      const at = quantity<UnixSeconds>(Math.floor(Date.now() / 1_000))
      const [asked, recorded] = await Promise.all([askAll(person, at), recordedUpTo(person, at)])
      return { asked, recorded }
    }, [person]),
  )
  return (
    <section aria-labelledby="medication-title">
      <h1 id="medication-title">{text.patient.title}</h1>
      <p className="quiet">{text.patient.lead}</p>
      {error === undefined ? null : <Trouble error={error} again={again} />}
      {value === undefined && error === undefined ? <p role="status">{text.patient.loading}</p> : null}
      {value?.asked.length === 0 ? <p>{text.patient.nobody}</p> : null}
      {value?.asked.map(({ name, entries }) => (
        <section key={name}>
          <h2>{name}</h2>
          {entries === undefined ? <p className="notice">{text.patient.silent(name)}</p> : null}
          {entries?.length === 0 ? <p className="quiet">{text.none}</p> : null}
          <ul className="cards">
            {entries?.map((entry) => (
              <ShownPrescription key={entry.analysis} entry={entry} recorded={value.recorded} />
            ))}
          </ul>
        </section>
      ))}
    </section>
  )
}

/** Every institution that was granted a look for care, once, under its newest grant. */
async function askAll({ agent, keys, send }: Patient, at: UnixSeconds): Promise<readonly Asked[]> {
  const newest = new Map(
    agent.memory.now.grants
      .filter(({ handOver }) => handOver.opening.purposes.includes('TREAT'))
      .map(({ handOver }) => [handOver.opening.reader, handOver]),
  )
  return Promise.all(
    [...newest.values()].map(async ({ opening, consentId, readerName }) => {
      const question = asJson(signPrescriptionQuestion({ consentId, at }, keys.identity))
      try {
        const answer = await send(opening.reader, 'my-prescriptions', { question })
        const { reply } = MESSAGES['my-prescriptions']
        const { prescriptions } = parseText(reply, JSON.stringify(answer), 'list of prescriptions')
        return { name: readerName, entries: prescriptions }
      } catch {
        return { name: readerName, entries: undefined }
      }
    }),
  )
}

async function recordedUpTo({ agent }: Patient, until: UnixSeconds): Promise<Recorded> {
  const end = hourOf(until) + 1
  const window = { first: quantity<UtcHour>(end - (DAYS + 1) * 24), end: quantity<UtcHour>(end) }
  const { records, damaged } = await agent.read(['insulin'], window)
  const insulin = records.filter((record) => record.type === 'insulin')
  return { insulin, from: until - DAYS * DAY, until, leftOut: hoursIn(damaged) }
}
