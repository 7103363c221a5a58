/**
 * Who has used this browser: a label they chose, and which ways back they tried here. No key, no health datum.
 *
 * Law: what is stored and unknown counts as not there.
 */
import type { RecoveryRoute } from '../../../identity/index.ts'

export interface KnownPerson {
  /** Identity key, public. */
  readonly key: string
  readonly name: string
  /** Ways that were used here and led to this person. */
  readonly ways: readonly RecoveryRoute[]
}

const STORE = 'islet.people'
const ROUTES: readonly RecoveryRoute[] = ['passkey', 'recovery-code']

export function knownPerson(key: string): KnownPerson | undefined {
  return knownPeople().find((person) => person.key === key)
}

export function rememberPerson(person: KnownPerson): void {
  const others = knownPeople().filter(({ key }) => key !== person.key)
  localStorage.setItem(STORE, JSON.stringify([...others, person]))
}

export function forgetPerson(key: string): void {
  localStorage.setItem(STORE, JSON.stringify(knownPeople().filter((person) => person.key !== key)))
}

function knownPeople(): readonly KnownPerson[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORE) ?? '[]')
    return Array.isArray(stored) ? stored.flatMap(personOf) : []
  } catch {
    return []
  }
}

function personOf(value: unknown): readonly KnownPerson[] {
  if (typeof value !== 'object' || value === null) return []
  const [key, name, ways] = [
    Reflect.get(value, 'key'),
    Reflect.get(value, 'name'),
    Reflect.get(value, 'ways'),
  ]
  if (typeof key !== 'string' || typeof name !== 'string' || !Array.isArray(ways)) return []
  return [{ key, name, ways: ROUTES.filter((route) => ways.includes(route)) }]
}
