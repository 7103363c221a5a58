/**
 * Product families by name, from a closed list, so that serials, phone names and accounts never pass.
 */

const MODELS: readonly (readonly [pattern: RegExp, model: string])[] = [
  [/\bG7\b/i, 'Dexcom G7'],
  [/\bG6\b/i, 'Dexcom G6'],
  [/\bG5\b/i, 'Dexcom G5'],
  [/\bG4\b|DexG4/i, 'Dexcom G4'],
  [/stelo/i, 'Dexcom Stelo'],
  [/dexcom one\s?\+/i, 'Dexcom ONE+'],
  [/dexcom one/i, 'Dexcom ONE'],
  [/libre\s?3\s?plus/i, 'FreeStyle Libre 3 Plus'],
  [/libre\s?3/i, 'FreeStyle Libre 3'],
  [/libre\s?2\s?plus/i, 'FreeStyle Libre 2 Plus'],
  [/libre\s?2/i, 'FreeStyle Libre 2'],
  [/libre\s?pro/i, 'FreeStyle Libre Pro'],
  [/librelink/i, 'FreeStyle LibreLink'],
  [/libre/i, 'FreeStyle Libre'],
  [/780G/i, 'MiniMed 780G'],
  [/770G/i, 'MiniMed 770G'],
  [/740G|720G/i, 'MiniMed 720G/740G'],
  [/670G/i, 'MiniMed 670G'],
  [/640G/i, 'MiniMed 640G'],
  [/530G|551|751/i, 'MiniMed 530G'],
  [/guardian|gst|sensor 4/i, 'Guardian'],
  [/minimed|paradigm/i, 'MiniMed'],
  [/simplera/i, 'Simplera'],
  [/eversense/i, 'Eversense'],
  [/omnipod/i, 'Omnipod'],
  [/t:?slim|tandem/i, 'Tandem t:slim'],
  [/ipro/i, 'iPro'],
  [/xdrip/i, 'xDrip+'],
  [/iaps/i, 'iAPS'],
  [/trio/i, 'Trio'],
  [/androidaps|aaps/i, 'AndroidAPS'],
  [/openaps/i, 'OpenAPS'],
  [/loop/i, 'Loop'],
  [/share2|dexcom/i, 'Dexcom'],
]

/** The family that a device text names, or null. */
export function deviceModel(text: string | undefined): string | null {
  if (text === undefined) return null
  const short = text.slice(0, 120)
  for (const [pattern, model] of MODELS) if (pattern.test(short)) return model
  return null
}
