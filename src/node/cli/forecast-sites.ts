/** `islet forecast sites FILE…`: what each site has of the federated network, and what it brought to it. */
import type { ForecastSitesDocument } from '../../api/documents.door.ts'
import { readPeople, sitesFor, siteTableText, withWorkshop } from '../../forecast/index.ts'
import { type SiteTable, siteTable } from '../../learning/index.ts'
import { atLeastOne } from './forecast-evaluate.ts'
import { EXIT, printDocument } from './outcome.ts'
import { startProgress } from './progress.ts'
import { intakeOptions } from './read-files.ts'
import type { VerbContext, VerbOutcome } from './verb.ts'

const USUAL_ROUNDS = 30

export async function forecastSites(
  context: VerbContext,
  paths: readonly string[],
  options: Readonly<Record<string, unknown>>,
): VerbOutcome {
  const { terminal, signal, seed } = context
  const rounds = atLeastOne(options['rounds'], 'rounds') ?? USUAL_ROUNDS
  const stride = atLeastOne(options['stride'], 'stride')
  const say = (line: string): void => terminal.err(`${line}\n`)
  const people = await readPeople(paths, intakeOptions(options), { say, signal })
  const sites = sitesFor(people, 'W', atLeastOne(options['sites'], 'sites'), say)
  const progress = startProgress('comparing', 1000, terminal)
  let [step, total, within] = [0, 1, 0]
  let table: SiteTable
  try {
    const show = (): void => progress.advance(Math.round((1000 * (step + within)) / total))
    const onRound = (): void => {
      within += (1 - within) / 20
      show()
    }
    table = await withWorkshop(
      { protocol: 'W', rounds, seed, features: 4, signal, onRound },
      async (workshop) =>
        await siteTable(people, workshop, {
          protocol: 'W',
          sites,
          mode: 'gridded',
          withEvents: false,
          ...(stride === undefined ? {} : { stride }),
          onStep: (done, all) => {
            signal.throwIfAborted()
            ;[step, total, within] = [done, all, 0]
            show()
          },
        }),
    )
  } finally {
    progress.finish()
  }
  const document = documentOf(table, { rounds, seed })
  if (context.json) printDocument(document, terminal)
  else terminal.out(siteTableText(document))
  return EXIT.done
}

function documentOf(
  { sha256, rows, rule, method, coalitions, jain, gini, worst }: SiteTable,
  run: { readonly rounds: number; readonly seed: number },
): ForecastSitesDocument {
  const rounded = (value: number | null): number | null =>
    value === null ? null : Math.round(value * 10_000) / 10_000
  return {
    schema: 'islet.forecast.sites/1',
    data: { sha256 },
    ...run,
    rule,
    rows: rows.map((row) => ({
      site: row.site,
      people: row.people,
      windows: row.windows,
      common_30_mgdl: rounded(row.common30),
      common_60_mgdl: rounded(row.common60),
      alone_30_mgdl: rounded(row.alone30),
      alone_60_mgdl: rounded(row.alone60),
      left_out_percent: rounded(row.excluded),
      contribution_mgdl: rounded(row.contribution),
    })),
    contribution: { method, coalitions },
    jain,
    gini,
    worst:
      worst === undefined
        ? null
        : { site: worst.site, rmse_30_mgdl: worst.error, gap_mgdl: worst.gap ?? null },
  }
}
