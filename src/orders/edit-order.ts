/** One save of what staff typed, from the list's row or the order's page. */
import type { Day } from '../period.ts'
import type { Order } from './order.ts'
import type { OrderRepository } from './repository.ts'
import {
  type AskedOf,
  type Conflict,
  conflictsOf,
  parseStaffForm,
  STAFF_FIELDS,
  type StaffErrors,
  type StaffField,
  type StaffValues,
  staffValues,
} from './staff-form.ts'
import type { OrderStatus } from './status.ts'

export type EditForm = {
  version: number
  /** The boxes as sent. */
  values: StaffValues
  /** The boxes as the form had shown them; undefined: the form did not say. */
  shown: StaffValues | undefined
}

/** How a save went; `values` is what then stands in the boxes. */
export type Edited =
  | { kind: 'saved'; order: Order; values: StaffValues; changed: boolean }
  | { kind: 'refused'; order: Order; values: StaffValues; errors: StaffErrors; asked: AskedOf }
  | { kind: 'conflict'; order: Order; values: StaffValues; conflicts: Conflict[] }

/**
 * Saves the boxes that were typed into. Nothing is written where one of them is wrong, or where somebody saved in between:
 * then the answer holds both sides, with the newer version's number, so that a second 「保存」 is a decision.
 * @returns undefined where there is no such order
 */
export function editOrder(
  deps: { orders: OrderRepository; statuses: readonly OrderStatus[] },
  id: number,
  form: EditForm,
  context: { accountId: number; at: number; today: Day },
): Edited | undefined {
  const before = deps.orders.find(id)
  if (!before) return undefined
  const shown = form.shown ?? staffValues(before)
  const parsed = parseStaffForm(form.values, shown, deps.statuses, context.today)
  const boxes = (order: Order) => keepTyped(staffValues(order), form.values, parsed.typed)
  if (!parsed.ok) {
    const values = keepTyped({ ...staffValues(before), ...shown }, form.values, parsed.typed)
    const asked = { version: form.version, shown }
    return { kind: 'refused', order: before, values, errors: parsed.errors, asked }
  }
  const result = deps.orders.update(id, form.version, parsed.fields, context)
  if (!result) return undefined
  if (result.ok) {
    const { order } = result
    return { kind: 'saved', order, values: staffValues(order), changed: order.version !== before.version }
  }
  const { current } = result
  // Whoever saved meanwhile typed the same: there is nothing to decide.
  if (isAlready(current, parsed.fields))
    return { kind: 'saved', order: current, values: staffValues(current), changed: false }
  const conflicts = conflictsOf(current, shown, form.values, parsed.typed, deps.statuses)
  return { kind: 'conflict', order: current, values: boxes(current), conflicts }
}

const isAlready = (order: Order, fields: object) =>
  Object.entries(fields).every(([name, value]) => Reflect.get(order, name) === value)

function keepTyped(now: Record<StaffField, string>, values: StaffValues, typed: readonly StaffField[]): StaffValues {
  const kept: StaffValues = { ...now }
  for (const name of typed) kept[name] = values[name] ?? ''
  return kept
}

/**
 * Reads the form of a row or a page.
 * @param field the field's text as sent, undefined where it was not
 */
export function readEditForm(field: (name: string) => string | undefined): EditForm {
  const values: StaffValues = {}
  for (const name of STAFF_FIELDS) {
    const text = field(name)
    if (text !== undefined) values[name] = text
  }
  const version = field('version') ?? ''
  return { version: /^\d{1,9}$/.test(version) ? Number(version) : -1, values, shown: shownOf(field('shown')) }
}

function shownOf(text: string | undefined): StaffValues | undefined {
  if (text === undefined) return undefined
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed !== 'object' || parsed === null) return undefined
    const shown: StaffValues = {}
    for (const name of STAFF_FIELDS) {
      const value: unknown = Reflect.get(parsed, name)
      if (typeof value === 'string') shown[name] = value
    }
    return shown
  } catch {
    return undefined
  }
}
