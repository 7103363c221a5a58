/**
 * What the validators of this data directory say of themselves, among the node's own figures.
 *
 * Law: asked when the figures are; a validator that does not answer has no figures, so that nothing old is shown as new.
 * Source: CometBFT's Prometheus names.
 */
import { Gauge, type Registry } from 'prom-client'
import type { NetworkFile } from './network-file.ts'

/** Name here, of the engine, and what it is. */
const FIGURES = [
  ['islet_consortium_height_blocks', 'cometbft_consensus_latest_block_height', 'Newest block of a validator'],
  ['islet_consortium_round', 'cometbft_consensus_rounds', 'Round of the height under way'],
  [
    'islet_consortium_missed_blocks',
    'cometbft_consensus_validator_missed_blocks',
    'Blocks without its signature',
  ],
  ['islet_consortium_peers', 'cometbft_p2p_peers', 'Peers of a validator'],
  ['islet_consortium_power', 'cometbft_consensus_validator_power', 'Voting power of its seat'],
] as const
const LIMIT_MS = 2_000
/** One scrape asks each validator once for all figures. */
const FRESH_MS = 1_000

/** Registers the figures of a network's validators. */
export function networkMetrics(registry: Registry, { nodes }: Pick<NetworkFile, 'nodes'>): void {
  let asked = Number.NEGATIVE_INFINITY
  let answers: Promise<readonly (readonly [institution: string, text: string])[]> = Promise.resolve([])
  const shown = () => {
    if (performance.now() - asked > FRESH_MS) {
      asked = performance.now()
      answers = Promise.all(
        nodes.map(async ({ institution, ports }) => [institution, await textOf(ports.metrics)] as const),
      )
    }
    return answers
  }
  for (const [name, of, help] of FIGURES) {
    new Gauge({
      ...{ name, help, labelNames: ['institution'], registers: [registry] },
      async collect() {
        this.reset()
        for (const [institution, text] of await shown()) {
          const value = figureOf(text, of)
          if (value !== undefined) this.set({ institution }, value)
        }
      },
    })
  }
}

/** The value of a figure in Prometheus' text format; undefined where it is absent. */
export function figureOf(text: string, name: string): number | undefined {
  const [, value] = new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text) ?? []
  return value === undefined ? undefined : Number(value)
}

async function textOf(metrics: string): Promise<string> {
  try {
    const answer = await fetch(`http://${metrics}/metrics`, { signal: AbortSignal.timeout(LIMIT_MS) })
    return await answer.text()
  } catch {
    return ''
  }
}
