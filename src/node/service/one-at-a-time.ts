/** Work that is asked for often and runs once at a time; what was asked for meanwhile runs once after. */

export interface OneAtATime {
  /** Asks for it; it runs when nothing of it does. */
  soon(): void
  /** Drops what was asked for and waits for what runs. */
  idle(): Promise<void>
}

export function oneAtATime(work: () => Promise<void>, report: (error: unknown) => void): OneAtATime {
  let running: Promise<void> | undefined
  let again = false
  const run = async (): Promise<void> => {
    do {
      again = false
      await work().catch(report)
    } while (again)
    running = undefined
  }
  return {
    soon: () => {
      if (running === undefined) running = run()
      else again = true
    },
    idle: async () => {
      again = false
      await running
    },
  }
}
