import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anomalyScore, historyHours } from '../../../../agent/alerts/rules/anomaly-score.ts';
import type { AnomalyScore, Hours } from '../../../../agent/alerts/rules/anomaly-score.ts';

const settings = { factor: 2, floor: 1 };

/** Reproducible randomness. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Dollars an hour: busy by day, quiet at night and at the weekend, with multiplicative noise. */
function traffic(hours: number, seed: number, noise: number, usd = 20): number[] {
  const random = randomOf(seed);
  return Array.from({ length: hours }, (_, hour) => {
    const day = Math.floor(hour / 24) % 7;
    const season = (hour % 24 >= 8 && hour % 24 < 19 ? 1 : 0.15) * (day >= 5 ? 0.3 : 1);
    return usd * season * Math.exp(noise * normal(random));
  });
}

/** What each hour of the last `count` says, as the agent would have seen it then. */
function seen(hours: Hours, count: number): readonly AnomalyScore[] {
  return Array.from({ length: count }, (_, at) => {
    const end = hours.length - count + at + 1;
    return anomalyScore(hours.slice(Math.max(0, end - historyHours), end), settings);
  });
}

describe('the anomaly score', () => {
  it('is the same whatever the money is counted in', () => {
    const scales = fc.double({ min: 1e-3, max: 1e6, noNaN: true });
    const values = fc.array(fc.option(fc.double({ min: 0, max: 100, noNaN: true }), { freq: 20 }), {
      minLength: 400,
      maxLength: 500,
    });
    fc.assert(
      fc.property(values, scales, (hours, scale) => {
        const scaled = hours.map((value) => (value === null ? null : value * scale));
        const a = anomalyScore(hours, settings);
        const b = anomalyScore(scaled, { ...settings, floor: settings.floor * scale });
        expect(b.state).toBe(a.state);
        if (a.state === 'no_data' || b.state === 'no_data') return;
        expect(b.near).toBe(a.near);
        expect(b.factor / a.factor).toBeCloseTo(1, 9);
      }),
      { numRuns: 40 },
    );
  });

  it('has no data with less than two weeks before', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 336 }), (length) => {
        expect(anomalyScore(traffic(length, length, 0.1), settings)).toEqual({ state: 'no_data' });
      }),
      { numRuns: 30 },
    );
    expect(anomalyScore(traffic(337, 1, 0.1), settings).state).toBe('clear');
  });

  it('has no data where the newest hour is not known', () => {
    const hours: Hours = [...traffic(historyHours - 1, 1, 0.1), null];
    expect(anomalyScore(hours, settings)).toEqual({ state: 'no_data' });
  });

  it('is quiet on traffic that never changes, and on none', () => {
    for (const usd of [0, 0.01, 5, 9_999]) {
      const hours = Array.from({ length: historyHours }, () => usd);
      expect(anomalyScore(hours, settings)).toMatchObject({ state: 'clear', near: false });
    }
  });

  it('does not mistake night and morning, or weekend and Monday, for anything', () => {
    const found = seen(traffic(historyHours + 168, 3, 0), 168);
    expect(found.filter(({ state }) => state !== 'clear')).toEqual([]);
  });

  it.each([0.05, 0.2, 0.5])(
    'is quiet on noise of %d: at most one false alarm in a hundred days of hours',
    (noise) => {
      let alarms = 0;
      for (let seed = 1; seed <= 100; seed += 1) {
        const found = seen(traffic(historyHours + 24, seed, noise), 24);
        alarms += found.some(({ state }) => state === 'met') ? 1 : 0;
      }
      expect(alarms).toBeLessThanOrEqual(1);
    },
  );

  it('is as quiet with two weeks of history only', () => {
    let alarms = 0;
    for (let seed = 1; seed <= 100; seed += 1) {
      const hours = traffic(14 * 24 + 24, seed, 0.3);
      alarms += seen(hours, 23).some(({ state }) => state === 'met') ? 1 : 0;
    }
    expect(alarms).toBeLessThanOrEqual(1);
  });

  it('finds three times as much within one full hour of steady traffic', () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const hours = traffic(historyHours, seed, 0.08);
      const stepped = hours.map((usd, at) => (at === hours.length - 1 ? usd * 3 : usd));
      expect(anomalyScore(stepped, settings)).toMatchObject({ state: 'met', near: false });
    }
  });

  it.each([
    [0.25, 100],
    [0.4, 90],
  ])(
    'and within one full day of traffic with noise of %d: in %i of 100 at least',
    (noise, least) => {
      let found = 0;
      for (let seed = 1; seed <= 100; seed += 1) {
        const hours = traffic(historyHours, seed, noise);
        const stepped = hours.map((usd, at) => (at >= hours.length - 24 ? usd * 3 : usd));
        found += anomalyScore(stepped, settings).state === 'met' ? 1 : 0;
      }
      expect(found).toBeGreaterThanOrEqual(least);
    },
  );

  it('makes one episode of a step that lasts: from the first odd hour it holds for a week', () => {
    for (let seed = 1; seed <= 6; seed += 1) {
      const hours = traffic(historyHours + 168, seed, 0.1);
      const start = historyHours + 10;
      const stepped = hours.map((usd, at) => (at >= start ? usd * 4 : usd));
      const states = seen(stepped, 150).map((one) =>
        one.state === 'no_data' ? false : one.state === 'met' || one.near,
      );
      const first = states.indexOf(true);
      expect(first).toBeGreaterThanOrEqual(0);
      expect(states.slice(first)).not.toContain(false);
    }
  });

  it('takes the new level for the usual after a week', () => {
    const hours = traffic(historyHours + 14 * 24, 5, 0.1);
    const stepped = hours.map((usd, at) => (at >= hours.length - 12 * 24 ? usd * 4 : usd));
    expect(anomalyScore(stepped.slice(-historyHours), settings)).toMatchObject({
      state: 'clear',
      near: false,
    });
  });

  it('never finds a dip odd', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (seed, part) => {
          const hours = traffic(historyHours, seed, 0.05);
          const dipped = hours.map((usd, at) => (at >= hours.length - 30 ? usd * part : usd));
          expect(anomalyScore(dipped, settings)).toMatchObject({ state: 'clear' });
        },
      ),
      { numRuns: 40 },
    );
  });

  it('is quiet on small money, however many times the usual it is', () => {
    const hours = Array.from({ length: historyHours }, (_, at) =>
      at === historyHours - 1 ? 0.7 : 0.001,
    );
    expect(anomalyScore(hours, settings)).toMatchObject({ state: 'clear', near: false });
  });

  it('is not widened by one odd week, nor by hours that were not read', () => {
    const hours: (number | null)[] = traffic(historyHours, 9, 0.08);
    for (let at = 200; at < 260; at += 1) hours[at] = (hours[at] ?? 0) * 50;
    for (let at = 100; at < 130; at += 1) hours[at] = null;
    hours[historyHours - 1] = (hours[historyHours - 1] ?? 0) * 3;
    expect(anomalyScore(hours, settings)).toMatchObject({ state: 'met' });
  });
});
