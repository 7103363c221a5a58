/**
 * Door to the nodes of a founded consortium as processes of whoever tests or measures them: started and killed by place.
 *
 * Law: only processes that were started here are ended.
 */
import type { EnginePorts, EngineSecrets } from './consortium-engine.ts'
import { type ConsortiumProcess, startConsortiumNode, untilAnswering } from './consortium-process.ts'

interface NodeOfPlace {
  readonly home: string
  readonly ports: EnginePorts
  readonly secrets: EngineSecrets
}

export interface FoundedNodes {
  /** Starts the nodes of the given places, and waits until each shows a block. Throws `ENGINE_FAILED`. */
  start(places: readonly number[]): Promise<void>
  /** Ends nodes at once (SIGKILL). */
  kill(places: readonly number[]): Promise<void>
  /** Ends all that run. */
  stop(): Promise<void>
  /** Process of a place; undefined where none runs. */
  pid(place: number): number | undefined
}

export function foundedNodes(binary: string, nodes: readonly NodeOfPlace[]): FoundedNodes {
  const running = new Map<number, ConsortiumProcess>()
  const start = async (places: readonly number[]): Promise<void> => {
    const started: (readonly [NodeOfPlace, ConsortiumProcess])[] = []
    for (const place of places) {
      const node = nodes[place]
      if (node === undefined) throw new Error(`no node ${place}`)
      const process = startConsortiumNode(binary, node.home, node.secrets)
      running.set(place, process)
      started.push([node, process])
    }
    for (const [node, process] of started) await untilAnswering(node.ports.rpc, process)
  }
  const kill = async (places: readonly number[]): Promise<void> => {
    const ended = places.map((place) => running.get(place)).filter((node) => node !== undefined)
    for (const { pid } of ended) endNow(pid)
    // Nodes outlive who started them and keep nobody alive; whoever waits for their end must.
    const waiting = setInterval(() => undefined, 1_000)
    await Promise.all(ended.map(({ gone }) => gone))
    clearInterval(waiting)
    for (const place of places) running.delete(place)
  }
  return { start, kill, stop: () => kill([...running.keys()]), pid: (place) => running.get(place)?.pid }
}

/** One that ended by itself is ended. */
function endNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // ESRCH: there is nothing left to end.
  }
}
