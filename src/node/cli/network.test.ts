import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { ranHere } from './testing/ran-here.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

async function inFolder(work: (data: string) => Promise<void>): Promise<void> {
  const data = await mkdtemp(join(tmpdir(), 'islet-network-'))
  try {
    await work(data)
  } finally {
    await rm(data, { recursive: true, force: true })
  }
}

test('without the engine, founding says which command builds it, and leaves no network behind', () =>
  inFolder(async (data) => {
    vi.stubEnv('ISLET_CONSORTIUM_ENGINE', join(data, 'none'))
    const { code, out } = await ranHere(['network', 'init', '--local', '4', '--data', data, '--json'])
    expect(code).toBe(3)
    expect(JSON.parse(out)).toMatchObject({
      error: { code: 'ENGINE_MISSING', remedy: expect.stringContaining('npm run engine:build') },
    })
    const status = await ranHere(['network', 'status', '--data', data, '--json'])
    expect(JSON.parse(status.out)).toMatchObject({ error: { code: 'NO_NETWORK' } })
    expect(status.code).toBe(2)
  }))

test.each(['3', '11', 'four'])('%s seats are refused before anything is made', (seats) =>
  inFolder(async (data) => {
    const { code, err } = await ranHere(['network', 'init', '--local', seats, '--data', data])
    expect(code).toBe(2)
    expect(err).toContain('4 to 10')
  }),
)
