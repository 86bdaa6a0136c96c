import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createAudit } from '../../../agent/cli/audit-of.ts';
import { wholeAudit } from '../../../agent/core/audit.ts';
import type { Audit, AuditChoice } from '../../../agent/core/audit.ts';
import type { Ledger } from '../../../agent/core/store.ts';
import { dayMs, hourMs, minuteMs } from '../../../agent/core/time.ts';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { createRater } from '../../../agent/pricing/rater.ts';
import { openLedger } from '../../../exporters/sqlite/ledger.ts';
import { auditNow, auditWorld } from '../../support/audit-world.ts';
import { billLine, billStatement, inputOfSol } from '../../support/bill-world.ts';
import { batchOf, day0, targetOf } from '../../support/ledger-world.ts';
import { perMillion, smallPrice } from '../../support/small-prices.ts';

const settings = {
  contracts: {
    openaiInputIncludesCached: true,
    openaiInputConfirmed: true,
    bedrockInvocations: 'accepted',
  },
  currencies: [],
  filePrices: [],
} as const;
const interpretation = createInterpretation(new Map(), settings.contracts);
const days = { start: day0 - 2 * dayMs, end: day0 + 12 * dayMs };
const inputs: AuditChoice = {
  name: 'input',
  keeps: ({ meter }) => meter.includes('input'),
};

async function answers(audit: Audit, span = days) {
  const told = [];
  for (const choice of [wholeAudit, inputs]) {
    const audited = await audit(span, auditNow, choice);
    told.push({ count: audited.count, summary: audited.summary(), rows: await audited.rows() });
  }
  return told;
}

/** What changes the audit, each by a number that makes it another. */
const changes: readonly ((ledger: Ledger, by: number) => void)[] = [
  function anotherBill(ledger, by) {
    const day = day0 + (by % 3) * dayMs;
    ledger.recordBill(
      billStatement({
        days: { start: day, end: day + dayMs },
        finalUntil: day + dayMs,
        // The same moment, so that only the lines tell one bill from the next.
        fetchedAt: day0 + 8 * dayMs,
        lines: [
          billLine({ day, meter: 'USE1-input', meaning: inputOfSol, quantity: '1', cost: `${by}` }),
        ],
      }),
    );
  },
  function moreUsage(ledger, by) {
    const start = day0 + (by % 4) * dayMs + 3 * hourMs;
    const minutes = (start - day0) / minuteMs;
    const values = Array.from({ length: minutes + 60 }, (_, at) => (at < minutes ? 0 : by));
    const series = { rowId: 'in', dimensions: { ModelId: 'openai.gpt-5.6-sol' }, values };
    const window = { start, end: start + hourMs };
    ledger.commit(batchOf([series], window, 60, start + 2 * hourMs));
  },
  function settled(ledger, by) {
    const start = day0 + (by % 4) * dayMs;
    ledger.commit(batchOf([], { start, end: start + dayMs }, 60, auditNow));
  },
  function anotherModel(ledger, by) {
    const ModelId = `openai.gpt-5.${by % 7}-sol`;
    const series = { rowId: 'in', dimensions: { ModelId }, values: [by, by] };
    const discovery = {
      scopes: ['aws'],
      targets: [targetOf([series])],
      inventory: [],
      failures: [],
    };
    ledger.recordDiscovery('aws', discovery, auditNow);
    ledger.commit(batchOf([series], { start: day0, end: day0 + hourMs }, 60, auditNow));
  },
  function otherPrices(ledger, by) {
    const price = smallPrice({
      model: 'openai/gpt-5.6-sol',
      item: 'input',
      nanoUsd: perMillion(by / 10),
    });
    ledger.rateWith(createRater([price], []), auditNow);
  },
  function aged(ledger, by) {
    ledger.age(auditNow + by * dayMs, {
      minuteSeconds: 86_400,
      hourSeconds: 2 * 86_400,
      daySeconds: (4 + (by % 9)) * 86_400,
    });
  },
];

it('remembers nothing that is not so any more', async () => {
  const step = fc.tuple(fc.nat(changes.length - 1), fc.integer({ min: 1, max: 40 }));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 6 }), async (steps) => {
      const ledger = auditWorld().openLedger();
      try {
        const remembering = createAudit(ledger, settings);
        await answers(remembering);
        for (const [kind, by] of steps) {
          changes[kind]?.(ledger, by);
          expect(await answers(remembering)).toEqual(await answers(createAudit(ledger, settings)));
        }
      } finally {
        ledger.close();
      }
    }),
    { numRuns: 25 },
  );
});

it('makes a day without any bill once for all spans, until it has one', async () => {
  const step = fc.tuple(fc.nat(changes.length - 1), fc.integer({ min: 1, max: 40 }));
  const spans = [0, 1, 3].map((later) => ({
    start: days.start + later * dayMs,
    end: days.end + (later - 3) * dayMs,
  }));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async (steps) => {
      const ledger = openLedger(':memory:', interpretation, day0);
      try {
        changes[3]?.(ledger, 6);
        changes[1]?.(ledger, 9);
        const remembering = createAudit(ledger, settings);
        for (const [kind, by] of steps) {
          for (const span of spans) {
            const anew = createAudit(ledger, settings);
            expect(await answers(remembering, span)).toEqual(await answers(anew, span));
          }
          changes[kind]?.(ledger, by);
        }
      } finally {
        ledger.close();
      }
    }),
    { numRuns: 15 },
  );
});

it('reads no prices for days of another span that are known', async () => {
  const ledger = openLedger(':memory:', interpretation, day0);
  for (const [kind, by] of [
    [3, 6],
    [1, 9],
    [2, 1],
  ] as const) {
    changes[kind]?.(ledger, by);
  }
  let isOver = false;
  const once = {
    ...ledger,
    prices: async () => {
      if (isOver) throw new Error('asked again');
      return ledger.prices();
    },
  };
  const audit = createAudit(once, settings);
  const { count } = await audit(days, auditNow, wholeAudit);
  expect(count).toBeGreaterThan(0);
  isOver = true;
  const later = { start: days.start + dayMs, end: days.end - dayMs };
  expect((await audit(later, auditNow, wholeAudit)).count).toBe(count);
  ledger.close();
});

it('tells everybody who asks at once the same, and what failed is asked anew', async () => {
  const ledger = auditWorld().openLedger();
  let failures = 1;
  const failing = {
    ...ledger,
    prices: async () => {
      failures -= 1;
      if (failures >= 0) throw new Error('the disk is gone');
      return ledger.prices();
    },
  };
  const audit = createAudit(failing, settings);
  const first = audit(days, auditNow, wholeAudit);
  const second = audit(days, auditNow, wholeAudit);
  await expect(first).rejects.toThrow('the disk is gone');
  expect((await second).count).toBe(4);
  ledger.close();
});
