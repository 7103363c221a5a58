/** The words of operators and auditors, in the language that is set. */
import { useWordsOf } from '../shared/settings.tsx'
import { de } from './words/de.ts'
import { en, type OperatorWords } from './words/en.ts'

export function useOperatorWords(): OperatorWords {
  return useWordsOf({ en, de })
}
