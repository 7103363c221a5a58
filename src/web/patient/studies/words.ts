/** The words of studies, in the language that is set. */
import { once, type Texts, useWordsOf } from '../../shared/settings.tsx'
import { en, type StudiesWords } from './words/en.ts'

const TEXTS: Texts<StudiesWords> = { en, de: once(async () => (await import('./words/de.ts')).de) }

export function useStudiesWords(): StudiesWords {
  return useWordsOf(TEXTS)
}
