import { expect, test } from 'vitest';
import { configuredBy } from '../../../agent/alerts/configured.ts';
import { silencedBy } from '../../../agent/alerts/silence.ts';
import type { SilenceMatcher } from '../../../agent/core/alert.ts';
import { noon, silence } from './alert-world.ts';

const labels = { alertname: 'throttled', severity: 'page', model: 'openai/gpt-5' };

function is(name: string, value: string, isEqual = true): SilenceMatcher {
  return { name, value, isEqual };
}

test.each([
  ['a label equals', [is('severity', 'page')], true],
  ['a label is another', [is('severity', 'warning')], false],
  ['a value begins so', [is('model', 'openai/*')], true],
  ['all of them match', [is('severity', 'page'), is('model', 'openai/*')], true],
  ['one of them does not', [is('severity', 'page'), is('model', 'meta/*')], false],
  ['a label is not that', [is('severity', 'page', false)], false],
  ['a label that is not there is empty', [is('team', '')], true],
  ['a label that is not there is not that', [is('team', 'search', false)], true],
  ['case counts', [is('severity', 'Page')], false],
])('%s', (_, matchers, quiet) => {
  expect(silencedBy({ labels }, [silence({ matchers })], noon)).toEqual(quiet ? ['s1'] : []);
});

test.each([
  ['before it begins', -1, 0],
  ['from its first moment', 0, 1],
  ['to the last one', 3_599_999, 1],
  ['and no longer', 3_600_000, 0],
])('a silence holds %s', (_, after, count) => {
  expect(silencedBy({ labels }, [silence()], noon + after)).toHaveLength(count);
});

test.each([
  ['a rule by its name', { name: 'throttled', kind: 'throttle_ratio' }, true],
  ['a rule that is gone', { name: 'slow', kind: 'latency_ms' }, false],
  ['a budget by its name', { name: 'all', kind: 'budget' }, true],
  ['a budget of each by what stands around', { name: 'search-monthly', kind: 'budget' }, true],
  ['a budget that is gone', { name: 'search-daily', kind: 'budget' }, false],
  ['a budget is no rule', { name: 'throttled', kind: 'budget' }, false],
])('the configuration knows %s', (_, alert, known) => {
  const isConfigured = configuredBy({
    budgets: [{ name: 'all' }, { name: '{team}-monthly', forEach: 'team' }],
    rules: [{ name: 'throttled' }],
  });
  expect(isConfigured(alert)).toBe(known);
});
