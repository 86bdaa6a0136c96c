import { describe, expect, it } from 'vitest';
import { problemSchema } from '../../../agent/api/problem.ts';
import { apiWorld } from '../../support/api-world.ts';
import { targetStatus } from '../../support/target-status.ts';

describe('a wrong parameter is named with the fix', () => {
  it.each([
    ['from=yesterdaz', 'from', /not a time; write 2026-11-01/],
    ['to=1795392000', 'to', /for seconds add 000/],
    ['from=2026-02-30', 'from', /no such day/],
    ['from=2026-11-01&from=2026-11-02', 'from', /not a time/],
    ['step=soon', 'step', /write one of 1m, 5m, 1h, 1d, total/],
    ['group_by=modle', 'group_by', /unknown dimension "modle"; did you mean "model"\?/],
    ['group_by=cloud,nothing_like_it', 'group_by', /known here: cloud, provider/],
    ['modle=x', 'modle', /unknown parameter; did you mean "model"\?/],
    ['groupby=model', 'groupby', /did you mean "group_by"\?/],
    ['tags=x', 'tags', /unknown parameter; known here: .*tag_<key>/],
    ['model=*mini', 'model', /\* stands at the end only/],
    ['cloud=amazon', 'cloud', /no value is "amazon"/],
    ['tier=standart', 'tier', /did you mean "standard"\?/],
    ['tag_x=*y*', 'tag_x', /\* stands at the end only/],
  ])('%s', async (query, parameter, detail) => {
    const response = await apiWorld().api.request(`/api/v1/usage?${query}`);
    expect(response.status).toBe(400);
    expect(response.headers.get('Content-Type')).toBe('application/problem+json');
    expect(response.headers.get('Cache-Control')).toBe('no-store');
    expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff');
    const problem = problemSchema.parse(await response.json());
    expect(problem).toMatchObject({
      type: 'urn:crossbill:problem:bad-parameter',
      status: 400,
      parameter,
    });
    expect(problem.detail).toMatch(detail);
  });

  it.each([
    ['from=2026-11-23&to=2026-11-23', /must lie before to \(2026-11-23T00:00:00.000Z\)/],
    ['from=2027-01-01', /must lie before now/],
  ])('and so is %s, which is well written and no range', async (query, detail) => {
    const response = await apiWorld().api.request(`/api/v1/usage?${query}`);
    expect(response.status).toBe(422);
    const problem = problemSchema.parse(await response.json());
    expect(problem).toMatchObject({
      type: 'urn:crossbill:problem:contradiction',
      parameter: 'from',
    });
    expect(problem.detail).toMatch(detail);
  });

  it('and so is every other one', async () => {
    const response = await apiWorld().api.request('/api/v1/usage?form=0&step=x&model=a*b');
    const problem = problemSchema.parse(await response.json());
    expect(problem.errors?.map(({ parameter }) => parameter)).toEqual(['form', 'step', 'model']);
  });

  it('on routes that take none', async () => {
    const response = await apiWorld().api.request('/api/v1/sources?model=x');
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ parameter: 'model' });
  });
});

describe('any other answer that is not good is a problem too', () => {
  it.each([
    ['GET', '/api/v1/usag', 404, 'not-found', /did you mean "\/api\/v1\/usage"\?/],
    ['GET', '/nothing/like/it', 404, 'not-found', /no such path/],
    ['POST', '/api/v1/usage', 405, 'method-not-allowed', /answers GET/],
    ['DELETE', '/healthz', 405, 'method-not-allowed', /answers GET/],
  ])('%s %s is %i', async (method, path, status, kind, detail) => {
    const response = await apiWorld().api.request(path, { method });
    expect(response.status).toBe(status);
    const problem = problemSchema.parse(await response.json());
    expect(problem.type).toBe(`urn:crossbill:problem:${kind}`);
    expect(problem.detail).toMatch(detail);
  });

  it('a failure inside is told to the log and not to the asker', async () => {
    const secret = new Error('SQLITE_CORRUPT /var/lib/crossbill.db');
    const fail = () => Promise.reject(secret);
    const { api, errors } = apiWorld({
      reader: {
        identities: fail,
        coverageByTraffic: fail,
        amounts: fail,
        sums: fail,
        readUntil: fail,
        latency: fail,
        capacities: fail,
        calibrations: fail,
        capacityCosts: fail,
        capacityUse: fail,
      },
    });
    const response = await api.request('/api/v1/usage');
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(problemSchema.parse(JSON.parse(text))).toMatchObject({ status: 500 });
    expect(text).not.toMatch(/SQLITE|crossbill\.db|\.ts|at /);
    expect(errors).toEqual([secret]);
  });

  it('more rows than an answer holds are none, whatever route has them', async () => {
    const statuses = Array.from({ length: 10_001 }, (_, at) => targetStatus({ target: `t${at}` }));
    const response = await apiWorld({ statuses }).api.request('/api/v1/sources');
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ type: 'urn:crossbill:problem:too-many-rows' });
  });

  it.each(['usage', 'latency', 'capacity', 'caching'])(
    '%s has no rows of nothing, however long the range is',
    async (name) => {
      const always = 'from=0&to=8999-12-31&step=1m&model=nobody';
      const grouped = ['capacity'].includes(name) ? '' : '&group_by=model';
      const response = await apiWorld().api.request(`/api/v1/${name}?${always}${grouped}`);
      expect([response.status, await response.text()]).toEqual([200, '[]']);
    },
  );

  it('HEAD answers as GET does, without a body', async () => {
    const response = await apiWorld().api.request('/api/v1/usage', { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });
});
