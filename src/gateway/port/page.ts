/**
 * The console, as it was built: its files are read once, so that a build, or a disk that fails, changes
 * nothing for a server that runs.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { Route, RouteAnswer, Routes } from './http.ts'

/** From the sources and from what is built of them alike. */
export const builtPage = fileURLToPath(new URL('../../../dist/console', import.meta.url))

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** The page loads and calls what comes from its own server, and nothing else. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const headersOfPage = {
  'content-security-policy': policy,
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
}

/** Files below it are named by what is in them, and so never change. */
const hashed = '/assets/'

/**
 * The page by path, `/` first; empty where it is not built.
 *
 * @throws {Error} if there is a file that a page has no use for
 */
export function pageRoutes(folder = builtPage): Routes {
  if (!existsSync(join(folder, 'index.html'))) return {}
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  const routes: Record<string, Route> = {}
  for (const file of files) {
    if (!file.isFile()) continue
    const path = join(file.parentPath, file.name)
    const name = `/${path.slice(folder.length + 1).replaceAll('\\', '/')}`
    routes[name === '/index.html' ? '/' : name] = fileRoute(name, readFileSync(path))
  }
  return routes
}

function fileRoute(name: string, body: Buffer): Route {
  const contentType = contentTypes[extname(name)]
  if (contentType === undefined) throw new Error(`${name} is no file of a page.`)
  const headers = {
    ...headersOfPage,
    vary: 'accept-encoding',
    'cache-control': name.startsWith(hashed) ? 'public, max-age=31536000, immutable' : 'no-cache',
  }
  const plain: RouteAnswer = { status: 200, contentType, body, headers }
  let packed: RouteAnswer | undefined
  const pack = (): RouteAnswer => ({
    ...plain,
    body: gzipSync(body, { level: 9 }),
    headers: { ...headers, 'content-encoding': 'gzip' },
  })
  return {
    role: null,
    async answer(request) {
      if (!takesGzip(request)) return plain
      packed ??= pack()
      return packed
    },
  }
}

function takesGzip({ headers }: IncomingMessage): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0+)?\s*(?:,|$))/.test(String(headers['accept-encoding'] ?? ''))
}
