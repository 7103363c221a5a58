/** The web app: settings around a frame around whoever is signed in. */
import { lazy, StrictMode, Suspense, useState } from 'react'
import { createRoot } from 'react-dom/client'
import type { Offer, PersonaRole } from '../api/index.ts'
import { Frame } from './shared/frame.tsx'
import type { OpenRole, SignedIn } from './shared/role.ts'
import { SettingsProvider } from './shared/settings.tsx'
import { SignInScreen } from './shared/sign-in-screen.tsx'
import { TroubleBoundary } from './shared/trouble.tsx'

/** Who is served, each by a bundle of its own. */
const ROLES: Readonly<Partial<Record<PersonaRole, () => Promise<{ readonly open: OpenRole }>>>> = {
  patient: () => import('./patient/role.tsx'),
  clinician: () => import('./clinician/role.tsx'),
  researcher: () => import('./research/role.tsx'),
  committee: () => import('./research/role.tsx'),
  operator: () => import('./operator/role.tsx'),
}

const OwnSection = lazy(async () => ({
  default: (await import('./patient/own/own-section.tsx')).OwnSection,
}))

async function open(offer: Offer): Promise<SignedIn> {
  const role = await ROLES[offer.role]?.()
  if (role === undefined) throw new Error(`no screens for ${offer.role}`)
  return role.open(offer)
}

function App() {
  const [person, setPerson] = useState<SignedIn>()
  const leave = (): void => {
    person?.leave()
    setPerson(undefined)
    history.replaceState(null, '', '#/')
  }
  return (
    <Suspense fallback={null}>
      <SettingsProvider>
        <Frame>
          <TroubleBoundary>
            {person === undefined ? (
              <SignInScreen
                open={open}
                own={(enter) => (
                  <Suspense fallback={null}>
                    <OwnSection enter={enter} />
                  </Suspense>
                )}
                enter={setPerson}
              />
            ) : (
              person.view(leave)
            )}
          </TroubleBoundary>
        </Frame>
      </SettingsProvider>
    </Suspense>
  )
}

void import('./shared/install.ts').then(({ installApp }) => installApp())

const place = document.getElementById('app')
if (place !== null) {
  createRoot(place).render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
}
