import { withDeadline as within } from '../../agent/core/deadline.ts';

/** `withDeadline` of the core, but however the call was stopped, it rejects with an AbortError as the SDK's own calls do. */
export function withDeadline<Answer>(
  outer: AbortSignal,
  timeoutMs: number,
  run: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  return within(outer, timeoutMs, run, stopped);
}

function stopped(): DOMException {
  return new DOMException('stopped before the answer came', 'AbortError');
}
