import { createInterpretation } from '../../agent/normalize/interpret.ts';

/** What every test of this folder takes the meters to mean. */
export const interpretation = createInterpretation(new Map(), {
  openaiInputIncludesCached: true,
  bedrockInvocations: 'accepted',
});
