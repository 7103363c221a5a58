import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { secp256k1Signer } from '../../ledger/index.ts'
import { quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { ranHere } from '../cli/testing/ran-here.ts'
import { wallClock } from '../institution/wire.ts'
import { CHARTER, THRESHOLD } from '../world/charter.ts'
import { openConsortium } from '../world/consortium.ts'
import { judgeMember } from './judge-member.ts'

const LIAR = 'lantern'
const VOTERS = CHARTER.map(({ key }) => key).slice(0, THRESHOLD)

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'islet-judge-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

async function voted(by: string, ...more: readonly string[]) {
  const { code, out } = await ranHere([
    ...['study', 'suspend', LIAR, '--as', by, '--data', directory, '--json'],
    ...more,
  ])
  const document: unknown = JSON.parse(out)
  return { code, document }
}

test('a liar is suspended by enough members, each with a vote of its own on whatever day, and taken back alike', async () => {
  const town = await openConsortium({ directory })
  let until: UnixSeconds | undefined
  try {
    const { id: institution } = town.house(LIAR)
    const wanted = { kind: 'SUSPEND', institution } as const
    for (const [i, key] of VERDICTS.entries()) {
      const by = secp256k1Signer(town.house(key).keys.ledgerKey)
      // Each votes a day later than the one before, and for the same proposal all the same.
      const now = quantity<UnixSeconds>(Math.floor(wallClock()) + i * 86_400)
      const stands = await judgeMember(town, by, wanted, now)
      until ??= stands.until
      expect(stands).toEqual({ votes: i + 1, needed: THRESHOLD, isDecided: false, until })
      // Who votes twice has one vote.
      expect(await judgeMember(town, by, wanted, now)).toEqual(stands)
    }
    expect(await town.house('north').chain.member(institution)).toMatchObject({ active: true })
  } finally {
    await town.close()
  }
  const last = await voted(VOTERS.at(-1) ?? '')
  expect(last).toMatchObject({
    code: 0,
    document: { member: LIAR, change: 'SUSPEND', votes: THRESHOLD, needed: THRESHOLD, decided: true },
  })
  // It stands suspended now: the same once more is refused.
  expect(await voted('market')).toMatchObject({
    document: { error: { code: 'CHANGE_REFUSED' } },
  })
  expect(await voted(VOTERS[0] ?? '', '--reinstate')).toMatchObject({
    code: 0,
    document: { change: 'REINSTATE', votes: 1, decided: false },
  })
})

test('who is no institution of this directory is neither voted on nor votes', async () => {
  expect(await voted('nobody')).toMatchObject({ document: { error: { code: 'INSTITUTION_UNKNOWN' } } })
})

/** All of the voters but the one who decides. */
const VERDICTS = VOTERS.slice(0, -1)
