/**
 * The protocol as an AsyncAPI 3.0 document, made from the schemas that validate, and from those in
 * results.ts. PROTOCOL.md says what they mean.
 */
import type { TSchema } from 'typebox'
import type { Config } from '../config.ts'
import type { Domain } from '../domain.ts'
import { closeReasons } from './close-codes.ts'
import { commandSchema } from './commands.ts'
import {
  errorExample,
  notificationExamples,
  readExamples,
  receiptExample,
  resultExamples,
} from './examples.ts'
import { commandRole, type ReadMethod, type Role, readMethods, readRoles } from './methods.ts'
import { type NamedForms, namedForms, notificationForms, readResults } from './results.ts'

/** JSON Schema, or a part of the document. */
type Json = Readonly<Record<string, unknown>>

interface MethodForm {
  readonly name: string
  readonly params: TSchema
  readonly result: TSchema | Json
  readonly role: Role | null
  readonly example: object | undefined
  readonly resultExample: object | undefined
}

export interface AsyncApiOptions {
  /** Where clients connect: `wss://orders.example/ws`. */
  readonly url?: string | undefined
}

export function asyncApiDocument(
  domain: Domain,
  config: Config,
  { url }: AsyncApiOptions = {},
): Json {
  const methods = methodsOf(domain, config)
  const notifications = Object.entries(notificationForms(references))
  const messages = { ...callMessages(methods), ...notificationMessages(notifications) }
  const document = {
    asyncapi: '3.0.0',
    info: infoOf(domain),
    defaultContentType: 'application/json',
    ...(url === undefined ? {} : { servers: { gateway: serverOf(url) } }),
    channels: { session: channelOf(Object.keys(messages), config) },
    operations: {
      ...Object.fromEntries(methods.map(receiving)),
      ...Object.fromEntries(notifications.map(([name, form]) => sending(name, form))),
    },
    components: { messages, schemas: namedForms(domain) },
  }
  // What the schema library keeps in its schemas besides is not JSON, and stays behind.
  return JSON.parse(JSON.stringify(document)) as Json
}

const reference = (name: keyof NamedForms): TSchema => ({ $ref: `#/components/schemas/${name}` })

const references: NamedForms = {
  Receipt: reference('Receipt'),
  View: reference('View'),
  Event: reference('Event'),
  Error: reference('Error'),
}

function methodsOf(domain: Domain, config: Config): readonly MethodForm[] {
  const commands = Object.entries(domain.methods).map(
    ([name, method]): MethodForm => ({
      name,
      params: commandSchema(method),
      result: references.Receipt,
      role: commandRole,
      example: exampleIn(method.params),
      resultExample: receiptExample,
    }),
  )
  const results = readResults(references)
  const told = resultExamples(config)
  const reads = Object.entries(readMethods(config)).map(([name, params]): MethodForm => {
    const method = name as ReadMethod
    return {
      name,
      params,
      result: results[method],
      role: readRoles[method],
      example: readExamples[method],
      resultExample: told[method],
    }
  })
  return [...commands, ...reads]
}

/** The first of the `examples` in a schema, which is a keyword of JSON Schema. */
function exampleIn(schema: object): object | undefined {
  const { examples } = schema as { readonly examples?: readonly object[] }
  return examples?.[0]
}

/** The protocol's own, whose first number is that of the subprotocol; not the package's. */
const protocolVersion = '1.0.0'

function infoOf(domain: Domain): Json {
  return {
    title: `Ordinal, for the domain ${JSON.stringify(domain.name)}`,
    version: protocolVersion,
    description:
      'JSON-RPC 2.0 over WebSocket, one text frame a message. A frame may hold an array of calls; ' +
      'they run in order, and are answered together in one array. Every call needs an id.',
  }
}

function serverOf(url: string): Json {
  const { host, protocol } = new URL(url)
  return { host, protocol: protocol.replace(':', '') }
}

function channelOf(messages: readonly string[], config: Config): Json {
  return {
    address: '/ws',
    title: 'One session: calls, answers and notifications.',
    messages: Object.fromEntries(
      messages.map((name) => [name, { $ref: `#/components/messages/${name}` }]),
    ),
    bindings: { ws: { method: 'GET', bindingVersion: '0.1.0' } },
    'x-close-codes': closeReasons(config),
  }
}

const channel = { $ref: '#/channels/session' }
const messageOf = (name: string) => ({ $ref: `#/channels/session/messages/${name}` })
const resultName = (method: string) => `${method}.result`
const errorName = 'error'

function receiving({ name, params, role }: MethodForm): [string, Json] {
  const reply = { channel, messages: [messageOf(resultName(name)), messageOf(errorName)] }
  const { description } = params as Json
  const summary = description
  const operation = { action: 'receive', channel, summary, messages: [messageOf(name)], reply }
  return [name, { ...operation, 'x-role': role }]
}

function sending(name: string, form: TSchema): [string, Json] {
  const { description } = form as Json
  const summary = description
  return [name, { action: 'send', channel, summary, messages: [messageOf(name)] }]
}

function callMessages(methods: readonly MethodForm[]): Json {
  const messages: Record<string, Json> = {}
  for (const { name, params, result, example, resultExample } of methods) {
    const call = { id: Id, method: { const: name }, params }
    // Params may be left out where none is needed.
    const required = 'required' in params ? ['id', 'method', 'params'] : ['id', 'method']
    messages[name] = message(
      name,
      call,
      required,
      example && { id: 1, method: name, params: example },
    )
    const answer = { id: Id, result }
    const answered = resultExample && { id: 1, result: resultExample }
    messages[resultName(name)] = message(resultName(name), answer, ['id', 'result'], answered)
  }
  const failed = { id: 1, error: errorExample }
  const error = { id: Id, error: references.Error }
  messages[errorName] = message(errorName, error, ['id', 'error'], failed)
  return messages
}

function notificationMessages(notifications: readonly (readonly [string, TSchema])[]): Json {
  const entries = notifications.map(([name, params]) => {
    const example = notificationExamples[name as keyof typeof notificationExamples]
    const form = { method: { const: name }, params }
    return [name, message(name, form, ['method', 'params'], { method: name, params: example })]
  })
  return Object.fromEntries(entries)
}

/** JSON-RPC's: null where the call's own could not be read. */
const Id = { type: ['string', 'number', 'null'] }

function message(
  name: string,
  properties: Json,
  required: readonly string[],
  example: object | undefined,
): Json {
  const payload = {
    type: 'object',
    properties: { jsonrpc: { const: '2.0' }, ...properties },
    required: ['jsonrpc', ...required],
    additionalProperties: false,
  }
  const examples = example && [{ name, payload: { jsonrpc: '2.0', ...example } }]
  return { name, title: name, payload, ...(examples ? { examples } : {}) }
}
