import { expect, test } from 'vitest'
import { sharedFlush } from './shared-flush.ts'

/** Flushes that end when told to. */
function slowFlushes() {
  const begun: { readonly path: string; end(error?: Error): void }[] = []
  const flush = sharedFlush(
    (path) =>
      new Promise((resolve, reject) => {
        begun.push({ path, end: (error) => (error === undefined ? resolve() : reject(error)) })
      }),
  )
  const ended: string[] = []
  const asked = (name: string, path: string) =>
    flush(path).then(
      () => void ended.push(name),
      () => void ended.push(`${name} failed`),
    )
  return { begun, ended, asked }
}

test('who asks while a flush is under way waits for the next one, which all of them share', async () => {
  const { begun, ended, asked } = slowFlushes()
  const all = [asked('first', 'a'), asked('second', 'a'), asked('third', 'a'), asked('elsewhere', 'b')]
  expect(begun.map(({ path }) => path)).toEqual(['a', 'b'])
  begun[0]!.end()
  await all[0]
  expect(ended).toEqual(['first'])
  expect(begun.map(({ path }) => path)).toEqual(['a', 'b', 'a'])
  const late = asked('late', 'a')
  begun[2]!.end()
  await Promise.all(all.slice(1, 3))
  expect(ended).toEqual(['first', 'second', 'third'])
  expect(begun).toHaveLength(4)
  begun[1]!.end()
  begun[3]!.end()
  await Promise.all([...all, late])
  expect(asked('alone', 'a')).toBeInstanceOf(Promise)
  expect(begun).toHaveLength(5)
  begun[4]!.end()
})

test('a flush that fails has failed for those who waited for it, and for nobody after them', async () => {
  const { begun, ended, asked } = slowFlushes()
  const first = asked('first', 'a')
  const second = asked('second', 'a')
  begun[0]!.end(new Error('the disk is gone'))
  await first
  begun[1]!.end()
  await second
  expect(ended).toEqual(['first failed', 'second'])
})
