import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayMs, hourMs, minuteMs } from '../../../agent/core/time.ts';
import type { Lane, Request } from '../../../collectors/emulator/lane.ts';
import { isActive, shareAt } from '../../../collectors/emulator/rhythm.ts';
import { scenarioLanes } from '../../../collectors/emulator/scenario.ts';
import { loadTrace, minutesOf } from '../../../collectors/emulator/trace.ts';
import { createTraffic } from '../../../collectors/emulator/traffic.ts';
import { laneOf } from './scripted-traffic.ts';

const trace = loadTrace();
const traffic = createTraffic(scenarioLanes, trace);
/** A Wednesday. */
const day = Date.parse('2026-11-18T00:00:00Z');
const peak = day + 14 * hourMs;

function all(from: number, to: number, lanes: readonly Lane[] = scenarioLanes): Request[] {
  const found: Request[] = [];
  for (let minute = from; minute < to; minute += minuteMs) {
    for (const lane of lanes) found.push(...traffic.requests(lane, minute));
  }
  return found;
}

function cached(idEnd: string): number {
  return all(day, day + dayMs, [laneOf(idEnd)]).filter((r) => r.cacheRead + r.cacheWrite > 0)
    .length;
}

describe('the replay', () => {
  it('answers the same, whatever was asked before', () => {
    const asked = fc.record({
      lane: fc.constantFrom(...scenarioLanes),
      minute: fc.integer({ min: 0, max: 40 * 24 * 60 }).map((n) => day - n * minuteMs),
    });
    const fresh = createTraffic(scenarioLanes, trace);
    fc.assert(
      fc.property(asked, ({ lane, minute }) => {
        expect(traffic.requests(lane, minute)).toEqual(fresh.requests(lane, minute));
        fresh.requests(lane, minute - 7 * hourMs);
        expect(traffic.requests(lane, minute)).toEqual(fresh.requests(lane, minute));
      }),
      { numRuns: 60 },
    );
  });

  it('plays every recorded request of a minute once at the peak of a working day', () => {
    const steady = scenarioLanes.filter((lane) => lane.season === undefined);
    const replay = createTraffic(steady, trace);
    const { count, firstRow } = minutesOf(trace);
    for (const minute of [peak, peak - dayMs]) {
      const recorded = (minute / minuteMs) % count;
      const rows = (firstRow[recorded + 1] ?? 0) - (firstRow[recorded] ?? 0);
      const played = steady.flatMap((lane) => replay.requests(lane, minute));
      expect(rows).toBeGreaterThan(0);
      expect(played).toHaveLength(rows);
    }
  });

  it('keeps the recorded sizes: a served request has a recorded context and answer', () => {
    const sizes = new Set(
      [...trace.contextTokens].map((context, row) => `${context}/${trace.generatedTokens[row]}`),
    );
    const strange = all(peak, peak + 20 * minuteMs)
      .filter((request) => request.status === 200)
      .map((r) => `${r.input + r.cacheRead + r.cacheWrite}/${r.output}`)
      .filter((size) => !sizes.has(size));
    expect(strange).toEqual([]);
  });

  it('starts requests inside their minute', () => {
    const outside = all(peak, peak + minuteMs).filter(
      ({ start }) => start < peak || start >= peak + minuteMs,
    );
    expect(outside).toEqual([]);
  });

  it('spreads a day over the lanes by weight', () => {
    const weights = scenarioLanes.filter((lane) => lane.season === undefined);
    const whole = weights.reduce((sum, lane) => sum + lane.weight, 0);
    const counts = weights.map((lane) => all(day, day + dayMs, [lane]).length);
    const played = counts.reduce((sum, n) => sum + n, 0);
    const ratios = weights.map(
      (lane, index) => (counts[index] ?? 0) / played / (lane.weight / whole),
    );
    expect(Math.min(...ratios)).toBeGreaterThan(0.85);
    expect(Math.max(...ratios)).toBeLessThan(1.15);
  });

  it('fails now and then, and a failed request has no tokens', () => {
    const requests = all(day + 8 * hourMs, day + 18 * hourMs);
    const share = (status: number) =>
      requests.filter((r) => r.status === status).length / requests.length;
    expect(share(429)).toBeCloseTo(0.01, 2);
    expect(share(400)).toBeCloseTo(0.005, 2);
    expect(share(500)).toBeCloseTo(0.003, 2);
    expect(share(400)).toBeGreaterThan(0);
    expect(share(500)).toBeGreaterThan(0);
    const failed = requests.filter((request) => request.status !== 200);
    expect(failed.filter((r) => r.input + r.cacheRead + r.cacheWrite + r.output > 0)).toEqual([]);
  });

  it('never has cached tokens where the family has no cache, and often where it has', () => {
    expect(cached('moonshotai.kimi-k2.5')).toBe(0);
    expect(cached('us-east-1/runtime/us.anthropic.claude-sonnet-4-6')).toBeGreaterThan(100);
    expect(cached('us-east-1/runtime/us.openai.gpt-5.6-sol')).toBeGreaterThan(100);
  });

  it('always leaves a served request some uncached input', () => {
    const served = all(peak, peak + hourMs).filter((request) => request.status === 200);
    expect(Math.min(...served.map((request) => request.input))).toBeGreaterThan(0);
    expect(Math.min(...served.map((request) => request.cacheWrite))).toBe(0);
  });

  it('draws tiers by their share', () => {
    const lane = laneOf('111122223333/us-east-1/runtime/openai.gpt-oss-120b-1:0');
    const requests = all(day, day + dayMs, [lane]);
    const share = (tier: Request['tier']) =>
      requests.filter((request) => request.tier === tier).length / requests.length;
    expect(share('standard')).toBeCloseTo(0.6, 1);
    expect(share('flex')).toBeCloseTo(0.25, 1);
    expect(share('priority')).toBeCloseTo(0.15, 1);
    expect(share('batch')).toBe(0);
  });

  it('refuses a lane of another traffic, and traffic without lanes', () => {
    const stranger = { ...laneOf('zai.glm-5'), id: 'aws/nobody' };
    expect(() => traffic.requests(stranger, day)).toThrow('aws/nobody');
    expect(() => createTraffic([], trace)).toThrow('1 to 255 lanes');
  });
});

