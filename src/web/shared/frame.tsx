/** What stands around every screen: the brand, the way to the content, the settings. */
import type { ReactNode } from 'react'
import { LANGUAGES, THEMES, UNITS, useSettings } from './settings.tsx'

export function Frame({ children }: { readonly children: ReactNode }) {
  const { words } = useSettings()
  return (
    <>
      <button type="button" className="skip" onClick={focusContent}>
        {words.skip}
      </button>
      <header className="top">
        <p className="brand">
          <img src="/icon.svg" alt="" width="28" height="28" /> {words.brand}
        </p>
        <SettingsMenu />
      </header>
      {children}
      <footer>
        <a href="/">{words.nodeStory}</a>
      </footer>
    </>
  )
}

/** Moves the focus and leaves the address alone, which names the screen. */
function focusContent(): void {
  document.getElementById('content')?.focus()
}

function SettingsMenu() {
  const { words, language, unit, theme, set } = useSettings()
  return (
    <details className="settings">
      <summary>{words.settings}</summary>
      <div className="card">
        <label>
          {words.settingLanguage}
          <select
            value={language}
            onChange={({ target }) => {
              const chosen = (['en', 'de'] as const).find((one) => one === target.value)
              if (chosen !== undefined) set({ language: chosen })
            }}
          >
            {(['en', 'de'] as const).map((name) => (
              <option key={name} value={name} lang={name}>
                {LANGUAGES[name]}
              </option>
            ))}
          </select>
        </label>
        <label>
          {words.settingUnit}
          <select
            value={unit}
            onChange={({ target }) => {
              const chosen = UNITS.find((one) => one === target.value)
              if (chosen !== undefined) set({ unit: chosen })
            }}
          >
            {UNITS.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label>
          {words.settingTheme}
          <select
            value={theme}
            onChange={({ target }) => {
              const chosen = THEMES.find((one) => one === target.value)
              if (chosen !== undefined) set({ theme: chosen })
            }}
          >
            {THEMES.map((name) => (
              <option key={name} value={name}>
                {words.themes[name]}
              </option>
            ))}
          </select>
        </label>
      </div>
    </details>
  )
}
