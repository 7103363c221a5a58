/** What an institution without a landing page shows under its address: where its contract is. */
import { IsletError } from '../../vocabulary/index.ts'
import type { PageAssets } from '../page/assets.ts'

export const NO_PAGE: PageAssets = {
  html: '<!doctype html><html lang="en"><title>Islet institution</title><p>An inbox of Islet. Its contract: <a href="/docs">/docs</a>.</p></html>',
  style: '',
  script: '',
  icon: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>',
  docsStyle: '',
  app: async () => {
    throw new IsletError('NOT_FOUND', 'this address has an inbox and no app')
  },
}
