import type { Contract, Outcome, TokenMeter } from '../core/meter.ts';
import type { Amounts } from '../core/usage.ts';

/** What no cloud documents, as the configuration decides it. */
export interface ContractSwitches {
  /** Whether input meters of OpenAI-family models count cached tokens too. */
  readonly openaiInputIncludesCached: boolean;
  /** `accepted`: Bedrock's Invocations counts requests that failed later; `successful`: it does not. */
  readonly bedrockInvocations: 'accepted' | 'successful';
}

/** A period's raw meters of one facet, with the contract of the series each came from. */
export type MeterSums = { [Name in TokenMeter | Outcome]?: number } & {
  readonly contracts: { [Name in TokenMeter | Outcome]?: Contract };
};

/** Families whose vendor keeps cached tokens out of the input meter. */
const exclusiveFamilies: ReadonlySet<string> = new Set(['anthropic', 'amazon-nova']);
/** Families that have no prompt cache at all, so nothing can be inside the input. */
const cachelessFamilies: ReadonlySet<string> = new Set(['amazon-titan']);

/**
 * Raw meters as the partition. Where the input meter holds cached tokens, what the cache meters tell is taken out of
 * it: the difference is `input` where a meter tells what was read, else `unsplitInput`. A difference below zero is not
 * clamped: the whole is `unsplitInput` and the row a violation.
 */
export function amountsOf(
  switches: ContractSwitches,
  sums: MeterSums,
  cacheMeters: { readonly read: boolean; readonly write: boolean },
  family: string,
): { readonly amounts: Amounts; readonly violation: boolean } {
  const tokens = partition(switches, sums, cacheMeters, family);
  const requests = requestsOf(switches, sums);
  return { amounts: { ...tokens.amounts, ...requests }, violation: tokens.violation };
}

type TokenAmounts = Pick<Amounts, 'input' | 'cacheRead' | 'cacheWrite' | 'output' | 'unsplitInput'>;

function partition(
  switches: ContractSwitches,
  sums: MeterSums,
  cacheMeters: { readonly read: boolean; readonly write: boolean },
  family: string,
): { readonly amounts: TokenAmounts; readonly violation: boolean } {
  const output = sums.output ?? null;
  const raw = sums.input;
  const read = cacheMeters.read ? (sums.cache_read ?? 0) : null;
  const write = cacheMeters.write ? (sums.cache_write ?? 0) : null;
  const none = { input: null, cacheRead: read, cacheWrite: write, unsplitInput: null, output };
  const contract = sums.contracts.input;
  const inside = holdsCached(switches, contract, family) ? (read ?? 0) + (write ?? 0) : 0;
  if (raw === undefined && inside === 0) return { amounts: none, violation: false };
  const input = raw ?? 0;
  const rest = input - inside;
  if (rest >= 0) {
    const isUnsplit = inputKind(switches, contract, cacheMeters.read, family) === 'unsplit';
    const amounts = isUnsplit ? { ...none, unsplitInput: rest } : { ...none, input: rest };
    return { amounts, violation: false };
  }
  return {
    amounts: { ...none, cacheRead: null, cacheWrite: null, unsplitInput: input },
    violation: true,
  };
}

/** Whether what the cache meters count, read and written, is counted by the input meter too. */
function holdsCached(
  switches: ContractSwitches,
  contract: Contract | undefined,
  family: string,
): boolean {
  if (contract === 'input_includes_cached') return true;
  if (contract === 'input_excludes_cached') return false;
  return family === 'openai' && switches.openaiInputIncludesCached;
}

/** How an input meter reads: beside its cache meters, holding them, or holding nobody knows how much. */
export function inputKind(
  switches: ContractSwitches,
  contract: Contract | undefined,
  hasCacheRead: boolean,
  family: string,
): 'exclusive' | 'inclusive' | 'unsplit' {
  if (contract === 'input_excludes_cached') return 'exclusive';
  if (contract !== 'input_includes_cached') {
    if (exclusiveFamilies.has(family) || cachelessFamilies.has(family)) return 'exclusive';
    if (family === 'openai' && !switches.openaiInputIncludesCached) return 'exclusive';
    if (family !== 'openai' && hasCacheRead) return 'exclusive';
  }
  return hasCacheRead ? 'inclusive' : 'unsplit';
}

function requestsOf(
  switches: ContractSwitches,
  sums: MeterSums,
): Pick<Amounts, 'requests' | 'errors' | 'throttles'> {
  const failed = sumOf(sums.client_error, sums.server_error);
  const { contracts } = sums;
  const separate =
    contracts.accepted === 'requests_by_status' ||
    (contracts.accepted === undefined && isByStatus(sums)) ||
    ((contracts.accepted ?? 'requests_accepted') === 'requests_accepted' &&
      switches.bedrockInvocations === 'successful');
  return {
    requests: separate ? sumOf(sums.accepted, failed ?? undefined) : (sums.accepted ?? null),
    errors: failed,
    throttles: sums.throttled ?? null,
  };
}

function isByStatus(sums: MeterSums): boolean {
  return (
    sums.contracts.client_error === 'requests_by_status' ||
    sums.contracts.server_error === 'requests_by_status'
  );
}

function sumOf(a: number | undefined, b: number | undefined): number | null {
  return a === undefined && b === undefined ? null : (a ?? 0) + (b ?? 0);
}
