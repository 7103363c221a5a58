/**
 * Data Use Ontology: what data may be used for, in codes that committees of many countries share.
 *
 * Law: exactly one permission says the broadest use; modifiers narrow it.
 * Source: GA4GH DUO (EBISPOT/DUO, duo.csv; CC BY 4.0, GA4GH Data Use workstream): identifiers, shorthands, labels.
 */

/** Broadest use first to last; one of them stands in every purpose. */
export const DUO_PERMISSIONS = {
  'DUO:0000004': ['NRES', 'no restriction'],
  'DUO:0000042': ['GRU', 'general research use'],
  'DUO:0000006': ['HMB', 'health or medical or biomedical research'],
  'DUO:0000007': ['DS', 'disease specific research'],
  'DUO:0000011': ['POA', 'population origins or ancestry research only'],
} as const satisfies Readonly<Record<string, readonly [shorthand: string, label: string]>>
export type DuoPermission = keyof typeof DUO_PERMISSIONS

/** What narrows a permission or asks for something beside it. */
export const DUO_MODIFIERS = {
  'DUO:0000043': ['CC', 'clinical care use'],
  'DUO:0000021': ['IRB', 'ethics approval required'],
  'DUO:0000019': ['PUB', 'publication required'],
  'DUO:0000026': ['US', 'user specific restriction'],
  'DUO:0000044': ['NPOA', 'population origins or ancestry research prohibited'],
  'DUO:0000020': ['COL', 'collaboration required'],
  'DUO:0000046': ['NCU', 'non-commercial use only'],
  'DUO:0000018': ['NPUNCU', 'not for profit, non commercial use only'],
  'DUO:0000045': ['NPU', 'not for profit organisation use only'],
  'DUO:0000012': ['RS', 'research specific restrictions'],
  'DUO:0000025': ['TS', 'time limit on use'],
  'DUO:0000024': ['MOR', 'publication moratorium'],
  'DUO:0000016': ['GSO', 'genetic studies only'],
  'DUO:0000015': ['NMDS', 'no general methods research'],
  'DUO:0000022': ['GS', 'geographical restriction'],
  'DUO:0000027': ['PS', 'project specific restriction'],
  'DUO:0000028': ['IS', 'institution specific restriction'],
  'DUO:0000029': ['RTN', 'return to database or resource'],
} as const satisfies Readonly<Record<string, readonly [shorthand: string, label: string]>>
export type DuoModifier = keyof typeof DUO_MODIFIERS

export type DuoCode = DuoPermission | DuoModifier

/** Whether a text is a code of either list. */
export function isDuoCode(text: string): text is DuoCode {
  return Object.hasOwn(DUO_PERMISSIONS, text) || Object.hasOwn(DUO_MODIFIERS, text)
}

/** Whether a code is a permission. */
export function isDuoPermission(code: string): code is DuoPermission {
  return Object.hasOwn(DUO_PERMISSIONS, code)
}
