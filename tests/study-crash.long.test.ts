/**
 * A node with the sites of a study, killed with SIGKILL at every named point of a round, then started again: the final
 * model is the one of the run that nobody disturbed, and no round counts twice.
 */
import { spawn } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundledChild } from '../src/ledger/testing/bundled-child.ts'
import { openStudySites, prepareVirtualStudy } from '../src/node/study.door.ts'
import { openConsortium } from '../src/node/world.door.ts'
import { MASKED_POINTS, SITE_POINTS } from '../src/study/index.ts'

const ROUNDS = 2
let script: string
let folder: string
const undisturbed = new Map<string, string | undefined>()
/** Under masks the sites wait for each other’s words as well: the steps are long enough for any machine to start again. */
const MODES = {
  open: { aggregation: 'open', clip_norm: 5, differential_privacy: null },
  masked: { aggregation: 'masked', clip_norm: 5, differential_privacy: null },
} as const
type Mode = keyof typeof MODES

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'islet-study-crash-'))
  for (const mode of ['open', 'masked'] as const) await prepared(mode)
  script = await bundledChild(new URL('./testing/study-crash-child.ts', import.meta.url), 'study-crash-child')
  for (const mode of ['open', 'masked'] as const) {
    const { out, signal } = await ran(await copied(mode, 'undisturbed'))
    expect(signal).toBeNull()
    undisturbed.set(mode, out)
  }
})

async function prepared(mode: Mode): Promise<void> {
  const consortium = await openConsortium({ directory: join(folder, `prepared-${mode}`) })
  try {
    const sites = ['north', 'south', 'west']
    const { desk, file } = await prepareVirtualStudy(consortium, {
      seed: 11,
      sites,
      rounds: ROUNDS,
      papers: ({ plan, sheet }) => ({
        sheet,
        plan: { ...plan, privacy: MODES[mode], deadlines: { step_seconds: 600 } },
      }),
    })
    // Secrets are drawn here, so that every copy of the directory has the same.
    await openStudySites(consortium, desk, file)
  } finally {
    await consortium.close()
  }
}

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
  await rm(script, { force: true })
})

test.each(['open', 'masked'] as const)('the undisturbed run made all rounds of the %s plan', (mode) => {
  expect(undisturbed.get(mode)).toMatch(new RegExp(`^0x[0-9a-f]{64} ${ROUNDS}\n$`))
})

// A step ends by itself where nobody is silent.
const points = SITE_POINTS.filter((point) => point !== 'STEP_ENDED')
const cases = [
  ...points.map((point) => ['open', point] as const),
  ...[...MASKED_POINTS, 'TRAINED' as const, 'UPDATE_STORED' as const].map(
    (point) => ['masked', point] as const,
  ),
]

test.each(cases)('in %s mode kill -9 at %s changes nothing of the model', async (mode, point) => {
  const directory = await copied(mode, point)
  expect(await ran(directory, point)).toEqual({ out: '', signal: 'SIGKILL' })
  expect(await ran(directory)).toEqual({ out: undisturbed.get(mode), signal: null })
  await rm(directory, { recursive: true, force: true })
})

async function copied(mode: Mode, name: string): Promise<string> {
  const directory = join(folder, `${mode}-${name}`)
  await cp(join(folder, `prepared-${mode}`), directory, { recursive: true })
  return directory
}

async function ran(
  directory: string,
  ...point: readonly string[]
): Promise<{ readonly out: string; readonly signal: NodeJS.Signals | null }> {
  const child = spawn(process.execPath, [script, directory, ...point], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  const signal = await new Promise<NodeJS.Signals | null>((resolve) => {
    child.once('close', (_, by) => resolve(by))
  })
  return { out, signal }
}
