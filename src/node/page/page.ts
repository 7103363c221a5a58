/**
 * The landing page: asks for the story, follows its events, draws what changes.
 *
 * The stream is read with fetch through the typed client, so that what does not fit the contract is never drawn.
 */
import { afterEvent, createClient, EMPTY_STORY, type Story, type StoryEvent } from '../../api/index.ts'
import { part } from './element.ts'
import { showCounts, showLedger, showMembers, showState } from './figures-view.ts'
import { glucoseFigure } from './glucose-chart.ts'
import { showSteps } from './steps-view.ts'
import { stepName } from './words.ts'

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 10_000

let story: Story = EMPTY_STORY
let openedFace = ''
let pending = false

function draw(): void {
  pending = false
  showState(story)
  showSteps(story.steps)
  showCounts(story.counts)
  showLedger(story.ledger)
  showMembers(story.institutions)
  const face = JSON.stringify(story.opened)
  if (face !== openedFace && story.opened !== null)
    part('opened').replaceChildren(glucoseFigure(story.opened))
  openedFace = face
}

/** Says only what a listener needs: a step that ended, and the end of the story. */
function announce(event: StoryEvent): void {
  const spoken = part('announce')
  if (event.type === 'step' && (event.value.state === 'passed' || event.value.state === 'failed')) {
    spoken.textContent = `${stepName(event.value.name)} ${event.value.state}`
  }
  if (event.type === 'state' && event.value.state !== 'running') spoken.textContent = showState(story)
}

function take(event: StoryEvent): void {
  story = afterEvent(story, event)
  announce(event)
  if (pending) return
  pending = true
  requestAnimationFrame(draw)
}

async function follow(): Promise<void> {
  const client = createClient({ origin: location.origin, fetch: (url, init) => fetch(url, init) })
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      for await (const event of client.storyEvents()) {
        part('lost').hidden = true
        pause = FIRST_PAUSE_MS
        take(event)
      }
    } catch {
      // Whatever ended the stream, the next one begins with a snapshot.
    }
    part('lost').hidden = false
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
}

draw()
void follow()
