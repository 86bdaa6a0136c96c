import type { ProvisionedModelSummary } from '@aws-sdk/client-bedrock';
import type { ScopeFailure } from '../../agent/core/collector.ts';
import type { InventoryItem } from '../../agent/core/inventory.ts';
import { isoUtc } from '../../agent/core/time.ts';
import type { AwsApi, Place } from './client.ts';
import { badAnswer, pagesOf } from './pages.ts';
import { tagsOf } from './profiles.ts';
import { mapPooled } from './pool.ts';

const listing = 'bedrock:ListProvisionedModelThroughputs';
const tagsAtOnce = 2;

/**
 * The provisioned throughputs of a region with their tags, used or not: model units that are billed by the hour until they are
 * deleted. Whole or a throw (ExternalError).
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListProvisionedModelThroughputs.html
 * https://docs.aws.amazon.com/bedrock/latest/userguide/prov-throughput.html
 */
export async function listThroughputs(
  api: AwsApi,
  place: Place,
  signal: AbortSignal,
): Promise<readonly InventoryItem[]> {
  const summaries: ProvisionedModelSummary[] = [];
  const pages = pagesOf(
    listing,
    (nextToken) =>
      api.listThroughputs(
        place,
        { maxResults: 1_000, ...(nextToken === undefined ? {} : { nextToken }) },
        signal,
      ),
    (page) => page.nextToken,
  );
  for await (const page of pages) {
    if (page.provisionedModelSummaries === undefined)
      throw badAnswer(listing, 'the answer is empty');
    summaries.push(...page.provisionedModelSummaries);
  }
  const items = await mapPooled(summaries, tagsAtOnce, (summary) =>
    describe(api, place, summary, signal),
  );
  return items
    .filter((item) => item !== undefined)
    .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** `undefined` for one deleted since it was listed. */
async function describe(
  api: AwsApi,
  place: Place,
  summary: ProvisionedModelSummary,
  signal: AbortSignal,
): Promise<InventoryItem | undefined> {
  const { provisionedModelArn: arn, modelArn, modelUnits, status } = summary;
  if (!arn || !modelArn || !status) throw badAnswer(listing, 'half a provisioned throughput');
  if (modelUnits === undefined || !Number.isSafeInteger(modelUnits) || modelUnits < 0) {
    throw badAnswer(listing, 'a provisioned throughput without a count of model units');
  }
  const tags = await tagsOf(api, place, arn, signal);
  if (tags === undefined) return undefined;
  return {
    kind: 'provisioned_throughput',
    name: arn.slice(arn.lastIndexOf('/') + 1),
    attributes: {
      throughput_name: summary.provisionedModelName ?? '',
      arn,
      model_arn: modelArn,
      foundation_model_arn: summary.foundationModelArn ?? '',
      model_units: String(modelUnits),
      status,
      commitment: summary.commitmentDuration ?? 'NoCommitment',
      created_at: timeText(summary.creationTime),
      commitment_expires_at: timeText(summary.commitmentExpirationTime),
    },
    tags,
  };
}

function timeText(at: Date | undefined): string {
  if (at === undefined) return '';
  if (Number.isNaN(at.getTime())) throw badAnswer(listing, 'a time that is none');
  return isoUtc(at.getTime());
}

/** A listing that failed, and where. */
export interface Unlisted {
  readonly account: string;
  /** Whether the region has meters of the account. */
  readonly isMetered: boolean;
  readonly failure: ScopeFailure;
}

/**
 * A right that is missing is missing in each of some thirty regions. Where nothing is metered it is told once an account and
 * reason, and not at all where a metered region tells it.
 */
export function toldOnce(failed: readonly Unlisted[]): readonly ScopeFailure[] {
  const kindOf = ({ account, failure }: Unlisted) => `${account}/${failure.error.reason}`;
  const told = new Set(failed.filter(({ isMetered }) => isMetered).map(kindOf));
  return failed.flatMap((one) => {
    if (!one.isMetered && told.has(kindOf(one))) return [];
    told.add(kindOf(one));
    return [one.failure];
  });
}
