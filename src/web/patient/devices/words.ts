/** The words of devices, in the language that is set. */
import { once, type Texts, useWordsOf } from '../../shared/settings.tsx'
import { type DevicesWords, en } from './words/en.ts'

const TEXTS: Texts<DevicesWords> = { en, de: once(async () => (await import('./words/de.ts')).de) }

export function useDevicesWords(): DevicesWords {
  return useWordsOf(TEXTS)
}
