import fc from 'fast-check';
import type { IdentityRow } from '../../agent/core/store.ts';
import { hourMs, minuteMs } from '../../agent/core/time.ts';
import type { Instant } from '../../agent/core/time.ts';
import { amountNames } from '../../agent/core/usage.ts';
import { coveredSpan, identityRow } from './memory-reader.ts';
import type { MemoryLedger } from './memory-reader.ts';

/** Any ledger of a few traffics over some days that start at `origin`: silent, patchy, renamed, read by hour only. */
export function anyLedger(origin: Instant, hours: number): fc.Arbitrary<MemoryLedger> {
  return fc.array(anyTraffic(origin, hours), { maxLength: 3 }).map((traffics) => {
    let id = 0;
    const ledgers = traffics.map((traffic, index) => {
      const identities = traffic.identities.map((identity) => {
        id += 1;
        return { ...identity, id, trafficId: index };
      });
      return {
        identities,
        coverage: traffic.coverage.map((span) => ({ ...span, trafficId: index })),
        amounts: traffic.amounts.flatMap(({ which, ...row }) => {
          const identity = identities[which % identities.length];
          const present = identity && identity.from <= row.start && row.start < identity.to;
          return present ? [{ ...row, identityId: identity.id }] : [];
        }),
      };
    });
    return {
      identities: ledgers.flatMap((ledger) => ledger.identities),
      amounts: ledgers.flatMap((ledger) => ledger.amounts),
      latency: [],
      coverage: ledgers.flatMap((ledger) => ledger.coverage),
    };
  });
}

function anyTraffic(origin: Instant, hours: number) {
  const minute = fc.nat({ max: hours * 60 }).map((n) => origin + n * minuteMs);
  const hour = fc.nat({ max: hours - 1 }).map((n) => origin + n * hourMs);
  const amounts = fc.dictionary(
    fc.constantFrom(...amountNames),
    fc.option(fc.nat({ max: 1_000_000 })),
    { maxKeys: amountNames.length },
  );
  const which = fc.nat({ max: 9 });
  return fc.record({
    identities: fc.array(anyIdentity(minute), { minLength: 1, maxLength: 3 }),
    amounts: fc.array(
      fc.oneof(
        fc.record({ which, start: minute, period: fc.constant('minute' as const), amounts }),
        fc.record({ which, start: hour, period: fc.constant('hour' as const), amounts }),
      ),
      { maxLength: 20 },
    ),
    coverage: fc.array(fc.oneof(anySpan(minute, 60), anySpan(minute, 60), anySpan(hour, 3_600)), {
      maxLength: 6,
    }),
  });
}

function anySpan(edge: fc.Arbitrary<Instant>, periodSeconds: number) {
  return fc
    .record({
      edges: fc.tuple(edge, edge),
      amounts: fc.subarray([...amountNames]),
      settled: fc.boolean(),
    })
    .map(({ edges: [a, b], amounts, settled }) =>
      coveredSpan(
        0,
        { start: Math.min(a, b), end: Math.max(a, b) + periodSeconds * 1_000 },
        { amounts, periodSeconds, settled },
      ),
    );
}

function anyIdentity(minute: fc.Arbitrary<Instant>): fc.Arbitrary<IdentityRow> {
  return fc
    .record({
      model: fc.constantFrom('openai/gpt-4.1-mini', 'amazon/nova-pro'),
      region: fc.constantFrom('us-east-1', 'eu-central-1'),
      tags: fc.constantFrom<Readonly<Record<string, string>>>({}, { team: 'search' }),
      reports: fc.subarray([...amountNames], { minLength: 1 }),
      span: fc.option(fc.tuple(minute, minute)),
    })
    .map(({ span, reports, ...rest }) =>
      identityRow({
        id: 0,
        ...rest,
        reports: new Set(reports),
        ...(span === null ? {} : { from: Math.min(...span), to: Math.max(...span) + minuteMs }),
      }),
    );
}
