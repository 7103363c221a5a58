import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { loadApp } from './app-assets.ts'

const app = await loadApp()

/** The scripts that a browser loads before the first screen: `main.js`, and what it imports at once. */
function firstScripts(): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const take = (name: string): void => {
    const text = app.scripts.get(name)
    if (text === undefined || found.has(name)) return
    found.set(name, text)
    for (const [, next] of text.matchAll(/(?:from|import)\s*"\.\/([A-Za-z0-9-]+\.js)"/g)) take(next ?? '')
  }
  take('main.js')
  return found
}

test('the first screen needs at most 250 kB of script, gzipped; dialogs come later', () => {
  const first = firstScripts()
  const size = [...first.values()].reduce((sum, text) => sum + gzipSync(text, { level: 9 }).length, 0)
  expect(size).toBeGreaterThan(100_000)
  expect(size).toBeLessThanOrEqual(250_000)
  expect(app.scripts.size).toBeGreaterThan(first.size)
})

test('every script has a name that its route serves', () => {
  for (const name of app.scripts.keys()) expect(name).toMatch(/^[A-Za-z0-9-]{1,60}\.js$/)
})

test('no script evaluates text, and nothing is loaded from elsewhere', () => {
  for (const [name, text] of app.scripts) {
    expect(text, name).not.toMatch(/\bnew Function\b|\beval\(|globalThis\.Function/)
    expect(text, name).not.toMatch(/(?:from|import)\s*\(?"https?:/)
  }
  expect(app.html).not.toMatch(/https?:\/\//)
  expect(app.style).not.toMatch(/url\(|@import/)
})
