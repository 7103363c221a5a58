/** The desk of studies of a running node, opened when it is first needed and then shared. */
import type { Consortium } from '../world/consortium.ts'
import { openStudyDesk, type StudyDesk } from './study-desk.ts'

/** Gives the same desk to all; an opening that failed is tried anew. Opening it deploys contracts where there are none. */
export function deskOnce(consortium: Consortium): () => Promise<StudyDesk> {
  let opening: Promise<StudyDesk> | undefined
  return () => {
    opening ??= openStudyDesk(consortium)
    opening.catch(() => {
      opening = undefined
    })
    return opening
  }
}
