import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { secp256k1Signer, signHead } from '../../ledger/index.ts'
import { hash32, quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { institutionSend } from '../institution/wire.ts'
import { CHARTER, OPERATOR, THRESHOLD } from './charter.ts'
import { type Consortium, type Milestone, openConsortium } from './consortium.ts'
import { firstId } from './enrolment.ts'
import { voteOnStanding } from './member-standing.ts'

const idsOf = ({ parties }: Consortium) => Object.fromEntries(parties.map(({ key, id }) => [key, id]))

async function crashAt(directory: string, milestone: Milestone): Promise<void> {
  const notice = (code: string): void => {
    if (code === milestone) throw new Error(`crash at ${milestone}`)
  }
  await expect(openConsortium({ directory, notice })).rejects.toThrow(`crash at ${milestone}`)
}

describe('a founding that breaks off', () => {
  test('after any step is finished by opening again: nobody is voted in twice, no id changes', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'islet-founding-'))
    try {
      const steps: readonly Milestone[] = [
        'KEYS_READY',
        'LEDGER_OPEN',
        'CONTRACTS_DEPLOYED',
        'CONSORTIUM_WRITTEN',
        'MEMBER_ADMITTED',
        'INSTITUTION_OPEN',
      ]
      for (const step of steps) await crashAt(directory, step)
      const consortium = await openConsortium({ directory })
      try {
        // The votes were cast before the crash at MEMBER_ADMITTED; this opening found the member on the ledger.
        expect(consortium.admissions).toEqual([])
        const members = await consortium.chain.members()
        expect(members.map(({ active }) => active)).toEqual(CHARTER.map(() => true))
        for (const one of consortium.hosted.values()) {
          expect(one.id).toBe(firstId(one.keys.public.messageKey))
          expect(members.find(({ id }) => id === one.id)?.messageKey).toBe(one.keys.public.messageKey)
        }
      } finally {
        await consortium.close()
      }
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  })
})

describe('the consortium of a data directory', () => {
  let directory: string
  let consortium: Consortium
  const reported: unknown[] = []
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'islet-consortium-'))
    consortium = await openConsortium({ directory, report: (error) => reported.push(error) })
  })
  afterAll(async () => {
    await consortium.close()
    await rm(directory, { recursive: true, force: true })
  })

  test('is refused to a second opening while it is open', async () => {
    const reached: string[] = []
    const second = openConsortium({ directory, notice: (code) => reached.push(code) })
    await expect(second).rejects.toMatchObject({ code: 'DATA_IN_USE' })
    // Before a key or anything else of the directory was touched.
    expect(reached).toEqual([])
  })

  test('after a tick every member holds a head that the operator signed, in its own directory', async () => {
    await consortium.tick(true)
    const { height } = consortium.embedded!.signedHead()
    for (const one of consortium.hosted.values()) {
      const newest = one.heads.newest()
      expect(newest?.operator).toBe(consortium.house(OPERATOR).keys.ledgerAddress)
      expect(newest?.height).toBeLessThanOrEqual(height)
      expect(await readdir(join(directory, 'institutions', one.key, 'heads'))).not.toEqual([])
    }
  })

  test('a head of another history, shown to a member, is reported and its proof kept', async () => {
    const { signature: _, ...head } = consortium.embedded!.signedHead()
    const forged = signHead(
      { ...head, hash: hash32(`0x${'ab'.repeat(32)}`) },
      secp256k1Signer(consortium.house(OPERATOR).keys.ledgerKey),
    )
    const operator = consortium.house(OPERATOR)
    const send = institutionSend(operator.id, operator.keys.message, consortium.road)
    const { id } = consortium.house('south')
    await send(id, 'signed-head', { head: { ...consortium.embedded!.signedHead() } })
    await send(id, 'signed-head', { head: { ...forged } })
    expect(reported).toContainEqual(expect.objectContaining({ code: 'LEDGER_REWRITTEN' }))
    expect((await consortium.party('south').heads()).rewritten).toEqual([head.height])
  })

  test('opens again with the same ids and contracts, and admits nobody anew', async () => {
    const before = { ids: idsOf(consortium), deployment: consortium.deployment }
    expect(consortium.admissions.map(({ votes }) => votes)).toEqual([THRESHOLD])
    await consortium.close()
    consortium = await openConsortium({ directory })
    expect({ ids: idsOf(consortium), deployment: consortium.deployment }).toEqual(before)
    expect(consortium.admissions).toEqual([])
  })

  test('a member that the others suspend is suspended for every gate from that block on', async () => {
    const { keyId } = consortium.house('lantern').endpoint.signer
    expect((await consortium.members.find(keyId))?.state).toBe('active')
    const { height } = await consortium.ledger.head()
    const deadline = quantity<UnixSeconds>(Math.floor(Date.now() / 1000) + 3600)
    const vote = { kind: 'SUSPEND', institution: consortium.house('lantern').id, deadline } as const
    for (const { key } of CHARTER.slice(0, THRESHOLD)) {
      const by = secp256k1Signer(consortium.house(key).keys.ledgerKey)
      await voteOnStanding({ ...consortium, by }, vote)
    }
    expect((await consortium.ledger.head()).height).toBeGreaterThan(height)
    expect((await consortium.members.find(keyId))?.state).toBe('suspended')
  })

  test.each([
    ['CONSORTIUM_FILE_DAMAGED', () => '{"schema":"islet.cons'],
    [
      'DATA_OF_SEVERAL_PROCESSES',
      (text: string) => text.replace('"deployment"', '"apart": true, "deployment"'),
    ],
  ])('is refused with %s, and opens again when the file is whole', async (code, damage) => {
    await consortium.close()
    const path = join(directory, 'consortium.json')
    const text = await readFile(path, 'utf8')
    await writeFile(path, damage(text))
    await expect(openConsortium({ directory })).rejects.toMatchObject({ code })
    await writeFile(path, text)
    consortium = await openConsortium({ directory })
    expect(consortium.parties.length).toBe(CHARTER.length)
  })
})
