/**
 * My data: bring a file, answer what it leaves open, see what was taken in and what was not; take everything away.
 *
 * Laws: the file is read in this browser and goes nowhere; what it leaves open (order of dates, unit, time zone) is asked,
 * never guessed; the report adds up to the rows of the file; the same file again adds nothing.
 */
import { lazy, Suspense } from 'react'
import { readiness } from './own/ways-back.ts'
import { WaysMissing } from './own/ways-missing.tsx'
import type { Person } from './sign-in.ts'
import { usePatientWords } from './words.ts'

const Import = lazy(async () => ({ default: (await import('./import/import-card.tsx')).ImportCard }))
const TakeAway = lazy(async () => ({ default: (await import('./import/take-away.tsx')).TakeAway }))

export function Data({ person, added }: { readonly person: Person; readonly added: () => void }) {
  const text = usePatientWords().data
  const ready = person.simulated || readiness(person).ready
  return (
    <section aria-labelledby="data-title">
      <h1 id="data-title">{text.title}</h1>
      <WaysMissing person={person} />
      <Suspense fallback={null}>
        {ready ? <Import person={person} added={added} /> : null}
        <TakeAway person={person} />
      </Suspense>
    </section>
  )
}
