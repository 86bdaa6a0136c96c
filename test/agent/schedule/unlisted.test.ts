import { describe, expect, it } from 'vitest';
import { minuteMs } from '../../../agent/core/time.ts';
import { createWorkbench, runSource } from './running.ts';
import {
  createScriptedCloud,
  failure,
  listed,
  scopeOf,
  steady,
  targetIn,
} from './scripted-cloud.ts';
import type { Regions } from './scripted-cloud.ts';

const east = [steady('openai.gpt-oss-120b-1:0')];
const west = [steady('amazon.nova-pro-v1:0')];
const both: Regions = { 'us-east-1': east, 'eu-central-1': west };
const eastId = targetIn('us-east-1', east).id;
const westId = targetIn('eu-central-1', west).id;

describe('a target whose own listing fails', () => {
  it('is read on, and that failure stays on record through reads until it is listed again', async () => {
    const bench = createWorkbench();
    const cloud = createScriptedCloud(bench.clock, [...east, ...west], () => listed(both));
    const s = { ...bench, ...runSource(bench, cloud.collector) };
    await s.clock.advance(minuteMs);
    const error = failure('throttled');
    cloud.listing = () =>
      listed(
        { 'eu-central-1': west },
        { scopes: [scopeOf('eu-central-1')], failures: [{ scope: eastId, error }] },
      );
    await s.clock.advance(10 * minuteMs);
    const from = s.clock.now();
    await s.clock.advance(3 * minuteMs);
    expect(
      cloud.asked.filter(({ target, at }) => target.id === eastId && at >= from).length,
    ).toBeGreaterThan(1);
    expect((await s.status(eastId))?.failure).toMatchObject({ reason: 'throttled' });
    expect((await s.status(westId))?.failure).toBeNull();
    cloud.listing = () => listed(both);
    await s.clock.advance(12 * minuteMs);
    expect((await s.status(eastId))?.failure).toBeNull();
    await s.stop();
  });
});
