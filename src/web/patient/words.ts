/** The words of the patient's screens, in the language that is set. */
import { useWordsOf } from '../shared/settings.tsx'
import { de } from './words/de.ts'
import { en, type PatientWords } from './words/en.ts'

export function usePatientWords(): PatientWords {
  return useWordsOf({ en, de })
}
