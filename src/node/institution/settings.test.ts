import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { address, hash32, institutionId } from '../../vocabulary/index.ts'
import { keepSettings, type Settings } from './settings.ts'

const word = (letter: string) => `0x${letter.repeat(64)}`
const account = (letter: string) => address(`0x${letter.repeat(40)}`)
const SETTINGS: Settings = {
  id: institutionId(word('a')),
  key: 'north',
  name: 'North Clinic',
  roles: ['hospital'],
  slotMinutes: 60,
  ledger: {
    chainId: 1,
    genesisHash: hash32(word('b')),
    operator: account('c'),
    deployment: { membership: account('1'), consents: account('2'), anchors: account('3') },
  },
}

describe('the configuration of an institution', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'islet-settings-'))
  })
  afterEach(() => rm(directory, { recursive: true, force: true }))

  test('stays what the directory was begun with, the slot included', async () => {
    expect(await keepSettings(directory, SETTINGS)).toBe(60)
    expect(await keepSettings(directory, { ...SETTINGS, slotMinutes: 5 })).toBe(60)
  })

  test.each([
    ['another institution', { ...SETTINGS, id: institutionId(word('d')) }],
    ['another ledger', { ...SETTINGS, ledger: { ...SETTINGS.ledger, genesisHash: hash32(word('d')) } }],
    ['another operator', { ...SETTINGS, ledger: { ...SETTINGS.ledger, operator: account('d') } }],
  ])('refuses to be opened for %s, and changes nothing', async (_, other) => {
    await keepSettings(directory, SETTINGS)
    const before = await readFile(join(directory, 'institution.json'), 'utf8')
    await expect(keepSettings(directory, other)).rejects.toMatchObject({ code: 'OTHER_INSTITUTION' })
    expect(await readFile(join(directory, 'institution.json'), 'utf8')).toBe(before)
  })

  test.each(['', '{', '{"schema":"islet.institution/1"}', 'null'])(
    'is refused when it reads %j',
    async (text) => {
      await writeFile(join(directory, 'institution.json'), text)
      await expect(keepSettings(directory, SETTINGS)).rejects.toMatchObject({
        code: 'INSTITUTION_FILE_DAMAGED',
      })
    },
  )
})
