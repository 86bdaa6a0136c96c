import { describe, expect, it } from 'vitest';
import type { MeterUnit, Target } from '../../../agent/core/collector.ts';
import type { CoverageSpan } from '../../../agent/core/store.ts';
import { dayMs, hourMs, isoUtc, minuteMs } from '../../../agent/core/time.ts';
import type { Window } from '../../../agent/core/time.ts';
import { dueWindows, dueWithin, headOf, recentWindow } from '../../../agent/schedule/due.ts';
import type { DueWindow } from '../../../agent/schedule/due.ts';
import { targetOf } from '../../support/ledger-world.ts';

const now = Date.UTC(2026, 10, 20, 12, 34, 56);
const settings = {
  overlapSeconds: 1_800,
  backfillSeconds: 2 * 86_400,
  minuteRetentionSeconds: 15 * 86_400,
};
/** Where the overlap window begins and due windows end. */
const edge = Date.UTC(2026, 10, 20, 12, 3);

function target(units: number, change: Partial<Target> = {}): Target {
  const series = Array.from({ length: units }, (_, index) => ({
    rowId: 'in',
    dimensions: { ModelId: `m${index}` },
    values: [],
  }));
  return { ...targetOf(series), ...change };
}

/** A target whose meters have many statistics. */
function wide(units: number, statistics: number): Target {
  const rows = target(0).rows.map((row) => ({
    ...row,
    statistics: Array.from({ length: statistics }, (_, index) => `p${index}`),
  }));
  return target(units, { rows });
}

const [first, second] = target(2).units as [MeterUnit, MeterUnit];

function at(day: number, hour: number, minute = 0): number {
  return Date.UTC(2026, 10, day, hour, minute);
}

function read(window: Window, settled = true, periodSeconds = 60): CoverageSpan {
  return { ...window, settled, periodSeconds };
}

/** `18 05:30–18 06:00`, one a window. */
function told(due: readonly DueWindow[]): readonly string[] {
  const clock = (instant: number) => isoUtc(instant).slice(8, 16).replace('T', ' ');
  return due.map(({ window, periodSeconds }) => {
    const grain = periodSeconds === 60 ? '' : ' by the hour';
    return `${clock(window.start)}–${clock(window.end)}${grain}`;
  });
}

const horizon = { start: now - 2 * dayMs, end: edge };

describe('the recent window', () => {
  it('ends with the last whole minute that is a minute old and begins the overlap before', () => {
    expect(headOf(now)).toBe(at(20, 12, 33));
    expect(recentWindow(target(2), now, settings)).toEqual({
      window: { start: at(20, 12, 3), end: at(20, 12, 33) },
      periodSeconds: 60,
      units: target(2).units,
    });
  });

  it('is whole minutes where the overlap is not', () => {
    const odd = { ...settings, overlapSeconds: 1_790 };
    expect(told([recentWindow(target(1), now, odd)])).toEqual(['20 12:03–20 12:33']);
  });

  it('is not shorter than the slowest meter settles, so that what it leaves is read once more', () => {
    const short = { ...settings, overlapSeconds: 120 };
    expect(told([recentWindow(target(1), now, short)])).toEqual(['20 12:23–20 12:33']);
  });
});

