/**
 * The recurrent forecaster beside PyTorch on one thread: training of an epoch and forecasts, in processor time, runs
 * interleaved; windows, weights and order of the batches are the same on both sides.
 *
 * Law: both train the same thing: the loss of each epoch agrees to 5 digits, or the bench fails. Without Debian's
 * python3-torch it says so and prints no ratio.
 */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { firstOrder, type Network, network, type Windows } from '../src/learning/index.ts'
import { median, type Row, row, timed } from './support/rows.ts'

const STEPS = 24
const FEATURES = 4
const HORIZON = 12
const BATCH = 128
const RATE = 1e-3
/** Debian's interpreter: others on the path do not see its packages. */
const PYTHON = '/usr/bin/python3'
const SHAPES = [
  { cell: 'gru', hidden: 48 },
  { cell: 'lstm', hidden: 48 },
  { cell: 'gru', hidden: 64 },
] as const

export async function bench({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const epochs = quick ? 3 : 7
  const count = quick ? 4_000 : 20_000
  const windows = madeWindows(count)
  const absent = torchAbsent()
  if (absent !== undefined) process.stderr.write(`without PyTorch, so without its ratios: ${absent}\n`)
  const rows: Row[] = []
  for (const { cell, hidden } of SHAPES) {
    const net = network({ cell, features: FEATURES, hidden, horizon: HORIZON, quantiles: [] })
    const peer = absent === undefined ? await startTorch(net, windows) : undefined
    try {
      rows.push(...(await race(net, windows, epochs, peer)))
    } finally {
      await peer?.stop()
    }
  }
  return rows
}

async function race(
  net: Network,
  windows: Windows,
  epochs: number,
  peer: Torch | undefined,
): Promise<readonly Row[]> {
  const own = { train: [] as number[], predict: [] as number[] }
  const theirs = { train: [] as number[], predict: [] as number[] }
  let agreement = 0
  let parameters = net.initial(1)
  for (let epoch = 0; epoch < epochs; epoch++) {
    const seed = 100 + epoch
    const { core, result } = await timed(() =>
      net.train(parameters, windows, {
        passes: 1,
        batch: BATCH,
        learningRate: RATE,
        schedule: 'constant',
        clip: 1,
        seed,
      }),
    )
    const forecast = await timed(() => net.predict(parameters, windows))
    own.train.push(core / 1000)
    own.predict.push(forecast.core / 1000)
    if (peer !== undefined) {
      const trained = await peer.train(parameters, firstOrder(windows.count, seed))
      const predicted = await peer.ask('predict')
      theirs.train.push(trained.seconds)
      theirs.predict.push(predicted.seconds)
      const loss = result.loss[0] ?? Number.NaN
      agreement = Math.max(agreement, Math.abs(loss - (trained.loss ?? Number.NaN)) / loss)
    }
    parameters = result.parameters
  }
  if (!(agreement < 2e-5)) throw new Error(`losses differ by ${agreement}: not the same training`)
  const { cell, hidden } = net.shape
  const name = `${cell.toUpperCase()}-${hidden}`
  const size = `${windows.count} windows × ${STEPS} × ${FEATURES}, ${HORIZON} outputs, batch ${BATCH}`
  const against = peer === undefined ? null : `PyTorch ${peer.version}, one thread`
  const speed = windows.count / median(own.predict)
  const base = peer === undefined ? null : windows.count / median(theirs.predict)
  return [
    row(
      `${name} epoch, ${size}`,
      median(own.train),
      's of processor',
      against,
      peer === undefined ? null : median(theirs.train),
      epochs,
    ),
    row(`${name} forecasts on one thread`, speed, 'forecasts/s', against, base, epochs),
    ...(peer === undefined
      ? []
      : [row(`${name} loss of an epoch off PyTorch's, largest`, agreement, 'relative', null, null, epochs)]),
  ]
}

interface Answer {
  readonly seconds: number
  readonly loss?: number
}

interface Torch {
  readonly version: string
  /** One epoch from these weights, windows in this order. */
  train(parameters: Float32Array, order: Int32Array): Promise<Answer>
  ask(command: string): Promise<Answer>
  stop(): Promise<void>
}

function torchAbsent(): string | undefined {
  if (!existsSync(PYTHON)) return `${PYTHON} is not there`
  const { status } = spawnSync(PYTHON, ['-c', 'import torch'], { stdio: 'ignore' })
  return status === 0 ? undefined : 'python3-torch is not installed (apt-get install python3-torch)'
}

async function startTorch(net: Network, windows: Windows): Promise<Torch> {
  const folder = await mkdtemp(join(tmpdir(), 'islet-torch-'))
  const bytes = (values: Float32Array | Int32Array): Uint8Array =>
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  const put = (name: string, values: Float32Array | Int32Array): Promise<void> =>
    writeFile(join(folder, `${name}.bin`), bytes(values))
  await put('inputs', windows.inputs)
  await put(
    'changes',
    windows.targets.map((target, i) => (target - (windows.last[Math.floor(i / HORIZON)] ?? 0)) / 30),
  )
  // Spinning threads of OpenBLAS on a machine of few cores cost PyTorch tenfold; one thread each is what is compared.
  const child = spawn(PYTHON, [script()], {
    env: { ...process.env, OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1' },
  })
  child.stderr.pipe(process.stderr)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const read = async (): Promise<unknown> => {
    const { value, done } = await lines.next()
    if (done) throw new Error('PyTorch ended before it answered')
    return JSON.parse(value)
  }
  const ask = async (command: string): Promise<Answer> => {
    child.stdin.write(`${command}\n`)
    return answerOf(await read())
  }
  const { cell, features, hidden, horizon } = net.shape
  const setup = { folder, cell, features, hidden, horizon, steps: STEPS, count: windows.count }
  child.stdin.write(`${JSON.stringify({ ...setup, batch: BATCH, rate: RATE })}\n`)
  const hello = await read()
  const version = typeof hello === 'object' && hello !== null && 'version' in hello ? hello.version : ''
  return {
    version: String(version),
    ask,
    train: async (parameters, order) => {
      await put('parameters', parameters)
      await put('order', order)
      return ask('train')
    },
    stop: async () => {
      await ended(child)
      await rm(folder, { recursive: true })
    },
  }
}

function ended(child: ChildProcessWithoutNullStreams): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.stdin.end()
  })
}

