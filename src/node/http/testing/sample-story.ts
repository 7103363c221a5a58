/**
 * A story for tests of the page: what the node might publish, made up from a seed.
 */
import type { Story, StoryCheck, StoryInstitution, StoryStep } from '../../../api/index.ts'
import { hash32, institutionId } from '../../../vocabulary/index.ts'

const TITLES: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'join',
    'Ten institutions join by invitation and vote',
    ['every institution made its own keys', 'the members voted on each'],
  ],
  [
    'import',
    'Glucose readings of 24 patients come in',
    ['the report adds up to the rows', 'importing again adds nothing'],
  ],
  [
    'seal',
    'Every hour is sealed under a key of its own',
    ['nothing on disk holds a reading', 'sizes say nothing of how many readings'],
  ],
  [
    'anchor',
    'One padded root per institution goes to the ledger',
    ['the root on the ledger is the root of the objects'],
  ],
  [
    'request',
    'Dr. Okafor at North Clinic asks for three months',
    ['the request is signed', 'the ledger holds only a salted commitment'],
  ],
  ['narrow', 'The patient narrows it to three days of glucose', ['nothing was widened']],
  [
    'grant',
    'The patient signs; the keys of three days are sealed to the reader',
    ['the contract accepted the signature', 'a receipt was stored'],
  ],
  [
    'open',
    'The reader opens exactly those three days',
    [
      '864 readings equal the imported ones',
      'every object lies under the anchored root',
      'the access was logged before a byte left',
    ],
  ],
  [
    'outside',
    'The hour before and the hour after do not decrypt',
    ['no key opens the hour before', 'no key opens the hour after'],
  ],
  [
    'report',
    'The reader records a glucose report with its provenance',
    ['the inputs are named by their roots'],
  ],
  [
    'expire',
    'A second grant ends by itself while the patient is offline',
    ['the custodian refused after the instant'],
  ],
  [
    'revoke',
    'The patient stops sharing',
    ['the custodian refused before the block', 'the state on the ledger is final'],
  ],
  [
    'after-revoke',
    'New data cannot be decrypted with any key the reader ever held',
    ['312 keys tried, none opened'],
  ],
  ['correct', 'A reading is corrected; the original stays', ['both revisions are there']],
  ['tamper', 'A stored object is altered and the fault is found', ['OBJECT_TAMPERED']],
  ['erase', 'Another patient is erased', ['nothing that remains opens']],
  [
    'verify',
    'All of it is checked again from a dump, without the node',
    ['212 blocks, 1,184 leaves, no finding'],
  ],
]

/** Pseudo-random numbers in [0, 1) from a seed: mulberry32. */
function dice(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

function trace(seed: number) {
  const roll = dice(seed)
  return [0, 1, 2].flatMap((day) => {
    let wander = 0
    return Array.from({ length: 288 }, (_, slot) => {
      const minute = slot * 5
      wander = wander * 0.97 + (roll() - 0.5) * 9
      const meal = (at: number, rise: number): number => {
        const after = (minute - at) / 60
        return after < 0 ? 0 : rise * after * Math.exp(1 - after)
      }
      const value =
        112 +
        meal(450 + day * 20, 75) +
        meal(765, 55 + day * 25) +
        meal(1120 - day * 30, 90 - day * 20) +
        wander * 1.6 -
        (day === 1 && minute > 150 && minute < 270 ? 48 : 0)
      return { day, minute, glucose_mgdl: Math.round(Math.max(44, value)) }
    })
  })
}

const NAMES: readonly (readonly [string, StoryInstitution['roles']])[] = [
  ['North Clinic', ['hospital']],
  ['Harbour Hospital', ['hospital', 'research']],
  ['St. Brigid Children’s Hospital', ['hospital']],
  ['Lakeside Diabetes Centre', ['hospital']],
  ['University Institute of Endocrinology', ['research']],
  ['Meridian Laboratory', ['laboratory']],
  ['Old Town Pharmacy', ['pharmacy']],
  ['Commonweal Insurance', ['insurer']],
  ['Sensora Devices', ['manufacturer']],
  ['Office of the Data Auditor', ['auditor']],
]

/** The story when `done` steps have ended and one more runs; `failing` names a step that failed. */
export function sampleStory(done: number, failing?: string): Story {
  const steps: StoryStep[] = TITLES.map(([name, title, checks], index) => {
    const failed = name === failing
    const state = index < done ? (failed ? 'failed' : 'passed') : index === done ? 'running' : 'waiting'
    const seen: StoryCheck[] = checks.map((what, place) => {
      const ok = !(failed && place === 0)
      return { what, ok, saw: ok ? 'as expected' : 'one reading differs from the imported one' }
    })
    return {
      name,
      title,
      state,
      seconds: index < done ? 0.3 + (index % 5) * 0.45 : null,
      checks: index < done ? seen : [],
    }
  })
  const points = trace(7)
  const share = (fits: (value: number) => boolean): number =>
    (100 * points.filter((point) => fits(point.glucose_mgdl)).length) / points.length
  const mean = points.reduce((sum, point) => sum + point.glucose_mgdl, 0) / points.length
  return {
    schema: 'islet.story/1',
    state: done < TITLES.length ? 'running' : failing === undefined ? 'passed' : 'failed',
    simulated: true,
    started: '2026-09-14T08:00:00Z',
    seconds: done < TITLES.length ? null : 21.4,
    steps,
    ledger: {
      height: 12 * done,
      hash: hash32(`0x${'3fa91c5e'.repeat(8)}`),
      time: '2026-09-14T08:00:21Z',
      chain_id: 7_215_335,
      engine: 'embedded',
      single_operator: true,
    },
    institutions: NAMES.map(([name, roles], index) => ({
      id: institutionId(`0x${String(index).padStart(64, '0')}`),
      name,
      roles,
      state: 'active',
    })),
    counts: { patients: 24, readings: 20_736, grants: 3, revokes: 1, accesses: 7, refusals: 4, anchors: 40 },
    opened:
      done < 8
        ? null
        : {
            reader: 'North Clinic',
            kind: 'glucose',
            from: '2026-09-10T00:00:00Z',
            until: '2026-09-13T00:00:00Z',
            readings: points.length,
            trace: points,
            mean_mgdl: mean,
            gmi_percent: 3.31 + 0.02392 * mean,
            cv_percent: 31.2,
            tbr54_percent: share((value) => value < 54),
            tbr70_percent: share((value) => value < 70),
            tir_percent: share((value) => value >= 70 && value <= 180),
            tar180_percent: share((value) => value > 180),
            tar250_percent: share((value) => value > 250),
          },
  }
}
