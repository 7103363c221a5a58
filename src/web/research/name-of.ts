/** How institutions are called that a study names by their handles. */
import type { StudyStandingAnswer } from '../../api/index.ts'

export function nameOf({ names }: Pick<StudyStandingAnswer, 'names'>): (key: string) => string {
  const known = new Map(names.map(({ key, name }) => [key, name]))
  return (key) => known.get(key) ?? key
}
