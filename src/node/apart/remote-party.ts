/**
 * An institution in another process as a party: every verb is a command over the channel to it.
 */
import type { Party } from '../institution/party.ts'
import type { Child } from './child.ts'
import type { StudyVerbs } from './study-verbs.ts'

/** The same institution in its studies. */
export function remoteStudies(child: () => Child): StudyVerbs {
  return {
    foundStudies: () => child().call('foundStudies'),
    openStudies: (...values) => child().call('openStudies', ...values),
    submitStudy: (...values) => child().call('submitStudy', ...values),
    takeStudy: (...values) => child().call('takeStudy', ...values),
    voteForStudy: (...values) => child().call('voteForStudy', ...values),
    approveStudy: (...values) => child().call('approveStudy', ...values),
    openStudy: (...values) => child().call('openStudy', ...values),
    runStudy: (...values) => child().call('runStudy', ...values),
    studyCohort: (...values) => child().call('studyCohort', ...values),
    studyPassport: (...values) => child().call('studyPassport', ...values),
    auditStudy: (...values) => child().call('auditStudy', ...values),
    studyContribution: (...values) => child().call('studyContribution', ...values),
    judgePassport: (...values) => child().call('judgePassport', ...values),
  }
}

export interface RemoteParts
  extends Pick<Party, 'id' | 'key' | 'name' | 'roles' | 'directory' | 'hpkePublicKey'> {
  /** The process that runs now; another one after a restart. */
  readonly child: () => Child
}

export function remoteParty({ child, ...who }: RemoteParts): Party {
  return {
    ...who,
    ask: (...values) => child().call('ask', ...values),
    grants: () => child().call('grants'),
    generations: (...values) => child().call('generations', ...values),
    read: (...values) => child().call('read', ...values),
    search: (...values) => child().call('search', ...values),
    write: (...values) => child().call('write', ...values),
    probe: (...values) => child().call('probe', ...values),
    record: (...values) => child().call('record', ...values),
    anchoredIn: (...values) => child().call('anchoredIn', ...values),
    tick: (...values) => child().call('tick', ...values),
    exchangeHeads: (...values) => child().call('exchangeHeads', ...values),
    heads: () => child().call('heads'),
    logSize: () => child().call('logSize'),
    enrolled: (...values) => child().call('enrolled', ...values),
  }
}
