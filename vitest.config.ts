import { defineConfig } from 'vitest/config'

/** Rooms whose test files leave nothing behind in the process, so that they share one loading of their modules. */
const SHARED = [
  'vocabulary',
  'series',
  'glycemia',
  'physiology',
  'intake',
  'api',
  'learning',
  'vault',
  'identity',
  'study',
  'consent',
].map((room) => `src/${room}/**/*.test.ts`)
const LEFT_OUT = ['**/*.long.test.ts', '**/node_modules/**', 'dist/**']

/** Every test of the house except the named long suites (`*.long.test.ts`). */
export default defineConfig({
  test: {
    maxWorkers: 2,
    maxConcurrency: 2,
    projects: [
      { extends: true, test: { name: 'shared', include: SHARED, exclude: LEFT_OUT, isolate: false } },
      {
        extends: true,
        test: {
          name: 'house',
          include: ['src/**/*.test.ts', 'tests/**/*.test.ts', 'scripts/**/*.test.ts'],
          exclude: [...LEFT_OUT, ...SHARED],
        },
      },
    ],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
  },
})
