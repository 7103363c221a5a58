import { expect, it } from 'vitest'
import { selectWindows } from '../data/select-windows.ts'
import type { Windows } from '../data/windows.ts'
import type { Training } from '../nets/network.ts'
import { network } from '../nets/recurrent.ts'
import { normalEquations } from '../ridge/normal-equations.ts'
import { waves } from '../testing/waves.ts'
import { fineTune } from './fine-tune.ts'
import type { Fold, ProtocolName } from './protocols.ts'

const net = network({ cell: 'gru', features: 4, hidden: 8, horizon: 12, quantiles: [] })
const COMMON = net.train(net.initial(1), waves(400, 0), {
  passes: 4,
  batch: 32,
  learningRate: 3e-3,
  schedule: 'cosine',
  clip: 1,
  seed: 1,
}).parameters

/** Two people at one site, each with a wave of their own; the validation windows may be another's. */
function foldOf(own: readonly Windows[], validation: Windows): Fold {
  return {
    sites: [{ train: own[0]!, validation, equations: normalEquations(validation) }],
    test: waves(60, 1, 2),
    testSite: new Int32Array(60),
    ownTrain: (person) => own[person]!,
  }
}

async function finetuned(
  own: readonly Windows[],
  protocol: ProtocolName = 'W',
  validation = waves(80, 1, 2),
) {
  const asked: { windows: Windows; training: Training }[] = []
  const tuned = await fineTune(
    {
      network: net,
      trainer: {
        train: (parameters, windows, training) => {
          asked.push({ windows, training })
          return net.train(parameters, windows, training)
        },
      },
      protocol,
      rounds: 1,
      seed: 1,
      cpuSeconds: () => 0,
    },
    foldOf(own, validation),
    COMMON,
  )
  return { ...tuned, asked }
}

const ofPerson = ({ path }: { readonly path: Float32Array }, person: number): readonly number[] =>
  [...path].filter((_, cell) => Math.floor(cell / 12) % 2 === person)

it('a person’s forecasts hang on the own training windows and on nobody else’s', async () => {
  const [mine, other, changed] = [waves(200, 1), waves(200, 2), waves(200, 9)]
  const before = await finetuned([mine, other], 'F')
  const after = await finetuned([mine, changed], 'F')
  expect(ofPerson(after, 0)).toEqual(ofPerson(before, 0))
  expect(ofPerson(after, 1)).not.toEqual(ofPerson(before, 1))
})

it('with less than twelve hours of windows the common model stays', async () => {
  const windows = waves(143, 1)
  const { path, asked } = await finetuned([windows, windows])
  expect(asked).toEqual([])
  expect(path).toEqual(net.predict(COMMON, waves(60, 1, 2)).path)
})

it('takes two weeks of windows at most, evenly from all that a person has', async () => {
  const many = selectWindows(
    waves(500, 1),
    Int32Array.from({ length: 9_000 }, (_, i) => i % 500),
  )
  const { asked } = await finetuned([waves(143, 1), many], 'F')
  expect(asked.map(({ windows }) => windows.count)).toEqual([3_000])
})

it('goes as deep as validation windows say, and no deeper than the head where nothing is chosen', async () => {
  const own = [waves(300, 1), waves(300, 1)]
  const shown = await finetuned(own, 'W', waves(80, 1, 2))
  expect(shown.asked.filter(({ training }) => training.headOnly).length).toBe(2)
  expect(shown.asked.length).toBe(4)
  expect(shown.depth).toBe('whole network')
  // Days that turn the other way: the further a model goes towards its person, the worse it is there.
  const days = waves(80, 1, 2)
  const turned = days.targets.map((value, cell) => 2 * (days.last[Math.floor(cell / 12)] ?? 0) - value)
  const against = await finetuned(own, 'W', { ...days, targets: turned })
  expect(against.depth).toBe('head')
  const cold = await finetuned(own, 'F')
  expect([cold.depth, ...cold.asked.map(({ training }) => training.headOnly)]).toEqual(['head', true, true])
})
