/**
 * A person taken off this browser: what the agent remembers, the copy of their readings, their place on the list.
 *
 * Laws: nobody is taken off whom no way was seen to lead back to, nor while something they signed waits to be sent; what
 * the agent remembers lies with the custodian, sealed, before it goes here. What is kept elsewhere stays as it is.
 */
import type { PatientState } from '../../../consent/browser.door.ts'
import type { RecoveryRoute } from '../../../identity/index.ts'
import { IsletError, isIsletError } from '../../../vocabulary/index.ts'
import { takeAwayShelf } from '../../shared/indexed-shelf.ts'
import { takeAwayCopy } from '../offline/own-copy.ts'
import { waitingIn } from '../offline/waiting.ts'
import { agentShelf, type Person } from '../sign-in.ts'
import { forgetPerson, knownPerson } from './known-people.ts'

/** Ways that led to this person in this browser. */
export function waysTo({ keys }: Pick<Person, 'keys'>): readonly RecoveryRoute[] {
  return knownPerson(keys.identityKey)?.ways ?? []
}

/** Throws `NO_WAY_BACK` where none was tried, `STILL_TO_SEND` where a grant or a stop waits. */
export function checkMayGo(
  ways: readonly RecoveryRoute[],
  state: Pick<PatientState, 'grants' | 'outbox'>,
): void {
  if (ways.length === 0) {
    throw new IsletError('NO_WAY_BACK', 'no way back to this key was tried here', {})
  }
  const waiting = waitingIn(state).size
  if (waiting > 0) throw new IsletError('STILL_TO_SEND', 'something signed waits to be sent', { waiting })
}

/** Takes a person off this browser who can come back. Throws as `checkMayGo`, and `NODE_AWAY`; then all is as it was. */
export async function leaveBrowser(person: Person): Promise<void> {
  await person.agent.settle()
  checkMayGo(waysTo(person), person.agent.memory.now)
  await person.agent.backUp().catch((error) => {
    // The custodian has this very state already, or a newer one.
    if (!isIsletError(error, 'STATE_OUTDATED')) throw error
  })
  await forgetHere(person)
}

/** Takes away what this browser keeps of a person. */
export async function forgetHere(person: Pick<Person, 'keys'>): Promise<void> {
  await takeAwayCopy(person)
  await takeAwayShelf(agentShelf(person.keys))
  forgetPerson(person.keys.identityKey)
}
