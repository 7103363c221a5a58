/** The words about prescriptions in German. */
import type { MedicationWords } from './en.ts'

export const de: MedicationWords = {
  title: 'Verordnungen',
  none: 'Es ist nichts verordnet.',
  how: { bolus: 'zu Mahlzeiten und zur Korrektur', 'long-acting': 'lang wirkend' },
  dosage: (frequency, dose, how) =>
    `${frequency} × am Tag, ${dose === null ? 'jede Gabe für die Mahlzeit berechnet' : `je ${dose} E`}, ${how}`,
  period: (from, until) => `vom ${from} bis ${until}`,
  by: (who, when) => `Unterschrieben von ${who}, ${when}`,
  former: 'jemand, der nicht mehr dort arbeitet',
  anchored: 'im gemeinsamen Buch',
  notYet: 'wartet auf den nächsten Eintrag im gemeinsamen Buch',
  stopped: 'Beendet',
  taken: 'Aufgezeichnete Gaben',
  takenSays: (doses, prescribed, percent, days) =>
    `${doses} von ${prescribed} verordneten Gaben wurden aufgezeichnet (${percent} %), an ${days} Tagen.`,
  unknown: (days) => `An ${days} weiteren Tagen wurde gar kein Insulin aufgezeichnet; sie zählen nicht mit.`,
  leftOut: (hours) =>
    `${hours === 1 ? 'Eine Stunde' : `${hours} Stunden`} der Insulinaufzeichnungen ${hours === 1 ? 'ist' : 'sind'} dort beschädigt, wo sie liegen; Dosen darin zählen nicht mit.`,
  takenNone:
    'Nicht zu sagen: In dieser Zeit liegt kein ganzer Tag mit Insulin-Aufzeichnungen, oder Insulin ist nicht geteilt.',
  takenLimit: 'Das ist, was aufgezeichnet wurde, nicht, was genommen wurde.',
  fhir: 'Als FHIR sichern',
  clinic: {
    lead: 'Nichts gilt ohne Ihre Unterschrift. Die Person sieht es, mit Ihrem Namen.',
    write: 'Verordnung schreiben',
    medication: 'Insulin',
    how: 'Wie es gegeben wird',
    frequency: 'Mal am Tag',
    dose: 'Einheiten je Gabe (leer: für jede Mahlzeit berechnet)',
    since: 'Ab',
    days: 'Für wie viele Tage',
    note: 'Hinweis für die Person',
    sign: 'Verordnung unterschreiben',
    signed: 'Unterschrieben, aufgezeichnet und der Person gesagt.',
    stop: 'Beenden',
    stopNote: 'Unterschreibt das Ende mit Ihrem Schlüssel.',
  },
  patient: {
    title: 'Medikamente',
    lead: 'Was Ihnen verordnet wurde, mit Unterschrift. Wie viel davon Sie aufgezeichnet haben, wird auf diesem Gerät gezählt.',
    loading: 'Die Behandelnden werden gefragt …',
    nobody: 'Niemand darf Ihre Daten zur Behandlung lesen; also kann hier auch nichts verordnet sein.',
    silent: (who) => `${who} antwortet gerade nicht.`,
  },
  codes: {
    PRESCRIPTION_UNSOUND:
      'Das lässt sich nicht unterschreiben: Prüfen Sie Einheiten und Daten. Es gilt höchstens ein Jahr.',
    PRESCRIPTION_OLD:
      'Die Uhr dieses Geräts geht falsch, oder die Unterschrift ist zu alt. Unterschreiben Sie neu.',
    PRESCRIPTION_UNKNOWN: 'Es gibt eine neuere Fassung. Sehen Sie sie zuerst an.',
    HOURS_NOT_GRANTED: 'Die Person teilt keinen der letzten Tage mit Ihnen. Fragen Sie nach mehr.',
    CONSENT_REVOKED: 'Die Person teilt nicht mehr mit Ihnen.',
  },
}
