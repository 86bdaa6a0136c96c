const levelNames: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};

/**
 * JSON log lines as people read them: time, level, message, then `key=value`, one line a record. What is no JSON object
 * stays as it is. No control character is left in a line, whatever a record carries.
 */
export function textLines(jsonLines: string): string {
  return jsonLines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => `${textLine(line)}\n`)
    .join('');
}

function textLine(jsonLine: string): string {
  const record = parsed(jsonLine);
  if (record === undefined) return printable(jsonLine);
  const { time, level, msg, ...fields } = record;
  const head = [time, levelNames[Number(level)]?.padEnd(5) ?? level, msg];
  const parts = [
    ...head
      .filter((part) => part !== undefined)
      .map((part) => (typeof part === 'string' ? part : JSON.stringify(part))),
    ...Object.entries(fields).map(
      ([key, value]) =>
        `${quoted(key)}=${typeof value === 'string' ? quoted(value) : JSON.stringify(value)}`,
    ),
  ];
  return printable(parts.length === 0 ? jsonLine : parts.join(' '));
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** As it is where it is one word, else in quotes. */
function quoted(text: string): string {
  const bare = text !== '' && !/[\s"=\\\p{Cc}\p{Cf}]/u.test(text);
  return bare ? text : JSON.stringify(text);
}

/** Line ends, escape sequences and what turns the reading direction, spelled out. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const short = JSON.stringify(character).slice(1, -1);
    if (short !== character) return short;
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`;
  });
}
