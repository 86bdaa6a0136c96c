import { afterEach, describe, expect, test } from 'vitest';
import type { ExternalError } from '../../../../agent/core/errors.ts';
import { rejection } from '../../../support/azure-source.ts';
import { answerOf, pageText, startCosts } from '../../../support/cost-server.ts';
import type { Charged, CostScript, CostWorld, Page } from '../../../support/cost-server.ts';
import type { ScriptedReply } from '../../../support/scripted-server.ts';

const open: CostWorld[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const output = { ResourceGuid: 'a2', Meter: 'gpt 4o 0513 Output global Tokens' };
const charges: readonly Charged[] = [{ cost: '2' }, { cost: '1', of: output }];

async function start(script: CostScript): Promise<CostWorld> {
  const world = await startCosts(charges, script);
  open.push(world);
  return world;
}

const failureOf = async (script: CostScript): Promise<ExternalError> =>
  (await rejection((await start(script)).statement())) as ExternalError;

/** The daily rows, made wrong. */
const rows =
  (change: (page: Page) => Partial<Page>): CostScript =>
  (asked) => {
    if (asked.dataset.granularity !== 'Daily') return undefined;
    const page = answerOf(asked, charges);
    return { body: pageText({ ...page, ...change(page) }) };
  };
const cells = (change: (row: readonly unknown[]) => readonly unknown[]): CostScript =>
  rows((page) => ({ rows: page.rows.map(change) }));
const always =
  (reply: ScriptedReply): CostScript =>
  () =>
    reply;
const path =
  '/subscriptions/00000000-0000-0000-0000-000000000001/providers/Microsoft.CostManagement/query';

describe('an answer that is not what it should be', () => {
  test.each<[string, CostScript, RegExp]>([
    [
      'a column is missing',
      rows(({ columns }) => ({
        columns: columns.map((one) => (one.name === 'Currency' ? { name: 'Money' } : one)),
      })),
      /no column Currency/,
    ],
    [
      'a column is there twice',
      rows(({ columns }) => ({
        columns: columns.map((one) => (one.name === 'Currency' ? { name: 'cost' } : one)),
      })),
      /Cost twice/,
    ],
    ['a row is short', cells((row) => row.slice(0, -1)), /5 cells under 6 columns/],
    ['a row is long', cells((row) => [...row, 'x']), /7 cells under 6 columns/],
    [
      'a number is a string',
      cells((row) => ['2.5', ...row.slice(1)]),
      /an amount that is no number/,
    ],
    ['an amount is null', cells((row) => [null, ...row.slice(1)]), /an amount that is no number/],
    [
      'a word is a number',
      cells((row) => [...row.slice(0, -1), 7]),
      /a number where a word belongs/,
    ],
    [
      'a date is a string',
      cells((row) => row.map((cell, at) => (at === 2 ? '2026-11-15' : cell))),
      /the day/,
    ],
    [
      'a date was not asked for',
      cells((row) => row.map((cell, at) => (at === 2 ? { written: '20261116' } : cell))),
      /20261116 was not asked/,
    ],
    [
      'a date is none',
      cells((row) => row.map((cell, at) => (at === 2 ? { written: '20261145' } : cell))),
      /20261145 was not asked/,
    ],
    [
      'a row is there twice',
      rows((page) => ({ rows: [...page.rows, ...page.rows] })),
      /told twice/,
    ],
    ['a row is missing', rows((page) => ({ rows: page.rows.slice(1) })), /come to 1 USD of 3/],
    ['all rows are missing', rows(() => ({ rows: [] })), /come to 0 USD of 3/],
    [
      'there are no rows',
      always({ body: '{"properties":{"columns":[]}}' }),
      /without columns and rows/,
    ],
    ['it is a page of HTML', always({ body: '<html>1 2 3</html>' }), /not JSON/],
    ['it is empty', always({ body: '' }), /not JSON/],
    ['it is a list', always({ body: '[1]' }), /without columns and rows/],
    [
      'the next page is of another question',
      rows(() => ({
        nextLink: `http://127.0.0.1/subscriptions/2/providers/Microsoft.CostManagement/query?a=1`,
      })),
      /not of this question/,
    ],
    [
      'the next page would change something',
      rows(() => ({ nextLink: '/subscriptions/00000000-0000-0000-0000-000000000001/cancel' })),
      /not of this question/,
    ],
    [
      'the next page is this one',
      rows(() => ({ nextLink: `${path}?api-version=2023-11-01` })),
      /never end/,
    ],
    ['the next page is no address', rows(() => ({ nextLink: 'http://[' })), /not of this question/],
    [
      'the next page is empty',
      (asked, { url }) =>
        url.includes('skip')
          ? { status: 204 }
          : rows(() => ({ nextLink: `${path}?$skiptoken=1` }))(asked, { url, count: 0 }),
      /promised is empty/,
    ],
    [
      'a page is told again',
      (asked, { url }) =>
        url.includes('skip')
          ? undefined
          : rows(() => ({ nextLink: `${path}?$skiptoken=1` }))(asked, { url, count: 0 }),
      /told twice/,
    ],
  ])('is no statement: %s', async (_name, script, message) => {
    const failure = await failureOf(script);
    expect(failure.message).toMatch(message);
    expect(failure.reason).toBe('bad_response');
    expect(failure.message).not.toContain('sesame');
  });

  test('is a statement of nothing where Azure has no content', async () => {
    const world = await start(always({ status: 204 }));
    expect((await world.statement()).lines).toEqual([]);
  });

  test('may have more pages, which are asked for with the same body and at the same place', async () => {
    const world = await start((asked, { url }) => {
      if (asked.dataset.granularity !== 'Daily') return undefined;
      const page = answerOf(asked, charges);
      const at = Number(/\$skiptoken=(\d)/.exec(url)?.[1] ?? 0);
      const nextLink = `https://management.azure.com${path.replace('query', 'Query')}?api-version=2021-10-01&$skiptoken=${at + 1}`;
      const one = { ...page, rows: page.rows.slice(at, at + 1) };
      return { body: pageText(at === 1 ? one : { ...one, nextLink }) };
    });
    const { lines } = await world.statement();
    expect(lines.map(({ cost }) => cost)).toEqual(['2', '1']);
    const daily = world.server.requests.filter(({ body }) => body.includes('"Daily"'));
    expect(daily).toHaveLength(2);
    expect(new Set(daily.map(({ body, method }) => method + body)).size).toBe(1);
  });
});

describe('a refusal', () => {
  const header = (bucket: string) =>
    `x-ms-ratelimit-microsoft.costmanagement-${bucket}-retry-after`;

  test.each([
    [{ [header('qpu')]: '120' }, 125_000],
    [{ [header('entity')]: '120' }, 125_000],
    [{ [header('tenant')]: '120' }, 125_000],
    [{ [header('clienttype')]: '120' }, 125_000],
    [{ 'retry-after': '120' }, 125_000],
    [{ [header('qpu')]: '3', [header('clienttype')]: '7' }, 60_000],
    [{}, 60_000],
  ])('with %o is waited out for %i ms', async (headers, retryAfterMs) => {
    const failure = await failureOf(always({ status: 429, headers, body: '{}' }));
    expect(failure).toMatchObject({ reason: 'throttled', retryAfterMs });
  });

  test.each<[ScriptedReply, string, RegExp]>([
    [
      { status: 403, body: '{"error":{"code":"AuthorizationFailed","message":"No."}}' },
      'denied',
      /^Grant Cost Management Reader on subscription/,
    ],
    [
      { status: 401, body: '{"error":{"code":"RBACAccessDenied","message":"No."}}' },
      'denied',
      /^Grant Cost Management Reader on subscription/,
    ],
    [{ status: 401, body: '{}' }, 'denied', /token was refused/],
    [
      { status: 400, body: '{"error":{"code":"BadRequest","message":"No."}}' },
      'bad_response',
      /refused the question/,
    ],
    [{ status: 500, body: 'oops' }, 'unreachable', /side of Azure/],
    ['reset', 'unreachable', /endpoint/],
  ])('%o is %s', async (reply, reason, hint) => {
    const failure = await failureOf(always(reply));
    expect(failure.reason).toBe(reason);
    expect(failure.hint).toMatch(hint);
  });

  test('is tried by the probe, which names the role and where to grant it', async () => {
    const { collector } = await start(
      always({ status: 401, body: '{"error":{"code":"RBACAccessDenied","message":"No."}}' }),
    );
    expect(await collector.probe(new AbortController().signal)).toMatchObject([
      {
        feature: 'bills',
        state: 'denied',
        operation: 'Microsoft.CostManagement/query/read',
        grant: {
          right: 'Cost Management Reader',
          on: '/subscriptions/00000000-0000-0000-0000-000000000001',
        },
      },
    ]);
  });
});
