/** Keys and recovery: the ways back to the person's key, each counted only after it was used; leaving this browser; being erased. */
import { lazy, Suspense, useState } from 'react'
import type { Person } from './sign-in.ts'
import { usePatientWords } from './words.ts'

const WaysBack = lazy(async () => ({ default: (await import('./own/ways-back-form.tsx')).WaysBackForm }))
const LeaveBrowserDialog = lazy(async () => ({
  default: (await import('./own/leave-browser-dialog.tsx')).LeaveBrowserDialog,
}))
const EraseDialog = lazy(async () => ({ default: (await import('./erase-dialog.tsx')).EraseDialog }))

export function Keys({ person, leave }: { readonly person: Person; readonly leave: () => void }) {
  const text = usePatientWords()
  const [asking, ask] = useState<'leave' | 'erase'>()
  const close = (): void => ask(undefined)
  return (
    <section aria-labelledby="keys-title">
      <h1 id="keys-title">{text.keys.title}</h1>
      {person.simulated ? (
        <p className="notice">{text.keys.demo}</p>
      ) : (
        <>
          <Suspense fallback={null}>
            <WaysBack person={person} />
          </Suspense>
          <section className="card" aria-labelledby="leave-title">
            <h2 id="leave-title">{text.leave.title}</h2>
            <p>{text.leave.lead}</p>
            <button type="button" className="button" onClick={() => ask('leave')}>
              {text.leave.ask}
            </button>
          </section>
        </>
      )}
      <section className="card" aria-labelledby="erase-title">
        <h2 id="erase-title">{text.erase.title}</h2>
        <p>{text.erase.lead}</p>
        <button type="button" className="button danger" onClick={() => ask('erase')}>
          {text.erase.ask}
        </button>
      </section>
      <Suspense fallback={null}>
        {asking === 'leave' ? <LeaveBrowserDialog person={person} close={close} gone={leave} /> : null}
        {asking === 'erase' ? <EraseDialog person={person} close={close} gone={leave} /> : null}
      </Suspense>
    </section>
  )
}
