/**
 * Prescriptions on a patient's page: what stands, how much of it was recorded, a new one, an end.
 *
 * Law: nothing counts before it was signed here, with the clinician's own key.
 */
import { useState } from 'react'
import type { PatientAnswer } from '../../api/index.ts'
import { PRESCRIBED, type Prescribed, type Prescription, signPrescription } from '../../care/browser.door.ts'
import { hoursIn } from '../../consent/browser.door.ts'
import type { Insulin } from '../../series/index.ts'
import { webCrypto } from '../../vault/web-cipher.door.ts'
import { type ConsentId, hash32, quantity, toHex, type UnixSeconds } from '../../vocabulary/index.ts'
import { Picker } from '../shared/picker.tsx'
import type { StaffPerson } from '../shared/staff-sign-in.ts'
import { Trouble } from '../shared/trouble.tsx'
import { useAct } from '../shared/use-act.ts'
import { prescriptionIn, ShownPrescription } from './shown-prescription.tsx'
import { useMedicationWords } from './words.ts'

const DAY = 86_400
const MONTHS_DAYS = 90

type Wanted = Pick<
  Prescription['body'],
  'medication' | 'delivery' | 'frequency' | 'dose' | 'start' | 'end' | 'note'
>

export function PrescribeCard({
  staff,
  consent,
  answer,
  days,
  insulin,
  again,
}: {
  readonly staff: Pick<StaffPerson, 'tell' | 'signer'>
  readonly consent: ConsentId
  readonly answer: PatientAnswer
  /** Days that were read, up to the answer. */
  readonly days: number
  readonly insulin: readonly Insulin[]
  readonly again: () => void
}) {
  const text = useMedicationWords()
  const { busy, error, run } = useAct()
  const [said, setSaid] = useState('')
  /** Prescriptions signed here: the form begins anew with each. */
  const [count, setCount] = useState(0)
  const sign = (body: Pick<Prescription['body'], 'id' | 'status' | 'consentId'> & Wanted): void =>
    run(async () => {
      const authoredOn = quantity<UnixSeconds>(Math.floor(Date.now() / 1_000))
      const prescription = signPrescription({ ...body, authoredOn }, staff.signer)
      await staff.tell('care-prescribe', { prescription: { ...prescription } })
      setSaid(text.clinic.signed)
      setCount((before) => before + 1)
      again()
    })
  const leftOut = hoursIn(answer.proof.damaged.filter(({ kind }) => kind === 'insulin'))
  const recorded = { insulin, from: answer.at - days * DAY, until: answer.at, leftOut }
  return (
    <article className="card" aria-labelledby="prescriptions-title">
      <h2 id="prescriptions-title">{text.title}</h2>
      <p className="quiet">{text.clinic.lead}</p>
      {answer.prescriptions.length === 0 ? <p>{text.none}</p> : null}
      <ul className="cards">
        {answer.prescriptions.map((entry) => {
          const { body } = prescriptionIn(entry)
          return (
            <ShownPrescription key={body.id} entry={entry} recorded={recorded}>
              {body.status === 'stopped' ? null : (
                <button
                  type="button"
                  className="button small danger"
                  aria-label={`${text.clinic.stop}: ${body.medication}`}
                  title={text.clinic.stopNote}
                  disabled={busy}
                  onClick={() => sign({ ...body, consentId: consent, status: 'stopped' })}
                >
                  {text.clinic.stop}
                </button>
              )}
            </ShownPrescription>
          )
        })}
      </ul>
      {error === undefined ? null : <Trouble error={error} codes={text.codes} />}
      <p role="status">{said}</p>
      <details key={count}>
        <summary>{text.clinic.write}</summary>
        <Form
          busy={busy}
          sign={(wanted) => {
            const id = hash32(toHex(webCrypto.cipher.random(32)))
            sign({ ...wanted, id, status: 'active', consentId: consent })
          }}
        />
      </details>
    </article>
  )
}

function Form({ busy, sign }: { readonly busy: boolean; readonly sign: (wanted: Wanted) => void }) {
  const text = useMedicationWords()
  const [medication, setMedication] = useState('')
  const [delivery, setDelivery] = useState<Prescribed>('bolus')
  const [frequency, setFrequency] = useState('3')
  const [dose, setDose] = useState('')
  const [since, setSince] = useState(() => dayOf(Date.now()))
  const [days, setDays] = useState(String(MONTHS_DAYS))
  const [note, setNote] = useState('')
  const units = dose.trim() === '' ? null : Number(dose.replace(',', '.'))
  const start = quantity<UnixSeconds>(new Date(`${since}T00:00:00`).getTime() / 1_000)
  const wanted: Wanted = {
    medication: medication.trim(),
    delivery,
    frequency: Number(frequency),
    dose: units,
    start,
    end: quantity<UnixSeconds>(start + Number(days) * DAY),
    note: note.trim(),
  }
  const ready =
    wanted.medication !== '' &&
    Number.isInteger(wanted.frequency) &&
    wanted.frequency > 0 &&
    Number.isInteger(wanted.end) &&
    (units === null || units > 0)
  const fields = [
    ['medication', medication, setMedication, 'text'],
    ['frequency', frequency, setFrequency, 'text'],
    ['dose', dose, setDose, 'text'],
    ['since', since, setSince, 'date'],
    ['days', days, setDays, 'text'],
    ['note', note, setNote, 'text'],
  ] as const
  return (
    <>
      <Picker
        label={text.clinic.how}
        options={PRESCRIBED}
        name={(one) => text.how[one]}
        picked={delivery}
        pick={setDelivery}
      />
      {fields.map(([name, value, set, type]) => (
        <label key={name} className="field">
          {text.clinic[name]}
          <input
            type={type}
            value={value}
            maxLength={name === 'note' ? 500 : 80}
            onChange={({ target }) => set(target.value)}
          />
        </label>
      ))}
      <button type="button" className="button main" disabled={busy || !ready} onClick={() => sign(wanted)}>
        {text.clinic.sign}
      </button>
    </>
  )
}

/** The day of an instant on this device's clock, as a field of a date takes it. */
function dayOf(milliseconds: number): string {
  const offset = new Date(milliseconds).getTimezoneOffset() * 60_000
  return new Date(milliseconds - offset).toISOString().slice(0, 10)
}
