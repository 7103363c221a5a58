/** The words of forecasts, in the language that is set. */
import { once, type Texts, useWordsOf } from '../settings.tsx'
import { en, type ForecastWords } from './words/en.ts'

const TEXTS: Texts<ForecastWords> = { en, de: once(async () => (await import('./words/de.ts')).de) }

export function useForecastWords(): ForecastWords {
  return useWordsOf(TEXTS)
}
