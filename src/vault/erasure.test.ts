import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  type Bytes,
  type Cid,
  concat,
  consentId,
  equalBytes,
  fromHex,
  isIsletError,
  type LocalSeconds,
  quantity,
  startOfHour,
  toHex,
  type UtcHour,
  uint32,
  utf8,
} from '../vocabulary/index.ts'
import { chunkLeafData } from './chunk.ts'
import { nodeErasureList } from './erasure.door.ts'
import {
  applyErasures,
  type Destroyer,
  decodeErasureList,
  type ErasureList,
  type ErasurePorts,
  encodeErasureList,
  erase,
  erasureEntry,
  isErased,
} from './erasure.ts'
import { streamCover } from './key-tree.ts'
import { MemoryDisk, partsOn } from './log.suite.ts'
import { openEntry } from './log-entry.ts'
import { openLog } from './log-writer.ts'
import { memoryStore } from './memory-store.ts'
import { leafSalt, saltedLeafHash } from './merkle-salt.ts'
import { slotTree } from './merkle-slot.ts'
import { nodeCrypto } from './node-cipher.door.ts'
import { openHours } from './open-hours.ts'
import { openOuter, outerKeyOf, outerKeyStore } from './outer-key.ts'
import { sealHours } from './seal-hours.ts'
import { memoryHalves } from './testing/key-halves.ts'

const { hasher, cipher } = nodeCrypto
const random = (length: number): Bytes => cipher.random(length)

function listInMemory(): ErasureList & { readonly entries: Set<string> } {
  const entries = new Set<string>()
  return {
    entries,
    read: async () => entries,
    add: async (more) => {
      for (const entry of more) entries.add(entry)
    },
  }
}

/** A holder of secrets by handle; what is destroyed is overwritten, then forgotten. */
function holder(
  thing: Destroyer['thing'],
  kept: Map<string, Bytes>,
  faults: { fail?: boolean } = {},
): Destroyer {
  return {
    thing,
    handles: async () => [...kept.keys()],
    destroy: async (handle) => {
      if (faults.fail === true) throw new Error('disk')
      kept.get(handle)?.fill(0)
      return kept.delete(handle) ? 1 : 0
    },
  }
}

describe('erasing a person', () => {
  const [ada, bob] = [toHex(random(16)).slice(2), toHex(random(16)).slice(2)]
  const scene = () => {
    const keys = new Map([
      [ada, random(32)],
      [bob, random(32)],
    ])
    const pins = new Map([
      [ada, random(32)],
      [bob, random(32)],
    ])
    const faults = { fail: false }
    const list = listInMemory()
    const ports: ErasurePorts = {
      list,
      hasher,
      destroyers: [holder('object-pins', pins, faults), holder('log-keys', keys)],
    }
    return { keys, pins, faults, list, ports }
  }

  it('destroys what is theirs everywhere and nothing of anybody else', async () => {
    const { keys, pins, ports } = scene()
    const key = keys.get(ada)
    expect(await erase(ada, ports)).toEqual({
      code: 'ERASED',
      destroyed: { 'log-keys': 1, 'object-pins': 1 },
    })
    expect([...keys.keys(), ...pins.keys()]).toEqual([bob, bob])
    expect(key).toEqual(new Uint8Array(32))
    expect(await isErased(ada, ports)).toBe(true)
    expect(await isErased(bob, ports)).toBe(false)
  })

  it('is on the list before anything is destroyed', async () => {
    const { keys, ports } = scene()
    const full: ErasureList = {
      read: async () => new Set(),
      add: async () => Promise.reject(new Error('disk full')),
    }
    await expect(erase(ada, { ...ports, list: full })).rejects.toThrow('disk full')
    expect(keys.has(ada)).toBe(true)
  })

  it('that broke off is finished at the next start, keys before pins', async () => {
    const { keys, pins, faults, ports } = scene()
    faults.fail = true
    expect(await erase(ada, ports)).toEqual({ code: 'ERASURE_INCOMPLETE', left: ['object-pins'] })
    expect([keys.has(ada), pins.has(ada)]).toEqual([false, true])
    faults.fail = false
    expect(await applyErasures(ports)).toEqual({
      code: 'ERASED',
      destroyed: { 'log-keys': 0, 'object-pins': 1 },
    })
    expect(await applyErasures(ports)).toEqual({ code: 'ERASED', destroyed: {} })
    expect([...keys.keys(), ...pins.keys()]).toEqual([bob, bob])
  })

  it('holds against a backup from before: the list is applied to what came back', async () => {
    const { keys, pins, ports } = scene()
    const backup = {
      keys: [...keys].map(([h, k]) => [h, k.slice()] as const),
      pins: [...pins].map(([h, k]) => [h, k.slice()] as const),
    }
    await erase(ada, ports)
    for (const [handle, key] of backup.keys) keys.set(handle, key)
    for (const [handle, pin] of backup.pins) pins.set(handle, pin)
    expect(await applyErasures(ports)).toEqual({
      code: 'ERASED',
      destroyed: { 'log-keys': 1, 'object-pins': 1 },
    })
    expect([...keys.keys(), ...pins.keys()]).toEqual([bob, bob])
  })
})

