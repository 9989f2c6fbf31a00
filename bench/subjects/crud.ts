import { type OrderTable, openOrderTable } from '../../src/crud/order-table.ts'
import { type Command, checkFinal } from '../workload.ts'
import type { Subject } from './subject.ts'

/** The same orders kept the ordinary way: one row an order, overwritten, no history. */
export const crudSubject: Subject = {
  name: 'crud',
  does:
    'validates, reads the row of the order, decides with plain functions, overwrites the row in ' +
    'LMDB (one put a command, committed in groups); no history; answers after the flush',
  isDurable: true,
  async open(folder) {
    const table = openOrderTable(folder)
    return {
      submit: (command) => send(table, command),
      async check(plans) {
        for (const plan of plans) checkFinal(plan, table.get(plan.orderId))
      },
      close: () => table.close(),
    }
  },
}

function send(table: OrderTable, command: Command) {
  switch (command.method) {
    case 'order.new':
      return table.create(command.params)
    case 'order.modify':
      return table.modify(command.params)
    case 'order.pay':
      return table.pay(command.params)
  }
}
