import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { institutionId } from '../../vocabulary/index.ts'
import { openStaff } from './staff.ts'

const NORTH = institutionId(`0x${'ab'.repeat(32)}`)
const INES = { name: 'Ines', key: 'A'.repeat(43), office: 'committee' } as const

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'islet-staff-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

test('a key that is not on the list is a stranger’s', async () => {
  const staff = await openStaff(directory, NORTH)
  await staff.enlist(INES)
  expect(staff.find('B'.repeat(43))).toBeUndefined()
  expect(staff.find(INES.key)).toMatchObject({ roles: ['committee'], institution: NORTH })
})

test('the list is there after a restart, and a key holds one office at a time', async () => {
  const staff = await openStaff(directory, NORTH)
  await Promise.all([staff.enlist(INES), staff.enlist({ ...INES, office: 'researcher' })])
  const again = await openStaff(directory, NORTH)
  expect(again.find(INES.key)?.roles).toEqual(['researcher'])
  expect(JSON.parse(await readFile(join(directory, 'staff.json'), 'utf8')).people).toHaveLength(1)
})

test('a list that is damaged lets nobody in, and is named', async () => {
  await writeFile(join(directory, 'staff.json'), '{"people":[{"key":"everybody"}]}')
  await expect(openStaff(directory, NORTH)).rejects.toMatchObject({ code: 'STAFF_LIST_DAMAGED' })
})