function answerOf(value: unknown): Answer {
  if (typeof value !== 'object' || value === null || !('seconds' in value)) throw new Error('no answer')
  const loss = 'loss' in value && typeof value.loss === 'number' ? { loss: value.loss } : {}
  return { seconds: Number(value.seconds), ...loss }
}

/** The script beside this file, or beside its source where this is the built bench in dist/benches. */
function script(): string {
  const near = ['./peers/recurrent.py', '../../benches/peers/recurrent.py']
  const found = near.map((path) => fileURLToPath(new URL(path, import.meta.url))).find(existsSync)
  if (found === undefined) throw new Error('benches/peers/recurrent.py is not there')
  return found
}

/** Random walks: what they hold does not matter for the time, only that it can be learned a little. */
function madeWindows(count: number): Windows {
  let state = 5
  const inputs = new Float32Array(count * STEPS * FEATURES)
  const targets = new Float32Array(count * HORIZON)
  const last = new Float32Array(count)
  for (let window = 0; window < count; window++) {
    let level = 150
    let slope = 0
    for (let cell = 0; cell < STEPS + HORIZON; cell++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      slope = 0.9 * slope + 3 * (state / 2 ** 32 - 0.5)
      level += slope + 0.02 * (150 - level)
      if (cell < STEPS) {
        const time = (2 * Math.PI * (window + cell)) / 288
        inputs.set(
          [(level - 150) / 60, slope / 10, Math.sin(time), Math.cos(time)],
          (window * STEPS + cell) * FEATURES,
        )
        last[window] = level
      } else targets[window * HORIZON + cell - STEPS] = level
    }
  }
  return {
    count,
    steps: STEPS,
    features: FEATURES,
    horizon: HORIZON,
    inputs,
    targets,
    last,
    scored: new Uint8Array(count * HORIZON).fill(1),
    person: new Int32Array(count),
    anchor: new Float64Array(count),
    people: ['made'],
  }
}
