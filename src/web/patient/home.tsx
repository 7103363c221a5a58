/** The patient's own app: four screens below one row of links, with the data read once and again when asked. */
import { useCallback, useEffect, useState } from 'react'
import { useSettings } from '../shared/settings.tsx'
import type { Person } from '../shared/sign-in.ts'
import { Trouble } from '../shared/trouble.tsx'
import { type Health, readHealth } from './health.ts'
import { History } from './history.tsx'
import { Looked } from './looked.tsx'
import { Now } from './now.tsx'
import { Sharing } from './sharing.tsx'

const SCREENS = ['now', 'history', 'sharing', 'looked'] as const
type Screen = (typeof SCREENS)[number]

export function Home({ person, leave }: { readonly person: Person; readonly leave: () => void }) {
  const { words } = useSettings()
  const screen = useScreen()
  const [health, setHealth] = useState<Health>()
  const [error, setError] = useState<unknown>()
  const load = useCallback(async (): Promise<void> => {
    try {
      setHealth(await readHealth(person.agent, Math.floor(Date.now() / 1_000)))
      setError(undefined)
    } catch (failure) {
      setError(failure)
    }
  }, [person])
  useEffect(() => {
    void load()
    // Covers of writers, new keys after a suspension, whatever is still to be sent.
    person.agent.settle().catch(setError)
  }, [load, person])
  return (
    <>
      <p className="demo">{words.demo}</p>
      <nav aria-label={words.nav.label} className="screens">
        <ul>
          {SCREENS.map((name) => (
            <li key={name}>
              <a href={`#/${name}`} aria-current={name === screen ? 'page' : undefined}>
                {words.nav[name]}
              </a>
            </li>
          ))}
        </ul>
        <div className="row">
          <span className="quiet">{person.name}</span>
          <button type="button" className="button small" onClick={() => void load()}>
            {words.refresh}
          </button>
          <button type="button" className="button small" onClick={leave}>
            {words.leave}
          </button>
        </div>
      </nav>
      <main id="content" tabIndex={-1}>
        {error === undefined ? null : <Trouble error={error} again={() => void load()} />}
        {screen === 'sharing' ? <Sharing person={person} /> : null}
        {screen === 'looked' ? <Looked person={person} /> : null}
        {health === undefined ? (
          (screen === 'now' || screen === 'history') && error === undefined ? (
            <p role="status">{words.signIn.opening(person.name)}</p>
          ) : null
        ) : (
          <>
            {screen === 'now' ? <Now health={health} lead={words.noAlarm} /> : null}
            {screen === 'history' ? <History health={health} /> : null}
          </>
        )}
      </main>
    </>
  )
}

/** The screen that the address names. */
function useScreen(): Screen {
  const [screen, setScreen] = useState(named)
  useEffect(() => {
    const follow = (): void => setScreen(named())
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  return screen
}

function named(): Screen {
  const name = location.hash.slice(2)
  return SCREENS.find((screen) => screen === name) ?? 'now'
}