describe('what is due', () => {
  const cases: readonly [string, Readonly<Record<string, readonly CoverageSpan[]>>, string[]][] = [
    [
      'of a target never read: the whole horizon by whole UTC days, newest first',
      {},
      ['20 00:00–20 12:03', '19 00:00–20 00:00', '18 12:35–19 00:00'],
    ],
    ['of a target read and settled: nothing', { m0: [read(horizon)] }, []],
    [
      'of what was read but not after it settled: that, once it left the overlap',
      { m0: [read({ start: horizon.start, end: at(20, 11, 50) }), read(minutes(50, 63), false)] },
      ['20 11:50–20 12:03'],
    ],
    [
      'of an outage: what it left out',
      { m0: [read({ start: 0, end: at(19, 6) }), read({ start: at(20, 9), end: now })] },
      ['20 00:00–20 09:00', '19 06:00–20 00:00'],
    ],
    [
      'of two gaps in a day: the newer one first',
      {
        m0: [
          read({ start: 0, end: at(20, 2) }),
          read({ start: at(20, 3), end: at(20, 5) }),
          read({ start: at(20, 6), end: now }),
        ],
      },
      ['20 05:00–20 06:00', '20 02:00–20 03:00'],
    ],
    [
      'where minutes are kept, of what was read by the hour only: the minutes',
      {
        m0: [read({ start: 0, end: at(20, 0) }), read({ start: at(20, 0), end: now }, true, 3_600)],
      },
      ['20 00:00–20 12:03'],
    ],
  ];
  it.each(cases)('%s', (_what, coverage, expected) => {
    const one = target(1);
    expect(told(dueWindows(one, byKey(one, coverage), now, settings))).toEqual(expected);
  });

  it('of a newly listed series: the horizon, and nothing of the series that were there', () => {
    const due = dueWindows(target(2), new Map([[first.key, [read(horizon)]]]), now, settings);
    expect(told(due)).toEqual(['20 00:00–20 12:03', '19 00:00–20 00:00', '18 12:35–19 00:00']);
    expect(due.map(({ units }) => units)).toEqual([[second], [second], [second]]);
  });

  it('of series that miss the same: one window with all of them', () => {
    const due = dueWindows(target(2), new Map(), now, settings);
    expect(due.map(({ units }) => units)).toEqual([
      [first, second],
      [first, second],
      [first, second],
    ]);
  });

  it('of a series that misses more than another: each piece with those that miss it', () => {
    const coverage = new Map([
      [first.key, [read({ start: at(19, 0), end: now })]],
      [second.key, [read({ start: at(20, 0), end: now })]],
    ]);
    const due = dueWindows(target(2), coverage, now, settings);
    expect(told(due)).toEqual(['19 00:00–20 00:00', '18 12:35–19 00:00']);
    expect(due.map(({ units }) => units)).toEqual([[second], [first, second]]);
  });

  it('is cut into shorter pieces where one traffic alone has much to tell, so that no answer grows too large', () => {
    const until = { ...settings, overlapSeconds: 33 * 60 };
    const lengths = [2, 20, 40, 80, 120, 200, 1_000].map((columns) => {
      const [newest] = dueWindows(wide(1, columns), new Map(), now, until);
      return newest === undefined ? 0 : (newest.window.end - newest.window.start) / minuteMs;
    });
    expect(lengths).toEqual([12 * 60, 12 * 60, 6 * 60, 3 * 60, 2 * 60, 60, 30]);
  });

  it('is cut by series where many traffics have: each is read over as long a span as alone, for calls are paid by series', () => {
    const due = dueWindows(wide(100, 1), new Map(), now, settings);
    expect([...new Set(told(due))]).toEqual([
      '20 00:00–20 12:03',
      '19 00:00–20 00:00',
      '18 12:35–19 00:00',
    ]);
    const counts = due.map(({ units }) => units.length);
    expect(counts.join(' ')).toBe('20 20 20 20 20 10 10 10 10 10 10 10 10 10 10 21 21 21 21 16');
  });

  it('is nothing of a target without series', () => {
    expect(dueWindows(target(0), new Map(), now, settings)).toEqual([]);
  });
});

