const levelNames: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};

/** A JSON log line as people read it: time, level, message, then `key=value`. */
export function textLines(jsonLine: string): string {
  const line: Readonly<Record<string, unknown>> = JSON.parse(jsonLine);
  const { time, level, msg, ...fields } = line;
  const shown = Object.entries(fields).map(([key, value]) => `${key}=${valueText(value)}`);
  return `${[String(time), (levelNames[Number(level)] ?? String(level)).padEnd(5), String(msg), ...shown].join(' ')}\n`;
}

function valueText(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  return /[\s"=]/.test(value) || value === '' ? JSON.stringify(value) : value;
}
