/**
 * Import this before anything that imports Drizzle: its CommonJS build is loaded instead of its ES modules.
 *
 * Node asks a package's `package.json` for the type of each of its `.js` files, and Drizzle's names every file (180 kB): its
 * hundreds of modules cost half of the program's start and 100 MB of garbage. The `.cjs` files are never asked about.
 */
import { registerHooks } from 'node:module'

const COMMONJS = ['require', 'node', 'default']

registerHooks({
  resolve: (specifier, context, nextResolve) =>
    nextResolve(specifier, /^drizzle-orm(\/|$)/.test(specifier) ? { ...context, conditions: COMMONJS } : context),
})
