import { describe, expect, it } from 'vitest';
import type { ScriptedReply, ScriptedRequest } from '../../support/scripted-server.ts';
import {
  account,
  callerIdentity,
  json,
  listed,
  listing,
  never,
  noProfiles,
  on,
  signedBy,
  withAws,
} from './fake-aws.ts';

const input = listed('InputTokenCount', { ModelId: 'us.openai.gpt-6-sol' });

function inEast(answer: unknown): (request: ScriptedRequest) => ScriptedReply | undefined {
  return (request) => (signedBy(request).region === 'us-east-1' ? json(answer) : undefined);
}

describe('a region', () => {
  it.each([
    [
      'listing',
      on(
        'ListMetrics',
        inEast({
          Metrics: [{ Namespace: 'AWS/Bedrock', MetricName: 'InputTokenCount', Dimensions: {} }],
        }),
      ),
      '/AWS/Bedrock',
    ],
    [
      'profiles',
      on(
        'ListInferenceProfiles',
        inEast({
          inferenceProfileSummaries: [
            { inferenceProfileId: 7, inferenceProfileArn: {}, models: {} },
          ],
        }),
      ),
      '/inference-profiles',
    ],
  ])(
    'whose %s has another shape than documented hides no other region',
    async (_what, odd, part) => {
      const { targets, failures } = await withAws(
        [odd, listing(input), callerIdentity, noProfiles],
        ({ collector }) => collector.discover(never),
        { regions: ['us-east-1', 'eu-central-1'] },
      );
      expect(targets.map(({ id }) => id)).toContain(`prod/${account}/eu-central-1/AWS/Bedrock`);
      expect(failures.map(({ scope, error }) => [scope, error.reason])).toEqual([
        [`prod/${account}/us-east-1${part}`, 'bad_response'],
      ]);
    },
  );
});
