/**
 * Members as the ledger knows them, by their message key, for every gate of this node.
 *
 * Law: what stands on the ledger decides: a suspended member is refused from the next block on (PROTOCOL 6).
 */
import type { Parties, Party } from '../../api/index.ts'
import { type Deployment, type Head, type Ledger, MEMBER_STATUSES, readContract } from '../../ledger/index.ts'
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

/** Reads the membership again whenever a block holds an event of it. */
export function membersOf(ledger: Pick<Ledger, 'head' | 'read' | 'logs'>, deployment: Deployment): Members {
  let at: Head | undefined
  let known: ReadonlyMap<string, Party> = new Map()
  let keys = new Map<InstitutionId, Hash32>()
  let turn: Promise<void> = Promise.resolve()

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
  /** Whether the membership may have changed since a block. */
  const touched = async (since: Head, head: Head): Promise<boolean> => {
    if (head.height <= since.height) return true
    const filter = { from: since.height + 1, to: head.height, addresses: [deployment.membership] }
    for await (const { logs } of ledger.logs(filter)) if (logs.length > 0) return true
    return false
  }
  const refresh = async (head: Head): Promise<void> => {
    if (at !== undefined && (head.hash === at.hash || head.height < at.height)) return
    if (at === undefined || (await touched(at, head))) known = await load()
    at = head
  }
  const current = async (): Promise<ReadonlyMap<string, Party>> => {
    const head = await ledger.head()
    if (head.hash !== at?.hash) {
      turn = turn.then(
        () => refresh(head),
        () => refresh(head),
      )
      await turn
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
