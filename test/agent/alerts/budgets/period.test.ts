import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastDayOf, periodAt } from '../../../../agent/alerts/budgets/period.ts';
import type { PeriodKind } from '../../../../agent/alerts/budgets/period.ts';
import { zoneOf } from '../../../../agent/alerts/budgets/zone.ts';
import { hourMs, isoUtc, secondMs } from '../../../../agent/core/time.ts';

const kinds: readonly PeriodKind[] = ['day', 'week', 'month', 'quarter'];

const periods: readonly {
  readonly says: string;
  readonly kind: PeriodKind;
  readonly zone: string;
  readonly at: string;
  readonly start: string;
  readonly end: string;
  readonly hours: number;
}[] = [
  {
    says: 'a plain month',
    kind: 'month',
    zone: 'UTC',
    at: '2026-11-23T12:00:00Z',
    start: '2026-11-01T00:00:00Z',
    end: '2026-12-01T00:00:00Z',
    hours: 720,
  },
  {
    says: 'a month of Berlin in which summer time begins has an hour less',
    kind: 'month',
    zone: 'Europe/Berlin',
    at: '2026-03-10T00:00:00Z',
    start: '2026-02-28T23:00:00Z',
    end: '2026-03-31T22:00:00Z',
    hours: 743,
  },
  {
    says: 'and one in which it ends an hour more',
    kind: 'month',
    zone: 'Europe/Berlin',
    at: '2026-10-31T22:59:59Z',
    start: '2026-09-30T22:00:00Z',
    end: '2026-10-31T23:00:00Z',
    hours: 745,
  },
  {
    says: 'a day of 23 hours',
    kind: 'day',
    zone: 'Europe/Berlin',
    at: '2026-03-29T12:00:00Z',
    start: '2026-03-28T23:00:00Z',
    end: '2026-03-29T22:00:00Z',
    hours: 23,
  },
  {
    says: 'a day of 25 hours',
    kind: 'day',
    zone: 'America/New_York',
    at: '2026-11-01T12:00:00Z',
    start: '2026-11-01T04:00:00Z',
    end: '2026-11-02T05:00:00Z',
    hours: 25,
  },
  {
    says: 'a leap day',
    kind: 'day',
    zone: 'Asia/Tokyo',
    at: '2028-02-29T03:00:00Z',
    start: '2028-02-28T15:00:00Z',
    end: '2028-02-29T15:00:00Z',
    hours: 24,
  },
  {
    says: 'a February of a leap year',
    kind: 'month',
    zone: 'UTC',
    at: '2028-02-29T23:59:59Z',
    start: '2028-02-01T00:00:00Z',
    end: '2028-03-01T00:00:00Z',
    hours: 696,
  },
  {
    says: 'a February of 1900, which was none',
    kind: 'month',
    zone: 'UTC',
    at: '1900-02-10T00:00:00Z',
    start: '1900-02-01T00:00:00Z',
    end: '1900-03-01T00:00:00Z',
    hours: 672,
  },
  {
    says: 'a week that begins on Monday, asked on Sunday',
    kind: 'week',
    zone: 'Europe/Berlin',
    at: '2026-11-22T22:59:59Z',
    start: '2026-11-15T23:00:00Z',
    end: '2026-11-22T23:00:00Z',
    hours: 168,
  },
  {
    says: 'the week over New Year',
    kind: 'week',
    zone: 'UTC',
    at: '2027-01-01T00:00:00Z',
    start: '2026-12-28T00:00:00Z',
    end: '2027-01-04T00:00:00Z',
    hours: 168,
  },
  {
    says: 'the last quarter',
    kind: 'quarter',
    zone: 'America/Los_Angeles',
    at: '2026-11-23T12:00:00Z',
    start: '2026-10-01T07:00:00Z',
    end: '2027-01-01T08:00:00Z',
    hours: 2_209,
  },
  {
    says: 'a day whose midnight Sao Paulo skipped begins at one',
    kind: 'day',
    zone: 'America/Sao_Paulo',
    at: '2018-11-04T12:00:00Z',
    start: '2018-11-04T03:00:00Z',
    end: '2018-11-05T02:00:00Z',
    hours: 23,
  },
  {
    says: 'the day before has its 25 hours where a midnight goes back',
    kind: 'day',
    zone: 'America/Sao_Paulo',
    at: '2019-02-16T12:00:00Z',
    start: '2019-02-16T02:00:00Z',
    end: '2019-02-17T03:00:00Z',
    hours: 25,
  },
  {
    says: 'a midnight that Cairo skips',
    kind: 'day',
    zone: 'Africa/Cairo',
    at: '2026-04-24T12:00:00Z',
    start: '2026-04-23T22:00:00Z',
    end: '2026-04-24T21:00:00Z',
    hours: 23,
  },
  {
    says: 'a zone of three quarters of an hour',
    kind: 'day',
    zone: 'Asia/Kathmandu',
    at: '2026-11-23T12:00:00Z',
    start: '2026-11-22T18:15:00Z',
    end: '2026-11-23T18:15:00Z',
    hours: 24,
  },
  {
    says: 'a change of half an hour',
    kind: 'day',
    zone: 'Australia/Lord_Howe',
    at: '2026-10-03T20:00:00Z',
    start: '2026-10-03T13:30:00Z',
    end: '2026-10-04T13:00:00Z',
    hours: 23.5,
  },
  {
    says: 'fourteen hours ahead',
    kind: 'month',
    zone: 'Pacific/Kiritimati',
    at: '2026-11-30T10:00:00Z',
    start: '2026-11-30T10:00:00Z',
    end: '2026-12-31T10:00:00Z',
    hours: 744,
  },
  {
    says: 'twelve hours behind',
    kind: 'month',
    zone: 'Etc/GMT+12',
    at: '2026-12-01T11:59:59Z',
    start: '2026-11-01T12:00:00Z',
    end: '2026-12-01T12:00:00Z',
    hours: 720,
  },
  {
    says: 'the day before the one that Samoa left out',
    kind: 'day',
    zone: 'Pacific/Apia',
    at: '2011-12-30T00:00:00Z',
    start: '2011-12-29T10:00:00Z',
    end: '2011-12-30T10:00:00Z',
    hours: 24,
  },
  {
    says: 'an hour that is shown again after midnight belongs to the new day',
    kind: 'day',
    zone: 'America/St_Johns',
    at: '2010-11-07T03:00:00Z',
    start: '2010-11-07T02:30:00Z',
    end: '2010-11-08T03:30:00Z',
    hours: 25,
  },
];

