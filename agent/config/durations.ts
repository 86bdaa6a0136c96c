/** Largest first, as they are written. */
const units = [
  ['w', 604_800],
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const;
const spelling = /^(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/;

/** The longest span a setting may name: 100 years, in seconds. */
export const longestSeconds = 36_525 * 86_400;

/**
 * Seconds of `30s`, `5m`, `1h30m`, `14d`, `2w`: whole numbers, largest unit first, `m` for minutes. Undefined for anything
 * else, an empty text or a span above {@link longestSeconds}.
 */
export function parseDuration(text: string): number | undefined {
  const parts = spelling.exec(text);
  if (parts === null || text === '') return undefined;
  const seconds = units.reduce(
    (total, [, unitSeconds], index) => total + Number(parts[index + 1] ?? 0) * unitSeconds,
    0,
  );
  return seconds <= longestSeconds ? seconds : undefined;
}

/** The shortest spelling that {@link parseDuration} reads back as the same whole number of seconds. */
export function formatDuration(seconds: number): string {
  let rest = seconds;
  let text = '';
  for (const [unit, unitSeconds] of units) {
    const count = Math.floor(rest / unitSeconds);
    rest -= count * unitSeconds;
    if (count > 0) text += `${count}${unit}`;
  }
  return text === '' ? '0s' : text;
}
