/** The fields of a form, as its schema has them; what is wrong with one stands below it. */
import { useId } from 'preact/hooks'
import { plainWords } from '../words.ts'
import { type Draft, emptyDraft, hintOf, pointerOf, type Schema } from './schema.ts'

type Path = readonly (string | number)[]

export interface FieldsProps {
  readonly schema: Schema
  readonly draft: Draft
  readonly path?: Path
  /** Keys that are not asked for. */
  readonly hidden?: readonly string[]
  readonly faults: ReadonlyMap<string, string>
  /** Of the whole, by path: what may be typed, as a grey example. */
  readonly example: unknown
  readonly onChange: (path: Path, value: Draft) => void
}

export function Fields({ schema, draft, path = [], hidden = [], ...rest }: FieldsProps) {
  const object = draft as Readonly<Record<string, Draft>>
  const required = new Set(schema.required ?? [])
  const keys = Object.keys(schema.properties ?? {}).filter((key) => !hidden.includes(key))
  return (
    <div class="form-fields">
      {keys.map((key) => (
        <Field
          key={key}
          name={key}
          schema={schema.properties?.[key] ?? {}}
          draft={object[key] ?? ''}
          path={[...path, key]}
          isRequired={required.has(key)}
          {...rest}
          example={(rest.example as Readonly<Record<string, unknown>> | undefined)?.[key]}
        />
      ))}
    </div>
  )
}

interface FieldProps extends Omit<FieldsProps, 'hidden'> {
  readonly name: string
  readonly path: Path
  readonly isRequired: boolean
}

function Field(props: FieldProps) {
  if (props.schema.type === 'array') return <ListField {...props} />
  return <TextField {...props} />
}

/** As many choices are shown as a list; of more, one is typed. */
const choicesShown = 12

function TextField({
  name,
  schema,
  draft,
  path,
  isRequired,
  faults,
  example,
  onChange,
}: FieldProps) {
  const id = useId()
  const fault = faults.get(pointerOf(path))
  const hint = hintOf(schema)
  const choices = schema.enum?.map(String) ?? []
  const isLong = choices.length > choicesShown
  const shared = {
    id,
    value: draft as string,
    'aria-invalid': fault !== undefined,
    'aria-describedby': `${id}-hint`,
    required: isRequired,
  }
  const onInput = (event: Event) => {
    onChange(path, (event.currentTarget as HTMLInputElement).value)
  }
  return (
    <div class="field">
      <label htmlFor={id}>
        {plainWords(name)}
        {!isRequired && <span class="faint"> optional</span>}
      </label>
      {choices.length > 0 && !isLong ? (
        <select {...shared} onChange={onInput}>
          {['', ...choices].map((choice) => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
        </select>
      ) : (
        <input
          {...shared}
          type="text"
          inputMode={schema.type === 'integer' ? 'numeric' : undefined}
          class={schema.type === 'integer' ? 'number' : 'mono'}
          placeholder={example === undefined ? undefined : String(example)}
          list={isLong ? `${id}-choices` : undefined}
          autocomplete="off"
          spellcheck={false}
          onInput={onInput}
        />
      )}
      {isLong && (
        <datalist id={`${id}-choices`}>
          {choices.map((choice) => (
            <option key={choice} value={choice} />
          ))}
        </datalist>
      )}
      <p id={`${id}-hint`} class={fault ? 'fault' : 'hint'}>
        {fault ?? hint}
      </p>
    </div>
  )
}

function ListField({ name, schema, draft, path, isRequired, example, ...rest }: FieldProps) {
  const items = draft as readonly Draft[]
  const fault = rest.faults.get(pointerOf(path))
  const itemSchema = schema.items ?? {}
  const examples = Array.isArray(example) ? example : []
  return (
    <fieldset class="list-field">
      <legend>
        {plainWords(name)}
        {!isRequired && <span class="faint"> optional</span>}
      </legend>
      {items.map((item, index) => (
        <div class="list-item" key={index}>
          <Fields
            schema={itemSchema}
            draft={item}
            path={[...path, index]}
            example={examples[index] ?? examples[0]}
            {...rest}
          />
          {items.length > (schema.minItems ?? 0) && (
            <button
              type="button"
              class="quiet"
              aria-label={`Take out number ${index + 1} of ${plainWords(name)}`}
              onClick={() =>
                rest.onChange(
                  path,
                  items.filter((_, place) => place !== index),
                )
              }
            >
              Take out
            </button>
          )}
        </div>
      ))}
      {items.length < (schema.maxItems ?? Number.POSITIVE_INFINITY) && (
        <button
          type="button"
          class="quiet"
          onClick={() => rest.onChange(path, [...items, emptyDraft(itemSchema)])}
        >
          One more
        </button>
      )}
      {fault && <p class="fault">{fault}</p>}
    </fieldset>
  )
}
