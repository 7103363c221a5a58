import { describe, expect, it } from 'vitest'
import type { Glucose } from '../series/index.ts'
import { hourObject } from '../vault/index.ts'
import { type Cover, narrowCover, sealHours, streamCover } from '../vault/keys.door.ts'
import { nodeCrypto } from '../vault/node-cipher.door.ts'
import { type LocalSeconds, quantity, startOfHour, type UtcHour } from '../vocabulary/index.ts'
import { placesOf, tryEveryKey } from './probe.door.ts'

const root = nodeCrypto.cipher.random(32)
const stream = nodeCrypto.cipher.random(32)
const hour = (n: number): UtcHour => quantity<UtcHour>(1_100_000 + n)

function reading(n: number): Glucose {
  const at = startOfHour(hour(n))
  const local = quantity<LocalSeconds>(at)
  return { type: 'glucose', at, local, value: 100, unit: 'mg/dL', method: 'cgm' }
}

async function sealed(n: number, generation = 0): Promise<Uint8Array> {
  const cover = streamCover(nodeCrypto.hasher, root, 'glucose', generation)
  const [chunk] = await sealHours(nodeCrypto, cover, stream, [
    { hour: hour(n), revision: 0, records: [reading(n)] },
  ])
  if (chunk === undefined) throw new Error('nothing was sealed')
  return hourObject(chunk)
}

function covering(first: number, end: number, generation = 0): Cover {
  const whole = streamCover(nodeCrypto.hasher, root, 'glucose', generation)
  return narrowCover(nodeCrypto.hasher, whole, { first: hour(first), end: hour(end) })
}

describe('trying every key', () => {
  it('opens what a cover does hold, so that a probe which opens nothing says something', async () => {
    const probe = await tryEveryKey(nodeCrypto, [covering(0, 3)], stream, [await sealed(1)])
    expect(probe).toMatchObject({ chunks: 1, keys: 3, opened: 2 }) // by its own key, and under its true context
  })

  it('opens nothing of the hour before, the hour after, or a later generation', async () => {
    for (const [cover, object] of [
      [covering(1, 3), await sealed(0)],
      [covering(1, 3), await sealed(3)],
      [covering(0, 3), await sealed(1, 1)],
    ] as const) {
      const probe = await tryEveryKey(nodeCrypto, [cover], stream, [object])
      expect(probe.opened).toBe(0)
      expect(Object.values(probe.failures).reduce((sum, count) => sum + count, 0)).toBe(probe.attempts)
    }
  })

  it('refuses to call it a probe when there is nothing to try', async () => {
    await expect(tryEveryKey(nodeCrypto, [], stream, [await sealed(1)])).rejects.toMatchObject({
      code: 'PROBE_EMPTY',
    })
    await expect(tryEveryKey(nodeCrypto, [covering(0, 1)], stream, [])).rejects.toMatchObject({
      code: 'PROBE_EMPTY',
    })
  })

  it('tells where chunks belong without a key', async () => {
    expect(placesOf(await sealed(2, 4))).toEqual([
      { kind: 'glucose', generation: 4, hour: hour(2), revision: 0 },
    ])
  })
})
