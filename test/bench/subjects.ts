/** Subjects of the suite, and how one of them goes wrong. */
import { barePutsSubject } from '../../bench/subjects/bare-puts.ts'
import { fileSubject } from '../../bench/subjects/by-hand/file.ts'
import { byHandSubject } from '../../bench/subjects/by-hand/lmdb.ts'
import { crudSubject } from '../../bench/subjects/crud.ts'
import { engineSubject } from '../../bench/subjects/engine.ts'
import type { Subject } from '../../bench/subjects/subject.ts'
import { xstateSubject } from '../../bench/subjects/xstate.ts'
import type { Command, Submit } from '../../bench/workload.ts'

/** Those that decide. */
export const deciding = [engineSubject, byHandSubject, crudSubject, fileSubject]
export const subjects = [...deciding, barePutsSubject, xstateSubject]

/** The subject with one command of one order done in another way. */
export function tampered(
  subject: Subject,
  method: string,
  instead: (submit: Submit, command: Command) => Promise<unknown>,
): Subject {
  return {
    ...subject,
    async open(folder, commands) {
      const running = await subject.open(folder, commands)
      const submit: Submit = (command) => {
        const isTheOne = command.method === method && command.params.orderId === 'order-00000001'
        return isTheOne ? instead(running.submit, command) : running.submit(command)
      }
      return {
        submit,
        check: (plans) => running.check(plans),
        close: () => running.close(),
      }
    },
  }
}

/** It answers a payment that it never made. */
export const lossy = (subject: Subject) => tampered(subject, 'order.pay', async () => true)
