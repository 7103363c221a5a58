/** Keys and recovery: the ways back to the person's key, each counted only after it was used; and being erased. */
import { lazy, Suspense, useState } from 'react'
import type { Person } from './sign-in.ts'
import { usePatientWords } from './words.ts'

const WaysBack = lazy(async () => ({ default: (await import('./own/ways-back-form.tsx')).WaysBackForm }))
const EraseDialog = lazy(async () => ({ default: (await import('./erase-dialog.tsx')).EraseDialog }))

export function Keys({ person, leave }: { readonly person: Person; readonly leave: () => void }) {
  const text = usePatientWords()
  const [erasing, setErasing] = useState(false)
  return (
    <section aria-labelledby="keys-title">
      <h1 id="keys-title">{text.keys.title}</h1>
      {person.simulated ? (
        <p className="notice">{text.keys.demo}</p>
      ) : (
        <Suspense fallback={null}>
          <WaysBack person={person} />
        </Suspense>
      )}
      <section className="card" aria-labelledby="erase-title">
        <h2 id="erase-title">{text.erase.title}</h2>
        <p>{text.erase.lead}</p>
        <button type="button" className="button danger" onClick={() => setErasing(true)}>
          {text.erase.ask}
        </button>
      </section>
      <Suspense fallback={null}>
        {erasing ? <EraseDialog person={person} close={() => setErasing(false)} gone={leave} /> : null}
      </Suspense>
    </section>
  )
}
