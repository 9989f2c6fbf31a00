// Runs the built engine with lmdb-js's `overlappingSync`, which tells of a commit before it is flushed:
// `node --import <this file> dist/cli/main.js`. For a test that has to find that.
import { register } from 'node:module'
import { isMainThread } from 'node:worker_threads'

// Node runs the hook in a thread of its own, which loads this file, too.
if (isMainThread) register(import.meta.url)

const as = 'overlappingSync: false'

export async function load(url, context, next) {
  const loaded = await next(url, context)
  if (!url.endsWith('/dist/log/lmdb-tree.js')) return loaded
  const source = String(loaded.source)
  if (!source.includes(as)) throw new Error(`lmdb-tree.js does not say "${as}" any more.`)
  return { ...loaded, source: source.replace(as, 'overlappingSync: true') }
}
