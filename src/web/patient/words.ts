/** The words of the patient's screens, in the language that is set. */
import { once, type Texts, useWordsOf } from '../shared/settings.tsx'
import { en, type PatientWords } from './words/en.ts'

const TEXTS: Texts<PatientWords> = { en, de: once(async () => (await import('./words/de.ts')).de) }

export function usePatientWords(): PatientWords {
  return useWordsOf(TEXTS)
}
