import { expect, it } from 'vitest'
import { samplesOf } from '../../series/index.ts'
import { type LocalSeconds, quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import type { PersonTrace } from '../data/trace.ts'
import { network } from '../nets/recurrent.ts'
import { attackTable } from './attack.ts'
import { siteTable } from './site-table.ts'
import { FORECAST_NETWORK, type Workshop } from './workshop.ts'

const START = 1_704_067_200

function person(id: string, level: number, swing = 30): PersonTrace {
  const items = Array.from({ length: 320 }, (_, i) => {
    const at = START + i * 300
    const value = level + swing * Math.sin(at / 2900 + level)
    return { at: quantity<UnixSeconds>(at), local: quantity<LocalSeconds>(at), value }
  })
  return { id, glucose: samplesOf(items, ({ value }) => value) }
}

const PEOPLE = [
  ...[110, 120, 130, 140, 150, 160, 170].map((level) => person(`p${level}`, level)),
  person('stuck sensor', 145, 0),
]
const NETWORK = network({ ...FORECAST_NETWORK, features: 4 })
const WORKSHOP: Workshop = {
  network: NETWORK,
  trainer: NETWORK,
  protocol: 'W',
  rounds: 2,
  seed: 1,
  cpuSeconds: () => 0,
}
const OPTIONS = { protocol: 'W', sites: 7, mode: 'gridded', withEvents: false, stride: 4 } as const

it('sites of one patient each stand in the table with both models and what they brought; a stuck sensor is nobody’s', async () => {
  const table = await siteTable(PEOPLE, WORKSHOP, OPTIONS)
  expect(table.rows.map(({ people }) => people)).toEqual([1, 1, 1, 1, 1, 1, 1])
  for (const row of table.rows) {
    expect(row.common30).toBeGreaterThan(0)
    expect(row.alone60).toBeGreaterThan(0)
    expect(row.excluded).not.toBeNull()
    expect(Number.isFinite(row.contribution)).toBe(true)
  }
  expect(table).toMatchObject({ rule: 'multi-krum', method: 'exact', coalitions: 128 })
  // Alike as they are, none stands apart from the others by more than the rule allows.
  expect(table.rows.map(({ excluded }) => excluded)).toEqual([0, 0, 0, 0, 0, 0, 0])
  const largest = Math.max(...table.rows.map(({ common30 }) => common30!))
  expect(table.worst).toMatchObject({ error: largest })
  const worst = table.rows.find(({ site }) => site === table.worst!.site)!
  expect(table.worst!.gap).toBeCloseTo(worst.common30! - worst.alone30!, 9)
  expect(await siteTable(PEOPLE, WORKSHOP, OPTIONS)).toEqual(table)
})

it('a site that sends no numbers is left out by name and the others go on', async () => {
  const { rows } = await attackTable(PEOPLE, WORKSHOP, {
    ...OPTIONS,
    attacks: ['nan'],
    attackers: [1],
    rules: ['multi-krum'],
  })
  const defended = rows.find(({ attack, rule }) => attack === 'nan' && rule === 'multi-krum')!
  expect(defended.rmse30).toBeGreaterThan(0)
  expect(defended.excludedAttackers).toBe(100)
})

it('what a site brought is judged on validation windows: the last days change nothing of it', async () => {
  const three = PEOPLE.slice(0, 3)
  const options = { ...OPTIONS, sites: 3, plan: { rule: { name: 'mean' } } } as const
  const later = three.map((trace) => {
    const { glucose } = trace
    // The last fifteenth: inside the part to be judged on.
    const value = glucose.value.map((own, i) => (i > glucose.value.length * 0.93 ? own + 60 : own))
    return { ...trace, glucose: { ...glucose, value } }
  })
  const [before, after] = [
    await siteTable(three, WORKSHOP, options),
    await siteTable(later, WORKSHOP, options),
  ]
  const brought = ({ rows }: typeof before) => rows.map(({ contribution }) => contribution)
  expect(brought(after)).toEqual(brought(before))
  expect(after.rows.map(({ common30 }) => common30)).not.toEqual(before.rows.map(({ common30 }) => common30))
})
