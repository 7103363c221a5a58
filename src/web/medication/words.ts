/** The words about prescriptions, in the language that is set. */
import { useWordsOf } from '../shared/settings.tsx'
import { de } from './words/de.ts'
import { en, type MedicationWords } from './words/en.ts'

export function useMedicationWords(): MedicationWords {
  return useWordsOf({ en, de })
}
