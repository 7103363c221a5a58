/**
 * Around every screen of somebody signed in: who it is, the row of links, the content.
 *
 * Law: the address names the screen, so that back, forward and a bookmark work; an unknown name shows the first one.
 */
import { type ReactNode, Suspense, useEffect, useState } from 'react'
import { useSettings } from './settings.tsx'

/** One screen of a role; `name` stands in the address. */
export interface Screen {
  readonly name: string
  readonly title: string
  readonly show: () => ReactNode
}

export function Shell({
  person,
  simulated,
  screens,
  tools,
  leave,
}: {
  /** Name of who is signed in. */
  readonly person: string
  readonly simulated: boolean
  readonly screens: readonly Screen[]
  /** Buttons beside the name. */
  readonly tools?: ReactNode
  readonly leave: () => void
}) {
  const { words } = useSettings()
  const hash = useHash()
  const shown = screens.find(({ name }) => name === hash) ?? screens[0]
  return (
    <>
      <nav aria-label={words.menu} className="screens">
        <div className="row account">
          {simulated ? <p className="demo">{words.demo}</p> : null}
          <span className="quiet">{person}</span>
          {tools}
          <button type="button" className="button small" onClick={leave}>
            {words.leave}
          </button>
        </div>
        <ul>
          {screens.map(({ name, title }) => (
            <li key={name}>
              <a href={`#/${name}`} aria-current={name === shown?.name ? 'page' : undefined}>
                {title}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <main id="content" tabIndex={-1}>
        <Suspense fallback={null}>{shown?.show()}</Suspense>
      </main>
    </>
  )
}

/** What the address names after `#/`, up to the next slash. */
function useHash(): string {
  const [hash, setHash] = useState(named)
  useEffect(() => {
    const follow = (): void => setHash(named())
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  return hash
}

function named(): string {
  return location.hash.slice(2).split('/')[0] ?? ''
}
