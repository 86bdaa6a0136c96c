const stringOrNumber = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * The JSON text with every number `1.50` as `{ written: '1.50' }`, so that an amount is what was sent and not what a float makes of it.
 * Throws SyntaxError where it is no JSON.
 */
export function parseExact(text: string): unknown {
  JSON.parse(text);
  return JSON.parse(
    text.replaceAll(stringOrNumber, (token) =>
      token.startsWith('"') ? token : `{"written":"${token}"}`,
    ),
  );
}