describe('the period that holds an instant', () => {
  it.each(periods)('$says', ({ kind, zone, at, start, end, hours }) => {
    const period = periodAt(kind, zoneOf(zone), Date.parse(at));
    expect([period.start, period.end].map(isoUtc)).toEqual(
      [start, end].map((text) => isoUtc(Date.parse(text))),
    );
    expect((period.end - period.start) / hourMs).toBe(hours);
  });

  it('says the last day as the wall clock has it', () => {
    const zone = zoneOf('Pacific/Kiritimati');
    expect(lastDayOf(periodAt('month', zone, Date.UTC(2026, 10, 23)), zone)).toBe('30 Nov');
  });
});

const zones = [...Intl.supportedValuesOf('timeZone'), 'UTC', 'Etc/GMT+12', 'Etc/GMT-14'].map(
  zoneOf,
);
const first = Date.UTC(1900, 0, 2);
const last = Date.UTC(2100, 11, 30);
const instant = fc
  .integer({ min: first / secondMs, max: last / secondMs })
  .map((s) => s * secondMs);

describe('periods of every zone, 1900 to 2100', () => {
  it('hold their instant, and follow each other without hole or overlap', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.constantFrom(...kinds),
        instant,
        (zone, kind, at) => {
          const period = periodAt(kind, zone, at);
          expect(period.start).toBeLessThanOrEqual(at);
          expect(period.end).toBeGreaterThan(at);
          expect(periodAt(kind, zone, period.start)).toEqual(period);
          expect(periodAt(kind, zone, period.end - 1)).toEqual(period);
          expect(periodAt(kind, zone, period.end).start).toBe(period.end);
          expect(periodAt(kind, zone, period.start - 1).end).toBe(period.start);
        },
      ),
      { numRuns: 1_500 },
    );
  });

  it('begin where the wall clock shows midnight, or where it jumped over it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.constantFrom(...kinds),
        instant,
        (zone, kind, at) => {
          const { start } = periodAt(kind, zone, at);
          const shown = zone.localTime(start);
          const isMidnight = shown % (24 * hourMs) === 0;
          const before = zone.localTime(start - secondMs);
          const jumped =
            shown - before > secondMs &&
            Math.floor(before / (24 * hourMs)) < Math.floor(shown / (24 * hourMs));
          expect(isMidnight || jumped).toBe(true);
          const date = new Date(shown);
          const isFirst = {
            day: true,
            week: date.getUTCDay() === 1,
            month: date.getUTCDate() === 1,
            quarter: date.getUTCDate() === 1 && date.getUTCMonth() % 3 === 0,
          };
          expect(isFirst[kind] || jumped).toBe(true);
        },
      ),
      { numRuns: 1_500 },
    );
  });

  it('of every zone are right at each change of 2026', () => {
    for (const zone of zones) {
      for (let day = Date.UTC(2026, 0, 1); day < Date.UTC(2027, 0, 1);) {
        const period = periodAt('month', zone, day);
        expect(period.end).toBeGreaterThan(period.start);
        const next = periodAt('month', zone, period.end);
        expect(next.start).toBe(period.end);
        day = period.end;
      }
    }
  });
});

describe('a zone', () => {
  it('UTC, whose clock is not asked of Intl, is what Etc/UTC is', () => {
    const [utc, asked] = [zoneOf('UTC'), zoneOf('Etc/UTC')];
    fc.assert(
      fc.property(fc.integer({ min: first, max: last }), fc.constantFrom(...kinds), (at, kind) => {
        expect(utc.localTime(at)).toBe(asked.localTime(at));
        expect(periodAt(kind, utc, at)).toEqual(periodAt(kind, asked, at));
      }),
    );
  });

  it('that nobody knows is refused', () => {
    expect(() => zoneOf('Europe/Berln')).toThrow(RangeError);
  });
});
