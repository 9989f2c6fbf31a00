/** The forms of the commands: the schemas of the order domain, compiled. */
import { Compile } from 'typebox/compile'
import type { ParamFault } from '../domain.ts'
import { InvalidParamsError } from '../errors.ts'
import { type OrderMethod, orderMethods } from '../order/commands.ts'

type Check = (params: object) => readonly ParamFault[]

export class OrderForms {
  readonly #checks = new Map<string, Check>()

  constructor() {
    for (const [name, { params: schema, check }] of Object.entries(orderMethods)) {
      const form = Compile(schema)
      this.#checks.set(name, (params) => {
        if (form.Check(params)) return check?.(params as never) ?? []
        return form.Errors(params).map(({ instancePath: path, message }) => ({ path, message }))
      })
    }
  }

  /** @throws {InvalidParamsError} naming each fault by its path */
  check(method: OrderMethod, params: object): void {
    const faults = this.#checks.get(method)!(params)
    if (faults.length > 0) throw new InvalidParamsError(method, faults)
  }
}
