/**
 * A change of seats decided by the members whose keys lie in this data directory, and in force.
 *
 * Law: each member votes with its own key, and more than two thirds of the active members decide (ValidatorSet); the
 * change is done when the consensus itself shows it, not when the contract took it.
 */
import { join } from 'node:path'
import { CONSORTIUM_CONTRACTS, consensusStatus } from '../../ledger/consortium.door.ts'
import { contractCall, type Ledger, readContract, secp256k1Signer } from '../../ledger/index.ts'
import { openRpc } from '../../ledger/rpc.door.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import {
  type Hash32,
  hash32,
  type InstitutionId,
  IsletError,
  institutionId,
  toHex,
  utf8,
} from '../../vocabulary/index.ts'
import { openInstitutionKeys } from '../institution/key-ring.ts'
import { wallClock } from '../institution/wire.ts'
import { CHARTER } from '../world/charter.ts'
import { firstId } from '../world/enrolment.ts'
import { pause } from './network.ts'
import type { NetworkFile } from './network-file.ts'
import { unlockOf } from './node-secrets.ts'
import { type Powers, seatsAfter } from './seat-rules.ts'

/** An institution's seat as it shall be; power 0 takes it away. */
export interface SeatMove {
  readonly institution: string
  readonly seatKey: Hash32
  readonly power: number
}

export interface SeatVote {
  readonly directory: string
  readonly network: NetworkFile
  readonly moves: readonly SeatMove[]
  readonly signal: AbortSignal
  readonly progress: (what: string) => void
}

const VOTING_SECONDS = 3_600
const IN_FORCE_LIMIT_MS = 60_000
/** A vote waits this long for a ledger that stands still. */
const HALT_AFTER_MS = 15_000

/**
 * Votes until the change is carried and waits until it is in force. Throws the codes of `seatsAfter`,
 * `INSTITUTION_NOT_ACTIVE`, `CHANGE_REFUSED`, `INTERRUPTED` and those of the ledger.
 */
export async function decideSeats({ directory, network, moves, signal, progress }: SeatVote): Promise<void> {
  const ledger = await openRpc({
    urls: network.nodes.filter(({ pid }) => pid !== null).map(({ ports }) => `http://${ports.rpc}/`),
    expect: { chainId: network.chainId },
    directory: join(directory, 'network', 'votes'),
    ...{ pollMs: 100, haltAfterMs: HALT_AFTER_MS },
  })
  try {
    const members = await membersHere(directory)
    const idOf = (key: string): InstitutionId => {
      const known = members.find((one) => one.key === key)
      if (known !== undefined) return known.id
      throw new IsletError('INSTITUTION_UNKNOWN', 'there is no such institution here', { institution: key })
    }
    seatsAfter(
      await powersOf(ledger, members),
      new Map(moves.map(({ institution, power }) => [institution, power])),
    )
    for (const { institution, power } of moves) {
      if (power > 0) await requireActive(ledger, institution, idOf(institution))
    }
    const now = Math.floor(wallClock() * 1_000)
    const change = {
      moves: moves.map(({ institution, seatKey, power }) => ({
        ...{ institution: idOf(institution), key: seatKey, power: BigInt(power) },
      })),
      nonce: BigInt(now),
      deadline: BigInt(Math.floor(now / 1_000) + VOTING_SECONDS),
    }
    const { value: active } = await readContract(
      ...([ledger, CONSORTIUM_CONTRACTS, 'membership', 'activeCount', []] as const),
    )
    const needed = Math.floor((2 * Number(active)) / 3) + 1
    let votes = 0
    for (const { key, id, signer } of members) {
      if (votes === needed) break
      if (signal.aborted) throw new IsletError('INTERRUPTED', 'interrupted')
      if (!(await isActive(ledger, id))) continue
      await castVote(ledger, change, { key, signer })
      votes += 1
      progress(`vote of ${key}, ${votes} of ${needed}`)
    }
    if (votes < needed) throw changeRefused()
    await untilInForce(network, moves)
    progress('in force')
  } finally {
    await ledger.close()
  }
}

