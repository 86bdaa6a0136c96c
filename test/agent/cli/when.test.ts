import { expect, it } from 'vitest';
import { parseWhen } from '../../../agent/cli/when.ts';
import { WrongUseError } from '../../../agent/cli/wrong-use.ts';
import { dayMs, hourMs, minuteMs } from '../../../agent/core/time.ts';

const midnight = Date.UTC(2026, 10, 23);
const now = midnight + 12 * hourMs + 1;

it.each([
  ['now', now],
  ['today', midnight],
  ['Yesterday', midnight - dayMs],
  ['-24h', now - 24 * hourMs],
  ['-1h30m', now - 90 * minuteMs],
  ['2w ago', now - 14 * dayMs],
  ['30m  ago', now - 30 * minuteMs],
  ['2026-11-20', Date.UTC(2026, 10, 20)],
  ['2026-11-20T10:00+01:00', Date.UTC(2026, 10, 20, 9)],
  [String(midnight), midnight],
])('%s is a time', (text, instant) => {
  expect(parseWhen(text, now, '--from')).toBe(instant);
});

it.each(['', '-', 'ago', '24h', '-24', '1.5h ago', 'tomorrow', '2026-13-01', '-1mo'])(
  '"%s" is none, and the answer says what is',
  (text) => {
    expect(() => parseWhen(text, now, '--from')).toThrow(WrongUseError);
    expect(() => parseWhen(text, now, '--from')).toThrow(/yesterday, -24h/);
  },
);
