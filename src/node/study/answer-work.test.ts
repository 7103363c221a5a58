import { expect, test } from 'vitest'
import type { Arrival } from '../../api/index.ts'
import { founderOf, hashOf, signerOf } from '../../ledger/testing/fixtures.ts'
import type { InstitutionId } from '../../vocabulary/index.ts'
import { answerWork } from './answer-work.ts'

const idOf = (name: string) => founderOf(name).id
const study = hashOf('study')
const AUDIT = { rounds: [{ round: 1, code: 'REPEATED' }], result: null }
const WORTH = { windows: 9, version: 1, method: 'exact' as const, rounds: [1], coalitions: 2 }

function arrivalOf(from: Arrival['from']): Arrival {
  return { from, keyId: '', roles: ['member'], id: '', created: '' }
}
const by = (name: string) => arrivalOf({ kind: 'institution', id: idOf(name) })

/** A site of a study with one other, which somebody else applied with; `seated` decides on studies. */
function answering(sites: readonly InstitutionId[] = [idOf('own'), idOf('site')]) {
  const { handlers } = answerWork({
    own: idOf('own'),
    chain: {
      approvedSites: async () => sites,
      seatOf: async (id) => (id === idOf('seated') ? signerOf('seated').address : undefined),
      study: async () => ({ applicant: idOf('applicant') }) as never,
    },
    audit: async () => AUDIT,
    worth: async () => ({ ...WORTH, values: [{ site: idOf('own'), value: 0.123_456 }] }),
  })
  return {
    audit: (arrival: Arrival) => handlers['study-audit']({ study }, arrival),
    worth: (arrival: Arrival) => handlers['study-worth']({ study }, arrival),
  }
}

test.each(['site', 'applicant', 'seated'])('an audit is done for the %s', async (name) => {
  expect(await answering().audit(by(name))).toEqual({ audit: AUDIT })
})

test('a stranger has nothing done, and nobody at a site that is none', async () => {
  const person = arrivalOf({ kind: 'patient', key: 'A'.repeat(43) })
  for (const stranger of [by('stranger'), person])
    await expect(answering().audit(stranger)).rejects.toMatchObject({ code: 'NOT_A_SITE' })
  const { audit, worth } = answering([idOf('site')])
  await expect(audit(by('site'))).rejects.toMatchObject({ code: 'STUDY_UNKNOWN' })
  await expect(worth(by('applicant'))).rejects.toMatchObject({ code: 'STUDY_UNKNOWN' })
})

test('what updates were worth is told to the applicant alone, to the thousandth', async () => {
  const { worth } = answering()
  expect(await worth(by('applicant'))).toEqual({
    worth: { ...WORTH, values: [{ site: idOf('own'), value: 0.123 }] },
  })
  for (const other of ['site', 'seated', 'stranger'])
    await expect(worth(by(other))).rejects.toMatchObject({ code: 'NOT_THE_APPLICANT' })
})
