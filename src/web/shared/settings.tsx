/**
 * What a person set: language, unit, appearance. Kept in this browser; nothing of it is a health datum.
 *
 * Law: the page's `lang` and theme follow at once; what is stored and unknown counts as not set.
 */
import { createContext, type ReactNode, use, useEffect, useState } from 'react'
import type { GlucoseUnit } from '../../vocabulary/index.ts'
import { en, type Words } from './words/en.ts'

/** The languages by the names that they have for themselves. */
export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const
export type Language = keyof typeof LANGUAGES
export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]
export const UNITS: readonly GlucoseUnit[] = ['mg/dL', 'mmol/L']

export interface Choices {
  readonly language: Language
  readonly unit: GlucoseUnit
  readonly theme: Theme
}

export interface Settings extends Choices {
  readonly words: Words
  readonly set: (choices: Partial<Choices>) => void
}

const KEY = 'islet.settings'
const Context = createContext<Settings | undefined>(undefined)

export function useSettings(): Settings {
  const settings = use(Context)
  if (settings === undefined) throw new Error('a screen stands outside the settings')
  return settings
}

export function SettingsProvider({ children }: { readonly children: ReactNode }) {
  const [choices, setChoices] = useState(stored)
  const { language, theme } = choices
  useEffect(() => {
    document.documentElement.lang = language
    document.documentElement.dataset['theme'] = theme
    localStorage.setItem(KEY, JSON.stringify(choices))
  }, [choices, language, theme])
  const settings: Settings = {
    ...choices,
    words: wordsIn(WORDS, language),
    set: (some) => setChoices((before) => ({ ...before, ...some })),
  }
  return <Context value={settings}>{children}</Context>
}

type Fetched<W> = () => Promise<W>

/** A text of each language, there already or fetched when somebody reads it. */
export type Texts<W extends object> = Readonly<Record<Language, W | Fetched<W>>>

const WORDS: Texts<Words> = { en, de: once(async () => (await import('./words/de.ts')).de) }

/** What fetches texts once, however often it is asked; a failed fetch is tried anew. */
export function once<W>(fetch: Fetched<W>): Fetched<W> {
  let fetched: Promise<W> | undefined
  return () => {
    fetched ??= fetch().catch((error: unknown) => {
      fetched = undefined
      throw error
    })
    return fetched
  }
}

/** The texts of a role in the language that is set; the screen waits while they are fetched. */
export function useWordsOf<W extends object>(texts: Texts<W>): W {
  return wordsIn(texts, useSettings().language)
}

function wordsIn<W extends object>(texts: Texts<W>, language: Language): W {
  const chosen = texts[language]
  return typeof chosen === 'function' ? use(chosen()) : chosen
}

/** What was chosen last time, else what the browser speaks. */
function stored(): Choices {
  const known = parsed(localStorage.getItem(KEY))
  const has = <T extends string>(list: readonly T[], name: string, otherwise: T): T =>
    list.find((one) => one === known[name]) ?? otherwise
  const spoken: Language = navigator.language.startsWith('de') ? 'de' : 'en'
  return {
    language: has<Language>(['en', 'de'], 'language', spoken),
    unit: has(UNITS, 'unit', 'mg/dL'),
    theme: has(THEMES, 'theme', 'system'),
  }
}

function parsed(text: string | null): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? '{}')
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
