/** The domain's commands and events, from `/asyncapi.json`: the page knows none by itself. */
import { computed, signal } from '@preact/signals'
import type { Schema } from '../forms/schema.ts'
import { errorWords } from '../words.ts'

/** One command. */
export interface Method {
  readonly name: string
  /** One sentence for people. */
  readonly title: string
  /** Of its params, without commandId and expectedVersion. */
  readonly params: Schema
  /** True where it starts an order. */
  readonly creates: boolean
  readonly example: Readonly<Record<string, unknown>>
}

export interface Methods {
  readonly commands: readonly Method[]
  readonly eventTypes: readonly string[]
}

/** What of the document is looked at. */
interface Document {
  readonly operations: Readonly<
    Record<string, { readonly summary?: string; readonly 'x-role'?: string | null }>
  >
  readonly components: {
    readonly messages: Readonly<
      Record<
        string,
        {
          readonly payload: { readonly properties: { readonly params?: Schema } }
          readonly examples?: readonly { readonly payload: { readonly params?: object } }[]
        }
      >
    >
    readonly schemas: { readonly Event: { readonly anyOf: readonly { readonly title: string }[] } }
  }
}

const document = signal<Document | undefined>(undefined)
export const methodsError = signal<string | undefined>(undefined)

export async function loadMethods(): Promise<void> {
  if (document.value) return
  try {
    const response = await fetch('asyncapi.json')
    if (!response.ok) throw new Error(`/asyncapi.json was answered with ${response.status}.`)
    document.value = (await response.json()) as Document
    methodsError.value = undefined
  } catch (error) {
    methodsError.value = errorWords(error)
  }
}

const options = new Set(['commandId', 'expectedVersion'])

/** Undefined until it is there. */
export const methods = computed<Methods | undefined>(() => {
  const known = document.value
  if (!known) return undefined
  const { operations, components } = known
  const commands = Object.entries(operations)
    .filter(([, operation]) => operation['x-role'] === 'write')
    .map(([name, { summary = '' }]) => commandOf(name, summary, components.messages[name]))
  const eventTypes = components.schemas.Event.anyOf.map(({ title }) => title)
  return { commands, eventTypes }
})

function commandOf(
  name: string,
  title: string,
  message: Document['components']['messages'][string] | undefined,
): Method {
  const given = message?.payload.properties.params ?? {}
  const properties = Object.entries(given.properties ?? {}).filter(([key]) => !options.has(key))
  const params = { ...given, properties: Object.fromEntries(properties) }
  const example = message?.examples?.[0]?.payload.params ?? {}
  return {
    name,
    title,
    params,
    creates: !(given.required ?? []).includes('orderId'),
    example: example as Readonly<Record<string, unknown>>,
  }
}
