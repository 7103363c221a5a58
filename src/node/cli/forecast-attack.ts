/** `islet forecast attack FILE…`: what lying sites do to the federated network, and what each rule takes back. */
import type { ForecastAttackDocument } from '../../api/documents.door.ts'
import { attackTableText, readPeople, sitesFor, withWorkshop } from '../../forecast/index.ts'
import {
  ATTACK_RULES,
  ATTACKS,
  type AttackRule,
  type AttackTable,
  attackTable,
  nearest,
} from '../../learning/index.ts'
import { atLeastOne } from './forecast-evaluate.ts'
import { EXIT, printDocument, usage } from './outcome.ts'
import { startProgress } from './progress.ts'
import { intakeOptions } from './read-files.ts'
import type { VerbContext, VerbOutcome } from './verb.ts'

/** Enough rounds for an attack to show, as in the protocol's study. */
const USUAL_ROUNDS = 10
const USUAL_ATTACKERS = [2] as const

export async function forecastAttack(
  context: VerbContext,
  paths: readonly string[],
  options: Readonly<Record<string, unknown>>,
): VerbOutcome {
  const { terminal, signal, seed } = context
  const attackers = countsOf(options['attackers'])
  const rules = rulesOf(options['rules'])
  const attacks = ATTACKS.filter((name) => options['attack'] === undefined || options['attack'] === name)
  const rounds = atLeastOne(options['rounds'], 'rounds') ?? USUAL_ROUNDS
  const stride = atLeastOne(options['stride'], 'stride')
  const say = (line: string): void => terminal.err(`${line}\n`)
  const people = await readPeople(paths, intakeOptions(options), { say, signal })
  const sites = sitesFor(people, 'W', atLeastOne(options['sites'], 'sites'), say)
  const most = Math.max(...attackers)
  if (most >= sites) {
    throw usage(`${most} attackers leave none of ${sites} sites honest`, 'ask for fewer with --attackers N')
  }
  const progress = startProgress('attacking', 1000, terminal)
  let [step, total, within] = [0, 1, 0]
  let table: AttackTable
  try {
    const onRound = (): void => {
      within++
      progress.advance(Math.round((1000 * (step + Math.min(1, within / rounds))) / total))
    }
    table = await withWorkshop(
      { protocol: 'W', rounds, seed, features: 4, signal, onRound },
      async (workshop) =>
        await attackTable(people, workshop, {
          protocol: 'W',
          sites,
          mode: 'gridded',
          withEvents: false,
          ...(stride === undefined ? {} : { stride }),
          attacks,
          attackers,
          rules,
          onStep: (done, all) => {
            signal.throwIfAborted()
            ;[step, total, within] = [done, all, 0]
          },
        }),
    )
  } finally {
    progress.finish()
  }
  const document = documentOf(table, { sites, rounds, seed })
  if (context.json) printDocument(document, terminal)
  else terminal.out(attackTableText(document))
  return EXIT.done
}

/** `2`, `1,3` or `0-4`. */
function countsOf(value: unknown): readonly number[] {
  if (value === undefined) return USUAL_ATTACKERS
  const text = String(value)
  const range = /^(\d{1,3})-(\d{1,3})$/.exec(text)
  const [first, last] = [Number(range?.[1]), Number(range?.[2])]
  if (range !== null && first <= last) return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  if (/^\d{1,3}(,\d{1,3})*$/.test(text)) return [...new Set(text.split(',').map(Number))]
  throw usage(
    `'${text.slice(0, 40)}' does not say how many sites lie`,
    'give a number, several as 1,3, or a span as 0-4, with --attackers',
  )
}

function rulesOf(value: unknown): readonly AttackRule[] {
  if (typeof value !== 'string') return ATTACK_RULES
  const names = value.split(',').map((name) => name.trim())
  for (const name of names) {
    if (ATTACK_RULES.some((rule) => rule === name)) continue
    const near = nearest(name, ATTACK_RULES)
    throw usage(
      `there is no rule '${name.slice(0, 40)}'`,
      near === undefined ? `one of: ${ATTACK_RULES.join(', ')}` : `did you mean ${near}?`,
    )
  }
  return ATTACK_RULES.filter((rule) => names.includes(rule))
}

function documentOf(
  { sha256, people, windowsTrain, windowsTest, rows }: AttackTable,
  run: { readonly sites: number; readonly rounds: number; readonly seed: number },
): ForecastAttackDocument {
  const rounded = (value: number | null): number | null =>
    value === null ? null : Math.round(value * 10_000) / 10_000
  return {
    schema: 'islet.forecast.attack/1',
    data: { sha256, people, windows_train: windowsTrain, windows_test: windowsTest },
    ...run,
    rows: rows.map((row) => ({
      attack: row.attack,
      attackers: row.attackers,
      rule: row.rule,
      rmse_30_mgdl: rounded(row.rmse30),
      rmse_60_mgdl: rounded(row.rmse60),
      removed_30_percent: rounded(row.removed30),
      excluded_honest_percent: rounded(row.excludedHonest),
      excluded_attackers_percent: rounded(row.excludedAttackers),
      trigger_shift_30_mgdl: rounded(row.triggerShift),
    })),
  }
}
