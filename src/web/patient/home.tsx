/** The patient's own app: its screens in one table, with the data read once and again when asked. */
import { lazy, type ReactNode } from 'react'
import { useSettings } from '../shared/settings.tsx'
import { type Screen, Shell } from '../shared/shell.tsx'
import { Trouble } from '../shared/trouble.tsx'
import type { Health } from './health.ts'
import { Now } from './now.tsx'
import { AwayNotice } from './offline/away-notice.tsx'
import type { Person } from './sign-in.ts'
import { useHealth } from './use-health.ts'
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
const Devices = lazy(async () => ({ default: (await import('./devices/devices.tsx')).Devices }))
const Keys = lazy(async () => ({ default: (await import('./keys.tsx')).Keys }))
const WaysMissing = lazy(async () => ({ default: (await import('./own/ways-missing.tsx')).WaysMissing }))

export function Home({ person, leave }: { readonly person: Person; readonly leave: () => void }) {
  const { words } = useSettings()
  const { nav } = usePatientWords()
  const own = useHealth(person)
  const { health, error, again } = own
  /** A screen of the readings, or how far they are. */
  const ofHealth = (show: (health: Health) => ReactNode) => () => (
    <>
      {person.simulated ? null : <WaysMissing person={person} />}
      {error === undefined ? null : <Trouble error={error} again={again} />}
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
      show: ofHealth((read) => <History health={read} reach={own.reach} />),
    },
    {
      name: 'sharing',
      title: nav.sharing,
      show: () => <Sharing person={person} turn={own.turn} changed={own.send} />,
    },
    { name: 'studies', title: nav.studies, show: () => <Studies person={person} /> },
    { name: 'medication', title: nav.medication, show: () => <Medication person={person} /> },
    { name: 'looked', title: nav.looked, show: () => <Looked person={person} /> },
    { name: 'data', title: nav.data, show: () => <Data person={person} added={again} /> },
    { name: 'devices', title: nav.devices, show: () => <Devices person={person} /> },
    { name: 'keys', title: nav.keys, show: () => <Keys person={person} leave={leave} /> },
  ]
  /** Each with what is to know while the node is away. */
  const told = screens.map(({ show, ...screen }) => ({
    ...screen,
    show: () => (
      <>
        <AwayNotice {...own} />
        {show()}
      </>
    ),
  }))
  return (
    <Shell
      person={person.name}
      simulated={person.simulated}
      screens={told}
      leave={leave}
      tools={
        <button type="button" className="button small" onClick={again}>
          {words.refresh}
        </button>
      }
    />
  )
}
