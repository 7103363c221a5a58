/** What dishonest institutions do to their own logs after the story, and the dump that is then exported. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { contractCall, secp256k1Signer } from '../../../ledger/index.ts'
import type { AccessClear } from '../../../vault/index.ts'
import { consentId, hash32, quantity, toHex, type UnixSeconds } from '../../../vocabulary/index.ts'
import { exportDump } from '../../export-dump.ts'
import { sourceOf } from '../../source.ts'
import { logAsLiar, seedOf } from '../consortium.ts'
import type { Story } from '../story.ts'

/** Lies by name: the institution whose log they stand in, and the place. */
export type Lies = ReadonlyMap<string, { readonly house: string; readonly entry: number }>

/** Where the dump of the liars lies. */
export function liarsDump({ place }: Story): string {
  return join(place.directory, 'liars-dump')
}

let told: Lies = new Map()
export function lies(): Lies {
  return told
}

/** Closes the consortium, tells the lies and exports. */
export async function tellLies(story: Story): Promise<void> {
  const { place } = story
  const { south, east } = place.houses
  const { height } = await place.ledger.head()
  const early = await place.ledger.block(story.heads.before.height)
  const first = await place.ledger.block(4)
  if (early === undefined || first === undefined) throw new Error('too few blocks')
  // South replaces its message key and goes on signing its log with the old one.
  await place.ledger.submit(
    contractCall(place.deployment, 'membership', 'rotateOwnKeys', [
      south.keys.ledgerAddress,
      toHex(seedOf('a new message key')),
      toHex(seedOf('a new hpke key')),
    ]),
    { by: secp256k1Signer(south.keys.ledgerKey), keys: [hash32(toHex(seedOf('rotation')))] },
  )
  place.now += 60
  await place.append(story.anna)
  await place.tick()
  await place.close()

  const now = quantity<UnixSeconds>(place.now)
  const head = height + 1
  const read = { action: 'read', count: 12 } as const
  const south_: readonly (readonly [string, AccessClear])[] = [
    ['after the revoke', { ...read, consent: story.revoked, block: head, at: now }],
    // At the very second of the revoke: only the number of the block tells that it came after.
    [
      'in the block of the revoke',
      { ...read, consent: story.revoked, block: story.heads.after.height, at: story.heads.after.timestamp },
    ],
    ['after the expiry', { ...read, consent: story.expired, block: head, at: now }],
    ['without any consent', { ...read, consent: consentId(toHex(seedOf('none'))), block: head, at: now }],
    ['in a block that is not', { ...read, consent: story.active, block: head + 10_000, at: now }],
    [
      'under a revoked consent, dated back',
      { ...read, consent: story.revoked, block: early.height, at: early.timestamp },
    ],
    ['before the grant', { ...read, consent: story.active, block: first.height, at: first.timestamp }],
    [
      'at an instant that has not come',
      { ...read, consent: story.active, block: head, at: quantity<UnixSeconds>(now + 7200) },
    ],
  ]
  const east_: readonly (readonly [string, AccessClear])[] = [
    ['while suspended', { ...read, consent: story.active, block: head, at: now }],
  ]
  const places = new Map<string, { readonly house: string; readonly entry: number }>()
  for (const [house, list] of [
    [south, south_],
    [east, east_],
  ] as const) {
    const from = await logAsLiar(
      house,
      list.map(([, clear]) => clear),
    )
    for (const [i, [name]] of list.entries()) places.set(name, { house: house.key, entry: from + i })
  }
  await writeFile(
    join(east.directory, 'shelf', 'reader', 'reads', `${String(now).padStart(12, '0')}-0000000000000000`),
    JSON.stringify({ consentId: story.active, at: now, block: head, count: 3 }),
  )
  told = places
  await exportDump({ source: await sourceOf(place.directory), target: liarsDump(story) })
}
