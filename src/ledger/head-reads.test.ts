import { describe, expect, it } from 'vitest'
import { address, type Hash32, hash32, quantity, type UnixSeconds } from '../vocabulary/index.ts'
import { headReads } from './head-reads.ts'
import type { Head } from './port.ts'

const view = (data: `0x${string}`, to = '11') => ({ to: address(`0x${to.repeat(20)}`), data })
const hashOf = (byte: string): Hash32 => hash32(`0x${byte.repeat(32)}`)

function head(height: number, byte = 'aa'): Head {
  return {
    height,
    hash: hashOf(byte),
    parentHash: hashOf('00'),
    timestamp: quantity<UnixSeconds>(height),
  }
}

function asked() {
  const log: string[] = []
  const read = headReads(async ({ to, data }, block) => {
    log.push(`${to.slice(-2)} ${data} at ${block.height} ${block.hash.slice(-2)}`)
    return log.length
  })
  return { log, read }
}

describe('views of the newest block', () => {
  it('are asked once for all who look, and anew at the next block', async () => {
    const { log, read } = asked()
    const first = await Promise.all([read(view('0x01'), head(5)), read(view('0x01'), head(5))])
    expect(first).toEqual([1, 1])
    expect(await read(view('0x01'), head(5))).toBe(1)
    expect(await read(view('0x01'), head(6, 'bb'))).toBe(2)
    expect(log).toEqual(['11 0x01 at 5 aa', '11 0x01 at 6 bb'])
  })

  it('tell contracts, calls and blocks of one height apart', async () => {
    const { read } = asked()
    expect(await read(view('0x01'), head(5))).toBe(1)
    expect(await read(view('0x02'), head(5))).toBe(2)
    expect(await read(view('0x01', '22'), head(5))).toBe(3)
    expect(await read(view('0x01'), head(5, 'bb'))).toBe(4)
  })

  it('leave an older block to the engine, and what is known of the newest as it is', async () => {
    const { read } = asked()
    expect(await read(view('0x01'), head(6))).toBe(1)
    expect(await read(view('0x01'), head(5, 'bb'))).toBe(2)
    expect(await read(view('0x01'), head(6))).toBe(1)
  })

  it('are asked again where the engine refused', async () => {
    let refuses = true
    const read = headReads(async () => {
      if (refuses) throw new Error('not now')
      return 'said'
    })
    await expect(read(view('0x01'), head(5))).rejects.toThrow('not now')
    refuses = false
    expect(await read(view('0x01'), head(5))).toBe('said')
  })
})
