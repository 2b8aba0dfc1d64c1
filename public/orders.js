// Comfort for 受注一覧: a changed field saves itself, Enter goes to the same field of the next row.
// Without it every row is a plain form with its own button.
// There and on an order's page: whoever leaves with half-typed text is asked first.

const FIELDS = 'select[form], input[form]:not([type="hidden"])'
const rowOf = (element) => element.closest('[data-order-row]')
const fieldsOf = (row) => [...row.querySelectorAll(FIELDS)]
const fieldIn = (row, name) => fieldsOf(row).find((field) => field.name === name)

// What each row is doing: `isSaving`, and `again` when something was changed meanwhile.
const states = new WeakMap()
const stateOf = (row) => {
  if (!states.has(row)) states.set(row, { isSaving: false, again: false })
  return states.get(row)
}

// Arrow keys in a closed list fire `change` at every step: who walks through the statuses has not chosen yet, and a status on
// the way may send an order to CS-Cart. Such a list saves when it is left, or by Enter.
let walkedThrough
document.addEventListener('keydown', (event) => {
  if (event.target.matches?.('select[form]') && event.key !== 'Tab') walkedThrough = event.target
})
document.addEventListener('pointerdown', () => {
  walkedThrough = undefined
})

document.addEventListener('change', (event) => {
  const row = rowOf(event.target)
  if (event.target === walkedThrough) return
  // After a conflict only the button saves: to write over somebody else's value is a decision.
  if (row && event.target.matches(FIELDS) && !row.classList.contains('is-conflict')) save(row)
})

document.addEventListener('input', (event) => {
  const row = rowOf(event.target)
  if (row && event.target.matches(FIELDS)) row.classList.add('is-dirty')
})

// What was typed while a save was under way stands in a new field after it, whose leaving is no `change` to the browser.
document.addEventListener('focusout', (event) => {
  const row = rowOf(event.target)
  walkedThrough = undefined
  if (!row || !event.target.matches(FIELDS)) return
  if (row.classList.contains('is-dirty') && !row.classList.contains('is-conflict')) save(row)
})

document.addEventListener('submit', (event) => {
  const row = rowOf(event.target)
  if (!row) return
  event.preventDefault()
  save(row)
})

document.addEventListener('keydown', (event) => {
  const row = rowOf(event.target)
  if (!row || event.key !== 'Enter' || event.isComposing || !event.target.matches(FIELDS)) return
  event.preventDefault()
  const isChanged = row.classList.contains('is-dirty') && !row.classList.contains('is-conflict')
  const next = nextRow(row)
  const field = next && fieldIn(next, event.target.name)
  // Leaving a changed text field fires `change`, which saves; a field that stays in focus must save by itself.
  if (field) {
    field.focus()
    if (field.select) field.select()
  } else if (isChanged) save(row)
})

function nextRow(row) {
  let next = row.nextElementSibling
  while (next && !next.matches('[data-order-row]')) next = next.nextElementSibling
  return next
}

async function save(row) {
  const state = stateOf(row)
  if (state.isSaving) {
    state.again = true
    return
  }
  state.isSaving = true
  state.again = false
  const form = row.querySelector('form')
  const sent = new Map(fieldsOf(row).map((field) => [field.name, field.value]))
  row.classList.remove('is-dirty')
  row.classList.add('is-saving')
  try {
    const response = await fetch(form.action, {
      method: 'POST',
      body: new URLSearchParams(new FormData(form)),
      headers: { 'HX-Request': 'true', 'HX-Request-Type': 'partial' },
      // A save that was begun gets through although the page is left.
      keepalive: true,
    })
    if (response.headers.has('HX-Redirect')) {
      failed(
        row,
        'ログアウトされたため、保存していません。入力した内容はこの画面に残っています。控えてから、ログインし直して入力してください。',
      )
      return
    }
    const answer = partsOf(await response.text())
    const fresh = answer.querySelector('[data-order-row]')
    // What was typed while a refused save was under way may be the repair; over a conflict only the button writes.
    if (fresh) {
      putInPlace(row, fresh, sent, state.again && (response.ok || response.status === 422))
      countAnew(answer.querySelector('#order-tabs'))
    } else failed(row, '保存できませんでした。ページを開き直して、もう一度入力してください。')
  } catch {
    failed(row, '保存できませんでした。通信を確かめて、もう一度「保存」を押してください。入力した内容は残っています。')
  }
}

