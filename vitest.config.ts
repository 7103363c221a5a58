import { defineConfig } from 'vitest/config'

/** Rooms of functions alone: their test files leave nothing behind, so they share one loading of their modules. */
const PURE = ['vocabulary', 'series', 'glycemia', 'physiology', 'intake', 'api'].map(
  (room) => `src/${room}/**/*.test.ts`,
)
const LEFT_OUT = ['**/*.long.test.ts', '**/node_modules/**', 'dist/**']

/** Every test of the house except the named long suites (`*.long.test.ts`). */
export default defineConfig({
  test: {
    maxWorkers: 2,
    maxConcurrency: 2,
    projects: [
      { extends: true, test: { name: 'pure', include: PURE, exclude: LEFT_OUT, isolate: false } },
      {
        extends: true,
        test: {
          name: 'house',
          include: ['src/**/*.test.ts', 'tests/**/*.test.ts', 'scripts/**/*.test.ts'],
          exclude: [...LEFT_OUT, ...PURE],
        },
      },
    ],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
  },
})
