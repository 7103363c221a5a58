/** One prescription as both sides see it: what, how often, by whom, and how many of its doses were recorded. */
import type { ReactNode } from 'react'
import type { PrescriptionEntry } from '../../api/index.ts'
import {
  adherence,
  medicationRequest,
  type Prescription,
  PrescriptionSchema,
} from '../../care/browser.door.ts'
import { parseText } from '../../consent/browser.door.ts'
import type { Insulin } from '../../series/index.ts'
import { fixed, shownInstant } from '../shared/format.ts'
import { saveDocument } from '../shared/save-file.ts'
import { useSettings } from '../shared/settings.tsx'
import { useMedicationWords } from './words.ts'

/** Insulin as it was opened, and which time it covers. */
export interface Recorded {
  readonly insulin: readonly Insulin[]
  readonly from: number
  readonly until: number
  /** Hours of insulin in it that are damaged and left out. */
  readonly leftOut: number
}

/** The signed form of an entry. Throws `DOCUMENT_REFUSED`. */
export function prescriptionIn({ prescription }: PrescriptionEntry): Prescription {
  return parseText(PrescriptionSchema, JSON.stringify(prescription), 'prescription')
}

export function ShownPrescription({
  entry,
  recorded,
  children,
}: {
  readonly entry: PrescriptionEntry
  readonly recorded: Recorded
  readonly children?: ReactNode
}) {
  const { language } = useSettings()
  const text = useMedicationWords()
  const prescription = prescriptionIn(entry)
  const { medication, delivery, frequency, dose, start, end, authoredOn, note, status, id } =
    prescription.body
  const prescriber = entry.prescriber ?? text.former
  const found = adherence(prescription.body, recorded.insulin, recorded)
  return (
    <li className="card" data-testid="prescription">
      <h3>
        {medication} {status === 'stopped' ? <em>({text.stopped})</em> : null}
      </h3>
      <p>
        {text.dosage(frequency, dose === null ? null : fixed(dose, 1, language), text.how[delivery])};{' '}
        {text.period(shownInstant(start, language), shownInstant(end, language))}
      </p>
      {note === '' ? null : <p>{note}</p>}
      <p className="quiet">
        {text.by(prescriber, shownInstant(authoredOn, language))} (
        {entry.anchored ? text.anchored : text.notYet})
      </p>
      <h4>{text.taken}</h4>
      <p>
        {found === undefined
          ? text.takenNone
          : text.takenSays(found.doses, found.prescribed, fixed(found.percent, 0, language), found.days)}{' '}
        {found === undefined || found.unknownDays === 0 ? '' : text.unknown(found.unknownDays)}{' '}
        {recorded.leftOut === 0 ? '' : text.leftOut(recorded.leftOut)}{' '}
        {found === undefined ? null : <span className="quiet">{text.takenLimit}</span>}
      </p>
      <p className="row">
        <button
          type="button"
          className="button small"
          onClick={() =>
            saveDocument(`prescription-${id.slice(2, 10)}.json`, medicationRequest(prescription, prescriber))
          }
        >
          {text.fhir}
        </button>
        {children}
      </p>
    </li>
  )
}
