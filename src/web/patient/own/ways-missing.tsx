/** The notice before everything while a person’s own key has too few ways back. */
import type { Person } from '../sign-in.ts'
import { usePatientWords } from '../words.ts'
import { readiness } from './ways-back.ts'

/** Says what is missing before real data can be taken in; nothing where nothing is. */
export function WaysMissing({ person }: { readonly person: Person }) {
  const text = usePatientWords()
  if (person.simulated) return null
  const ready = readiness(person)
  if (ready.ready) return null
  return (
    <p className="notice bad" role="alert">
      {text.keys.missing} <a href="#/keys">{text.nav.keys}</a>
    </p>
  )
}
