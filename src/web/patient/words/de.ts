/** Die Wörter der Bildschirme für Patientinnen und Patienten auf Deutsch. */
import type { PatientWords } from './en.ts'

export const de: PatientWords = {
  nav: { now: 'Jetzt', history: 'Verlauf', sharing: 'Teilen', looked: 'Wer hat gelesen' },
  now: {
    title: 'Jetzt',
    ago: (minutes) =>
      minutes < 1 ? 'gerade eben' : minutes < 90 ? `vor ${minutes} min` : `vor ${Math.round(minutes / 60)} h`,
    stale: (age) => `Der letzte Wert kam ${age}. Die Zahl stimmt vielleicht nicht mehr.`,
    none: 'Es gibt noch keinen Wert.',
    hours: (hours) => `${hours} h`,
    span: 'Zeige die letzten',
    summary: (n, low, high, unit) => `${n} Werte, zwischen ${low} und ${high} ${unit}.`,
    inRange: 'Das Band ist der Zielbereich.',
  },
  history: {
    title: 'Verlauf',
    days: (days) => `${days} Tage`,
    span: 'Zeige die letzten',
    copy: 'Als Text kopieren',
    copied: 'Kopiert.',
    print: 'Drucken',
    proof: (proven, all) =>
      proven === all
        ? `Alle ${all} versiegelten Stunden wurden auf diesem Gerät geprüft: Sie sind, was im Ledger verankert ist.`
        : `${proven} von ${all} versiegelten Stunden sind bewiesen; der Rest ist noch nicht verankert.`,
    broken: (hours) =>
      `${hours} versiegelte Stunden wurden seit der Aufzeichnung verändert. Sie werden nicht gezeigt. Fragen Sie die Klinik, die Ihre Daten aufbewahrt.`,
  },
  sharing: {
    title: 'Teilen',
    requests: 'Wartet auf Ihre Antwort',
    noRequests: 'Im Moment fragt niemand.',
    asks: (who) => `${who} möchte Ihre Daten lesen`,
    wants: (kinds, purpose) => `Gefragt wird nach ${kinds}, für ${purpose}.`,
    answer: 'Antworten',
    active: 'Kann Ihre Daten jetzt lesen',
    noActive: 'Niemand kann Ihre Daten lesen.',
    ended: 'Beendet oder abgelaufen',
    until: (when) => `bis ${when}`,
    window: (from, until) => `Daten von ${from} bis ${until}`,
    stop: 'Teilen beenden',
    receipt: 'Beleg',
    receiptNote: 'Was Sie unterschrieben haben, Wort für Wort (der unterschriebene Satz ist englisch):',
    stateEnded: 'beendet',
    stateOver: 'abgelaufen',
  },
  grant: {
    title: (who) => `Mit ${who} teilen`,
    sentence: 'Diesen Satz unterschreiben Sie (er ist englisch):',
    which: 'Welche Daten',
    days: (days) => `Die letzten ${days} Tage`,
    asked: 'Alles, was gefragt ist, auch Kommendes',
    kinds: 'Arten von Daten',
    access: 'Wie lange darf gelesen werden',
    accessDays: (days) => (days === 1 ? '1 Tag' : `${days} Tage`),
    share: 'Teilen',
    sharing: 'Die Schlüssel werden für die Leserin versiegelt …',
    decline: 'Ablehnen',
    later: 'Nicht jetzt',
    done: (who) => `Mit ${who} geteilt. Der Beleg steht auf der Karte.`,
    impossible:
      'Davon kann jetzt nichts gegeben werden: Die Anfrage ist abgelaufen, oder keine ganze Stunde liegt darin. Wählen Sie andere Daten, oder lehnen Sie ab.',
    declined: 'Abgelehnt. Sonst wurde nichts mitgeteilt.',
  },
  stop: {
    title: (who) => `Teilen mit ${who} beenden?`,
    stopsNow:
      'Endet sofort: Jede Einrichtung weist die Anfragen ab, und was von jetzt an aufgezeichnet wird, ist mit neuen Schlüsseln versiegelt.',
    cannot: 'Nicht rückgängig zu machen: Was vorher gelesen wurde, kann behalten worden sein.',
    confirm: 'Teilen beenden',
    keep: 'Weiter teilen',
    going: 'Wird beendet …',
    onLedger: (who) => `Beendet. ${who} wird von jetzt an überall abgewiesen.`,
    onItsWay: (who) =>
      `Beendet bei der Klinik, die Ihre Daten aufbewahrt. Die Nachricht über ${who} ist zu den anderen noch unterwegs und wird gesendet, bis sie ankommt.`,
  },
  looked: {
    title: 'Wer hat gelesen',
    lead: 'Jeder Zugriff wird aufgeschrieben, bevor ein Byte hinausgeht. Die Liste wurde auf diesem Gerät geprüft.',
    checked: (n) =>
      `${n} Einträge geprüft: Jeder steht im signierten Protokoll, und nichts früher Gesehenes oder Verankertes ist verschwunden.`,
    own: 'Auch mein eigenes Lesen zeigen',
    you: 'Sie',
    what: {
      read: 'hat gelesen',
      search: 'hat nachgesehen, welche Stunden es gibt',
      append: 'hat Daten hinzugefügt',
      'hand-over': 'hat die Schlüssel erhalten',
      refuse: 'wurde abgewiesen',
      erase: 'hat gelöscht',
    },
    hours: (n) => (n === 1 ? '1 versiegelte Stunde' : `${n} versiegelte Stunden`),
    none: 'Niemand hat gelesen.',
    loading: 'Das Protokoll wird geprüft …',
  },
}
