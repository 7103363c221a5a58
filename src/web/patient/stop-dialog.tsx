/** Stop sharing: what stops now, what cannot be undone, and then how far it has come. Loaded when it is first opened. */
import type { GrantState, PatientAgent } from '../../consent/browser.door.ts'
import { Confirm } from '../shared/confirm.tsx'
import { isUnheard } from './offline/waiting.ts'

export interface StopWords {
  readonly title: string
  readonly stopsNow: string
  readonly cannot: string
  readonly confirm: string
  readonly keep: string
  readonly going: string
  /** Said when every stop is on the ledger, and when one is still on its way. */
  readonly onLedger: string
  readonly onItsWay: string
  /** Said when nobody has heard of it yet. */
  readonly kept: string
}

export function StopDialog({
  agent,
  grants,
  words,
  done,
  close,
}: {
  readonly agent: PatientAgent
  readonly grants: readonly GrantState[]
  readonly words: StopWords
  readonly done: (words: string) => void
  readonly close: () => void
}) {
  const stop = async (): Promise<void> => {
    let all = true
    for (const { handOver } of grants) all = (await agent.revoke(handOver.consentId)) === 'on-ledger' && all
    const unheard = grants.some((grant) => isUnheard(agent.memory.now, grant))
    done(all ? words.onLedger : unheard ? words.kept : words.onItsWay)
  }
  return (
    <Confirm words={words} act={stop} close={close}>
      <p>{words.stopsNow}</p>
      <p>{words.cannot}</p>
    </Confirm>
  )
}
