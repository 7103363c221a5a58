/** The words of the clinician's screens, in the language that is set. */
import { useWordsOf } from '../shared/settings.tsx'
import { de } from './words/de.ts'
import { type ClinicianWords, en } from './words/en.ts'

export function useClinicianWords(): ClinicianWords {
  return useWordsOf({ en, de })
}
