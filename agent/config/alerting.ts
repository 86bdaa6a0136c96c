import * as z from 'zod';
import { secretUrl, webAddress } from './addresses.ts';
import { dollars } from './amounts.ts';
import { notify, severity } from './budgets.ts';
import {
  byWord,
  duration,
  listOf,
  name,
  oneOf,
  percent,
  positive,
  secret,
  section,
  setOf,
} from './fields.ts';
import { dimension } from './match.ts';
import { ruleKindNames, ruleKinds } from './rule-kinds.ts';
import type { RuleKind, ThresholdUnit } from './rule-kinds.ts';
import type { Unchanging } from './unchanging.ts';

const thresholds: Readonly<Record<ThresholdUnit, z.ZodType<number>>> = {
  ratio: percent('2%'),
  milliseconds: positive('2000 (milliseconds)'),
  seconds: duration('30m'),
  tokens: positive('1e6 (tokens)'),
  factor: positive('3 (times the usual)'),
};

function ruleOf(kind: RuleKind) {
  const { threshold, required, floors } = ruleKinds[kind];
  const above = thresholds[threshold];
  const foreign = z.never({ error: `no key of a rule of kind ${kind}; delete it` });
  return section({
    name: name(),
    kind: oneOf(ruleKindNames),
    above: required ? above : above.optional(),
    for: duration('10m').default(0),
    by: setOf(dimension(), 'for example [model, region]').default([]),
    min_requests: (floors.includes('min_requests') ? positive('100') : foreign).optional(),
    min_usd: (floors.includes('min_usd') ? dollars('50') : foreign).optional(),
    severity: severity(),
    runbook: webAddress('https://wiki.example.com/throttled').optional(),
    notify: notify(),
  }).transform(({ above: value, for: forSeconds, min_requests, min_usd, ...rest }) => ({
    ...rest,
    kind,
    /** A ratio is 0.02 for 2%; a factor is a multiple of the usual. Undefined: the kind's own default. */
    above: value === undefined ? undefined : { unit: threshold, value },
    /** Of data time; 0 fires at once. */
    forSeconds,
    minRequests: min_requests,
    minNanoUsd: min_usd,
  }));
}

export type RuleConfig = Unchanging<z.output<ReturnType<typeof ruleOf>>>;

export const rules = listOf(
  byWord<RuleConfig>(
    'kind',
    Object.fromEntries(ruleKindNames.map((kind) => [kind, () => ruleOf(kind)])),
  ),
  { expected: 'for example [{ name: blind, kind: source_stale, above: 30m }]', atLeast: 0 },
);

const common = { name: name(), type: z.unknown() };

function webhook() {
  return section({
    ...common,
    url: secretUrl(),
    secret: secret('the signing secret that the receiver knows').optional(),
  }).transform(({ name: called, url, secret: signing }) => ({
    name: called,
    type: 'webhook' as const,
    url,
    secret: signing,
  }));
}

function pagerduty() {
  return section({
    ...common,
    routing_key: secret("the integration's routing key"),
    url: secretUrl().optional(),
  }).transform(({ name: called, routing_key: routingKey, url }) => ({
    name: called,
    type: 'pagerduty' as const,
    routingKey,
    /** Where PagerDuty answers, if not at its public address: another region of theirs, or a relay. */
    url,
  }));
}

function chat<const Type extends 'slack' | 'teams' | 'alertmanager'>(type: Type) {
  return section({ ...common, url: secretUrl() }).transform(({ name: called, url }) => ({
    name: called,
    type,
    url,
  }));
}

const slack = () => chat('slack');
const teams = () => chat('teams');
const alertmanager = () => chat('alertmanager');

export type NotifierConfig = Unchanging<
  | z.output<ReturnType<typeof webhook>>
  | z.output<ReturnType<typeof pagerduty>>
  | z.output<ReturnType<typeof slack>>
  | z.output<ReturnType<typeof teams>>
  | z.output<ReturnType<typeof alertmanager>>
>;

export const notifiers = listOf(
  byWord<NotifierConfig>('type', { webhook, pagerduty, slack, teams, alertmanager }),
  { expected: 'for example [{ name: oncall, type: slack, url: "${env:SLACK_URL}" }]', atLeast: 0 },
);
