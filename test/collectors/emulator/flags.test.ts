import { describe, expect, it } from 'vitest';
import { readFlags } from '../../../collectors/emulator/flags.ts';

const now = Date.parse('2026-11-18T12:00:00Z');

describe('the flags', () => {
  it.each<[string, readonly string[], ReturnType<typeof readFlags>]>([
    ['none: the wall clock at free ports', [], { speed: 1, startAt: now, port: 0 }],
    [
      'all, the start in ISO 8601',
      ['--speed', '0.5', '--start-at', '2026-11-01T00:00:00Z', '--port', '4566'],
      { speed: 0.5, startAt: Date.parse('2026-11-01T00:00:00Z'), port: 4566 },
    ],
    [
      'the start in epoch milliseconds',
      ['--start-at', '1790000000000'],
      { speed: 1, startAt: 1_790_000_000_000, port: 0 },
    ],
  ])('may be %s', (_name, args, wanted) => {
    expect(readFlags(args, now)).toEqual(wanted);
  });

  it.each([
    ['a speed in words', ['--speed', 'fast'], '--speed must be a number above 0, not fast'],
    ['a clock that stands', ['--speed', '0'], '--speed'],
    ['a clock that runs back', ['--speed=-1'], '--speed'],
    ['a time in words', ['--start-at', 'tomorrow'], '--start-at is no time: tomorrow'],
    ['a port with no two after it', ['--port', '65534'], '--port'],
    ['a flag that is none', ['--fast'], '--fast'],
    ['a word that belongs to no flag', ['demo'], 'demo'],
  ])('may not have %s', (_name, args, message) => {
    expect(() => readFlags(args, now)).toThrow(message);
  });
});