describe('the list of the erased', () => {
  it('says nothing of whom: hashes of random handles, sorted', () => {
    const handles = Array.from({ length: 5 }, () => toHex(random(16)).slice(2))
    const text = encodeErasureList(handles.map((handle) => erasureEntry(handle, hasher)))
    for (const handle of handles) expect(text).not.toContain(handle)
    expect(decodeErasureList(text)).toEqual(new Set(handles.map((handle) => erasureEntry(handle, hasher))))
    expect(encodeErasureList([...decodeErasureList(text)].toReversed())).toBe(text)
  })

  it('is refused when damaged, so that nothing is opened without it', () => {
    const text = encodeErasureList([erasureEntry('ab'.repeat(16), hasher)])
    for (const bad of [
      '',
      text.slice(0, -1),
      text.slice(0, -5),
      text.replace('/1', '/2'),
      `${text}x\n`,
      text.toUpperCase(),
    ]) {
      expect(() => decodeErasureList(bad)).toThrow(expect.objectContaining({ code: 'ERASURE_LIST_DAMAGED' }))
    }
  })

  it('stands on a disk, grows only, and takes many at once', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'islet-erased-'))
    try {
      const list = nodeErasureList(directory)
      expect(await list.read()).toEqual(new Set())
      const entries = Array.from({ length: 6 }, (_, i) => erasureEntry(`0${i}`.repeat(16), hasher))
      await Promise.all(entries.map((entry) => list.add([entry])))
      expect(await nodeErasureList(directory).read()).toEqual(new Set(entries))
      await writeFile(join(directory, 'erased'), Uint8Array.of(0xff))
      await expect(nodeErasureList(directory).read()).rejects.toMatchObject({ code: 'ERASURE_LIST_DAMAGED' })
    } finally {
      await rm(directory, { recursive: true })
    }
  })
})

const OUTER_SECRET = new Uint8Array(32).fill(7)

/** Everything kept of one person at their custodian, and what of it lies open to others. */
async function person() {
  const handle = toHex(random(16)).slice(2)
  const root = random(32)
  const secrets = {
    'root-wraps': new Map([[handle, root]]),
    'log-keys': new Map([[handle, random(32)]]),
    'leaf-salts': new Map([[handle, random(32)]]),
    'outer-keys': new Map<string, Bytes>(),
    openings: new Map([[handle, random(64)]]),
  }
  const stream = hasher.sha256(concat(utf8('stream'), root))
  const hour = quantity<UtcHour>(1_110_000)
  const at = startOfHour(hour)
  const local = quantity<LocalSeconds>(at)
  const records = [{ type: 'glucose', at, local, value: 120, unit: 'mg/dL', method: 'cgm' }] as const
  const cover = streamCover(hasher, root, 'glucose', 0)
  const [chunk] = await sealHours(nodeCrypto, cover, stream, [{ hour, revision: 0, records }])
  if (chunk === undefined) throw new Error('nothing sealed')
  const swarm = new Map<Cid, Bytes>()
  const kept = new Map<Cid, Bytes>()
  const outer = { secret: OUTER_SECRET, halves: memoryHalves(kept) }
  await outerKeyStore(nodeCrypto, outer, memoryStore(hasher, swarm)).put(chunk.bytes)
  for (const half of kept.values()) secrets['outer-keys'].set(handle, half)
  const [copy] = [...swarm.values()]
  if (copy === undefined) throw new Error('no copy in the swarm')
  const consents = [consentId(toHex(random(32))), consentId(toHex(random(32)))]
  return { handle, secrets, stream, hour, chunk, copy, consents }
}
type Person = Awaited<ReturnType<typeof person>>

