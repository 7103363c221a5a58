import { hash32, institutionId } from '../vocabulary/index.ts'
import { keccakText } from './abi-words.ts'
import { chainSuite } from './testing/chain.suite.ts'
import { memoryChain } from './testing/memory-chain.ts'
import { at, START } from './testing/town.ts'

const now = () => at(START)
const chain = memoryChain(now)
const [own, other] = ['own', 'other'].map((name) => institutionId(keccakText(name)))
for (const id of [own!, other!]) {
  chain.admit({ id, active: true, messageKey: hash32(id), hpkeKeyHash: hash32(id) })
}
chainSuite('reference in memory', () => ({ own: own!, other: other!, chain: chain.as(own!), now }))
