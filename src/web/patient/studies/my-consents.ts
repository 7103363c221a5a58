/**
 * Which of a person's grants are for a study, by which sheet, and whether they still count.
 *
 * Law: a grant belongs to a study by its signed subject; a grant by an earlier sheet counts for nothing until renewed.
 */
import type { GrantState } from '../../../consent/browser.door.ts'
import type { Hash32 } from '../../../vocabulary/index.ts'

export interface StudyConsent {
  readonly grant: GrantState
  /** The sheet that was read, where the study still names it. */
  readonly sheet: Hash32 | undefined
  /** Neither stopped nor over. */
  readonly stands: boolean
}

/** Newest first; `sheets` are those of the study, first to last. */
export function consentsTo(
  grants: readonly GrantState[],
  study: Hash32,
  sheets: readonly Hash32[],
  now: number,
): readonly StudyConsent[] {
  return grants
    .flatMap((grant): readonly StudyConsent[] => {
      const { subject, opening } = grant.handOver
      if (subject.type !== 'study') return []
      const [ofStudy, ofSheet = ''] = subject.handle.split('.')
      if (ofStudy !== study.slice(2, 34)) return []
      const sheet = sheets.find((one) => one.slice(2).startsWith(ofSheet))
      return [{ grant, sheet, stands: grant.status !== 'ended' && opening.expiresAt > now }]
    })
    .reverse()
}
