import { describe, expect, it } from 'vitest'
import type { PatientAgent } from './patient-agent.ts'
import { askOf, at, DAY, type House, START, town, trace } from './testing/town.ts'

/** Every hex or base64url word of 8 bytes and more that a record holds. */
function words(value: unknown): ReadonlySet<string> {
  const text = JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'bigint' ? `${member}` : member,
  )
  return new Set(text.match(/[A-Za-z0-9_-]{11,}/g) ?? [])
}

async function grantTo(anna: PatientAgent, custodian: House, reader: House): Promise<string> {
  const mailbox = await anna.openMailbox(reader.name)
  const ask = askOf(reader, { from: at(START - DAY), until: at(START) })
  await reader.open.reader.ask({ custodian: custodian.id, mailbox }, ask, reader.chain)
  const [pending] = (await anna.collect()).requests
  const grant = await anna.grant(pending!.request, {}, { requestId: pending!.id })
  return grant.handOver.consentId
}

describe('what anybody can see', () => {
  it('links no two consents of one patient, and no consent to its reader, request, custodian or revoke of another', async () => {
    const place = town()
    const south = await place.house('South Hospital')
    const houses = await Promise.all(
      ['North Clinic', 'East Lab', 'West Study'].map((name) => place.house(name)),
    )
    const anna = await place.patient('anna')
    await anna.enrol(south.id)
    await anna.add(trace(START - 2 * DAY, START), { fill: true })
    await south.open.tick(true)
    const ids: string[] = []
    for (const house of houses) ids.push(await grantTo(anna, south, house))
    const before = place.chain.publicRecord.length
    await anna.revoke(ids[0] as Parameters<PatientAgent['revoke']>[0])
    // One revoke is one revoke on the ledger, whoever relays it: the re-sealing for the others leaves no trace there.
    const after = place.chain.publicRecord.slice(before)
    expect(
      new Set(after.map((entry) => JSON.stringify(words((entry as { intent: unknown }).intent)))).size,
    ).toBe(1)
    expect(
      after.every((entry) =>
        JSON.stringify(entry, (_, v) => (typeof v === 'bigint' ? `${v}` : v)).includes(ids[0]!),
      ),
    ).toBe(true)

    const grants = anna.memory.now.grants.map(({ intent }) => intent)
    for (const [i, one] of grants.entries()) {
      for (const other of grants.slice(i + 1)) {
        const [mine, theirs] = [words(one), words(other)]
        expect([...mine].filter((word) => theirs.has(word))).toEqual([])
      }
    }
    // No word of patient, reader, subject, stream, terms, salt, mailbox or object stands on the ledger.
    const ledger = JSON.stringify(place.chain.publicRecord, (_, v) => (typeof v === 'bigint' ? `${v}` : v))
    const relayers = new Set(place.chain.publicRecord.map((entry) => (entry as { relayer?: string }).relayer))
    const keys = place.keysOf('anna')
    const secrets = [keys.identityKey, Buffer.from(keys.streamCommitment).toString('hex')]
    for (const { handOver } of anna.memory.now.grants) {
      const { opening, ownership, envelope } = handOver
      secrets.push(
        opening.subject,
        opening.terms,
        opening.salt,
        ownership.signature,
        envelope.notice.envelope,
      )
    }
    secrets.push(...anna.memory.now.mailboxes.map(({ token }) => token))
    for await (const cid of south.store.list()) secrets.push(cid)
    for (const secret of secrets) expect(ledger.includes(secret.replace(/^0x/, ''))).toBe(false)
    expect(relayers.size).toBeGreaterThanOrEqual(1)
    // An institution stands on the ledger as relayer, requester and anchorer, never beside a consent as its reader.
    for (const entry of place.chain.publicRecord) {
      if ('intent' in (entry as object)) {
        const { relayer: _, ...rest } = entry as Record<string, unknown>
        const said = JSON.stringify(rest, (__, v) => (typeof v === 'bigint' ? `${v}` : v))
        for (const house of [south, ...houses]) expect(said.includes(house.id.slice(2))).toBe(false)
      }
    }
  })

  it('of a custodian’s slots is a root and a power of two, whether somebody wrote or nobody did', async () => {
    const place = town()
    const south = await place.house('South Hospital')
    const anna = await place.patient('anna')
    await anna.enrol(south.id)
    await anna.add(trace(START - 3600, START))
    for (let hour = 1; hour <= 4; hour++) {
      place.now = START + hour * 3600
      await south.open.tick()
    }
    const anchors = place.chain.publicRecord.filter(
      (entry) => (entry as { stream?: string }).stream === 'objects',
    )
    const told = anchors.map((entry) => (entry as { anchor: { slot: number; count: number } }).anchor)
    expect(told.map(({ count }) => count)).toEqual([16, 16, 16, 16])
    expect(told.map(({ slot }) => slot - told[0]!.slot)).toEqual([0, 1, 2, 3])
    expect(
      new Set(anchors.map((entry) => JSON.stringify(Object.keys((entry as { anchor: object }).anchor)))).size,
    ).toBe(1)
  })
})
