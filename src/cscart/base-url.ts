/**
 * Brings whatever a merchant pastes to the shop's root: `https://shop.example/sub/admin.php?dispatch=…` becomes
 * `https://shop.example/sub/`. An address without a scheme is taken as https.
 * @returns the root with a slash at its end, or the Japanese message for the field
 */
export function shopRoot(pasted: string): { ok: true; url: string } | { ok: false; message: string } {
  throw new Error(`not written yet: ${pasted}`)
}
