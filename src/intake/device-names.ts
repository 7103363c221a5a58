/**
 * What a file says of its devices, as records: which product the running numbers of its records stand for.
 *
 * Laws: a product family from the closed list and nothing else, never a serial; one record a device, at the first that it
 * gave, so that the same file gives the same names. A later file numbers anew: a number means what was said last before.
 */
import type { DeviceEvent, HealthRecord } from '../series/index.ts'
import type { Person } from './report.ts'

const NAMES = 'device: '

/** The names of a person's devices in a file, one record each; of a device that the file does not name, none. */
export function deviceNames({
  devices,
  records,
}: Pick<Person, 'devices' | 'records'>): readonly DeviceEvent[] {
  return devices.flatMap(({ device, model }) => {
    const first = records.find((record) => record.device === device)
    if (first === undefined || model === null) return []
    return [{ type: 'device', at: first.at, local: first.local, device, event: `${NAMES}${model}` }]
  })
}

/** The product that a record names, or undefined when it is none of these. */
export function deviceNameIn(record: HealthRecord): string | undefined {
  return record.type === 'device' && record.event.startsWith(NAMES)
    ? record.event.slice(NAMES.length)
    : undefined
}
