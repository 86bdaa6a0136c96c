import type { Reads } from './reads.ts';
import type { Finding, Rule } from './rule.ts';

/**
 * One kind of rule: a finding for each of its series.
 * @param threshold what the rule says, or the kind's default
 */
export type Evaluate = (rule: Rule, threshold: number, reads: Reads) => Promise<readonly Finding[]>;
