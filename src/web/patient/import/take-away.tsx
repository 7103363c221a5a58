/**
 * Take your data away: every record of every kind that this device opens, as a table (CSV) or as FHIR.
 *
 * Law: hours that are damaged where they are kept are left out, and their number is said.
 */
import { useState } from 'react'
import { writeCsv, writeFhir } from '../../../intake/index.ts'
import { KINDS } from '../../../vocabulary/index.ts'
import { saveFile } from '../../shared/save-file.ts'
import { Trouble } from '../../shared/trouble.tsx'
import { readAllOf } from '../health.ts'
import type { Person } from '../sign-in.ts'
import { usePatientWords } from '../words.ts'

export function TakeAway({ person }: { readonly person: Person }) {
  const text = usePatientWords().data
  const [said, say] = useState('')
  const [error, setError] = useState<unknown>()
  const take = async (format: 'csv' | 'fhir'): Promise<void> => {
    setError(undefined)
    say(text.taking)
    try {
      const { records, leftOut } = await readAllOf(person.agent, KINDS)
      const people = [{ id: 'me', zone: Intl.DateTimeFormat().resolvedOptions().timeZone, records }]
      if (format === 'csv') saveFile('islet.csv', 'text/csv', writeCsv(people))
      else saveFile('islet.fhir.json', 'application/fhir+json', JSON.stringify(writeFhir(people)))
      say([text.taken(records.length), ...(leftOut === 0 ? [] : [text.takenWithout(leftOut)])].join(' '))
    } catch (failure) {
      say('')
      setError(failure)
    }
  }
  return (
    <section className="card" aria-labelledby="take-title">
      <h2 id="take-title">{text.take}</h2>
      <p className="quiet">{text.takeNote}</p>
      {error === undefined ? null : <Trouble error={error} />}
      <p className="row">
        <button type="button" className="button" onClick={() => void take('csv')}>
          {text.takeCsv}
        </button>
        <button type="button" className="button" onClick={() => void take('fhir')}>
          {text.takeFhir}
        </button>
        <span role="status">{said}</span>
      </p>
    </section>
  )
}
