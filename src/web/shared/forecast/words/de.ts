/** Die Worte der Vorhersage auf Deutsch. */
import type { ForecastWords } from './en.ts'

export const de: ForecastWords = {
  title: 'Die nächste Stunde',
  working: 'Die nächste Stunde wird auf diesem Gerät berechnet …',
  says: (minutes, value, low, high) =>
    `In ${minutes} Minuten etwa ${value}, wahrscheinlich zwischen ${low} und ${high}.`,
  limit: 'Aus einem Forschungsmodell: kein Alarm, kein Rat. Dosieren Sie nie danach.',
  how: 'Wie das berechnet ist',
  band: (moments) =>
    `Auf diesem Gerät berechnet; kein Messwert verlässt es dafür. „Wahrscheinlich“ heißt: Dort lagen neun von zehn an ${moments} Zeitpunkten dieser letzten zwei Wochen. Von Mahlzeiten, Insulin oder Bewegung, die noch kommen, weiß es nichts.`,
  error: (model, stays, unit) =>
    `Eine halbe Stunde voraus lag es dort um ${model} ${unit} daneben (quadratisches Mittel), „es bleibt, wie es ist“ um ${stays}.`,
  source: (title, version, made) => `Modell: „${title}“, Version ${version}, ${made}.`,
  none: {
    STALE: 'Keine Vorhersage: Der letzte Wert ist zu alt dafür.',
    NO_MODEL: 'Keine Vorhersage: Hier hat noch keine Studie ein Modell dafür gemacht.',
    CONTEXT_TOO_SHORT: 'Keine Vorhersage: In den letzten zwei Stunden fehlen Werte.',
    PAST_TOO_SHORT:
      'Keine Vorhersage: Etwa drei Tage mit Werten sind nötig, um zu wissen, wie weit sie daneben liegen kann.',
    MODEL_FITS_BADLY:
      'Keine Vorhersage: In den letzten zwei Wochen war das Modell der Studie nicht besser als „es bleibt, wie es ist“.',
    FAILED: 'Keine Vorhersage: Das Modell war nicht zu holen, oder es ist nicht das, das verzeichnet ist.',
  },
}
