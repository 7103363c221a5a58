/**
 * How a network stands, as its nodes tell.
 *
 * Law: who validates is read from the ledger's own consensus; a node that does not answer has failed, for this.
 */
import type { NetworkDocument } from '../../api/documents.door.ts'
import { type ConsensusStatus, consensusStatus, signedTwice } from '../../ledger/consortium.door.ts'
import { hash32 } from '../../vocabulary/index.ts'
import type { NetworkFile } from './network-file.ts'

/** How the network stands, as its nodes tell. */
export async function networkStatus(network: NetworkFile): Promise<NetworkDocument> {
  const told = await Promise.all(network.nodes.map(({ ports }) => consensusStatus(ports.comet)))
  const newest = told.reduce<ConsensusStatus | undefined>(
    (best, one) => (one !== undefined && one.height > (best?.height ?? 0) ? one : best),
    undefined,
  )
  const showing = told.findIndex((one) => one !== undefined && one === newest)
  const distant = network.distant ?? []
  const twice = await signedTwice(
    network.nodes[showing]?.ports.comet ?? '',
    newest?.height ?? 0,
    [...network.nodes, ...distant].map(({ seatKey }) => hash32(seatKey)),
  )
  const here = network.nodes.map(({ institution, seatKey, ports, pid }, place) => {
    const seat = newest?.seats.find(({ key }) => key === seatKey)
    const signing = told[place] !== undefined && seat?.lastSigned !== undefined
    return {
      ...{ id: seatKey, institution, power: seat?.power ?? 0, signing },
      last_signed_height: seat?.lastSigned ?? null,
      signed_twice_height: twice.get(hash32(seatKey)) ?? null,
      pid,
      rpc: `http://${ports.rpc}/`,
      metrics: `http://${ports.metrics}/metrics`,
    }
  })
  // A node of another host is known by its signatures alone.
  const elsewhere = distant.map(({ institution, seatKey }) => {
    const seat = newest?.seats.find(({ key }) => key === seatKey)
    return {
      ...{ id: seatKey, institution, power: seat?.power ?? 0, signing: seat?.lastSigned !== undefined },
      last_signed_height: seat?.lastSigned ?? null,
      signed_twice_height: twice.get(hash32(seatKey)) ?? null,
      ...{ pid: null, rpc: null, metrics: null },
    }
  })
  // Of those that have no seat any more nothing can be told.
  const seatedElsewhere = elsewhere.filter(({ power }) => newest === undefined || power > 0)
  const validators = [...here, ...seatedElsewhere]
  const failed = new Set([
    ...here.filter((_, place) => told[place] === undefined),
    ...seatedElsewhere.filter(({ signing }) => !signing),
  ])
  const powers = validators.filter((one) => !failed.has(one)).map(({ power }) => power)
  const total = newest?.seats.reduce((sum, { power }) => sum + power, 0) ?? 0
  const silent = [...failed].map(({ institution }) => institution)
  return {
    schema: 'islet.network/1',
    engine: 'cometbft+cosmos-evm',
    chain_id: network.chainId,
    genesis_sha256: network.genesis,
    head: newest === undefined ? null : { height: newest.height, hash: newest.hash, time: newest.time },
    block_seconds_p50: newest?.blockSeconds ?? null,
    validators,
    can_lose: canLose(powers, total),
    peers: told.find((one) => one !== undefined)?.peers ?? 0,
    halted_because: haltedBecause(powers, total, silent),
  }
}

/** How many of the seats that answer may fail, the strongest first, until no more than two thirds of all power is left. */
export function canLose(powers: readonly number[], total: number): number {
  let left = powers.reduce((sum, power) => sum + power, 0)
  let lost = 0
  for (const power of [...powers].sort((a, b) => b - a)) {
    left -= power
    if (3 * left <= 2 * total) break
    lost += 1
  }
  return lost
}

function haltedBecause(powers: readonly number[], total: number, silent: readonly string[]): string | null {
  if (total === 0) return 'no node answers: run islet network start'
  const left = powers.reduce((sum, power) => sum + power, 0)
  if (3 * left > 2 * total) return null
  return `${silent.join(', ')} do not answer, and more than two thirds of the power must sign: start one of them`
}
