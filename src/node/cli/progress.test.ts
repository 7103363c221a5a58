import { expect, test } from 'vitest'
import type { Terminal } from './outcome.ts'
import { startProgress } from './progress.ts'

/** What a progress without a terminal prints, when it is told so at these seconds. */
function printed(total: number, steps: readonly (readonly [second: number, done: number, now?: string])[]) {
  const lines: string[] = []
  const terminal: Terminal = {
    out: () => undefined,
    err: (text) => void lines.push(text),
    interactive: false,
    columns: 80,
    colour: false,
  }
  let now = 0
  const progress = startProgress('export', total, terminal, () => now)
  for (const [second, done, doing] of steps) {
    now = second * 1000
    progress.advance(done, doing)
  }
  progress.finish()
  return lines
}

test('without a terminal a line is printed now and then, with what is being done', () => {
  expect(
    printed(200, [
      [1, 20],
      [2.5, 50],
      [3, 60],
      [5, 120, 'north'],
    ]),
  ).toEqual(['export: 25 %\n', 'export: 60 % · north\n'])
})

test('short work prints nothing', () => {
  expect(printed(2, [[0.5, 1]])).toEqual([])
})

test('a total that was too small an estimate never shows more than all of it', () => {
  expect(printed(10, [[3, 20]])).toEqual(['export: 100 %\n'])
  expect(printed(0, [[3, 4]])).toEqual(['export: 0 %\n'])
})
