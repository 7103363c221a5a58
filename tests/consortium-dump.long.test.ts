/** A consortium's dump across a change of seats: a fifth comes in, an old one goes, and a block from before vouches for all. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readManifest } from '../src/audit/browser.door.ts'
import { answering, exportDump, FINALITY_CRYPTO, verifyDump } from '../src/audit/index.ts'
import { anchor as foreign } from '../src/audit/testing/captured-consortium.ts'
import {
  agreedBlock,
  anchorOf,
  ChainOfBlocks,
  type LightBlock,
  openAnchor,
  readLightBlock,
  TRUST_PERIOD_SECONDS,
  type TrustAnchor,
} from '../src/finality/index.ts'
import { engineIsBuilt } from '../src/ledger/testing/engine-built.ts'
import { dumpSource } from '../src/node/institution/dump-source.ts'
import { consensusNodes } from '../src/node/network/commit-source.ts'
import { foundNetwork, startNetwork, stopNetwork } from '../src/node/network/network.ts'
import { addSeat, removeSeat } from '../src/node/network/seats.ts'
import { pinBlock } from '../src/node/world/pinned-block.ts'
import { openConsortium } from '../src/node/world.door.ts'
import { fromBase64Url, quantity, type UnixSeconds } from '../src/vocabulary/index.ts'
import { checkSigned } from '../src/web/operator/check-signed.ts'

const quiet = (): void => undefined
const instant = (): UnixSeconds => quantity<UnixSeconds>(Math.floor(Date.now() / 1_000))

describe.skipIf(!engineIsBuilt())(
  'a dump across a change of seats (left out where the engine is not built)',
  { timeout: 900_000 },
  () => {
    let folder: string
    let directory: string
    let dump: string
    let anchor: TrustAnchor

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'islet-seat-dump-'))
      directory = join(folder, 'data')
      dump = join(folder, 'dump')
      await foundNetwork({ directory, seats: 4, heartbeatSeconds: 1, now: instant(), progress: quiet })
      await startNetwork(directory, quiet)
      anchor = anchorOf(
        await agreedBlock(await consensusNodes(directory), FINALITY_CRYPTO),
        FINALITY_CRYPTO.hasher,
      )
      const work = { directory, signal: new AbortController().signal, progress: quiet }
      await addSeat(work, 'harbour')
      await (await openConsortium({ directory })).close()
      await removeSeat(work, 'west')
      await pinBlock(anchor, [directory])
      const consortium = await openConsortium({ directory })
      try {
        await consortium.tick(true)
        const source = await dumpSource(directory)
        const commits = await answering(await consensusNodes(directory))
        await exportDump({ source, target: dump, commits })
      } finally {
        await consortium.close()
      }
    }, 900_000)
    afterAll(async () => {
      await stopNetwork(directory, quiet)
      await rm(folder, { recursive: true, force: true })
    })

    /** Blocks of the dump; seats that are not written are those of the block before. */
    const blocks = async (): Promise<LightBlock[]> => {
      const lines = (await readFile(join(dump, 'ledger', 'commits.jsonl'), 'utf8')).trim().split('\n')
      const read: LightBlock[] = []
      for (const line of lines)
        read.push(readLightBlock(fromBase64Url(JSON.parse(line).block), read.at(-1)?.seats ?? []))
      return read
    }
    const taken = (chain: readonly LightBlock[]): string => {
      const held = new ChainOfBlocks(FINALITY_CRYPTO, anchor)
      try {
        for (const block of chain) held.take(block)
        return held.vouched({ now: instant(), trustPeriod: TRUST_PERIOD_SECONDS }) ? 'VOUCHED' : 'ALONE'
      } catch (error) {
        return (error as { readonly code: string }).code
      }
    }

    test('is vouched for by a block from before the changes, offline, in both directions', async () => {
      const trust = { anchor, now: instant(), trustPeriod: TRUST_PERIOD_SECONDS }
      const { ok, anchored, findings, also, head } = await verifyDump(dump, { trust })
      expect({ ok, anchored, findings }).toEqual({ ok: true, anchored: true, findings: [] })
      expect(also.commits).toBeGreaterThanOrEqual(head?.height ?? Number.POSITIVE_INFINITY)
      // Ten members, four seats.
      expect(also.facts).toBeGreaterThanOrEqual(14)
      const chain = await blocks()
      const counts = chain.map(({ seats }) => seats.length).filter((count, i, all) => count !== all[i - 1])
      expect(counts).toEqual([4, 5, 4])
      expect(anchor.height).toBeLessThan(chain.findIndex(({ seats }) => seats.length === 5))
    })

    test('is judged alike by the app, also where proofs of the state were swapped', async () => {
      const trust = { anchor, now: instant(), trustPeriod: TRUST_PERIOD_SECONDS }
      const path = join(dump, 'ledger', 'states.jsonl')
      const [store, ...states] = (await readFile(path, 'utf8')).trim().split('\n')
      const sizes = states.map((one) => one.length)
      console.log(
        `${states.length} words proved in ${Math.min(...sizes)} to ${Math.max(...sizes)} bytes each`,
      )
      expect(Math.min(...sizes)).toBeLessThanOrEqual(2_000)
      const [first, second] = states.map((one) => JSON.parse(one))
      const swapped = [{ ...first, proof: second.proof }, ...states.slice(1).map((one) => JSON.parse(one))]
      const cases = [
        { lines: states, code: undefined },
        { lines: swapped.map((one) => JSON.stringify(one)), code: 'STATE_REFUSED' },
      ]
      for (const { lines, code } of cases) {
        await writeFile(path, `${[store, ...lines].join('\n')}\n`)
        const { findings } = await verifyDump(dump, { trust })
        const reading = readManifest(await readFile(join(dump, 'manifest.json'), 'utf8'))
        const read = async (file: string) => new Uint8Array(await readFile(join(dump, file)))
        const inApp = await checkSigned(read, reading.manifest!, trust)
        // What the command finds besides is the file that its manifest names otherwise.
        expect(findings.filter((one) => one.code !== 'FILE_ALTERED')).toEqual(inApp.findings)
        expect(inApp.findings.map((one) => one.code)).toEqual(code === undefined ? [] : [code])
        expect(inApp.vouched).toBe(code === undefined)
      }
      await writeFile(path, `${[store, ...states].join('\n')}\n`)
    })

    test('is of a directory that opens only where its nodes show the block that it is held to', async () => {
      const { header, seats } = openAnchor(anchor, FINALITY_CRYPTO.hasher)
      const time = { ...header.time, seconds: header.time.seconds + 1 }
      const other = anchorOf({ header: { ...header, time }, seats }, FINALITY_CRYPTO.hasher)
      await pinBlock(other, [directory])
      await expect(openConsortium({ directory })).rejects.toMatchObject({
        code: 'OTHER_CHAIN',
        message: `an endpoint’s block ${anchor.height} is ${anchor.hash}, and ${other.hash} is pinned`,
      })
      await pinBlock(foreign, [directory])
      await expect(openConsortium({ directory })).rejects.toMatchObject({ code: 'ANCHOR_OF_ANOTHER_CHAIN' })
    })

    test('is refused where the new seats are withheld, put in early, or those of the one who left stay', async () => {
      const chain = await blocks()
      expect(taken(chain)).toBe('VOUCHED')
      const first = chain.findIndex(({ seats }) => seats.length === 5)
      const last = chain.findLastIndex(({ seats }) => seats.length === 5)
      const withSeats = (at: number, seats: LightBlock['seats']): readonly LightBlock[] =>
        chain.map((block, i) => (i === at ? { ...block, seats } : block))
      expect(taken(withSeats(first, chain[first - 1]!.seats))).toBe('SEATS_ALTERED')
      expect(taken(withSeats(first - 1, chain[first]!.seats))).toBe('SEATS_ALTERED')
      expect(taken(withSeats(last + 1, chain[last]!.seats))).toBe('SEATS_ALTERED')
      // A block of the old seats in the place of the first of the new.
      expect(taken([...chain.slice(0, first), chain[first - 1]!])).toBe('HEIGHT_NOT_AFTER')
    })
  },
)
