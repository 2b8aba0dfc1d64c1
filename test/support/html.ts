/** Reads answered pages as a person does: by title, label and text. Enough for our own, well-formed HTML. */

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' }

export function decode(text: string): string {
  return text
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replace(/&#x([\da-f]+);/gi, (_, code) => String.fromCodePoint(Number.parseInt(code, 16)))
    .replace(/&(\w+);/g, (whole, name) => ENTITIES[name] ?? whole)
}

/** The words of a page without tags, scripts and doubled blanks. */
export function textOf(html: string): string {
  return decode(
    html
      .replace(/<(script|style|head)\b[\s\S]*?<\/\1>/g, ' ')
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' '),
  ).trim()
}

/** The attributes of one opening tag, decoded; a bare attribute is ''. */
export function attributesOf(tag: string): Record<string, string> {
  const attributes: Record<string, string> = {}
  for (const [, name = '', , double, single] of tag
    .replace(/^<[\w-]+/, '')
    .matchAll(/([^\s=>"'/]+)(\s*=\s*(?:"([^"]*)"|'([^']*)'))?/g)) {
    attributes[name] = decode(double ?? single ?? '')
  }
  return attributes
}

/** Every opening tag of an element, in order. */
export function tags(html: string, element: string): { tag: string; attributes: Record<string, string>; at: number }[] {
  const pattern = new RegExp(`<${element}\\b(?:"[^"]*"|'[^']*'|[^>"'])*>`, 'g')
  return [...html.matchAll(pattern)].map((match) => ({
    tag: match[0],
    attributes: attributesOf(match[0]),
    at: match.index,
  }))
}

export type Field = {
  name: string
  value: string
  checked: boolean
  invalid: boolean
  error: string
  attributes: Record<string, string>
}

/**
 * The form field that a label names: a `<label for>` or one that wraps its field, or an `aria-label`.
 * @throws where there is none, naming the labels that there are
 */
export function fieldOf(html: string, label: string): Field {
  const fields = ['input', 'select', 'textarea'].flatMap((element) =>
    tags(html, element).map((found) => ({ ...found, element })),
  )
  const labels = labelsOf(html)
  const matching = labels.find((one) => one.text === label) ?? labels.find((one) => one.text.startsWith(label))
  const field =
    (matching?.for ? fields.find((one) => one.attributes.id === matching.for) : undefined) ??
    (matching ? fields.find((one) => one.at > matching.from && one.at < matching.to) : undefined) ??
    fields.find((one) => one.attributes['aria-label'] === label)
  if (!field) throw new Error(`no field is labelled ${label}; labels: ${labels.map((one) => one.text).join(', ')}`)
  const rest = html.slice(field.at + field.tag.length)
  const { attributes } = field
  return {
    name: attributes.name ?? '',
    value: field.element === 'input' ? (attributes.value ?? '') : shownValue(field.element, rest),
    checked: 'checked' in attributes,
    invalid: attributes['aria-invalid'] === 'true',
    error: (attributes['aria-describedby'] ?? '')
      .split(/\s+/)
      .filter((id) => id.includes('error'))
      .map((id) => textById(html, id))
      .join(' '),
    attributes,
  }
}

function shownValue(element: string, rest: string): string {
  const inner = rest.slice(0, rest.indexOf(`</${element}>`))
  if (element === 'textarea') return decode(inner).replace(/^\n/, '')
  const options = tags(inner, 'option')
  return (options.find((option) => 'selected' in option.attributes) ?? options[0])?.attributes.value ?? ''
}

/** All labels with the stretch of the page that each covers. */
export function labelsOf(html: string): { text: string; for: string | undefined; from: number; to: number }[] {
  return tags(html, 'label').map(({ tag, attributes, at }) => {
    const end = html.indexOf('</label>', at)
    return { text: textOf(html.slice(at + tag.length, end)), for: attributes.for, from: at, to: end }
  })
}

/** The words of the element with an id, up to the end of that element's line of the same tag; '' where there is none. */
export function textById(html: string, id: string): string {
  const open = new RegExp(`<(\\w+)[^>]*\\bid="${id}"[^>]*>`).exec(html)
  if (!open) return ''
  const from = open.index + open[0].length
  const end = html.indexOf(`</${open[1]}>`, from)
  return textOf(html.slice(from, end === -1 ? undefined : end))
}

/** The rows of the nth table (from 0) as the words of their cells, head row included. */
export function rowsOf(html: string, table = 0): string[][] {
  const found = [...html.matchAll(/<table\b[\s\S]*?<\/table>/g)][table]?.[0] ?? ''
  return [...found.matchAll(/<tr\b[\s\S]*?<\/tr>/g)].map((row) =>
    [...row[0].matchAll(/<t[hd]\b[^>]*>([\s\S]*?)<\/t[hd]>/g)].map((cell) => textOf(cell[1] ?? '')),
  )
}
