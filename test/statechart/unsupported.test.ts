import { describe, expect, it } from 'vitest'
import { type AnyStateMachine, fromPromise, setup } from 'xstate'
import { orderMachine } from '../../src/order/machine.ts'
import { unsupportedParts } from '../../src/statechart/unsupported.ts'
import { parcelDomain } from '../support/parcel.ts'

const actors = { work: fromPromise(async () => {}) }

function machineOf(config: object): AnyStateMachine {
  return setup({ actors }).createMachine({ id: 'job', ...config } as never) as never
}

describe('unsupportedParts', () => {
  it('finds nothing in the machines that we run', () => {
    expect(unsupportedParts(orderMachine)).toEqual([])
    expect(unsupportedParts(parcelDomain.machine)).toEqual([])
  })

  it('finds delayed transitions', () => {
    const states = { waiting: { after: { 1000: 'late' } }, late: {} }
    expect(unsupportedParts(machineOf({ initial: 'waiting', states }))).toEqual([
      'job.waiting has delayed transitions (after)',
    ])
    expect(unsupportedParts(machineOf({ after: { 1000: { target: '#job' } } }))).toEqual([
      'job has delayed transitions (after)',
    ])
  })

  it('finds invoked actors', () => {
    expect(unsupportedParts(machineOf({ invoke: { src: 'work' } }))).toEqual([
      'job invokes an actor',
    ])
  })

  it('finds both, however deep, in regions side by side', () => {
    const left = { initial: 'a', states: { a: { initial: 'b', states: { b: delayed() } } } }
    const right = { initial: 'c', states: { c: { invoke: { src: 'work' } } } }
    expect(unsupportedParts(machineOf({ type: 'parallel', states: { left, right } }))).toEqual([
      'job.left.a.b has delayed transitions (after)',
      'job.right.c invokes an actor',
    ])
  })
})

function delayed() {
  return { after: { 5: { target: '#job.left' } } }
}
