/**
 * The requests that a person is shown: those that an active member signed and put on the ledger, judged on this device.
 *
 * Law: what somebody merely left in the mailbox is never shown as a request. Judged here once, a request can be answered
 * while the node is away: what the ledger said of it is remembered (`shared/kept-answers.ts`).
 */
import { checkRequest } from '../../consent/browser.door.ts'
import { nobleEd25519 } from '../../identity/index.ts'
import { webCrypto } from '../../vault/web-cipher.door.ts'
import { isIsletError } from '../../vocabulary/index.ts'
import type { Pending } from './sharing.tsx'
import type { Person } from './sign-in.ts'

export async function soundRequests(
  { chain }: Pick<Person, 'chain'>,
  requests: readonly Pending[],
): Promise<readonly Pending[]> {
  const ports = { chain, crypto: webCrypto, ed: nobleEd25519 }
  const judged = await Promise.all(
    requests.map(async (pending): Promise<readonly Pending[]> => {
      try {
        await checkRequest(ports, pending.request)
        return [pending]
      } catch (error) {
        if (isIsletError(error, 'REQUEST_REFUSED', 'SIGNATURE_REFUSED')) return []
        throw error
      }
    }),
  )
  return judged.flat()
}
