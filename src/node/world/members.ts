/**
 * Members as the ledger knows them, by their message key, for every gate of this node.
 *
 * Law: what stands on the ledger decides: a suspended member is refused from the next block on (PROTOCOL 6).
 */
import type { Parties, Party } from '../../api/index.ts'
import { type Deployment, type Ledger, MEMBER_STATUSES, readContract } from '../../ledger/index.ts'
import {
  fromHex,
  type Hash32,
  hash32,
  type InstitutionId,
  institutionId,
  toBase64Url,
} from '../../vocabulary/index.ts'

export interface Members extends Parties {
  /** The message key in force of a member that is or was admitted. */
  messageKey(id: InstitutionId): Promise<Hash32 | undefined>
}

/** Reads the membership once per block of the ledger. */
export function membersOf(ledger: Ledger, deployment: Deployment): Members {
  let at = ''
  let known: Promise<ReadonlyMap<string, Party>> = Promise.resolve(new Map())
  let keys = new Map<InstitutionId, Hash32>()

  const load = async (): Promise<ReadonlyMap<string, Party>> => {
    const { value: ids } = await readContract(ledger, deployment, 'membership', 'institutionIds', [])
    const found = new Map<string, Party>()
    const nextKeys = new Map<InstitutionId, Hash32>()
    await Promise.all(
      ids.map(async (text) => {
        const id = institutionId(text)
        const { value } = await readContract(ledger, deployment, 'membership', 'institution', [id])
        const state = MEMBER_STATUSES[value.status] === 'ACTIVE' ? 'active' : 'suspended'
        nextKeys.set(id, hash32(value.messageKey))
        const auditor = (value.roles & AUDITOR_BIT) !== 0
        found.set(toBase64Url(fromHex(value.messageKey)), {
          roles: auditor ? ['member', 'auditor'] : ['member'],
          state,
          institution: id,
        })
      }),
    )
    keys = nextKeys
    return found
  }
  const current = async (): Promise<ReadonlyMap<string, Party>> => {
    const head = await ledger.head()
    if (head.hash !== at) {
      at = head.hash
      known = load()
      known.catch(() => {
        at = ''
      })
    }
    return known
  }
  return {
    find: async (keyId) => (await current()).get(keyId),
    messageKey: async (id) => {
      await current()
      return keys.get(id)
    },
  }
}

/** `auditor` in INSTITUTION_ROLES. */
const AUDITOR_BIT = 1 << 6
