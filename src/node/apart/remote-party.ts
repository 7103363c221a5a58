/**
 * An institution in another process as a party: every verb is a command over the channel to it.
 */
import type { Party } from '../institution/party.ts'
import type { Child } from './child.ts'

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
    exchangeHeads: () => child().call('exchangeHeads'),
    heads: () => child().call('heads'),
    logSize: () => child().call('logSize'),
    enrolled: (...values) => child().call('enrolled', ...values),
  }
}