function partsOf(html) {
  const template = document.createElement('template')
  template.innerHTML = `<table>${html}</table>`
  return template.content
}

/** A saved status moves the order to another tab. */
function countAnew(fresh) {
  const links = [...document.querySelectorAll('#order-tabs a')]
  for (const [at, counted] of [...fresh.querySelectorAll('a')].entries()) {
    const link = links[at]
    // Somebody may have changed the list of statuses meanwhile.
    if (link?.getAttribute('href') !== counted.getAttribute('href')) return
    link.className = counted.className
    link.replaceChildren(...document.importNode(counted, true).childNodes)
  }
}

/** Swaps the row in; what was typed since it was sent stays, with focus and caret. */
function putInPlace(row, fresh, sent, again) {
  const focused = row.contains(document.activeElement) ? document.activeElement : undefined
  const caret = focused && 'selectionStart' in focused ? [focused.selectionStart, focused.selectionEnd] : undefined
  const typedSince = fieldsOf(row).filter((field) => field.value !== sent.get(field.name))
  const placed = document.importNode(fresh, true)
  if (typedSince.length > 0) placed.classList.add('is-dirty')
  for (const old of typedSince) {
    const field = fieldIn(placed, old.name)
    if (field) field.value = old.value
  }
  row.replaceWith(placed)
  if (focused) {
    const field = focused.name ? fieldIn(placed, focused.name) : placed.querySelector('.order-save button')
    field?.focus()
    if (caret && field?.setSelectionRange) field.setSelectionRange(...caret)
  }
  if (again) save(placed)
}

function failed(row, text) {
  const state = stateOf(row)
  state.isSaving = false
  row.classList.remove('is-saving')
  row.classList.add('is-dirty')
  const notes = row.querySelector('.order-notes')
  notes.hidden = false
  let note = notes.querySelector('.order-failed')
  if (!note) {
    note = document.createElement('p')
    note.className = 'order-failed order-conflict'
    note.setAttribute('role', 'alert')
    notes.firstElementChild.prepend(note)
  }
  note.textContent = text
}

const isTyped = (field) => {
  if (!field.options) return field.value !== field.defaultValue
  const chosen = [...field.options].findIndex((option) => option.defaultSelected)
  return field.selectedIndex !== Math.max(chosen, 0)
}

/** A save that is under way gets through; what came back refused stands in its fields as if it had been there before. */
function isRowUnsaved(row) {
  const isDirty = row.classList.contains('is-dirty')
  if (row.classList.contains('is-saving') && !isDirty) return false
  return row.matches('.is-conflict, :has(.is-invalid)') || (isDirty && fieldsOf(row).some(isTyped))
}

const ORDER_FIELDS = 'select, textarea, input:not([type="hidden"])'
const isFormUnsaved = (form) =>
  form.matches(':has(.is-invalid), :has(.order-conflict)') || [...form.querySelectorAll(ORDER_FIELDS)].some(isTyped)

let sentForm
document.addEventListener('submit', (event) => {
  if (!event.defaultPrevented) sentForm = event.target
})
addEventListener('beforeunload', (event) => {
  const forms = [...document.querySelectorAll('form[data-order-form]')].filter((form) => form !== sentForm)
  if ([...document.querySelectorAll('[data-order-row]')].some(isRowUnsaved) || forms.some(isFormUnsaved)) {
    event.preventDefault()
  }
})
