/** The one connection of the page, by the SDK, and the token that it shows. */
import { computed, signal } from '@preact/signals'
import {
  type Client,
  type ClientStatus,
  connect,
  type Hello,
  type View,
  type WireEvent,
} from '../../client/index.ts'
import { gatewayUrl, keptToken } from '../platform.ts'

/** A view of whatever domain: what all have, and fields of its own. */
export type AnyView = View & Readonly<Record<string, unknown>>
export type AnyClient = Client<Record<string, object>, AnyView, WireEvent>

const status = signal<ClientStatus>({ state: 'connecting', lost: null, retryMs: 0, error: null })
const hello = signal<Hello | undefined>(undefined)

function open(): AnyClient {
  const token = keptToken.get()
  const opened = connect<Record<string, object>, AnyView, WireEvent>(gatewayUrl(), {
    client: 'console',
    ...(token !== undefined && { token }),
  })
  const take = () => {
    if (client.value !== opened) return
    const { hello: newest } = opened
    // Another log: all that is shown means nothing any more, and the page begins anew.
    if (hello.value && newest && newest.epoch !== hello.value.epoch) return reconnect()
    status.value = opened.status
    hello.value = opened.hello
  }
  opened.onState(take)
  void opened.closed.then(take)
  return opened
}

/** Another one only where another token is given. */
export const client = signal<AnyClient>(undefined as never)
client.value = open()

export const connection = computed(() => status.value)
export const greeting = computed(() => hello.value)

/** True where the server takes no token, or not this one: one is to be asked for. */
export const needsToken = computed(() => {
  const { state, error } = status.value
  return state === 'closed' && error?.reason === 'UNAUTHENTICATED'
})

/** Closes the connection, and makes one with this token; with none where it is undefined. */
export function useToken(token: string | undefined): void {
  keptToken.set(token)
  reconnect()
}

export function reconnect(): void {
  const before = client.value
  status.value = { state: 'connecting', lost: null, retryMs: 0, error: null }
  hello.value = undefined
  client.value = open()
  before.close()
}

export const hasToken = (): boolean => keptToken.get() !== undefined

/** Whether the token has a role, as far as is known. */
export function may(role: 'read' | 'write' | 'admin'): boolean {
  const roles = hello.value?.roles
  return roles === undefined || roles.includes(role) || roles.includes('admin')
}

/** What a role that is missing means, in words; undefined where it is there. */
export function lacking(role: 'read' | 'write' | 'admin', what: string): string | undefined {
  return may(role) ? undefined : `This token may not ${what}: that takes the role ${role}.`
}

/** A file of the server, with the token. Undefined where it may not be had. */
export async function fetchJson(path: string): Promise<Response> {
  const token = keptToken.get()
  const headers: HeadersInit = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return fetch(path, { headers, cache: 'no-store' })
}
