/**
 * The lives of virtual people go on: readings are made as time passes and come in from a device whose maker they let in.
 *
 * Laws: the same seed is the same life, whoever asks when; readings are sealed and delivered under a grant, like those of any
 * writer, and no key of the person is used for it; once that grant is stopped the device is silent for good. Whoever comes back
 * after long finds the last 31 days at most: what was before is a gap, as of a device that nobody read out.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import Type, { type Static } from 'typebox'
import { ConsentIdField } from '../../api/index.ts'
import { cohortManifest, type Living, livingPerson } from '../../physiology/index.ts'
import { isIsletError, quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { readDocumentFile, writeDocumentFile } from '../institution/document-file.ts'
import type { Party } from '../institution/party.ts'

const DAY = 86_400
/** Whole days lived before the day on which somebody first asks. */
const DAYS_BEFORE = 14
/** The most that the generator of virtual people gives: ten years. */
const DAYS_OF_LIFE = 3_660
const MOST_CAUGHT_UP = 31 * DAY

const NAME = 'life.json'
const BirthSchema = Type.Object({
  seed: Type.Integer(),
  /** Local midnight of the first day, seconds since 1970. */
  start: Type.Integer(),
  offset_minutes: Type.Integer(),
})
const LifeSchema = Type.Object({
  schema: Type.Literal('islet.virtual-life/1'),
  birth: BirthSchema,
  /** The grant under which the device adds. */
  consent: ConsentIdField,
  /** Instant up to which everything was delivered. */
  told: Type.Integer(),
})
type Birth = Static<typeof BirthSchema>
type Life = Omit<Static<typeof LifeSchema>, 'schema'>

/** A life that has its first fortnight behind it by now, on this machine's wall clock. */
export function bornBefore(seed: number, now: UnixSeconds): Birth {
  const offset = -new Date(now * 1_000).getTimezoneOffset()
  const today = Math.floor((now + offset * 60) / DAY) * DAY - offset * 60
  return { seed, start: today - DAYS_BEFORE * DAY, offset_minutes: offset }
}

/** That life from its first minute. */
export function livingOf({ seed, start, offset_minutes: offsetMinutes }: Birth): Living {
  const from = quantity<UnixSeconds>(start)
  return livingPerson(cohortManifest({ seed, people: 1, days: DAYS_OF_LIFE, start: from, offsetMinutes }), 0)
}

/** Remembers in a person's folder where their life stands. */
export function rememberLife(directory: string, life: Life): Promise<void> {
  return writeDocumentFile(join(directory, NAME), { schema: 'islet.virtual-life/1', ...life })
}

/** What says that the person lets the device in no more. */
const STOPPED = ['CONSENT_REVOKED', 'CONSENT_EXPIRED', 'CONSENT_UNKNOWN', 'CONSENT_NOT_HANDED_OVER'] as const

/** Gives what lets the person of a folder live on up to now: their device delivers what is due. Throws what a delivery throws; then it is due again. */
export function virtualLives(
  device: Pick<Party, 'write'>,
  clock: () => UnixSeconds,
): (directory: string) => Promise<void> {
  const held = new Map<string, { readonly living: Living; readonly life: Life }>()

  const resumed = async (directory: string) => {
    const life = await readDocumentFile(join(directory, NAME), LifeSchema, 'VIRTUAL_LIFE_DAMAGED')
    if (life === undefined) return undefined
    const living = livingOf(life.birth)
    living.until(quantity<UnixSeconds>(life.told))
    return { living, life }
  }

  const liveOn = async (directory: string): Promise<void> => {
    const known = held.get(directory) ?? (await resumed(directory))
    if (known === undefined) return
    // Held again only once everything was delivered: what fails is begun anew from the file.
    held.delete(directory)
    const { living, life } = known
    const now = clock()
    const due = living.until(now).filter(({ at }) => at > now - MOST_CAUGHT_UP)
    if (due.length === 0) {
      held.set(directory, known)
      return
    }
    try {
      await device.write(life.consent, due)
    } catch (error) {
      if (!isIsletError(error, ...STOPPED)) throw error
      await rm(join(directory, NAME), { force: true })
      return
    }
    const told = { ...life, told: now }
    await rememberLife(directory, told)
    held.set(directory, { living, life: told })
  }

  let turn: Promise<void> = Promise.resolve()
  return (directory) => {
    turn = turn.catch(() => undefined).then(() => liveOn(directory))
    return turn
  }
}
