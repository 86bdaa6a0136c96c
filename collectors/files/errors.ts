/** A billing file, or one row of it, that cannot be read. Its message says where, what stands there and what to do. */
export class BillFileError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BillFileError';
  }
}

const longestValue = 40;

/** A value of a file as a message may carry it: short, and without characters that move a cursor. */
export function quoted(value: string): string {
  const text = value.replaceAll(/[\p{Cc}\p{Cf}]/gu, '\u{FFFD}');
  const characters = Array.from(text);
  return characters.length <= longestValue
    ? `"${text}"`
    : `"${characters.slice(0, longestValue).join('')}…"`;
}
