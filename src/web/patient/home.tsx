/** The patient's own app: its screens in one table, with the data read once and again when asked. */
import { lazy, type ReactNode, useCallback, useEffect, useState } from 'react'
import { useSettings } from '../shared/settings.tsx'
import { type Screen, Shell } from '../shared/shell.tsx'
import { Trouble } from '../shared/trouble.tsx'
import { FIRST_DAYS, type Health, readHealth } from './health.ts'
import { Now } from './now.tsx'
import type { Person } from './sign-in.ts'
import { usePatientWords } from './words.ts'

// The first screen is loaded with the person, every other one when it is gone to.
const History = lazy(async () => ({ default: (await import('./history.tsx')).History }))
const Sharing = lazy(async () => ({ default: (await import('./sharing.tsx')).Sharing }))
const Studies = lazy(async () => ({ default: (await import('./studies/studies.tsx')).Studies }))
const Looked = lazy(async () => ({ default: (await import('./looked.tsx')).Looked }))
const Medication = lazy(async () => ({
  default: (await import('../medication/medication.tsx')).Medication,
}))
const Data = lazy(async () => ({ default: (await import('./data.tsx')).Data }))
const Keys = lazy(async () => ({ default: (await import('./keys.tsx')).Keys }))
const WaysMissing = lazy(async () => ({ default: (await import('./own/ways-missing.tsx')).WaysMissing }))

export function Home({ person, leave }: { readonly person: Person; readonly leave: () => void }) {
  const { words } = useSettings()
  const { nav } = usePatientWords()
  const [health, setHealth] = useState<Health>()
  const [error, setError] = useState<unknown>()
  const [days, setDays] = useState(FIRST_DAYS)
  const load = useCallback(async (): Promise<void> => {
    try {
      setHealth(await readHealth(person.agent, Math.floor(Date.now() / 1_000), days))
      setError(undefined)
    } catch (failure) {
      setError(failure)
    }
  }, [person, days])
  useEffect(() => {
    void load()
  }, [load])
  useEffect(() => {
    // Covers of writers, new keys after a suspension, whatever is still to be sent.
    person.agent.settle().catch(setError)
  }, [person])
  /** A screen of the readings, or how far they are. */
  const ofHealth = (show: (health: Health) => ReactNode) => () => (
    <>
      {person.simulated ? null : <WaysMissing person={person} />}
      {error === undefined ? null : <Trouble error={error} again={() => void load()} />}
      {health !== undefined ? (
        show(health)
      ) : error === undefined ? (
        <p role="status">{words.signIn.opening(person.name)}</p>
      ) : null}
    </>
  )
  const screens: readonly Screen[] = [
    { name: 'now', title: nav.now, show: ofHealth((read) => <Now health={read} lead={words.noAlarm} />) },
    {
      name: 'history',
      title: nav.history,
      show: ofHealth((read) => <History health={read} reach={setDays} />),
    },
    { name: 'sharing', title: nav.sharing, show: () => <Sharing person={person} /> },
    { name: 'studies', title: nav.studies, show: () => <Studies person={person} /> },
    { name: 'medication', title: nav.medication, show: () => <Medication person={person} /> },
    { name: 'looked', title: nav.looked, show: () => <Looked person={person} /> },
    { name: 'data', title: nav.data, show: () => <Data person={person} added={() => void load()} /> },
    { name: 'keys', title: nav.keys, show: () => <Keys person={person} leave={leave} /> },
  ]
  return (
    <Shell
      person={person.name}
      simulated={person.simulated}
      screens={screens}
      leave={leave}
      tools={
        <button type="button" className="button small" onClick={() => void load()}>
          {words.refresh}
        </button>
      }
    />
  )
}
