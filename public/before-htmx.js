// Chromium 143 has a Document.parseHTMLUnsafe that throws when it is given options, as htmx does; without the function htmx takes its other way.
try {
  Document.parseHTMLUnsafe?.('', {})
} catch {
  Document.parseHTMLUnsafe = undefined
}
