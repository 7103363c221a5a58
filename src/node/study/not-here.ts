/** What is said of a study, or of a paper of one, that this node does not have. */
import { IsletError } from '../../vocabulary/index.ts'

export function noStudyHere(): IsletError {
  return new IsletError('STUDY_UNKNOWN', 'this node has no such study', {}, { remedy: 'Ask its applicant.' })
}

export function paperMissing(): IsletError {
  return new IsletError(
    'STUDY_PAPER_MISSING',
    'a paper that stands on the ledger is not in this data directory',
    {},
    { remedy: 'Fetch it from the applicant; its hash is on the ledger.' },
  )
}
