/** An instant of a document as people read it. */
import { parseInstant } from '../../vocabulary/index.ts'
import { shownInstant } from '../shared/format.ts'

export function instantOf(text: string, language: string): string {
  return shownInstant(parseInstant(text), language)
}
