import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { NetworkDocument } from '../../api/documents.door.ts'
import { consortiumEngine } from '../../ledger/consortium.door.ts'
import { engineIsBuilt } from '../../ledger/testing/engine-built.ts'
import { ranHere } from '../cli/testing/ran-here.ts'

describe.skipIf(!engineIsBuilt())(
  'a network that changes while it runs (left out where the engine is not built)',
  () => {
    let data: string
    const network = async (...words: readonly string[]): Promise<{ code: number; said: unknown }> => {
      const { code, out } = await ranHere(['network', ...words, '--data', data, '--json'])
      return { code, said: JSON.parse(out) }
    }
    const shown = async (...words: readonly string[]): Promise<NetworkDocument> => {
      const { code, said } = await network(...words)
      expect(said).toMatchObject({ schema: 'islet.network/1' })
      expect(code).toBe(0)
      return said as NetworkDocument
    }
    const powers = ({ validators }: NetworkDocument) =>
      Object.fromEntries(validators.map(({ institution, power }) => [institution, power]))

    beforeAll(async () => {
      data = await mkdtemp(join(tmpdir(), 'islet-changes-'))
      await shown('init', '--local', '4', '--heartbeat', '1')
      await shown('start')
    })
    afterAll(async () => {
      await ranHere(['network', 'stop', '--data', data])
      await rm(data, { recursive: true, force: true })
    })

    test.each([
      { words: ['add', 'nobody'], code: 'INSTITUTION_UNKNOWN' },
      { words: ['add', 'north'], code: 'SEAT_EXISTS' },
      { words: ['remove', 'mill'], code: 'NO_SEAT' },
      { words: ['remove', 'west'], code: 'TOO_FEW_SEATS' },
      { words: ['weigh', 'north', '150'], code: 'A_THIRD_IN_ONE_SEAT' },
      { words: ['weigh', 'north', 'much'], code: 'POWER_OUT_OF_RANGE' },
      { words: ['upgrade', '/bin/false'], code: 'ENGINE_FAILED' },
    ])('$words is refused with $code and changes nothing', async ({ words, code }) => {
      const before = powers(await shown('status'))
      expect((await network(...words)).said).toMatchObject({ error: { code } })
      expect(powers(await shown('status'))).toEqual(before)
    })

    test('a new institution gets a node that is level, then a seat, and signs', async () => {
      const after = await shown('add', 'mill')
      expect(powers(after)).toEqual({ north: 100, south: 100, east: 100, west: 100, mill: 100 })
      await expect
        .poll(
          async () => (await shown('status')).validators.find((one) => one.institution === 'mill')!.signing,
          {
            timeout: 120_000,
          },
        )
        .toBe(true)
    })

    test('members weigh a seat, and what would move too much in an hour waits', async () => {
      expect(powers(await shown('weigh', 'north', '120'))).toMatchObject({ north: 120 })
      expect((await network('weigh', 'south', '150')).said).toMatchObject({
        error: { code: 'CHANGE_REFUSED' },
      })
    })

    test('another binary takes over node after node, and then all at one height', async () => {
      const other = join(data, 'other-engine')
      await cp(consortiumEngine(), other)
      const before = await shown('status')
      const rolled = await shown('upgrade', other)
      expect(rolled.head!.height).toBeGreaterThan(before.head!.height)
      expect(powers(rolled)).toEqual(powers(before))
      expect((await network('upgrade', other, '--height', '1')).said).toMatchObject({
        error: { code: 'HEIGHT_IS_PAST' },
      })
      const pids = new Set(rolled.validators.map(({ pid }) => pid))
      const height = rolled.head!.height + 30
      const risen = await shown('upgrade', other, '--height', String(height))
      expect(risen.validators.filter(({ pid }) => pids.has(pid))).toEqual([])
      await expect
        .poll(async () => (await shown('status')).head!.height, { timeout: 120_000 })
        .toBeGreaterThan(height)
    })

    test('an old institution loses its seat and then its node, and the others go on', async () => {
      const after = await shown('remove', 'west')
      expect(powers(after)).toEqual({ north: 120, south: 100, east: 100, mill: 100 })
      await expect
        .poll(async () => (await shown('status')).head!.height, { timeout: 120_000 })
        .toBeGreaterThan(after.head!.height)
    })
  },
)
