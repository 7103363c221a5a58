/** The web app: settings around a frame around whoever is signed in. */
import { StrictMode, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { Home } from './patient/home.tsx'
import { SignInScreen } from './patient/sign-in-screen.tsx'
import { Frame } from './shared/frame.tsx'
import { SettingsProvider } from './shared/settings.tsx'
import type { Person } from './shared/sign-in.ts'
import { TroubleBoundary } from './shared/trouble.tsx'

function App() {
  const [person, setPerson] = useState<Person>()
  const leave = (): void => {
    person?.leave()
    setPerson(undefined)
  }
  return (
    <SettingsProvider>
      <Frame>
        <TroubleBoundary>
          {person === undefined ? <SignInScreen enter={setPerson} /> : <Home person={person} leave={leave} />}
        </TroubleBoundary>
      </Frame>
    </SettingsProvider>
  )
}

const place = document.getElementById('app')
if (place !== null) {
  createRoot(place).render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
}
