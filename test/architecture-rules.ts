/**
 * The rules of the house, each as a function from a file to what in it breaks the rule; see
 * architecture.test.ts, which holds the source to them and shows that each of them bites.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'

export const project = dirname(import.meta.dirname)

export interface Source {
  /** Below src/, such as `gateway/port/ws.ts`. */
  readonly path: string
  readonly text: string
}

export interface Import {
  /** A package, or the path of a file below src/. */
  readonly from: string
  readonly isTypeOnly: boolean
}

/** Any file may import these, but for what the table below takes back. */
const leaves = ['domain', 'config', 'errors', 'runtime', 'numbers', 'frozen']
/** Know everyone. */
const unbound = ['engine', 'engine-options', 'index', 'cli']

/** The folders and files of src/, and what each may import besides itself and the leaves. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  config: [],
  errors: [],
  runtime: [],
  numbers: [],
  frozen: [],
  statechart: [],
  order: ['statechart'],
  log: [],
  checkpoint: ['log', 'statechart'],
  sequencer: ['log', 'checkpoint', 'statechart'],
  view: ['log', 'checkpoint', 'statechart'],
  protocol: [],
  gateway: ['protocol', 'sequencer', 'view', 'log', 'chart', 'statechart'],
  metrics: ['sequencer', 'gateway'],
  'log-lines': ['gateway'],
  chart: [],
  client: ['protocol'],
  console: ['client', 'chart'],
  upkeep: ['log', 'checkpoint', 'protocol', 'statechart'],
  crud: ['order'],
}
const leavesDenied: Readonly<Record<string, readonly string[]>> = {
  order: ['runtime'],
  statechart: leaves,
}
/** May import types of anyone. */
const typesOfAnyone = ['client']

/** What only an order has; a few of each kind: states, events, fields. */
export const orderWords = [
  ...['NewOrderEvent', 'ModifyOrderEvent', 'OrderPaymentEvent', 'OrderShippedEvent'],
  ...['OrderDeliveredEvent', 'OrderCancelledEvent', 'OrderRefundedEvent'],
  ...['partiallyPaid', 'unfulfilled', 'fulfilment', 'unplaced'],
  ...['paymentId', 'refundId', 'trackingId', 'unitPrice', 'sku'],
]
const timeAndChance =
  /\bDate\.now\b|\bnew Date\(\)|\bset(?:Timeout|Interval|Immediate)\b|\bMath\.random\b|\bperformance\.now\b|\brandom(?:UUID|Bytes)\b/
export const linesMax = 300
const topLevel = ['package.json', 'package-lock.json', 'tsconfig.json', 'README.md', 'LICENSE']
const topFolders = ['src', 'bench', 'test']

export const isSource = (path: string) => /\.tsx?$/.test(path)

/** The folder, or the file at the top, that a path below src/ belongs to. */
export const roomOf = (path: string) => path.split('/')[0]!.replace(/\.ts$/, '')

/** The text without comments, so that they may speak of anything. Strings stay. */
export function withoutComments(text: string): string {
  const parts = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/.*/g
  return text.replace(parts, (part) => (/^\/[*/]/.test(part) ? ' ' : part))
}

export function importsOf({ path, text }: Source): readonly Import[] {
  const statement =
    /\b(?:import|export)\s+(type\s)?(?:[\w\s{},*]*?\bfrom\s*)?'([^']+)'|\bimport\s*\(\s*'([^']+)'\s*\)/g
  return [...withoutComments(text).matchAll(statement)].map(([, type, named, called]) => {
    const from = named ?? called ?? ''
    const isOurs = from.startsWith('.')
    return {
      from: isOurs ? posix.join(posix.dirname(path), from) : from,
      isTypeOnly: type !== undefined,
    }
  })
}

export function breaksImports(source: Source): readonly string[] {
  const room = roomOf(source.path)
  if (unbound.includes(room)) return []
  const allowed = mayImport[room]
  if (!allowed) return [`${source.path} is in no room of the architecture`]
  return importsOf(source).flatMap(({ from, isTypeOnly }) => {
    if (!isSource(from)) return []
    const other = roomOf(from)
    if (other === room || allowed.includes(other)) return []
    if (leaves.includes(other) && !leavesDenied[room]?.includes(other)) return []
    if (isTypeOnly && typesOfAnyone.includes(room)) return []
    return [`${source.path} imports ${from}`]
  })
}

export function breaksSockets(source: Source): readonly string[] {
  if (roomOf(source.path) !== 'gateway' || source.path === 'gateway/port/ws.ts') return []
  const isWs = ({ from }: Import) => from === 'ws' || from.startsWith('ws/')
  return importsOf(source).some(isWs) ? [`${source.path} imports ws`] : []
}

export function breaksTime({ path, text }: Source): readonly string[] {
  // The SDK has a place of its own, and so has the page: in browsers, runtime.ts does not run.
  const places = ['runtime.ts', 'client/platform.ts', 'console/platform.ts']
  if (places.includes(path) || roomOf(path) === 'cli') return []
  const found = timeAndChance.exec(withoutComments(text))
  return found ? [`${path} uses ${found[0]}`] : []
}

export function breaksLength({ path, text }: Source): readonly string[] {
  const lines = text.split('\n').length - 1
  return lines > linesMax ? [`${path} has ${lines} lines`] : []
}

export function breaksDomain({ path, text }: Source): readonly string[] {
  if (['order', 'crud', ...unbound].includes(roomOf(path))) return []
  const code = withoutComments(text)
  const named = orderWords.filter((word) => new RegExp(`\\b${word}\\b`).test(code))
  return named.map((word) => `${path} names ${word}`)
}

export function breaksTop(file: string): readonly string[] {
  const [top = ''] = file.split('/')
  const isKnown = file.includes('/') ? topFolders.includes(top) : topLevel.includes(top)
  return isKnown || top.startsWith('.') ? [] : [`${file} is at the top`]
}

export function sources(): readonly Source[] {
  const below = join(project, 'src')
  const paths = readdirSync(below, { recursive: true, encoding: 'utf8' })
  return paths.filter(isSource).map((path) => ({
    path: path.replaceAll('\\', '/'),
    text: readFileSync(join(below, path), 'utf8'),
  }))
}