describe('grain and reach', () => {
  const short = { ...settings, minuteRetentionSeconds: 86_400 };

  it('goes by the hour where the ledger keeps no minutes any more', () => {
    const due = dueWindows(target(1), new Map(), now, short);
    expect(told(due)).toEqual([
      '20 00:00–20 12:03',
      '19 13:00–20 00:00',
      '18 13:00–19 13:00 by the hour',
    ]);
  });

  it('goes by the hour where the cloud keeps no minutes any more', () => {
    const kept = [
      { periodSeconds: 60, ageSeconds: 10 * 3_600 },
      { periodSeconds: 3_600, ageSeconds: 40 * 3_600 },
    ];
    const due = dueWindows(target(1, { retention: kept }), new Map(), now, settings);
    expect(told(due)).toEqual(['20 03:00–20 12:03', '18 21:00–20 03:00 by the hour']);
  });

  it('leaves out what the cloud no longer keeps, with ten minutes to spare for the call', () => {
    const kept = [{ periodSeconds: 60, ageSeconds: 9 * 3_600 + 36 * 60 }];
    const due = dueWindows(target(1, { retention: kept }), new Map(), now, settings);
    expect(told(due)).toEqual(['20 04:00–20 12:03']);
  });

  it('is nothing where the cloud keeps nothing', () => {
    expect(dueWindows(target(1, { retention: [] }), new Map(), now, settings)).toEqual([]);
  });

  it('asks for no hour whose minutes were read', () => {
    const coverage = new Map([[first.key, [read(horizon)]]]);
    expect(dueWindows(target(1), coverage, now, short)).toEqual([]);
  });

  it('asks for whole hours where the minutes stopped inside one', () => {
    const coverage = new Map([
      [
        first.key,
        [read({ start: 0, end: at(18, 20, 37) }), read({ start: at(18, 23, 12), end: now })],
      ],
    ]);
    expect(told(dueWindows(target(1), coverage, now, short))).toEqual([
      '18 20:00–19 00:00 by the hour',
    ]);
  });

  it('reads as many whole days of hours at once as one answer may hold', () => {
    const year = { ...short, backfillSeconds: 300 * 86_400 };
    const days = [50, 1_000].map((columns) => {
      const due = dueWindows(wide(1, columns), new Map(), now, year);
      const byHour = due.filter(({ periodSeconds }) => periodSeconds === 3_600);
      const inner = byHour.slice(1, -1).map(({ window }) => (window.end - window.start) / dayMs);
      expect(byHour.every(({ window }) => window.start % hourMs === 0)).toBe(true);
      expect(byHour[0]?.window.start).toBe(
        Math.floor((byHour[0]?.window.start ?? 0) / dayMs) * dayMs,
      );
      return [...new Set(inner)];
    });
    expect(days).toEqual([[12], [1]]);
  });
});

describe('any span', () => {
  it('may reach back beyond the horizon and up to the head', () => {
    const due = dueWithin(target(1), new Map(), now, settings, {
      start: at(17, 22),
      end: headOf(now),
    });
    expect(told(due)).toEqual([
      '20 00:00–20 12:33',
      '19 00:00–20 00:00',
      '18 00:00–19 00:00',
      '17 22:00–18 00:00',
    ]);
  });

  it('is only its whole minutes, and its whole hours where it goes by the hour', () => {
    const odd = (from: number, to: number) => ({ start: from + 1, end: to + 30_000 });
    const byMinute = dueWithin(target(1), new Map(), now, settings, odd(at(20, 9), at(20, 9, 5)));
    expect(told(byMinute)).toEqual(['20 09:01–20 09:05']);
    const short = { ...settings, minuteRetentionSeconds: 0 };
    const hours = dueWithin(target(1), new Map(), now, short, odd(at(20, 6, 30), at(20, 9, 30)));
    expect(told(hours)).toEqual(['20 07:00–20 09:00 by the hour']);
  });

  it('is nothing where it ends before it begins', () => {
    expect(
      dueWithin(target(1), new Map(), now, settings, { start: now, end: now - hourMs }),
    ).toEqual([]);
  });
});

function minutes(from: number, to: number): Window {
  return { start: at(20, 11, from), end: at(20, 11, to) };
}

/** Coverage by the model's short name. */
function byKey(of: Target, spans: Readonly<Record<string, readonly CoverageSpan[]>>) {
  return new Map(of.units.map((unit) => [unit.key, spans[unit.dimensions['ModelId'] ?? ''] ?? []]));
}