/** Seats in force by institution, as the contract has them. */
async function powersOf(ledger: Ledger, members: readonly Member[]): Promise<Powers> {
  const { value } = await readContract(ledger, CONSORTIUM_CONTRACTS, 'validators', 'seats', [])
  return new Map(
    value.map(({ institution, power }) => [
      members.find(({ id }) => id === institution)?.key ?? institution,
      Number(power),
    ]),
  )
}

/** Who votes: its handle here and the key that the ledger has of it. */
export interface Voter {
  readonly key: string
  readonly signer: ReturnType<typeof secp256k1Signer>
}
interface Member extends Voter {
  readonly id: InstitutionId
}

/** A change as the contract takes it; its hash is the proposal. */
export interface SeatChange {
  readonly moves: readonly {
    readonly institution: InstitutionId
    readonly key: Hash32
    readonly power: bigint
  }[]
  readonly nonce: bigint
  readonly deadline: bigint
}

/** One member's vote; given again it is the same. Throws `CHANGE_REFUSED`. */
export async function castVote(ledger: Ledger, change: SeatChange, { key, signer }: Voter): Promise<void> {
  const name = hash32(toHex(nodeCrypto.hasher.sha256(utf8(`islet/v1/seat-vote\0${key}\0${change.nonce}`))))
  const call = contractCall(CONSORTIUM_CONTRACTS, 'validators', 'vote', [change])
  const receipt = await ledger.submit(call, { by: signer, keys: [name] })
  if (receipt.status !== 'success') throw changeRefused()
}

async function membersHere(directory: string): Promise<readonly Member[]> {
  const unlock = await unlockOf(directory)
  const members: Member[] = []
  for (const { key } of CHARTER) {
    const keys = await openInstitutionKeys(join(directory, 'institutions', key), unlock)
    const id = institutionId(firstId(keys.public.messageKey))
    members.push({ key, id, signer: secp256k1Signer(keys.ledgerKey) })
  }
  return members
}

async function isActive(ledger: Ledger, id: InstitutionId): Promise<boolean> {
  return (await readContract(ledger, CONSORTIUM_CONTRACTS, 'membership', 'isActiveInstitution', [id])).value
}

export async function requireActive(ledger: Ledger, institution: string, id: InstitutionId): Promise<void> {
  if (await isActive(ledger, id)) return
  throw new IsletError(
    'INSTITUTION_NOT_ACTIVE',
    'only an active member gets a seat',
    { institution },
    { remedy: 'Have the members vote it in first: the first start of a node on this network does.' },
  )
}

function changeRefused(): IsletError {
  return new IsletError(
    'CHANGE_REFUSED',
    'the ledger did not take the change of seats',
    {},
    {
      remedy: 'Less than a third of the power may arrive, and leave, within an hour: try again in the next.',
    },
  )
}

/** Waits until the consensus of every answering node of this host counts the seats so. Throws `CHANGE_NOT_IN_FORCE`. */
export async function untilInForce(
  network: Pick<NetworkFile, 'nodes'>,
  moves: readonly Pick<SeatMove, 'seatKey' | 'power'>[],
): Promise<void> {
  for (const until = performance.now() + IN_FORCE_LIMIT_MS; performance.now() < until; await pause(250)) {
    const told = await Promise.all(network.nodes.map(({ ports }) => consensusStatus(ports.comet)))
    const answers = told.filter((one) => one !== undefined)
    const isShown = answers.map(({ seats }) =>
      moves.every(({ seatKey, power }) => (seats.find(({ key }) => key === seatKey)?.power ?? 0) === power),
    )
    if (isShown.length > 0 && isShown.every(Boolean)) return
  }
  throw new IsletError(
    'CHANGE_NOT_IN_FORCE',
    'the change was voted and is not in force after a minute',
    {},
    { remedy: 'islet network status shows whether blocks are made; an idle chain makes one in ten seconds.' },
  )
}
