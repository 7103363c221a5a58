/**
 * What our FHIR export says beyond the CGM guide, as extensions: the local clock, the device tick and number, how it was
 * measured. One table, written and read here, so that an export comes back without loss (GDPR article 20).
 */
import { isObject, type JsonObject, list } from './json-text.ts'

/** Names of our own codes and extensions. */
export const FHIR_SYSTEM = 'urn:islet:record'

/** Identifier system of the pseudonym under which a person is exported. */
export const PSEUDONYM_SYSTEM = 'urn:islet:pseudonym'

export interface Marks {
  readonly local?: number
  readonly tick?: number
  readonly device?: string
  readonly method?: 'cgm' | 'scan' | 'smbg'
  readonly delivery?: string
  readonly seconds?: number
  readonly intensity?: string
  readonly code?: string
  readonly zone?: string
}

export function readMarks(resource: JsonObject): Marks {
  const found: Record<string, unknown> = {}
  for (const extension of list(resource['extension'])) {
    if (!isObject(extension) || typeof extension['url'] !== 'string') continue
    if (!extension['url'].startsWith(`${FHIR_SYSTEM}:`)) continue
    found[extension['url'].slice(FHIR_SYSTEM.length + 1)] =
      extension['valueString'] ?? extension['valueDecimal']
  }
  const number = (key: string): number | undefined =>
    typeof found[key] === 'number' && Number.isFinite(found[key]) ? found[key] : undefined
  const word = (key: string): string | undefined => (typeof found[key] === 'string' ? found[key] : undefined)
  const [local, tick, seconds] = [number('local'), number('tick'), number('seconds')]
  const [device, delivery, intensity, code] = [
    word('device'),
    word('delivery'),
    word('intensity'),
    word('code'),
  ]
  const method = (['cgm', 'scan', 'smbg'] as const).find((one) => one === found['method'])
  return {
    ...(local === undefined ? {} : { local }),
    ...(tick === undefined ? {} : { tick }),
    ...(device === undefined ? {} : { device }),
    ...(method === undefined ? {} : { method }),
    ...(delivery === undefined ? {} : { delivery }),
    ...(seconds === undefined ? {} : { seconds }),
    ...(intensity === undefined ? {} : { intensity }),
    ...(code === undefined ? {} : { code }),
  }
}

export function writeMarks(marks: Marks): readonly JsonObject[] {
  return Object.entries(marks).map(([name, value]) => ({
    url: `${FHIR_SYSTEM}:${name}`,
    ...(typeof value === 'number' ? { valueDecimal: value } : { valueString: value }),
  }))
}
