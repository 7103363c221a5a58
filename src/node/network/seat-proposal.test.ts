import { expect, test } from 'vitest'
import type { Ledger } from '../../ledger/index.ts'
import { address, hash32, institutionId, quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import type { MemberRequest } from './member-request.ts'
import type { NetworkFile } from './network-file.ts'
import { type SeatProposal, voteOnProposal, withSeated } from './seat-proposal.ts'

const key = (digit: string) => hash32(`0x${digit.repeat(64)}`)
const node = { seatKey: key('a'), nodeId: 'b'.repeat(40), peer: '127.0.0.1:26656' }
const request: MemberRequest = {
  type: 'islet.member-request/1',
  body: {
    ...{ key: 'mill', name: 'Mill', roles: ['laboratory'], node },
    ledgerKey: address(`0x${'1'.repeat(40)}`),
    ...{ messageKey: key('2'), hpkeKeyHash: key('3') },
  },
  signer: key('2'),
  signature: `0x${'4'.repeat(128)}`,
}
const network: NetworkFile = {
  schema: 'islet.network-file/1',
  ...{ chainId: 1, genesis: '', engine: null, heartbeatSeconds: 1, nodes: [] },
}
const proposal: SeatProposal = {
  schema: 'islet.seat-proposal/1',
  moves: [
    { institution: institutionId(key('5')), seatKey: node.seatKey, power: 100, request },
    { institution: institutionId(key('6')), seatKey: key('7'), power: 0, request: null },
  ],
  ...{ nonce: 1, deadline: 1_790_000_000 },
}
/** Nothing may be asked of it. */
const silent = {} as Ledger

test('a node that gets a seat is known from then on, once', () => {
  const once = withSeated(network, proposal)
  expect(once.distant).toEqual([{ institution: 'mill', ...node }])
  expect(withSeated(once, proposal)).toEqual(once)
})

test('a vote after the time of the proposal is refused before the ledger is asked', async () => {
  const late = quantity<UnixSeconds>(proposal.deadline + 1)
  const voter = { key: 'north', signer: {} } as Parameters<typeof voteOnProposal>[3]
  await expect(voteOnProposal(silent, network, proposal, voter, late)).rejects.toMatchObject({
    code: 'VOTING_OVER',
  })
})
