/** The words of the devices screen in English; the shape that every other language fills. */
export const en = {
  title: 'Devices',
  lead: 'What your records came from, as this device read it in them.',
  opening: 'Opening all your records …',
  none: 'No records yet. Bring a file under “My data”, or let a clinic or a device’s maker add.',
  table: 'Devices and what they gave',
  head: ['Device', 'What', 'First', 'Last', 'Records', 'Share of the time', 'Gaps over 45 min'],
  numbered: (device: number) => `Device ${device}`,
  unnamed: 'not named',
  simulated: 'simulated',
  given: {
    cgm: 'sensor glucose',
    scan: 'scanned glucose',
    smbg: 'finger stick',
    insulin: 'insulin',
    meal: 'meals',
    activity: 'activity',
    laboratory: 'laboratory results',
    note: 'notes',
    device: 'device status',
  },
  wear: (percent: string) =>
    `In the last 14 calendar days with readings, the newest counted whole, your sensor was active ${percent} % of the time.`,
  leftOut: (hours: number) =>
    `Not in it: ${hours === 1 ? 'one hour that is' : `${hours} hours that are`} damaged where your data are kept.`,
  adds: 'Adds by itself',
  addsNow: (who: string, until: string) => `${who}, until ${until}. Stop it under “Sharing”.`,
  addsNobody: 'Nobody adds to your record by themselves: data come by file.',
  unsigned: 'No device signs its readings here: whoever brings or adds them vouches for them.',
}

export type DevicesWords = typeof en
