import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Context } from 'hono';
import { accepts } from 'hono/accepts';

const zipped = promisify(gzip);

/** Below it an answer fits into one packet however it is written. */
const leastZippedBytes = 1_400;

/** An answer as text, and a tag made of it. */
export interface TaggedAnswer {
  readonly text: string;
  readonly tag: string;
  /** The text, compressed. */
  zipped(): Promise<Uint8Array<ArrayBuffer>>;
}

export function tagged(answer: object): TaggedAnswer {
  const text = JSON.stringify(answer);
  const tag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`;
  let bytes: Promise<Uint8Array<ArrayBuffer>> | undefined;
  return { text, tag, zipped: () => (bytes ??= zipped(text).then((zip) => new Uint8Array(zip))) };
}

/**
 * Answers JSON with its tag, or with a 304 where the asker has the same already, so that what is settled is carried
 * once. Whoever keeps an answer asks before showing it again, for it may be restated, and keeps it for nobody else. The tag
 * is weak, for it says nothing of how the answer is compressed. https://www.rfc-editor.org/rfc/rfc9110.html#name-etag
 */
export async function answerTagged(c: Context, answer: TaggedAnswer): Promise<Response> {
  const { text, tag } = answer;
  c.header('Cache-Control', 'private, no-cache');
  c.header('Vary', 'Authorization, Cookie, Accept-Encoding', { append: true });
  c.header('ETag', `W/${tag}`);
  if (isKnown(c.req.header('If-None-Match'), tag)) return c.body(null, 304);
  c.header('Content-Type', 'application/json');
  if (text.length < leastZippedBytes || !takesGzip(c)) {
    return c.body(text);
  }
  c.header('Content-Encoding', 'gzip');
  return c.body(await answer.zipped());
}

/** A `*` is whatever there is. */
function isKnown(given: string | undefined, tag: string): boolean {
  if (given === undefined) return false;
  return given.trim() === '*' || [...given.matchAll(/"[^"]*"/g)].some(([one]) => one === tag);
}

function takesGzip(c: Context): boolean {
  const supports = ['gzip', 'identity'];
  return accepts(c, { header: 'Accept-Encoding', supports, default: 'identity' }) === 'gzip';
}
