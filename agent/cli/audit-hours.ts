import type { InputContractReader } from '../core/audit.ts';
import type { StoredBillLine } from '../core/bill-store.ts';
import type { IdentityRow, UsageReader } from '../core/store.ts';
import { hourMs, isoUtc } from '../core/time.ts';
import type { Window } from '../core/time.ts';
import { holdsCached } from '../normalize/contract.ts';
import type { ContractSwitches } from '../normalize/contract.ts';
import { rawInputOf } from '../reconcile/cached.ts';
import type { Redaction } from './audit-redact.ts';
import { formatCsv } from './format.ts';

const hourColumns = [
  'hour',
  'cloud',
  'account',
  'resource',
  'region',
  'model',
  'model_version',
  'vendor_model',
  'deployment',
  'routing',
  'tier',
  'input_meter_tokens',
  'input_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'output_tokens',
  'unsplit_input_tokens',
] as const;

/**
 * What the meters said, hour by hour. `input_meter_tokens` is what the input meter itself said; the other five never count a
 * token twice.
 */
export async function hourlyCsv(
  reader: UsageReader & InputContractReader,
  identities: readonly IdentityRow[],
  days: Window,
  switches: ContractSwitches,
  redaction: Redaction,
): Promise<string> {
  const contracts = await reader.inputContracts();
  const known = new Map(identities.map((one) => [one.id, one]));
  const rows =
    identities.length === 0
      ? []
      : await reader.amounts({
          grain: 'hour',
          identityIds: [...known.keys()],
          window: days,
          bucketMs: hourMs,
        });
  return formatCsv(
    hourColumns,
    rows
      .toSorted((a, b) => a.bucket - b.bucket || a.identityId - b.identityId)
      .flatMap((row) => {
        const one = known.get(row.identityId);
        if (one === undefined) return [];
        const cachedTakenOut = holdsCached(switches, contracts.get(one.id), one.family);
        const { account, resource } = redaction.place(one);
        return [
          {
            hour: isoUtc(row.bucket),
            cloud: one.cloud,
            account,
            resource,
            region: one.region,
            model: one.model,
            model_version: one.modelVersion,
            vendor_model: redaction.text(one.vendorModel),
            deployment: redaction.text(one.deployment),
            routing: one.routing,
            tier: one.tier,
            input_meter_tokens:
              row.input === null && row.unsplitInput === null
                ? null
                : rawInputOf({ ...row, contract: { cachedTakenOut } }),
            input_tokens: row.input,
            cache_read_tokens: row.cacheRead,
            cache_write_tokens: row.cacheWrite,
            output_tokens: row.output,
            unsplit_input_tokens: row.unsplitInput,
          },
        ];
      }),
  );
}

const billColumns = [
  'day',
  'cloud',
  'account',
  'resource',
  'region',
  'service',
  'meter',
  'meter_id',
  'record_type',
  'quantity',
  'unit',
  'tokens_per_unit',
  'token_type',
  'model',
  'cost',
  'currency',
  'final',
  'source',
] as const;

/** The bill's lines as they came, and what each meter's name is taken to mean. */
export function billCsv(lines: readonly StoredBillLine[], redaction: Redaction): string {
  return formatCsv(
    billColumns,
    lines.map((line) => {
      const { account, resource } = redaction.place(line);
      const meaning = typeof line.meaning === 'string' ? undefined : line.meaning;
      return {
        day: isoUtc(line.day).slice(0, 10),
        cloud: line.cloud,
        account,
        resource,
        region: line.region,
        service: line.service,
        meter: redaction.text(line.meter),
        meter_id: line.meterId,
        record_type: line.recordType,
        quantity: line.quantity,
        unit: line.unit,
        tokens_per_unit: meaning?.perUnit ?? null,
        token_type: meaning?.item ?? null,
        model: meaning?.model ?? null,
        cost: line.cost,
        currency: line.currency,
        final: String(line.final),
        source: line.source,
      };
    }),
  );
}
