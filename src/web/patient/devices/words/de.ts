/** Die Wörter der Geräte auf Deutsch. */
import type { DevicesWords } from './en.ts'

export const de: DevicesWords = {
  title: 'Geräte',
  lead: 'Woher Ihre Einträge kamen, wie dieses Gerät es in ihnen gelesen hat.',
  opening: 'Alle Ihre Einträge werden geöffnet …',
  none: 'Noch keine Einträge. Bringen Sie eine Datei unter „Meine Daten“, oder lassen Sie eine Klinik oder einen Gerätehersteller hinzufügen.',
  table: 'Geräte und was sie gaben',
  head: ['Gerät', 'Was', 'Zuerst', 'Zuletzt', 'Einträge', 'Anteil der Zeit', 'Lücken über 45 min'],
  numbered: (device) => `Gerät ${device}`,
  unnamed: 'nicht benannt',
  simulated: 'simuliert',
  given: {
    cgm: 'Sensorglukose',
    scan: 'gescannte Glukose',
    smbg: 'Fingerstich',
    insulin: 'Insulin',
    meal: 'Mahlzeiten',
    activity: 'Bewegung',
    laboratory: 'Laborwerte',
    note: 'Notizen',
    device: 'Gerätestatus',
  },
  wear: (percent) =>
    `In den letzten 14 Kalendertagen mit Werten, der neueste ganz gezählt, war Ihr Sensor ${percent} % der Zeit aktiv.`,
  leftOut: (hours) =>
    `Nicht dabei: ${hours === 1 ? 'eine Stunde, die' : `${hours} Stunden, die`} dort beschädigt ${hours === 1 ? 'ist' : 'sind'}, wo Ihre Daten liegen.`,
  adds: 'Fügt von selbst hinzu',
  addsNow: (who, until) => `${who}, bis ${until}. Beenden unter „Teilen“.`,
  addsNobody: 'Niemand fügt Ihren Daten von selbst etwas hinzu: Sie kommen als Datei.',
  unsigned: 'Kein Gerät unterschreibt hier seine Werte: Wer sie bringt oder hinzufügt, steht für sie ein.',
}
