// Opens an engine while only so many more files may be open, for each of these numbers, and says what came
// of it: one JSON object a line.
import { closeSync, openSync } from 'node:fs'
import { openEngine } from '../../../dist/index.js'

const [data, ...counts] = process.argv.slice(2)
// Loads what is loaded when it is first needed, and leaves a checkpoint.
await (await openEngine({ data })).close()
for (const count of counts.map(Number)) {
  const held = []
  try {
    for (;;) held.push(openSync('/dev/null', 'r'))
  } catch {}
  for (const file of held.splice(0, count)) closeSync(file)
  const lines = []
  const nothing = () => {}
  const take = ({ why }, message) => lines.push(`${message}: ${why}`)
  const logger = { debug: nothing, info: nothing, warn: take, error: take }
  const said = { count, lines }
  try {
    const engine = await openEngine({ data, logger })
    said.orders = engine.counts().orders
    await engine.close()
  } catch ({ name, message }) {
    Object.assign(said, { refused: name, message })
  }
  for (const file of held) closeSync(file)
  console.log(JSON.stringify(said))
}
