/**
 * What the HTTP room answers by itself: pages, the contract, health, figures and the story.
 */
import { type Handler, type OwnRoute, openApi } from '../../api/index.ts'
import { IsletError } from '../../vocabulary/index.ts'
import type { PageAssets } from '../page/assets.ts'
import { docsPage } from './docs-page.ts'
import { NODE_MESSAGE_SHAPES } from './message-shapes.ts'
import type { Metrics } from './metrics.ts'
import type { StoryBoard } from './story-board.ts'

/** One thing that must hold before the node serves. */
export interface ReadyCheck {
  readonly name: string
  readonly ok: boolean
  /** Why not. */
  readonly code?: string
}

export interface OwnParts {
  readonly page: PageAssets
  readonly version: string
  readonly metrics: Metrics
  readonly story: StoryBoard
  readonly ready: () => Promise<readonly ReadyCheck[]>
  readonly stopping: () => boolean
}

/** The room's own handlers; the inbox is the endpoint itself. */
export function ownHandlers(parts: OwnParts): {
  readonly [Name in Exclude<OwnRoute, 'messages'>]: Handler<Name>
} {
  const contract = openApi(parts.version, NODE_MESSAGE_SHAPES)
  const docs = docsPage(contract)
  const fixed = (text: string) => async () => text
  return {
    home: fixed(parts.page.html),
    pageStyle: fixed(parts.page.style),
    pageScript: fixed(parts.page.script),
    icon: fixed(parts.page.icon),
    app: async () => (await parts.page.app()).html,
    appStyle: async () => (await parts.page.app()).style,
    appFile: async ({ params }) => {
      const script = (await parts.page.app()).scripts.get(params.file)
      if (script === undefined) throw new IsletError('NOT_FOUND', 'the app has no such script')
      return script
    },
    appIcon: async ({ params }) => {
      const icon = (await parts.page.app()).icons.get(params.icon)
      if (icon === undefined) throw new IsletError('NOT_FOUND', 'the app has no such icon')
      return icon
    },
    appManifest: async () => (await parts.page.app()).manifest,
    appWorker: async () => (await parts.page.app()).worker,
    docs: fixed(docs),
    docsStyle: fixed(parts.page.docsStyle),
    openapi: async () => contract,
    health: async () => ({ status: 'alive' }),
    ready: async () => {
      const stopping = { name: 'running', ok: !parts.stopping() }
      const checks = [stopping, ...(await parts.ready())]
      return {
        status: checks.every((check) => check.ok) ? 'ready' : 'not-ready',
        checks: checks.map(({ name, ok, ...rest }) => ({ name, ok, ...rest })),
      }
    },
    metrics: async () => parts.metrics.registry.metrics(),
    story: async () => parts.story.current(),
    storyEvents: ({ signal }) => parts.story.watch(signal),
  }
}
