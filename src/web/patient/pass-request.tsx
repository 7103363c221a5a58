/**
 * A request on a visit pass: who scanned it, the sentence that will be signed, and one button to let them in.
 *
 * Law: what you see is what you sign: the sentence is made of what `letIn` grants.
 */
import { useState } from 'react'
import { type Agreement, choiceOnPass, narrow, type PatientAgent } from '../../consent/browser.door.ts'
import { isIsletError, quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { Trouble } from '../shared/trouble.tsx'
import { readerName } from './reader-name.ts'
import type { Pending } from './sharing.tsx'
import { SignedSentence } from './signed-sentence.tsx'
import { usePatientWords } from './words.ts'

/** Whether a request came on a pass that nobody was let in on yet. */
export function isOnPass(agent: PatientAgent, pending: Pending): boolean {
  return termsOf(agent, pending) !== undefined
}

export function PassRequest({
  agent,
  pending,
  done,
}: {
  readonly agent: PatientAgent
  readonly pending: Pending
  readonly done: (words: string) => void
}) {
  const text = usePatientWords()
  const [error, setError] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  const who = readerName(pending.request.body)
  const agreement = agreementOf(agent, pending)
  const letIn = async (): Promise<void> => {
    setBusy(true)
    try {
      await agent.letIn(pending)
      done(text.pass.done(who))
    } catch (failure) {
      setError(failure)
      setBusy(false)
    }
  }
  return (
    <li className="card">
      <h3>{text.pass.asks(who)}</h3>
      {agreement === undefined ? null : (
        <SignedSentence request={pending.request.body} agreement={agreement} />
      )}
      {error === undefined ? null : <Trouble error={error} />}
      <button
        type="button"
        className="button main"
        disabled={busy}
        aria-label={`${text.pass.letIn}: ${who}`}
        onClick={() => void letIn()}
      >
        {text.pass.letIn}
      </button>
    </li>
  )
}

function termsOf(agent: PatientAgent, { request }: Pending) {
  return agent.memory.now.mailboxes.find(({ token }) => token === request.body.pass)?.pass
}

/** Undefined where the pass is over or covers nothing: letting in says why. */
function agreementOf(agent: PatientAgent, pending: Pending): Agreement | undefined {
  const { body } = pending.request
  const terms = termsOf(agent, pending)
  const now = quantity<UnixSeconds>(Math.floor(Date.now() / 1_000))
  try {
    return terms === undefined ? undefined : narrow(body, choiceOnPass(body, terms, now), now)
  } catch (error) {
    if (isIsletError(error)) return undefined
    throw error
  }
}
