/**
 * A cohort of virtual people: believable, seeded, marked as simulated, with a manifest that makes it again.
 *
 * Law: the same manifest gives the same bytes; adding people changes nobody who was there before.
 * Believable = adults' median time in range 60–90 %, CV 28–45 %, time below 70 mg/dL 1–6 % (data-and-formats, 4.2 and 7.5).
 */
import type { HealthRecord } from '../series/index.ts'
import { IsletError, quantity, type UnixSeconds } from '../vocabulary/index.ts'
import { carbRatioOf } from './carb-ratio.ts'
import { drawTraits, type SiteHabits, type Traits, USUAL_HABITS } from './habits.ts'
import { type AgeGroup, patientNamed, patientsOf } from './patient.ts'
import { type Life, type Living, live, living } from './person.ts'
import { randomStream } from './random.ts'

export interface Scenario {
  /** Any integer; with the other members it determines every byte. */
  readonly seed: number
  readonly people: number
  readonly days: number
  /** First instant; default 2026-01-05T00:00Z less the offset, a Monday at local midnight. */
  readonly start?: UnixSeconds
  /** Wall clock minus UTC, minutes; fixed over the whole set. Default 0. */
  readonly offsetMinutes?: number
  readonly habits?: SiteHabits
}

export interface PersonManifest {
  readonly id: string
  /** Row of the parameter table. */
  readonly patient: string
  readonly group: AgeGroup
  readonly carbRatio: number
  readonly correctionFactor: number
  readonly traits: Traits
}

export interface CohortManifest {
  readonly simulated: true
  readonly model: 'UVA/Padova 2008'
  readonly generator: 'islet physiology 1'
  readonly scenario: Required<Scenario>
  readonly people: readonly PersonManifest[]
}

export interface VirtualPerson {
  readonly id: string
  readonly simulated: true
  readonly group: AgeGroup
  /** In order of time. */
  readonly records: readonly HealthRecord[]
}

export interface Cohort {
  readonly manifest: CohortManifest
  readonly people: readonly VirtualPerson[]
}

/** 2026-01-05T00:00:00Z. */
const FIRST_MONDAY_OF_2026 = 1_767_571_200
const MOST_DAYS = 3660

/** What a scenario will be, without living it. Throws `BAD_SCENARIO`. */
export function cohortManifest(scenario: Scenario): CohortManifest {
  checkCount('people', scenario.people, 100_000)
  checkCount('days', scenario.days, MOST_DAYS)
  if (!Number.isSafeInteger(scenario.seed)) {
    throw new IsletError('BAD_SCENARIO', 'the seed must be an integer', { field: 'seed' })
  }
  const offsetMinutes = scenario.offsetMinutes ?? 0
  const habits = scenario.habits ?? USUAL_HABITS
  const full: Required<Scenario> = {
    seed: scenario.seed,
    people: scenario.people,
    days: scenario.days,
    start: scenario.start ?? quantity<UnixSeconds>(FIRST_MONDAY_OF_2026 - offsetMinutes * 60),
    offsetMinutes,
    habits,
  }
  const people = Array.from({ length: scenario.people }, (_, n) => drawPerson(scenario.seed, n, habits))
  return {
    simulated: true,
    model: 'UVA/Padova 2008',
    generator: 'islet physiology 1',
    scenario: full,
    people,
  }
}

/** Lives a whole cohort. */
export function cohort(scenario: Scenario): Cohort {
  const manifest = cohortManifest(scenario)
  return { manifest, people: manifest.people.map((_, n) => livePerson(manifest, n)) }
}

/** Lives one person of a manifest by place in the list, for cohorts too large to hold at once. Throws `NO_SUCH_PERSON`. */
export function livePerson(manifest: CohortManifest, place: number): VirtualPerson {
  const { id, group } = personAt(manifest, place)
  return { id, simulated: true, group, records: live(lifeOf(manifest, place)) }
}

/** Begins the life of one person of a manifest, to be lived on as time passes. Throws `NO_SUCH_PERSON`. */
export function livingPerson(manifest: CohortManifest, place: number): Living {
  return living(lifeOf(manifest, place))
}

function personAt(manifest: CohortManifest, place: number): PersonManifest {
  const person = manifest.people[place]
  if (person !== undefined) return person
  throw new IsletError('NO_SUCH_PERSON', 'the manifest names fewer people', { place })
}

function lifeOf(manifest: CohortManifest, place: number): Life {
  const { patient, traits } = personAt(manifest, place)
  const { seed, start, offsetMinutes, days, habits } = manifest.scenario
  return {
    patient: patientNamed(patient),
    habits,
    traits,
    start,
    offsetMinutes,
    days,
    lifeRandom: randomStream(seed, place, 'life'),
    sensorRandom: randomStream(seed, place, 'sensor'),
  }
}

function drawPerson(seed: number, place: number, habits: SiteHabits): PersonManifest {
  const random = randomStream(seed, place, 'person')
  const draw = random.uniform()
  const { adult, adolescent } = habits.ages
  const group: AgeGroup = draw < adult ? 'adult' : draw < adult + adolescent ? 'adolescent' : 'child'
  const rows = patientsOf(group)
  // Rows are walked in turn from a seeded start, so that ten people of one group are ten different bodies.
  const from = Math.floor(randomStream(seed, 'rows', group).uniform() * rows.length)
  const row = rows[(from + place) % rows.length]
  if (row === undefined) throw new IsletError('BAD_SCENARIO', 'no patients of this group', { group })
  return {
    id: `virtual-${String(place + 1).padStart(4, '0')}`,
    patient: row.name,
    group,
    carbRatio: carbRatioOf(row),
    correctionFactor: row.correctionFactor,
    traits: drawTraits(random),
  }
}

function checkCount(field: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return
  throw new IsletError('BAD_SCENARIO', `${field} must be a whole number from 1 to ${most}`, { field })
}
