import type { Answer } from './answer.ts'
import type { CsCartRequest } from './calls.ts'
import { excerpt, maskPage, maskValue, withoutSecrets } from './mask.ts'

/** One request to CS-Cart and its answer, freed of secrets and personal data. */
export type Exchange = {
  /** ms UTC. */
  at: number
  method: string
  path: string
  requestBody?: string
  status?: number
  answer?: string
  ms: number
}

const LONGEST = 2000

/**
 * What is kept of one HTTP request. The headers, and with them the key, are never part of it.
 * @param of `answer` is undefined where none came
 */
export function exchangeOf(of: {
  at: number
  ms: number
  path: string
  request: CsCartRequest<unknown>
  answer: Answer | undefined
  secrets: readonly string[]
}): Exchange {
  const { at, ms, path, request, answer, secrets } = of
  const shown = (text: string): string => excerpt(withoutSecrets(text, secrets), LONGEST)
  return {
    at,
    method: request.method,
    path: shown(path.replaceAll('%5B%5D', '[]').replaceAll('%2C', ',')),
    ...(request.body ? { requestBody: shown(requestText(request.body)) } : {}),
    ...(answer ? { status: answer.status, answer: shown(answerText(answer)) } : {}),
    ms,
  }
}

/** Comments that we send hold further slip numbers, which are to be seen. */
function requestText(body: Readonly<Record<string, unknown>>): string {
  const { comments, ...rest } = body
  return JSON.stringify({ ...Object(maskValue(rest)), ...(comments === undefined ? {} : { comments }) })
}

function answerText(answer: Answer): string {
  const text = new TextDecoder().decode(answer.bytes)
  try {
    if (answer.bytes.length <= MOST_BYTES) return JSON.stringify(maskValue(JSON.parse(text)))
  } catch {
    // No JSON: its words, as far as they can be shown.
  }
  const words = maskPage(text)
  return words === '' || words === '…' ? `（${answer.bytes.length}バイト）` : words
}

/** Masking a larger answer only to show its start is not worth the time. */
const MOST_BYTES = 2_000_000