async function custodian() {
  const [ada, bob] = [await person(), await person()]
  const disk = new MemoryDisk()
  const log = await openLog(partsOn(disk))
  const entriesOf = new Map<Person, number[]>([
    [ada, []],
    [bob, []],
  ])
  for (const [who, consent] of [
    [ada, 0],
    [bob, 0],
    [ada, 1],
    [bob, 1],
  ] as const) {
    const clear = {
      action: 'read',
      consent: who.consents[consent],
      block: 9 + consent,
      at: startOfHour(who.hour),
      count: 12,
    } as const
    const { index } = await log.append(
      { clear, sealed: { reader: 'North Clinic', kinds: ['glucose'] } },
      who.secrets['log-keys'].get(who.handle) ?? random(32),
    )
    entriesOf.get(who)?.push(index)
  }
  await log.checkpoint()
  const padding = { key: random(32), slot: utf8('slot 1') }
  const leaves = [ada, bob].map((who) => {
    const data = chunkLeafData(hasher, who.chunk.bytes)
    if (data === undefined) throw new Error('no leaf')
    return saltedLeafHash(
      leafSalt(who.secrets['leaf-salts'].get(who.handle) ?? random(32), uint32(1), 0, hasher),
      data,
      hasher,
    )
  })
  const tree = slotTree(leaves, padding, hasher)
  const list = listInMemory()
  const things = ['root-wraps', 'log-keys', 'leaf-salts', 'outer-keys', 'openings'] as const
  const merged = new Map(
    things.map((thing) => [thing, new Map([...ada.secrets[thing], ...bob.secrets[thing]])]),
  )
  const ports: ErasurePorts = {
    list,
    hasher,
    destroyers: things.map((thing) => holder(thing, merged.get(thing) ?? new Map())),
  }
  const entries = await log.entries(0, log.size)
  /** Every byte that is left, one string after the other. */
  const remains = (): readonly Bytes[] => [
    ...disk.files.values(),
    utf8(encodeErasureList(list.entries)),
    ...[...list.entries].map((entry) => fromHex(entry)),
    ...[...merged.values()].flatMap((kept) =>
      [...kept].flatMap(([handle, secret]) => [fromHex(handle), secret]),
    ),
    ada.copy,
    bob.copy,
    ...leaves,
    tree.root,
    padding.key,
  ]
  return { ada, bob, entries, entriesOf, leaves, ports, remains }
}

/** Tries every string of 32 bytes among the remains, and hashes of it, on everything of a person that is left. */
async function attack(
  world: Awaited<ReturnType<typeof custodian>>,
  who: Person,
  copyToo = true,
): Promise<readonly string[]> {
  const { entries, entriesOf, leaves, remains } = world
  const opened = new Set<string>()
  const data = chunkLeafData(hasher, who.chunk.bytes)
  const own = (entriesOf.get(who) ?? []).flatMap((index) => entries[index] ?? [])
  for (const bytes of remains()) {
    for (let at = 0; at + 32 <= bytes.length; at++) {
      const key = bytes.subarray(at, at + 32)
      const [entry] = own
      if (entry !== undefined && (await openEntry(entry, key, nodeCrypto)).code !== 'SEALED')
        opened.add('log entry')
      const raw = await cipher.decrypt([
        {
          key,
          nonce: entry?.subarray(86, 98) ?? key,
          associated: entry?.subarray(0, 86) ?? key,
          sealed: entry?.subarray(98) ?? key,
        },
      ])
      if (raw[0] !== undefined) opened.add('log entry, raw key')
      const salts = [key, leafSalt(key, uint32(1), 0, hasher)]
      if (
        data !== undefined &&
        salts.some((salt) => leaves.some((leaf) => equalBytes(saltedLeafHash(salt, data, hasher), leaf)))
      )
        opened.add('leaf linked to its chunk')
      if (copyToo && (await opensCopy(who, key))) opened.add('copy in the swarm')
      const [hours] = await openHours(nodeCrypto, streamCover(hasher, key, 'glucose', 0), who.stream, [
        { ...who.chunk.context, bytes: who.chunk.bytes },
      ])
      if (hours?.code === 'OPENED') opened.add('readings')
    }
  }
  return [...opened].toSorted()
}

/** With the custodian's secret, which is no person's and stays. */
async function opensCopy(who: Person, half: Uint8Array): Promise<boolean> {
  try {
    const key = outerKeyOf(hasher, { secret: OUTER_SECRET, half }, who.copy)
    return (await openOuter(nodeCrypto, key, who.copy)).length > 0
  } catch (error) {
    if (isIsletError(error, 'OUTER_LAYER_BROKEN')) return false
    throw error
  }
}

describe('a script given everything that remains of an erased person', () => {
  it('opens nothing and links nothing, while the same script opens all of it before', async () => {
    const world = await custodian()
    const before = await attack(world, world.ada)
    expect(before).toEqual(['copy in the swarm', 'leaf linked to its chunk', 'log entry', 'readings'])
    expect(await erase(world.ada.handle, world.ports)).toMatchObject({ code: 'ERASED' })
    expect(await attack(world, world.ada)).toEqual([])
    expect(await attack(world, world.bob, false)).toEqual([
      'leaf linked to its chunk',
      'log entry',
      'readings',
    ])
  })

  it('finds no string that ties two of their consents together and not those of others too', async () => {
    const { ada, bob, entries, entriesOf } = await custodian()
    const strings = (who: Person, which: number): readonly string[] => {
      const entry = entries[entriesOf.get(who)?.[which] ?? -1] ?? new Uint8Array(0)
      return Array.from({ length: Math.max(0, entry.length - 5) }, (_, at) =>
        toHex(entry.subarray(at, at + 6)),
      )
    }
    const second = new Set(strings(ada, 1))
    const others = new Set([...strings(bob, 0), ...strings(bob, 1)])
    const ties = strings(ada, 0).filter((string) => second.has(string) && !others.has(string))
    expect(ties).toEqual([])
  })
})
