import { describe, expect, it } from 'vitest';
import { nameAccounts } from '../../../collectors/azure/discover.ts';
import { accountId, subscription } from '../../support/azure-source.ts';

function named(accounts: Parameters<typeof nameAccounts>[0]) {
  return nameAccounts(accounts, subscription).map(({ resource, account: { id } }) => [
    resource,
    id,
  ]);
}

describe('accounts with one name in one region', () => {
  const elder = {
    id: accountId('ai', 'rg-z'),
    name: 'ai',
    location: 'East US',
    systemData: { createdAt: '2025-01-01T00:00:00Z' },
  };
  const younger = {
    id: accountId('AI', 'rg-a'),
    name: 'AI',
    location: 'East US',
    systemData: { createdAt: '2026-01-01T00:00:00Z' },
  };

  it('leaves the oldest its name and gives the others their group’s, in any order', () => {
    const expected = [
      ['ai', elder.id],
      ['AI@rg-a', younger.id],
    ];
    expect(named([elder, younger])).toEqual(expected);
    expect(named([younger, elder])).toEqual(expected);
  });

  it('of two regions need no telling apart', () => {
    const far = { ...younger, location: 'West US' };
    expect(named([elder, far]).map(([resource]) => resource)).toEqual(['ai', 'AI']);
  });
});
