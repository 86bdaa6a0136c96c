import type { InferenceProfileSummary } from '@aws-sdk/client-bedrock';
import type { Labels } from '../../agent/core/collector.ts';
import type { InventoryItem } from '../../agent/core/inventory.ts';
import type { AwsApi, Place } from './client.ts';
import { badAnswer, pagesOf } from './pages.ts';
import { mapPooled } from './pool.ts';

const listing = 'bedrock:ListInferenceProfiles';
const tagsAtOnce = 2;

/**
 * The application inference profiles of a region, whose ids stand in ModelId, with their tags. Whole or a throw
 * (ExternalError): a profile without its tags would read as one that has none. Without the type, AWS lists only
 * its own profiles.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListInferenceProfiles.html
 */
export async function listProfiles(
  api: AwsApi,
  place: Place,
  signal: AbortSignal,
): Promise<readonly InventoryItem[]> {
  const summaries: InferenceProfileSummary[] = [];
  const pages = pagesOf(
    listing,
    (nextToken) =>
      api.listInferenceProfiles(
        place,
        {
          typeEquals: 'APPLICATION',
          maxResults: 1_000,
          ...(nextToken === undefined ? {} : { nextToken }),
        },
        signal,
      ),
    (page) => page.nextToken,
  );
  for await (const page of pages) {
    if (page.inferenceProfileSummaries === undefined)
      throw badAnswer(listing, 'the answer is empty');
    summaries.push(...page.inferenceProfileSummaries);
  }
  const items = await mapPooled(summaries, tagsAtOnce, (summary) =>
    describe(api, place, summary, signal),
  );
  return items
    .filter((item) => item !== undefined)
    .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** `undefined` for a profile deleted since it was listed. */
async function describe(
  api: AwsApi,
  place: Place,
  summary: InferenceProfileSummary,
  signal: AbortSignal,
): Promise<InventoryItem | undefined> {
  const { inferenceProfileId, inferenceProfileName, inferenceProfileArn, models } = summary;
  if (!inferenceProfileId || !inferenceProfileArn)
    throw badAnswer(listing, 'a profile without an id');
  const tags = await tagsOf(api, place, inferenceProfileArn, signal);
  if (tags === undefined) return undefined;
  const arns = (models ?? []).flatMap(({ modelArn }) => modelArn ?? []);
  return {
    kind: 'inference_profile',
    name: inferenceProfileId,
    attributes: {
      profile_name: inferenceProfileName ?? '',
      model_arns: arns.toSorted().join(' '),
    },
    tags,
  };
}

/** `undefined` for a resource that is gone. */
export async function tagsOf(
  api: AwsApi,
  place: Place,
  arn: string,
  signal: AbortSignal,
): Promise<Labels | undefined> {
  const answer = await api.listTags(place, arn, signal);
  if (answer === undefined) return undefined;
  if (answer.tags === undefined)
    throw badAnswer('bedrock:ListTagsForResource', 'the answer is empty');
  return Object.fromEntries(answer.tags.map(({ key, value }) => [key ?? '', value ?? '']));
}
