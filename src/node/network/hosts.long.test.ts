/** Members with directories and processes of their own, as on hosts of their own: only files go between them. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { NetworkDocument } from '../../api/documents.door.ts'
import { FINALITY_CRYPTO } from '../../audit/index.ts'
import { anchorIn, anchorOf, openAnchor } from '../../finality/index.ts'
import { CONSORTIUM_CONTRACTS } from '../../ledger/consortium.door.ts'
import { freePorts } from '../../ledger/free-ports.ts'
import { openRpc } from '../../ledger/rpc.door.ts'
import { engineIsBuilt } from '../../ledger/testing/engine-built.ts'
import { institutionId } from '../../vocabulary/index.ts'
import { ranHere } from '../cli/testing/ran-here.ts'
import { isAdmitted } from '../world/enrolment.ts'

const FOUNDERS = ['north', 'south', 'east', 'west']

describe.skipIf(!engineIsBuilt())(
  'members on hosts of their own (left out where the engine is not built)',
  () => {
    let folder: string
    const at = (name: string): string => join(folder, name)
    const network = async (member: string, ...words: readonly string[]) => {
      const { code, out } = await ranHere(['network', ...words, '--data', at(member), '--json'])
      return { code, said: JSON.parse(out) }
    }
    const shown = async (member: string, ...words: readonly string[]): Promise<NetworkDocument> => {
      const { code, said } = await network(member, ...words)
      expect(said).toMatchObject({ schema: 'islet.network/1' })
      expect(code).toBe(0)
      return said
    }
    const request = async (member: string) => {
      const [port = 0] = await freePorts(1)
      const named = ['--handle', member, '--name', `The ${member}`, '--role', 'hospital']
      return network(member, 'request', at(`${member}.json`), ...named, '--peer', `127.0.0.1:${port}`)
    }
    const started = new Set<string>()
    const start = async (member: string): Promise<void> => {
      started.add(member)
      await shown(member, 'start')
    }

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'islet-hosts-'))
      for (const member of FOUNDERS) expect((await request(member)).code).toBe(0)
      const files = FOUNDERS.map((member) => at(`${member}.json`))
      const made = await network('north', 'members', at('members.json'), ...files, '--heartbeat', '1')
      expect(made).toMatchObject({ code: 0, said: { done: 'gathered' } })
    })
    afterAll(async () => {
      for (const member of started) await network(member, 'stop')
      await rm(folder, { recursive: true, force: true })
    })

    test('each makes the same genesis from the same requests, in whatever order they stand', async () => {
      const members = JSON.parse(await readFile(at('members.json'), 'utf8'))
      await writeFile(
        at('turned.json'),
        JSON.stringify({ ...members, requests: members.requests.toReversed() }),
      )
      const { genesis_sha256: genesis } = await shown('north', 'init', '--members', at('members.json'))
      for (const member of FOUNDERS.slice(1)) {
        await shown(member, 'init', '--members', at('turned.json'), '--genesis', genesis)
      }
    })

    test.each([
      {
        what: 'a request that another hand changed',
        change: (members: { requests: { body: object }[] }) => {
          members.requests[0]!.body = { ...members.requests[0]!.body, name: 'Another' }
        },
        code: 'REQUEST_NOT_SIGNED',
      },
      {
        what: 'a member who asks twice',
        change: (members: { requests: unknown[] }) => members.requests.push(members.requests[0]),
        code: 'MEMBER_TWICE',
      },
      {
        what: 'requests without this member’s own',
        change: (members: { requests: unknown[] }) => members.requests,
        code: 'NO_REQUEST',
      },
    ])('$what: $code', async ({ change, code }) => {
      const members = JSON.parse(await readFile(at('members.json'), 'utf8'))
      change(members)
      await writeFile(at('planted.json'), JSON.stringify(members))
      expect((await network('nobody', 'init', '--members', at('planted.json'))).said).toMatchObject({
        error: { code },
      })
    })

    test('another instant gives another genesis, which is refused where the right one is named', async () => {
      const members = JSON.parse(await readFile(at('members.json'), 'utf8'))
      expect((await request('mill')).code).toBe(0)
      const mill = JSON.parse(await readFile(at('mill.json'), 'utf8'))
      const requests = [...members.requests, mill]
      await writeFile(at('five.json'), JSON.stringify({ ...members, requests }))
      const named = ['--genesis', `0x${'ab'.repeat(32)}`]
      expect((await network('mill', 'init', '--members', at('five.json'), ...named)).said).toMatchObject({
        error: { code: 'GENESIS_DIFFERS' },
      })
    })

    test('the four start one after the other, each its own node, and make blocks; one may fail', async () => {
      for (const member of FOUNDERS) await start(member)
      await expect.poll(async () => (await shown('south', 'status')).can_lose, { timeout: 120_000 }).toBe(1)
      const { validators } = await shown('south', 'status')
      expect(
        Object.fromEntries(validators.map(({ institution, rpc }) => [institution, rpc === null])),
      ).toEqual({
        north: true,
        south: false,
        east: true,
        west: true,
      })
    })

    test('a fifth joins by an invitation: its node follows, and the members’ votes let it in', async () => {
      const id = institutionId((await request('mill')).said.institution)
      expect((await network('north', 'invite', at('mill.json'), at('invitation.json'))).code).toBe(0)
      started.add('mill')
      expect((await network('north', 'anchor', at('anchor.json'))).code).toBe(0)
      const held = ['--anchor', at('anchor.json')]
      const joined = await shown('mill', 'join', at('invitation.json'), at('answer.json'), ...held)
      expect(joined.genesis_sha256).toBe((await shown('north', 'status')).genesis_sha256)
      for (const member of FOUNDERS.slice(0, 3)) {
        expect((await network(member, 'admit', at('answer.json'))).said).toMatchObject({ done: 'voted' })
      }
      const [own] = (await shown('mill', 'status')).validators
      const ledger = await openRpc({ urls: [own!.rpc!], directory: at('looking') })
      await expect.poll(() => isAdmitted(ledger, CONSORTIUM_CONTRACTS, id), { timeout: 60_000 }).toBe(true)
      await ledger.close()
    })

    test('a node that shows another block than the one it is held to is stopped, with both hashes', async () => {
      const anchor = anchorIn(await readFile(at('anchor.json'), 'utf8'))!
      const { header, seats } = openAnchor(anchor, FINALITY_CRYPTO.hasher)
      const time = { ...header.time, seconds: header.time.seconds + 1 }
      const other = anchorOf({ header: { ...header, time }, seats }, FINALITY_CRYPTO.hasher)
      await writeFile(at('other.json'), JSON.stringify(other))
      expect((await network('mill', 'start', '--anchor', at('other.json'))).said).toMatchObject({
        error: {
          code: 'OTHER_CHAIN',
          message: `block ${anchor.height} of the node of mill is ${anchor.hash}, and ${other.hash} is pinned`,
        },
      })
      expect((await network('mill', 'start')).said).toMatchObject({ error: { code: 'OTHER_CHAIN' } })
      await shown('mill', 'start', '--anchor', at('anchor.json'))
    })

    const voted = (member: string, file: string) => network(member, 'vote', at(file))
    const seated = async (member: string): Promise<Record<string, number>> =>
      Object.fromEntries(
        (await shown(member, 'status')).validators.map(({ institution, power }) => [institution, power]),
      )

    test('a seat is refused to a key that its institution did not sign for, and to whom the members did not let in', async () => {
      expect((await request('stranger')).code).toBe(0)
      const strangers = ['propose', at('stranger-seat.json'), '--seat', at('stranger.json')]
      expect((await network('north', ...strangers)).said).toMatchObject({ done: 'proposed' })
      expect((await voted('north', 'stranger-seat.json')).said).toMatchObject({
        error: { code: 'SEAT_KEY_NOT_SIGNED_FOR' },
      })
      expect((await network('north', 'propose', at('mill-seat.json'), '--seat', at('mill.json'))).code).toBe(
        0,
      )
      const proposal = JSON.parse(await readFile(at('mill-seat.json'), 'utf8'))
      proposal.moves[0].seatKey = `0x${'ab'.repeat(32)}`
      await writeFile(at('planted-seat.json'), JSON.stringify(proposal))
      expect((await voted('south', 'planted-seat.json')).said).toMatchObject({
        error: { code: 'SEAT_KEY_NOT_SIGNED_FOR' },
      })
      proposal.moves[0] = { ...proposal.moves[0], seatKey: proposal.moves[0].request.body.node.seatKey }
      proposal.moves[0].request.body.name = 'Another'
      await writeFile(at('planted-seat.json'), JSON.stringify(proposal))
      expect((await voted('south', 'planted-seat.json')).said).toMatchObject({
        error: { code: 'REQUEST_NOT_SIGNED' },
      })
    })

    test('four of five members vote, each at home, and the fifth has a seat that every node counts and that signs', async () => {
      for (const member of ['north', 'south', 'mill']) {
        expect((await voted(member, 'mill-seat.json')).said).toMatchObject({ done: 'voted' })
      }
      expect(Object.keys(await seated('south'))).not.toContain('mill')
      expect((await voted('east', 'mill-seat.json')).said).toMatchObject({ done: 'decided' })
      const signs = async () =>
        (await shown('mill', 'status')).validators.find(({ institution }) => institution === 'mill')?.signing
      await expect.poll(signs, { timeout: 60_000 }).toBe(true)
      expect(await seated('south')).toEqual({ north: 100, south: 100, east: 100, west: 100, mill: 100 })
    })

    test('an old one loses its seat the same way, stops, and the four that are left go on', async () => {
      expect((await network('mill', 'propose', at('west-out.json'), '--unseat', 'west')).code).toBe(0)
      for (const member of ['mill', 'north', 'south']) {
        expect((await voted(member, 'west-out.json')).said).toMatchObject({ done: 'voted' })
      }
      expect((await voted('east', 'west-out.json')).said).toMatchObject({ done: 'decided' })
      expect(await seated('mill')).toEqual({ north: 100, south: 100, east: 100, mill: 100 })
      expect((await network('west', 'stop')).code).toBe(0)
      const { head } = await shown('north', 'status')
      const goesOn = async () => (await shown('mill', 'status')).head?.height
      await expect.poll(goesOn, { timeout: 60_000 }).toBeGreaterThan((head?.height ?? 0) + 2)
      expect((await shown('north', 'status')).can_lose).toBe(1)
    })

    test('three seats would be too few: no vote is cast', async () => {
      expect((await network('mill', 'propose', at('too-few.json'), '--unseat', 'east')).code).toBe(0)
      expect((await voted('mill', 'too-few.json')).said).toMatchObject({ error: { code: 'TOO_FEW_SEATS' } })
    })
  },
)
