/** Die Wörter der App auf Deutsch. */
import type { Words } from './en.ts'

export const de: Words = {
  language: 'Deutsch',
  brand: 'Islet',
  skip: 'Zum Inhalt',
  demo: 'Vorführung – eine simulierte Person. Keine echten Daten.',
  noAlarm: 'Islet ist kein Alarmgerät und rät zu keinen Dosen.',
  nodeStory: 'Was dieser Knoten bewiesen hat',
  settings: 'Einstellungen',
  settingLanguage: 'Sprache',
  settingUnit: 'Einheit der Glukose',
  settingTheme: 'Darstellung',
  themes: { system: 'Wie das Gerät', light: 'Hell', dark: 'Dunkel' },
  signIn: {
    title: 'Ihre Glukosedaten, und wer sie lesen darf',
    lead: 'Schlüssel entstehen auf diesem Gerät und bleiben hier. Was Sie teilen, ist für genau eine Leserin versiegelt, und Sie können es jederzeit beenden.',
    pick: 'Als Vorführperson ausprobieren',
    pickNote: 'Es sind virtuelle Personen. Ohne Passwort, und nichts hier ist echt.',
    as: (name) => `Weiter als ${name}`,
    opening: (name) => `Die Daten von ${name} werden geöffnet. Beim ersten Mal dauert es einige Sekunden.`,
    none: 'Dieser Knoten bietet keine Vorführpersonen an.',
    own: 'Mit meinen eigenen Daten benutzen',
    roles: {
      patient: 'Als Patientin oder Patient',
      clinician: 'Als Ärztin oder Arzt',
      researcher: 'In der Forschung',
      committee: 'In einer Studienkommission',
      operator: 'In Betrieb oder Prüfung',
    },
  },
  menu: 'Haupt',
  leave: 'Abmelden',
  refresh: 'Aktualisieren',
  trace: {
    chart: 'Glukose im Zeitverlauf',
    forecast: 'Vorhersage',
    trend: {
      rising: 'steigend',
      falling: 'fallend',
      'rising-fast': 'schnell steigend',
      'falling-fast': 'schnell fallend',
      steady: 'gleichbleibend',
    },
  },
  report: {
    title: 'Glukoseprofil-Bericht',
    ranges: 'Zeit in Bereichen',
    usual: 'Ein üblicher Tag',
    usualNote: 'Linie: Median. Dunkles Band: die Hälfte aller Tage. Helles Band: neun von zehn Tagen.',
    thin: 'Weniger als 14 Tage zu 70 %: mit Vorsicht lesen.',
    none: 'Keine Werte in diesen Tagen.',
    tableHead: ['Stunde', 'Tage', '5 %', '25 %', 'Median', '75 %', '95 %'],
    bands: {
      'very-low': 'Sehr niedrig',
      low: 'Niedrig',
      target: 'Im Bereich',
      high: 'Hoch',
      'very-high': 'Sehr hoch',
    },
    figures: {
      mean: 'Mittel',
      gmi: 'GMI',
      cv: 'Schwankung (VK)',
      wear: 'Sensor aktiv',
      readings: 'Werte',
      lows: 'Niedrige Episoden',
    },
  },
  table: {
    show: 'Als Tabelle zeigen',
    time: 'Zeit',
    value: 'Glukose',
    hint: 'Zeigen Sie auf das Bild, oder lesen Sie die Werte mit den Pfeiltasten.',
  },
  kinds: {
    glucose: 'Glukose',
    insulin: 'Insulin',
    meals: 'Mahlzeiten und Bewegung',
    laboratory: 'Laborwerte',
    conditions: 'Erkrankungen und Medikamente',
    notes: 'Notizen',
    device: 'Gerätestatus',
  },
  purposes: {
    TREAT: 'Ihre Behandlung',
    HRESCH: 'Gesundheitsforschung',
    ETREAT: 'Notfallbehandlung',
    HPAYMT: 'die Bezahlung Ihrer Behandlung',
    HOPERAT: 'den Betrieb der Klinik',
    PATRQT: 'einen Zweck, um den Sie gebeten haben',
    FAMRQT: 'einen Zweck, um den Ihre Familie gebeten hat',
    PUBHLTH: 'die öffentliche Gesundheit',
  },
  and: 'und',
  file: {
    choose: 'Datei wählen',
    folder: 'Ordner wählen',
    none: 'noch keine gewählt',
    several: (n) => `${n} Dateien`,
  },
  trouble: {
    title: 'Das hat nicht geklappt',
    again: 'Noch einmal',
    other: (code) => `Etwas ging schief (${code}). Nichts ist verloren; versuchen Sie es noch einmal.`,
    codes: {
      REASON_MISSING: 'Das braucht einen Grund. Sagen Sie ihn in einem Satz.',
      PROPOSAL_OLD: 'Dieser Vorschlag ist zu alt für eine Entscheidung. Bitten Sie um einen neuen.',
      PROPOSAL_CHANGED: 'Es gibt einen neueren Vorschlag. Entscheiden Sie über diesen.',
      DECISION_UNSOUND:
        'Diese Einheiten lassen sich nicht unterschreiben. Bleiben Sie in den Grenzen und Stufen des Pens.',
      PASS_UNREADABLE: 'Das ist kein Besuchspass. Noch einmal einlesen oder den ganzen Text einfügen.',
      PASS_OVER: 'Dieser Besuchspass ist abgelaufen. Bitten Sie um einen neuen.',
      PASS_UNKNOWN: 'Mit diesem Pass wurde schon jemand eingelassen. Zeigen Sie einen neuen.',
      PASS_COVERS_NOTHING: 'Nichts, wonach gefragt wird, liegt innerhalb des Passes.',
      MAILBOX_UNKNOWN: 'Dieser Pass ist dort nicht bekannt. Bitten Sie um einen neuen.',
      RELEASE_MISSING: 'Das öffnet sich nur mit einer zweiten Einrichtung. Rufen Sie diese zuerst.',
      RELEASE_OVER: 'Die Freigabe ist abgelaufen. Rufen Sie die zweite Einrichtung noch einmal.',
      CALL_NOT_RELEASED: 'Die zweite Einrichtung hat das noch nicht freigegeben.',
      CALL_ANSWERED: 'Dieser Ruf wurde schon beantwortet.',
      CALL_OVER: 'Dieser Ruf ist zu alt. Er muss neu gestellt werden.',
      NODE_AWAY:
        'Islet antwortet nicht. Vielleicht startet es gerade neu. Nichts ist verloren; versuchen Sie es gleich noch einmal.',
      PEER_SILENT:
        'Die Klinik hat nicht rechtzeitig geantwortet. Was Sie getan haben, wird behalten und noch einmal gesendet.',
      OPEN_IN_ANOTHER_TAB:
        'Diese Person ist in einem anderen Tab offen. Nehmen Sie jenen Tab, oder schließen Sie ihn.',
      SIGNATURE_TOO_EARLY: 'Die Uhr dieses Geräts geht vor. Stellen Sie sie richtig.',
      SIGNATURE_EXPIRED: 'Die Uhr dieses Geräts geht nach. Stellen Sie sie richtig.',
      PEER_ANSWER_UNVERIFIED:
        'Die Antwort kam nicht von der gefragten Stelle und wurde nicht geglaubt. Versuchen Sie es noch einmal; bleibt es so, sagen Sie es Ihrer Klinik.',
      ORDER_STALE: 'Die Uhr dieses Geräts geht falsch. Stellen Sie sie richtig.',
      ACCESS_LOG_BROKEN:
        'Das Protokoll hält nicht zusammen: Einträge wurden entfernt oder verändert. Behalten Sie diese Seite und fragen Sie eine Prüferin.',
      BROWSER_STORE_SHUT:
        'Dieser Browser behält nichts für die App. Verlassen Sie den privaten Modus, oder schaffen Sie Platz.',
      RATE_LIMITED: 'Zu viel auf einmal. Warten Sie einen Moment.',
      SHEET_OUTDATED: 'Die Information wurde geändert, während Sie lasen. Lesen Sie zuerst die neue.',
      REQUEST_REFUSED:
        'Diese Anfrage ist nicht, was ein Mitglied aufgezeichnet hat. Sie wurde nicht beantwortet.',
      PASSKEY_DENIED:
        'Der Passkey wurde nicht gegeben. Versuchen Sie es noch einmal, oder nehmen Sie den Wiederherstellungscode.',
      PASSKEY_WITHOUT_SECRET:
        'Dieser Passkey kann keinen Schlüssel für die App behalten. Nehmen Sie ein anderes Gerät oder einen Sicherheitsschlüssel.',
      RECOVERY_UNKNOWN:
        'Darunter ist hier nichts aufbewahrt. Prüfen Sie es, oder fragen Sie die Klinik, die Ihre Daten aufbewahrt, nach ihrer Adresse.',
      RECOVERY_CODE_INCOMPLETE: 'Der Code ist nicht vollständig: Er hat vierzig Zeichen in acht Gruppen.',
      RECOVERY_CODE_MISTYPED: 'Der Code hat einen Fehler. Vergleichen Sie jede Gruppe mit dem Papier.',
      RECOVERY_CODE_WRONG: 'Was aufbewahrt ist, lässt sich mit diesem Code nicht öffnen.',
      RECOVERY_ROUTES_DIFFER:
        'Das führt zu den Daten einer anderen Person. Nehmen Sie Ihren eigenen Code oder Passkey.',
      NO_WAY_BACK:
        'Hier wurde kein Weg zurück zu Ihrem Schlüssel ausprobiert. Richten Sie zuerst einen ein, und gehen Sie ihn einmal.',
      STILL_TO_SEND:
        'Etwas Unterschriebenes wartet noch aufs Senden. Nichts wurde entfernt; versuchen Sie es, wenn es gesendet ist.',
      NO_STATE_STORED: 'Für diesen Schlüssel wurde noch nichts aufbewahrt. Machen Sie einen neuen.',
      FORMAT_UNKNOWN: 'Diese Art Datei kann hier nicht gelesen werden. Nichts wurde aufgenommen.',
      FILE_EMPTY: 'Diese Datei ist leer.',
      FILE_BINARY: 'Das ist keine Textdatei. Exportieren Sie als CSV oder JSON.',
      FILE_COMPRESSED: 'Diese Datei ist gepackt. Entpacken Sie sie zuerst.',
      FILE_TOO_LARGE: 'Diese Datei ist zu groß. Exportieren Sie eine kürzere Zeit.',
      JSON_BROKEN:
        'Diese Datei bricht ab oder ist beschädigt. Exportieren Sie sie neu. Nichts wurde aufgenommen.',
      HEADER_MISSING: 'Die Zeile mit den Spaltennamen fehlt. Nichts wurde aufgenommen.',
      DATE_ORDER_CONTRADICTED:
        'So sind die Daten in der Datei nicht geschrieben. Wählen Sie die andere Reihenfolge.',
      ZONE_UNKNOWN: 'Diese Zeitzone gibt es nicht. Wählen Sie eine aus der Liste.',
      PARTY_UNKNOWN:
        'Die Klinik, die Ihre Daten aufbewahrt, kennt diesen Schlüssel nicht (mehr). Wurden Sie gelöscht, machen Sie einen neuen.',
      STATE_DOES_NOT_OPEN: 'Was für Sie aufbewahrt wurde, lässt sich mit diesem Schlüssel nicht öffnen.',
    },
  },
}
