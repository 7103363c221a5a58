/**
 * A node that runs a study in a process of its own and kills itself with SIGKILL the first time that any of its sites
 * comes to the named point; without a point it runs to the end. Prints the model's hash.
 */
import { openStudyDesk, openStudySites, runStudy } from '../../src/node/study.door.ts'
import { openConsortium } from '../../src/node/world.door.ts'

const [directory = '', point] = process.argv.slice(2)
const consortium = await openConsortium({ directory })
const desk = await openStudyDesk(consortium)
const file = await desk.find(undefined)
const sites = await openStudySites(consortium, desk, file, {
  notice: (reached) => {
    if (reached === point) process.kill(process.pid, 'SIGKILL')
  },
})
await runStudy(desk, sites)
const head = await desk.chain.headVersion(file.study)
process.stdout.write(`${head?.model} ${head?.depth}\n`)
await consortium.close()
