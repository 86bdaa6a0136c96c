import { parse } from 'yaml';
import { z } from 'zod';

const notEmpty = z.string().min(1);
const duration = notEmpty.transform((text, ctx) => {
  const [, sign, count, unit = ''] = /^(-?)(\d+)(s|m|h|d)$/.exec(text) ?? [];
  const ms = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit];
  if (ms !== undefined) return (sign === '-' ? -1 : 1) * Number(count) * ms;
  ctx.addIssue({ code: 'custom', message: `not a duration: ${text}` });
  return z.NEVER;
});
const moment = notEmpty.transform((text) => Date.parse(text));
const words = z.union([notEmpty.transform((one) => [one]), z.array(notEmpty)]);

const rule = z.strictObject({
  above: z.number(),
  /** Clear, but down to here what fires goes on. */
  near: z.number().optional(),
  for: duration.default(0),
  notify: z.array(notEmpty).default(['oncall']),
  heartbeat: duration.optional(),
});
const budget = z.strictObject({
  amount: z.number(),
  thresholds: z.array(z.number()),
  /** Starts of its periods, and the end of the last. */
  periods: z.array(moment).min(2),
  near: z.number().default(0.98),
  notify: z.array(notEmpty).default(['finops']),
});

const silence = z.strictObject({
  name: notEmpty,
  match: z.record(z.string(), z.string()),
  for: duration,
  by: notEmpty,
});

const chapter = z.strictObject({
  /** Time goes on to it, with an evaluation every minute on the way where `watched` says so. */
  at: moment.optional(),
  after: duration.optional(),
  /** Evaluated every so often meanwhile, by what was seen last. */
  watched_every: duration.optional(),
  /** A value for each; `no data`; what is null is named no more. */
  seen: z.record(z.string(), z.union([z.number(), z.literal('no data'), z.null()])).default({}),
  /** How old the newest data is. */
  lag: duration.optional(),
  amount: z.record(z.string(), z.number()).default({}),
  delete: words.default([]),
  silence: silence.optional(),
  end_silence: notEmpty.optional(),
  acknowledge: z.strictObject({ what: notEmpty, by: notEmpty }).optional(),
  rearm: notEmpty.optional(),
  restart: z.boolean().default(false),
  /** Everything that people are told from the chapter before up to and with this one: `oncall: firing throttled`. */
  told: words.default([]),
  is: z.record(z.string(), z.string()).default({}),
});

const story = z.strictObject({
  title: notEmpty,
  why: notEmpty,
  begins: moment,
  rules: z.record(z.string(), rule).default({}),
  budgets: z.record(z.string(), budget).default({}),
  chapters: z.array(chapter).min(1),
});

export type Story = z.output<typeof story>;
export type Chapter = Story['chapters'][number];

/** A scenario of alerts as people write it; a word that is not known is an error. */
export function parseStory(text: string): Story {
  return story.parse(parse(text));
}
