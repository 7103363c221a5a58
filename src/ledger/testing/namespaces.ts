/**
 * Network namespaces for the consortium's tests: each node in one of its own, its peers behind one of two bridges, its
 * interfaces reached by the test on a line of their own.
 *
 * Law: everything made here is named after one trial and taken away by `remove`; needs root and Linux. A split moves
 * nodes to the other bridge: nothing of a node or its process is touched.
 */
import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'

export interface Namespaces {
  /** Words before a command that runs inside node i's namespace. */
  within(place: number): readonly string[]
  /** Address among peers. */
  peer(place: number): string
  /** Address at which the test reaches the node, split or not. */
  host(place: number): string
  /** Puts the nodes of these places behind the second bridge and all others behind the first. */
  split(apart: readonly number[]): Promise<void>
  remove(): Promise<void>
}

/** Whether this account may make them here. */
export function mayNamespaces(): boolean {
  try {
    execFileSync('ip', ['netns', 'add', 'islet-probe'], { stdio: 'ignore' })
    execFileSync('ip', ['netns', 'del', 'islet-probe'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const run = promisify(execFile)

/** Makes so many. `net` is the second number of the trial's addresses, 10.NET.…, that nobody else uses. */
export async function makeNamespaces(count: number, net: number): Promise<Namespaces> {
  const ip = async (...words: readonly string[]): Promise<void> => {
    await run('ip', [...words])
  }
  const name = (place: number): string => `islet-${net}-${place}`
  const bridges = [`ib${net}a`, `ib${net}b`] as const
  const places = Array.from({ length: count }, (_, i) => i)
  const peerEnd = (place: number): string => `ip${net}x${place}`
  const hostEnd = (place: number): string => `ih${net}x${place}`
  const peer = (place: number): string => `10.${net}.0.${place + 1}`
  const host = (place: number): string => `10.${net}.${place + 1}.2`
  const remove = async (): Promise<void> => {
    for (const place of places) await ip('netns', 'del', name(place)).catch(() => undefined)
    for (const place of places) {
      for (const end of [peerEnd(place), hostEnd(place)]) await ip('link', 'del', end).catch(() => undefined)
    }
    for (const bridge of bridges) await ip('link', 'del', bridge).catch(() => undefined)
  }
  await remove()
  for (const bridge of bridges) {
    await ip('link', 'add', bridge, 'type', 'bridge')
    await ip('link', 'set', bridge, 'up')
  }
  for (const place of places) {
    const inside = name(place)
    await ip('netns', 'add', inside)
    await ip('-n', inside, 'link', 'set', 'lo', 'up')
    for (const [end, own, address] of [
      [peerEnd(place), 'peers', `${peer(place)}/24`],
      [hostEnd(place), 'host', `${host(place)}/30`],
    ] as const) {
      await ip('link', 'add', end, 'type', 'veth', 'peer', 'name', own, 'netns', inside)
      await ip('-n', inside, 'addr', 'add', address, 'dev', own)
      await ip('-n', inside, 'link', 'set', own, 'up')
      await ip('link', 'set', end, 'up')
    }
    await ip('link', 'set', peerEnd(place), 'master', bridges[0])
    await ip('addr', 'add', `10.${net}.${place + 1}.1/30`, 'dev', hostEnd(place))
  }
  return {
    within: (place) => ['ip', 'netns', 'exec', name(place)],
    peer,
    host,
    split: async (apart) => {
      for (const place of places) {
        await ip('link', 'set', peerEnd(place), 'master', bridges[apart.includes(place) ? 1 : 0])
      }
    },
    remove,
  }
}
