import { parse } from 'yaml';
import { z } from 'zod';

const notEmpty = z.string().min(1);
const duration = notEmpty.transform((text, ctx) => {
  const [, count, unit = ''] = /^(\d+)(m|h|d)$/.exec(text) ?? [];
  const ms = { m: 60_000, h: 3_600_000, d: 86_400_000 }[unit];
  if (ms !== undefined) return Number(count) * ms;
  ctx.addIssue({ code: 'custom', message: `not a duration: ${text}` });
  return z.NEVER;
});
const words = z.union([notEmpty.transform((one) => [one]), z.array(notEmpty)]);

const traffic = z.strictObject({
  /** A minute, of each model. */
  requests: z.number().default(0),
  throttled: z.number().default(0),
  failed: z.number().default(0),
  mean_ms: z.number().optional(),
  usd_an_hour: z.number().optional(),
});

const chapter = z.strictObject({
  /** So much later, evaluated every five minutes on the way. */
  after: duration,
  /** From the chapter before up to this one. */
  traffic: z.record(z.string(), traffic).optional(),
  /** The cloud refuses meanwhile: nothing is read. */
  blind: z.boolean().default(false),
  /** Everything that people are told meanwhile. */
  told: words.default([]),
  /** How alerts stand at its end. */
  is: z.record(z.string(), z.string()).default({}),
  /** What the summary of the last message has in it. */
  says: notEmpty.optional(),
});

const story = z.strictObject({
  title: notEmpty,
  why: notEmpty,
  begins: notEmpty.transform((text) => Date.parse(text)),
  /** As crossbill.yaml has them. */
  rules: z.array(z.unknown()).min(1),
  /** Traffic of this kind before it begins, for so long. */
  history: z.strictObject({ for: duration, traffic: z.record(z.string(), traffic) }).optional(),
  /** Its endpoint has no meter of throttled requests. */
  mantle: words.default([]),
  chapters: z.array(chapter).min(1),
});

export type RuleStory = z.output<typeof story>;
export type RuleChapter = RuleStory['chapters'][number];
export type StoryTraffic = z.output<typeof traffic>;

/** A scenario of rules as people write it; a word that is not known is an error. */
export function parseRuleStory(text: string): RuleStory {
  return story.parse(parse(text));
}
