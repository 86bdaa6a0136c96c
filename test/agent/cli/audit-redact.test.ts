import { describe, expect, it } from 'vitest';
import { createRedaction } from '../../../agent/cli/audit-redact.ts';
import { billLine } from '../reconcile/days.ts';
import { identityRow } from '../../support/memory-reader.ts';

const subscription = '00000000-0000-0000-0000-000000000001';
const profile = 'arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc123';

function redaction() {
  return createRedaction(
    [
      identityRow({ id: 1, account: '111122223333', vendorModel: profile }),
      identityRow({
        id: 2,
        cloud: 'azure',
        account: subscription,
        resource: 'aoai-east',
        deployment: 'secret-project',
        model: 'openai/gpt-5.4',
      }),
      identityRow({ id: 3, account: subscription, deployment: 'gpt-5.4', model: 'openai/gpt-5.4' }),
    ],
    [billLine({ account: '999988887777', resource: 'aoai-west' })],
  );
}

describe('redaction', () => {
  it.each([
    [
      'an account inside a longer id',
      'arn:aws:x:us-east-1:999988887777:y',
      'arn:aws:x:us-east-1:account-3:y',
    ],
    ['a whole profile', `ModelId=${profile}`, 'ModelId=profile-1'],
    [
      'a resource id, its group too, in any case',
      `/subscriptions/${subscription}/resourceGroups/Team-A/providers/x/accounts/AOAI-EAST`,
      '/subscriptions/account-1/resourceGroups/resource-group/providers/x/accounts/resource-1',
    ],
    [
      'a deployment',
      "ModelDeploymentName eq 'secret-project'",
      "ModelDeploymentName eq 'deployment-1'",
    ],
    ['nothing where a deployment is called as its model is', 'openai/gpt-5.4', 'openai/gpt-5.4'],
    ['no part of another word', 'aoai-east-2 secret-projects', 'aoai-east-2 secret-projects'],
  ])('hides %s', (_, text, hidden) => {
    expect(redaction().text(text)).toBe(hidden);
  });

  it('gives a row the names that the texts have', () => {
    expect(redaction().place({ account: '999988887777', resource: 'aoai-west' })).toEqual({
      account: 'account-3',
      resource: 'resource-2',
    });
  });

  it('changes nothing where it knows nobody', () => {
    const place = { account: '111122223333', resource: '' };
    expect(createRedaction([], []).place(place)).toEqual(place);
    expect(createRedaction([], []).text('111122223333')).toBe('111122223333');
  });
});
