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
export type MeterSums = { [Name in TokenMeter | Outcome]?: number | undefined } & {
  readonly contracts: { [Name in TokenMeter | Outcome]?: Contract | undefined };
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
  const contract = sums.contracts.input;
  let cacheRead = cacheMeters.read ? (sums.cache_read ?? 0) : null;
  let cacheWrite = cacheMeters.write ? (sums.cache_write ?? 0) : null;
  let input: number | null = null;
  let unsplitInput: number | null = null;
  let violation = false;
  const cached = (cacheRead ?? 0) + (cacheWrite ?? 0);
  const inside = cached !== 0 && holdsCached(switches, contract, family) ? cached : 0;
  if (sums.input !== undefined || inside !== 0) {
    const raw = sums.input ?? 0;
    if (raw < inside) {
      unsplitInput = raw;
      cacheRead = null;
      cacheWrite = null;
      violation = true;
    } else if (inputKind(switches, contract, cacheMeters.read, family) === 'unsplit') {
      unsplitInput = raw - inside;
    } else {
      input = raw - inside;
    }
  }
  const output = sums.output ?? null;
  const requests = requestsOf(switches, sums);
  const errors = sumOf(sums.client_error, sums.server_error);
  const throttles = sums.throttled ?? null;
  return {
    amounts: {
      input,
      cacheRead,
      cacheWrite,
      output,
      unsplitInput,
      requests,
      errors,
      throttles,
    },
    violation,
  };
}

/** Whether what the cache meters count, read and written, is counted by the input meter too. */
export function holdsCached(
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

function requestsOf(switches: ContractSwitches, sums: MeterSums): number | null {
  const contract = sums.contracts.accepted;
  const separate =
    contract === undefined
      ? isByStatus(sums) || switches.bedrockInvocations === 'successful'
      : contract === 'requests_by_status' ||
        (contract === 'requests_accepted' && switches.bedrockInvocations === 'successful');
  if (!separate) return sums.accepted ?? null;
  return sumOf(sums.accepted, sumOf(sums.client_error, sums.server_error) ?? undefined);
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

/** What decides how an input meter reads: the vendor's word, the switch of the configuration, or which meters there are. */
export function contractBasis(
  contract: Contract | undefined,
  family: string,
): 'documented' | 'switch' | 'meters' {
  if (contract === 'input_includes_cached' || contract === 'input_excludes_cached') {
    return 'documented';
  }
  if (exclusiveFamilies.has(family) || cachelessFamilies.has(family)) return 'documented';
  return family === 'openai' ? 'switch' : 'meters';
}
