import { describe, expect, it } from 'vitest'
import { readDocument } from '../index.ts'
import { bytes, sum } from '../testing/sums.ts'

const HEADERS: Readonly<Record<string, string>> = {
  English:
    'Device,Serial Number,Device Timestamp,Record Type,Historic Glucose U,Scan Glucose U,Non-numeric Rapid-Acting Insulin,Rapid-Acting Insulin (units),Non-numeric Food,Carbohydrates (grams),Carbohydrates (servings),Non-numeric Long-Acting Insulin,Long-Acting Insulin (units),Notes,Strip Glucose U,Ketone mmol/L,Meal Insulin (units),Correction Insulin (units),User Change Insulin (units)',
  German:
    'Gerät,Seriennummer,Gerätezeitstempel,Aufzeichnungstyp,Glukosewert-Verlauf U,Glukose-Scan U,Nicht numerisches schnellwirkendes Insulin,Schnellwirkendes Insulin (Einheiten),Nicht numerische Nahrungsdaten,Kohlenhydrate (Gramm),Kohlenhydrate (Portionen),Nicht numerisches Depotinsulin,Depotinsulin (Einheiten),Notizen,Glukose-Teststreifen U,Keton mmol/L,Mahlzeiteninsulin (Einheiten),Korrekturinsulin (Einheiten),Insulin-Änderung durch Anwender (Einheiten)',
  French:
    "Appareil,Numéro de série,Horodatage de l'appareil,Type d'enregistrement,Historique de la glycémie U,Numérisation de la glycémie U,Insuline à action rapide non numérique,Insuline à action rapide (unités),Aliments non numériques,Glucides (grammes),Glucides (portions),Insuline à action lente non numérique,Insuline à action lente (unités),Notes,Bandelette de glycémie U,Cétone mmol/L,Insuline repas (unités),Insuline de correction (unités),Insuline modifiée par l'utilisateur (unités)",
  Spanish:
    'Dispositivo,Número de serie,Sello de tiempo del dispositivo,Tipo de registro,Historial de glucosa U,Escaneo de glucosa U,Insulina de acción rápida sin valor numérico,Insulina de acción rápida (unidades),Alimentos sin valor numérico,Carbohidratos (gramos),Carbohidratos (raciones),Insulina de acción lenta sin valor numérico,Insulina de acción lenta (unidades),Notas,Glucosa de la tira U,Cetonas mmol/L,Insulina comida (unidades),Insulina corrección (unidades),Insulina cambio usuario (unidades)',
  Italian:
    'Dispositivo,Numero di serie,Timestamp del dispositivo,Tipo di registrazione,Storico del glucosio U,Scansione del glucosio U,Insulina ad azione rapida non numerica,Insulina ad azione rapida (unità),Alimento non numerico,Carboidrati (grammi),Carboidrati (porzioni),Insulina ad azione lenta non numerica,Insulina ad azione lenta (unità),Note,Glucosio su striscia U,Chetoni mmol/L,Insulina pasto (unità),Insulina correzione (unità),Insulina modifica utente (unità)',
  Dutch:
    'Apparaat,Serienummer,Tijdstempel apparaat,Recordtype,Historie glucose U,Scan glucose U,Niet-numerieke snelwerkende insuline,Snelwerkende insuline (eenheden),Niet-numeriek voedsel,Koolhydraten (gram),Koolhydraten (porties),Niet-numerieke langwerkende insuline,Langwerkende insuline (eenheden),Notities,Strip glucose U,Keton mmol/L,Maaltijdinsuline (eenheden),Correctie-insuline (eenheden),Insulinewijziging gebruiker (eenheden)',
  Portuguese:
    'Dispositivo,Número de série,Carimbo de data e hora do dispositivo,Tipo de registo,Histórico de glicose U,Leitura de glicose U,Insulina de ação rápida não numérica,Insulina de ação rápida (unidades),Alimento não numérico,Hidratos de carbono (gramas),Hidratos de carbono (porções),Insulina de ação prolongada não numérica,Insulina de ação prolongada (unidades),Notas,Glicose da tira U,Cetona mmol/L,Insulina da refeição (unidades),Insulina de correção (unidades),Alteração de insulina (unidades)',
}

const DEVICE = 'FreeStyle LibreLink,0c1fbe2a-7d11-4ab0-a5a7-1de0ba5e0001'

function rows(decimal: (value: number) => string, date = '13-05-2024'): string[] {
  return [
    `${DEVICE},${date} 08:00,0,${decimal(5.6)},,,,,,,,,,,,,,`,
    `${DEVICE},${date} 08:03,1,,${decimal(5.7)},,,,,,,,,,,,,`,
    `${DEVICE},${date} 08:04,2,,,,,,,,,,,${decimal(6.1)},,,,`,
    `${DEVICE},${date} 08:05,3,,,,,,,,,,,,${decimal(0.4)},,,`,
    `${DEVICE},${date} 08:06,4,,,,${decimal(4.5)},,,,,,,,,,,`,
    `${DEVICE},${date} 08:07,4,,,,,,,,,18,,,,,,`,
    `${DEVICE},${date} 08:08,5,,,,,,45,,,,,,,,,`,
    `${DEVICE},${date} 08:09,6,,,,,,,,,,went running,,,,,`,
    `${DEVICE},${date} 08:10,6,,,,,,,,,,,,,,,`,
    `${DEVICE},${date} 08:15,0,,,,,,,,,,,,,,,`,
  ]
}

