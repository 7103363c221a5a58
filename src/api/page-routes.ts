/** The files of the pages that a node serves: the landing page, the web app, this contract. */
import Type from 'typebox'
import { open } from './route.ts'

const page = { ...open, tag: 'pages', method: 'GET' } as const

export const PAGE_ROUTES = {
  home: {
    ...page,
    path: '/',
    summary: 'The landing page',
    produces: 'text/html',
  },
  pageStyle: {
    ...page,
    path: '/page.css',
    summary: 'The landing page’s style',
    produces: 'text/css',
  },
  pageScript: {
    ...page,
    path: '/page.js',
    summary: 'The landing page’s script',
    produces: 'text/javascript',
  },
  icon: {
    ...page,
    path: '/icon.svg',
    summary: 'The icon of all pages',
    produces: 'image/svg+xml',
  },
  app: {
    ...page,
    path: '/app',
    summary: 'The web app',
    produces: 'text/html',
  },
  appStyle: {
    ...page,
    path: '/app.css',
    summary: 'The web app’s style',
    produces: 'text/css',
  },
  appFile: {
    ...page,
    path: '/app/{file}',
    summary: 'A script of the web app',
    params: Type.Object(
      { file: Type.String({ pattern: '^[A-Za-z0-9-]{1,60}\\.js$' }) },
      { additionalProperties: false },
    ),
    produces: 'text/javascript',
  },
  appIcon: {
    ...page,
    path: '/app-icon/{icon}',
    summary: 'The web app’s icon as a picture, for devices that draw none themselves',
    params: Type.Object(
      { icon: Type.String({ pattern: '^icon-(180|192|512)\\.png$' }) },
      { additionalProperties: false },
    ),
    produces: 'image/png',
    answer: Type.Unsafe<Uint8Array>({ type: 'string', contentEncoding: 'binary' }),
  },
  appManifest: {
    ...page,
    path: '/app.webmanifest',
    summary: 'What the web app is called and looks like where it is installed',
    produces: 'application/manifest+json',
  },
  appWorker: {
    ...page,
    path: '/app-worker.js',
    summary: 'What keeps the web app’s files on a device',
    produces: 'text/javascript',
  },
  docs: {
    ...page,
    path: '/docs',
    summary: 'This contract as a page',
    produces: 'text/html',
  },
  docsStyle: {
    ...page,
    path: '/docs.css',
    summary: 'The contract page’s style',
    produces: 'text/css',
  },
} as const
