/** A process that submits without end and says what was acknowledged, so that a test can kill it at any moment. */
import { contractCall } from '../contracts.ts'
import { deployContracts } from '../deploy.ts'
import { openEmbedded } from '../embedded.door.ts'
import { founderOf, hashOf, signerOf } from './fixtures.ts'

const [directory = '', seed = '0'] = process.argv.slice(2)
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`)
const names = ['north', 'south']
const ledger = await openEmbedded({
  directory,
  operator: signerOf('operator'),
  snapshotEvery: 40,
  limits: { quietMs: 0 },
})
const founders = names.map(founderOf)
const deployment = await deployContracts(ledger, { by: signerOf('north'), founders, threshold: 1 })
say({ ready: true, executor: ledger.executorPid, head: await ledger.head() })
setInterval(() => say({ executor: ledger.executorPid }), 10)
for (let round = 0; ; round++) {
  await Promise.all(
    Array.from({ length: 1 + (round % 13) }, async (_, i) => {
      const key = hashOf(`crash ${seed} ${round} ${i}`)
      const call = contractCall(deployment, 'consents', 'requestAccess', [key])
      const { transaction, block } = await ledger.submit(call, {
        by: signerOf(names[i % 2] ?? 'north'),
        keys: [key],
      })
      say({ key, transaction, height: block.height, hash: block.hash })
    }),
  )
}
