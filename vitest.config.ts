import { defineConfig } from 'vitest/config'

const LEFT_OUT = ['**/*.long.test.ts', '**/node_modules/**', 'dist/**']

/** Every test of the house except the named long suites (`*.long.test.ts`). */
export default defineConfig({
  test: {
    maxWorkers: 2,
    maxConcurrency: 2,
    projects: [
      {
        // Tests of rooms leave nothing behind in the process, so that their files share one loading of the modules.
        extends: true,
        test: { name: 'rooms', include: ['src/**/*.test.ts'], exclude: LEFT_OUT, isolate: false },
      },
      {
        extends: true,
        test: { name: 'house', include: ['tests/**/*.test.ts', 'scripts/**/*.test.ts'], exclude: LEFT_OUT },
      },
    ],
    // No law of a test is a time: these end what hangs, on a machine ten times slower too.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    pool: 'forks',
  },
})