describe('LibreView', () => {
  it.each(Object.entries(HEADERS))('%s header with decimal comma in quotes', (_, header) => {
    const comma = (value: number): string => `"${String(value).replace('.', ',')}"`
    const text = `Preamble,x,13-05-2024 09:40 UTC,y,Erika Mustermann\r\n${header.replaceAll(' U,', ' mmol/L,')}\r\n${rows(comma).join('\r\n')}`
    const document = readDocument(bytes(`\uFEFF${text}`))
    expect(document).toMatchObject({
      format: 'libreview',
      rows: 10,
      kept: 3,
      other: { insulin: 2, meal: 1, laboratory: 1, note: 1 },
    })
    expect(document.dropped).toEqual([
      { reason: 'NOT_GLUCOSE', count: 1, lines: [11] },
      { reason: 'NO_VALUE', count: 1, lines: [12] },
    ])
    expect(sum(document)).toBe(10)
    expect(document.people[0]?.records.slice(0, 3)).toMatchObject([
      { method: 'cgm', value: 5.6, unit: 'mmol/L' },
      { method: 'scan', value: 5.7 },
      { method: 'smbg', value: 6.1 },
    ])
    expect(JSON.stringify(document)).not.toContain('Mustermann')
    expect(JSON.stringify(document)).not.toContain('0c1fbe2a')
  })

  it('LibreView Pro has one more line with a name; the header is found below it', () => {
    const header = HEADERS['English']?.replaceAll(' U,', ' mg/dL,')
    const text = `Glucose Data,Generated on\nMax Mustermann,1964-08-12\n${header}\n${DEVICE},13-05-2024 08:00,0,98,,,,,,,,,,,,,,`
    const document = readDocument(bytes(text))
    expect(document).toMatchObject({ rows: 1, kept: 1 })
    expect(JSON.stringify(document)).not.toContain('Mustermann')
  })

  it.each([
    ['13-05-2024', '13-05-2024 08:00', 'day first, 24 h'],
    ['05-13-2024', '05-13-2024 08:00 AM', 'month first, half days'],
    ['2024-05-13', '2024-05-13 08:00', 'year first'],
    ['13/05/2024', '13/05/2024 08:00', 'slashes'],
    ['13.05.2024', '13.05.2024 08:00', 'dots'],
  ])('%s', (_, stamp) => {
    const header = HEADERS['English']?.replaceAll(' U,', ' mg/dL,')
    const document = readDocument(bytes(`x\n${header}\n${DEVICE},${stamp},0,98,,,,,,,,,,,,,,`))
    expect(document.people[0]?.records[0]?.at).toBe(Date.parse('2024-05-13T08:00:00Z') / 1000)
  })

  it('an undecidable order is refused at the line, and --date-order decides it', () => {
    const header = HEADERS['English']?.replaceAll(' U,', ' mg/dL,')
    const text = `x\n${header}\n${DEVICE},04-05-2024 08:00,0,98,,,,,,,,,,,,,,`
    expect(() => readDocument(bytes(text), { name: 'libre.csv' })).toThrow(
      expect.objectContaining({
        code: 'DATE_ORDER_AMBIGUOUS',
        at: { file: 'libre.csv', line: 3, field: 'time' },
      }),
    )
    const at = (dateOrder: 'dmy' | 'mdy') =>
      readDocument(bytes(text), { dateOrder }).people[0]?.records[0]?.at
    expect(at('dmy')).toBe(Date.parse('2024-05-04T08:00:00Z') / 1000)
    expect(at('mdy')).toBe(Date.parse('2024-04-05T08:00:00Z') / 1000)
  })

  it.each([
    [['98', '102', '47'], 'mg/dL'],
    [['5.6', '7.1', '12'], 'mmol/L'],
  ])('a header without unit: values %j are %s', (values, unit) => {
    const header = HEADERS['English']?.replaceAll(' U,', ',')
    const lines = values.map((value, index) => `${DEVICE},13-05-2024 08:0${index},0,${value},,,,,,,,,,,,,,`)
    const document = readDocument(bytes(`x\n${header}\n${lines.join('\n')}`))
    expect(document.people[0]?.records[0]).toMatchObject({ unit })
  })

  it('the table of the old desktop software is read', () => {
    const header =
      'ID\tTime\tRecord Type\tHistoric Glucose (mg/dL)\tScan Glucose (mg/dL)\tNon-numeric Rapid-Acting Insulin\tRapid-Acting Insulin (units)\tNon-numeric Food\tCarbohydrates (grams)\tNon-numeric Long-Acting Insulin\tLong-Acting Insulin (units)\tNotes\tStrip Glucose (mg/dL)\tKetone (mmol/L)\tMeal Insulin (units)\tCorrection Insulin (units)\tUser Change Insulin (units)\tPrevious Time\tUpdated Time'
    const text = `Max Mustermann\n${header}\n845\t2016/05/13 08:00\t0\t98${'\t'.repeat(15)}\n846\t2016/05/13 08:03\t1\t\t101${'\t'.repeat(14)}`
    expect(readDocument(bytes(text))).toMatchObject({ format: 'libreview', rows: 2, kept: 2 })
  })
})
