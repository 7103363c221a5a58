/**
 * A clinic's own list of its patients: the names that it knows them by, and when somebody last reviewed them.
 *
 * Law: names live at the institution that was told them and nowhere else; no grant, request, log or ledger holds them.
 */
import Type from 'typebox'
import { NameField } from '../../api/index.ts'
import {
  type Document,
  getText,
  parseText,
  putJson,
  record,
  Seconds,
  type Shelf,
} from '../../consent/index.ts'
import type { Hash32, UnixSeconds } from '../../vocabulary/index.ts'

const PageSchema = record({ name: NameField, reviewed: Type.Union([Seconds, Type.Null()]) })
type Page = Document<typeof PageSchema>

export interface PatientList {
  /** By the identity key that all grants of a person name. */
  of(patientKey: Hash32): Page | undefined
  keep(patientKey: Hash32, name: string, reviewed: UnixSeconds | null): Promise<void>
}

export async function openPatientList(shelf: Shelf): Promise<PatientList> {
  const pages = new Map<string, Page>()
  for (const name of await shelf.list('')) {
    pages.set(name, parseText(PageSchema, (await getText(shelf, name)) ?? '', 'page of a patient list'))
  }
  return {
    of: (patientKey) => pages.get(patientKey.slice(2)),
    keep: async (patientKey, name, reviewed) => {
      const key = patientKey.slice(2)
      const page = { name, reviewed: reviewed ?? pages.get(key)?.reviewed ?? null }
      await putJson(shelf, key, page)
      pages.set(key, page)
    },
  }
}
