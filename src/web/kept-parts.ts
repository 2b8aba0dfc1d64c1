import { randomUUID } from 'node:crypto'
import type { Eta } from 'eta'
import type { Format } from './format.ts'

export type KeptParts = ReturnType<typeof keptParts>

/** What a kept part has in `it` besides its data: nothing that differs from one request to the next. */
export type PartContext = { fmt: Omit<Format, 'ago'> }

/**
 * Keeps parts of pages as the bytes that are sent. The fifty rows of a list are nine tenths of their page; while they are the
 * same, they are neither rendered nor put into UTF-8 anew. What is kept goes with its data: whoever reads them anew, and so gives
 * another object, gets another part.
 */
export function keptParts(templates: Eta, context: PartContext) {
  // Nobody outside sees a mark, and nobody can guess one: text from a shop or a form cannot stand for a part or for the token.
  const id = randomUUID()
  const csrfMark = `${id}-csrf`
  const partMark = new RegExp(`${id}-(\\d+);`)
  /** What stands before, between and after the tokens of a part's forms. */
  const kept = new WeakMap<object, { name: string; pieces: readonly Buffer[] }>()

  function piecesOf(name: string, data: object): readonly Buffer[] {
    const known = kept.get(data)
    if (known?.name === name) return known.pieces
    const text = templates.render(name, { ...context, ...data, csrf: csrfMark })
    const pieces = text.split(csrfMark).map((piece) => Buffer.from(piece))
    kept.set(data, { name, pieces })
    return pieces
  }

  return {
    /** The parts of one page; `csrf` is the token for all of its forms. */
    forPage(csrf: string) {
      const parts: (readonly Buffer[])[] = []
      return {
        /**
         * For templates, as `it.kept`: like `include`, for a part that many requests show alike.
         * @param data the same object, unchanged, for as long as the part is the same; the template finds what is in it in `it`, with
         *   `it.fmt` (but for `ago`) and `it.csrf`, and no more
         * @returns what stands for the part until `bytesOf` puts it in; to be printed unescaped
         */
        kept: (name: string, data: object): string => `${id}-${parts.push(piecesOf(name, data)) - 1};`,
        /** The page as it is sent. */
        bytesOf(html: string): Buffer {
          if (parts.length === 0) return Buffer.from(html)
          const token = Buffer.from(csrf)
          // Split at a pattern with a group: text, number of a part, text and so on.
          const pieces = html.split(partMark).flatMap((text, at) => {
            if (at % 2 === 0) return [Buffer.from(text)]
            return (parts[Number(text)] ?? []).flatMap((piece, place) => (place === 0 ? [piece] : [token, piece]))
          })
          return Buffer.concat(pieces)
        },
      }
    },
  }
}
