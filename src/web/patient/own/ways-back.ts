/**
 * Ways back to a person's key: a recovery code, a passkey. Each has a secret of its own that wraps the same root; the wrap
 * lies with the custodian, and is found on any device by whoever has the secret.
 *
 * Law: a way counts when it has opened from what lies at the custodian, not when it was made; real data is taken in only
 * after two different ways led to this very root (DESIGN 6).
 */
import { messageSigner } from '../../../api/index.ts'
import {
  nobleEd25519,
  provedRoute,
  type RecoveryRoute,
  readRecoveryCode,
  recoveryLookup,
  recoveryReady,
  unwrapRoot,
  wrapRoot,
} from '../../../identity/index.ts'
import { webCrypto } from '../../../vault/web-cipher.door.ts'
import {
  type Bytes,
  equalBytes,
  fromHex,
  type InstitutionId,
  IsletError,
  toBase64Url,
} from '../../../vocabulary/index.ts'
import { askNode } from '../../shared/node-fetch.ts'
import { signedClient } from '../../shared/signed-send.ts'
import type { Person } from '../sign-in.ts'
import { knownPerson, rememberPerson } from './known-people.ts'

/** Leaves the root, wrapped by a secret, with the person's custodian. Throws the node's codes. */
export async function leaveWay({ keys, custodian, road }: Person, secret: Uint8Array): Promise<void> {
  const key = await road.keyOf(custodian)
  if (key === undefined) {
    throw new IsletError('PEER_UNKNOWN', 'the custodian stands on the ledger no more', {})
  }
  const client = signedClient(messageSigner(keys.identity), road, toBase64Url(fromHex(key)))
  await client.keepRecovery({
    params: { institution: custodian, lookup: recoveryLookup(secret, webCrypto) },
    body: { wrap: await wrapRoot(keys.root, secret, webCrypto) },
  })
}

/** Brings a root back by a secret. Throws `RECOVERY_UNKNOWN`, `RECOVERY_CODE_WRONG`, `NODE_AWAY`. */
export async function openWay(
  secret: Uint8Array,
): Promise<{ readonly root: Bytes; readonly custodian: InstitutionId }> {
  const params = { lookup: recoveryLookup(secret, webCrypto) }
  const { wrap, custodian } = await askNode().recovery({ params })
  const opened = await unwrapRoot(wrap, secret, webCrypto)
  if (opened.code !== 'OPENED') {
    throw new IsletError('RECOVERY_CODE_WRONG', 'what is kept does not open with this secret', {})
  }
  return { root: opened.root, custodian }
}

/** Uses a way once, and notes that it leads to this person. Throws as `openWay`, `RECOVERY_ROUTES_DIFFER`. */
export async function proveWay(person: Person, route: RecoveryRoute, secret: Uint8Array): Promise<void> {
  const { root } = await openWay(secret)
  if (!equalBytes(root, person.keys.root)) {
    throw new IsletError('RECOVERY_ROUTES_DIFFER', 'this way leads to somebody else', {})
  }
  notedWay(person, route)
}

/** Notes a way by which this person was opened on this device. */
export function notedWay({ keys, name }: Pick<Person, 'keys' | 'name'>, route: RecoveryRoute): void {
  const ways = new Set([...(knownPerson(keys.identityKey)?.ways ?? []), route])
  rememberPerson({ key: keys.identityKey, name, ways: [...ways] })
}

/** Whether real data may be taken in, by the ways that were tried on this device. */
export function readiness({ keys }: Pick<Person, 'keys'>) {
  const ways = knownPerson(keys.identityKey)?.ways ?? []
  return recoveryReady(ways.map((way) => provedRoute(way, keys.root, webCrypto, nobleEd25519)))
}

/** The secret of a code as typed. Throws `RECOVERY_CODE_INCOMPLETE`, `RECOVERY_CODE_MISTYPED` (with the groups). */
export function secretOfCode(text: string): Bytes {
  const read = readRecoveryCode(text)
  if (read.ok) return read.secret
  throw new IsletError(
    read.code,
    'the recovery code is not whole',
    read.code === 'RECOVERY_CODE_MISTYPED' ? { groups: read.groups.join(', ') } : { symbols: read.symbols },
  )
}
