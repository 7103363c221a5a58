/** The words about emergencies afterwards, in the language that is set. */
import { useWordsOf } from '../shared/settings.tsx'
import { de } from './words/de.ts'
import { en, type ReviewWords } from './words/en.ts'

export function useReviewWords(): ReviewWords {
  return useWordsOf({ en, de })
}
