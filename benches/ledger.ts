/**
 * The ledger's figures: grants beside plain transfers on the same engine in the same run, batched grants sustained,
 * and what a single grant takes on an idle ledger. What is measured, and how: benches/support/grants.ts.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbedded } from '../src/ledger/embedded.door.ts'
import { deployContracts, verifyGrant } from '../src/ledger/index.ts'
import { founders, intents, rate, rates, signerOf, waitsOfGrants } from './support/grants.ts'
import { quantile, type Row, row } from './support/rows.ts'

const MEMBERS = 4
const CHECKED = 500
const IDLE_BOUND_MS = 250

export async function bench(options: { readonly quick: boolean }): Promise<readonly Row[]> {
  const [rounds, perRound, sustained, idle] = options.quick ? [3, 600, 3_000, 50] : [7, 1_000, 20_000, 200]
  const directory = await mkdtemp(join(tmpdir(), 'islet-bench-'))
  const ledger = await openEmbedded({ directory, operator: signerOf('operator') })
  try {
    const founding = founders(MEMBERS)
    const members = founding.map(({ signer }) => signer)
    const deployment = await deployContracts(ledger, {
      by: members[0] ?? signerOf('member 0'),
      founders: founding.map(({ founder }) => founder),
      threshold: 1,
    })
    const here = { ledger, deployment, members }
    const { transfers, requests, singles, batched, requestsRatio, singlesRatio } = await rates(here, {
      ...{ rounds, perRound },
      batched: sustained,
    })
    const domain = { chainId: ledger.chainId, consents: deployment.consents }
    const checked = intents(here, CHECKED)
    const verified = await rate(CHECKED, async (i) => {
      const intent = checked[i]
      if (intent !== undefined && !verifyGrant(domain, intent)) throw new Error('a signature does not hold')
    })
    const waits = await waitsOfGrants(here, idle)
    const second = 'transactions/s'
    const ceiling = 'the signature-free ceiling'
    const bound = 'the bound of 250 ms'
    return [
      row('plain transfers', transfers, second, null, null, rounds),
      {
        ...row(
          `access requests: ${ceiling} (one slot, no intent)`,
          requests,
          second,
          'plain transfers',
          1,
          rounds,
        ),
        ratio: requestsRatio,
      },
      {
        ...row('single grants', singles, 'grants/s', 'plain transfers', 1, rounds),
        ratio: singlesRatio,
      },
      row(
        `batched grants, 50 a transaction, ${sustained} sustained`,
        batched,
        'grants/s',
        ceiling,
        requests,
        1,
      ),
      row('intent signatures verified by one thread', verified, 'signatures/s', 'batched grants', batched, 1),
      row('single grant on an idle ledger, p50', quantile(waits, 0.5), 'ms', bound, IDLE_BOUND_MS, idle),
      row('single grant on an idle ledger, p99', quantile(waits, 0.99), 'ms', bound, IDLE_BOUND_MS, idle),
    ]
  } finally {
    await ledger.close()
    await rm(directory, { recursive: true, force: true })
  }
}
