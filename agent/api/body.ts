import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { ProblemError } from './problem.ts';

/** The body as text; of one without a length no more is read than may be. Throws a 413 where it is longer, a 400 where it breaks off. */
export async function bodyText(c: Context, mostBytes: number): Promise<string> {
  let text = '';
  const limit = bodyLimit({
    maxSize: mostBytes,
    onError() {
      throw new ProblemError('too-large', `send at most ${mostBytes} bytes`);
    },
  });
  try {
    await limit(c, async () => {
      text = await c.req.text();
    });
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw new ProblemError('bad-parameter', 'the body did not arrive whole');
  }
  return text;
}
