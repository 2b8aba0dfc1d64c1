import type { FastifyInstance, FastifyRequest } from 'fastify'

const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '')

/**
 * A refused form is answered under the form's own address, which then stands in the browser and is no page: whoever loads it anew
 * would read that it does not exist. Call it before any route is added.
 * @returns gives the address of the page that a form's address belongs to, the nearest one above it; undefined for other addresses
 */
export function rememberFormAddresses(app: FastifyInstance): (request: FastifyRequest) => string | undefined {
  const pages: string[][] = []
  const forms: string[][] = []
  app.addHook('onRoute', ({ method, url }) => {
    const methods = [method].flat()
    if (methods.includes('GET')) pages.push(partsOf(url))
    if (methods.includes('POST')) forms.push(partsOf(url))
  })
  const isOneOf = (routes: readonly string[][], path: readonly string[]) =>
    routes.some(
      (route) => route.length === path.length && route.every((part, at) => part.startsWith(':') || part === path[at]),
    )

  return ({ method, url }) => {
    const path = partsOf(url.split('?')[0] ?? '')
    if (method !== 'GET' || !isOneOf(forms, path)) return undefined
    do path.pop()
    while (path.length > 0 && !isOneOf(pages, path))
    return `/${path.join('/')}`
  }
}