describe('the rhythm', () => {
  it.each([
    ['the peak of a working day', '2026-11-18T14:00:00Z', 1],
    ['a night', '2026-11-18T02:00:00Z', 0.15],
    ['half way between two hours', '2026-11-18T07:30:00Z', 0.58],
    ['the peak of a Saturday', '2026-11-21T14:00:00Z', 0.4475],
    ['the peak of a Sunday', '2026-11-22T14:00:00Z', 0.4475],
    ['the peak of a Monday', '2026-11-23T14:00:00Z', 1],
  ])('plays at %s its share', (_name, time, share) => {
    expect(shareAt(Date.parse(time))).toBeCloseTo(share, 10);
  });

  it('shows in the traffic', () => {
    const night = all(day + 2 * hourMs, day + 3 * hourMs).length;
    const noon = all(peak, peak + hourMs).length;
    expect(night / noon).toBeGreaterThan(0.1);
    expect(night / noon).toBeLessThan(0.2);
  });

  it('silences a seasonal lane for the rest of its cycle', () => {
    const lane = laneOf('zai.glm-5', scenarioLanes);
    const season = { cycleDays: 30, activeDays: 12 };
    const cycle = Math.floor(day / dayMs / 30) * 30 * dayMs;
    expect(isActive(season, cycle + 12 * dayMs - 1)).toBe(true);
    expect(isActive(season, cycle + 12 * dayMs)).toBe(false);
    expect(all(cycle + 10 * dayMs, cycle + 12 * dayMs, [lane]).length).toBeGreaterThan(100);
    expect(all(cycle + 12 * dayMs, cycle + 30 * dayMs, [lane])).toEqual([]);
  });
});
