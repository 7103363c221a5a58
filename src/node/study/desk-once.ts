/** The desk of studies of a running node, opened when it is first needed and then shared. */

import { openStudyDesk, type StudyDesk } from './study-desk.ts'
import type { StudyTown } from './study-town.ts'

/** Gives the same desk to all; an opening that failed is tried anew. Opening it deploys contracts where there are none. */
export function deskOnce(town: StudyTown): () => Promise<StudyDesk> {
  let opening: Promise<StudyDesk> | undefined
  return () => {
    opening ??= openStudyDesk(town)
    opening.catch(() => {
      opening = undefined
    })
    return opening
  }
}
