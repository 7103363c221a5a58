/**
 * The object store in a bucket of an S3 interface: one object per name, below a prefix.
 *
 * Laws: an object is acknowledged when the server has it; every read compares the hash, so a server is believed for
 * nothing; what lies there lies under an outer key (`outerKeyStore`), which whoever opens this store puts above it.
 * Source: the S3 REST interface (PutObject, GetObject, HeadObject, DeleteObject, ListObjectsV2), path style.
 */
import { type Cid, cid, fromUtf8 } from '../vocabulary/index.ts'
import { checked, cidOf, digestOf } from './content-id.ts'
import { allInParallel } from './in-parallel.ts'
import { objectMissing } from './memory-store.ts'
import { askServer, type ServerAnswer, storeRefused } from './object-server.ts'
import type { ObjectStore } from './object-store.ts'
import { type S3Credentials, type S3Request, signedS3Headers } from './s3-signature.ts'
import type { Hasher } from './suite.ts'

export interface S3StoreOptions {
  readonly hasher: Hasher
  /** Address of the bucket, as in https://s3.example.org/islet. */
  readonly bucket: URL
  /** Folder in the bucket; ends with a slash, or is empty. */
  readonly prefix: string
  readonly credentials: S3Credentials
}

const NO_BODY = new Uint8Array(0)

/** Opens it; nothing is asked of the server yet. Its methods throw `STORE_UNREACHABLE`, `STORE_REFUSED` besides. */
export function s3Store({ hasher, bucket, prefix, credentials }: S3StoreOptions): ObjectStore {
  const root = `${bucket.origin}${bucket.pathname.replace(/\/$/, '')}`
  const urlOf = (name: Cid): URL => new URL(`${root}/${prefix}${name}`)
  const ask = (method: S3Request['method'], url: URL, body: Uint8Array = NO_BODY): Promise<ServerAnswer> => {
    const headers = signedS3Headers(hasher, credentials, { method, url, body }, new Date())
    return askServer(url, { method, headers, ...(method === 'PUT' ? { body: body.slice() } : {}) })
  }
  const put = async (bytes: Uint8Array): Promise<Cid> => {
    const name = cidOf(hasher, bytes)
    const answer = await ask('PUT', urlOf(name), bytes)
    if (answer.status !== 200) throw storeRefused(bucket, answer)
    return name
  }
  const has = async (name: Cid): Promise<boolean> => {
    const answer = await ask('HEAD', urlOf(name))
    if (answer.status !== 200 && answer.status !== 404) throw storeRefused(bucket, answer)
    return answer.status === 200
  }
  return {
    put,
    putMany: (objects) => allInParallel(objects, put),
    get: async (name) => {
      const digest = digestOf(name)
      const answer = await ask('GET', urlOf(name))
      if (answer.status === 404) throw objectMissing(name)
      if (answer.status !== 200) throw storeRefused(bucket, answer)
      return checked(hasher, name, answer.bytes, digest)
    },
    has,
    delete: async (name) => {
      // The interface does not say whether something was there.
      if (!(await has(name))) return false
      const answer = await ask('DELETE', urlOf(name))
      if (answer.status !== 204 && answer.status !== 200) throw storeRefused(bucket, answer)
      return true
    },
    async *list() {
      for (let from: string | undefined = ''; from !== undefined; ) {
        const url = new URL(`${root}/`)
        url.searchParams.set('list-type', '2')
        url.searchParams.set('prefix', prefix)
        if (from !== '') url.searchParams.set('continuation-token', from)
        const answer = await ask('GET', url)
        if (answer.status !== 200) throw storeRefused(bucket, answer)
        const text = fromUtf8(answer.bytes)
        for (const [, key = ''] of text.matchAll(/<Key>([^<]*)<\/Key>/g)) {
          // What others put into the bucket is none of ours.
          const name = key.slice(prefix.length)
          if (/^baf[a-z2-7]+$/.test(name)) yield cid(name)
        }
        from = /<NextContinuationToken>([^<]+)</.exec(text)?.[1]
      }
    },
    close: async () => undefined,
  }
}
