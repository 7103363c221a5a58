/** The words of researchers and committees, in the language that is set. */
import { useWordsOf } from '../shared/settings.tsx'
import { de } from './words/de.ts'
import { en, type ResearchWords } from './words/en.ts'

export function useResearchWords(): ResearchWords {
  return useWordsOf({ en, de })
}
