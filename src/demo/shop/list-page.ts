/**
 * One page of a list. Past the end it is the last page again (`clamp`) or empty; a size of 0 is all of them.
 */
export function listPage<T>(
  all: readonly T[],
  asked: number,
  size: number,
  pastEnd: 'clamp' | 'empty',
): { rows: readonly T[]; page: number } {
  if (size <= 0) return { rows: all, page: Math.max(1, asked) }
  const last = Math.max(1, Math.ceil(all.length / size))
  const page = Math.max(1, pastEnd === 'clamp' ? Math.min(asked, last) : asked)
  return { rows: all.slice((page - 1) * size, page * size), page }
}
