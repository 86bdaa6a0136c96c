import { saidOf } from './problem.ts';
import type { ProblemKind } from './problem.ts';

export type Json = Readonly<Record<string, unknown>>;

/** What may go wrong wherever somebody is asked who they are. */
export const guardedProblems: readonly ProblemKind[] = [
  'unauthorized',
  'forbidden',
  'unknown-host',
  'too-many-requests',
  'internal',
  'too-slow',
];

const kinds: readonly ProblemKind[] = [
  ...guardedProblems,
  'bad-parameter',
  'not-found',
  'conflict',
  'too-large',
  'contradiction',
  'too-many-rows',
];

const problemHeaders: Readonly<Partial<Record<ProblemKind, Json>>> = {
  unauthorized: {
    'WWW-Authenticate': { description: 'Bearer', required: true, schema: { type: 'string' } },
  },
  'too-many-requests': {
    'Retry-After': {
      description: 'Seconds to wait',
      required: true,
      schema: { type: 'integer', minimum: 1 },
    },
  },
};

/** A response for each status of a problem, by the name under which operations refer to it. */
export function problemResponses(): Json {
  const content = {
    'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
  };
  return Object.fromEntries(
    statusesOf(kinds).map((status) => {
      const alike = kinds.filter((kind) => saidOf(kind).status === status);
      const description = alike.map((kind) => saidOf(kind).title).join('. Or: ');
      const headers = Object.assign({}, ...alike.map((kind) => problemHeaders[kind] ?? {}));
      return [`Problem${status}`, { description, headers, content }];
    }),
  );
}

/** References to the responses of these problems, by status. */
export function answersTo(problems: readonly ProblemKind[]): Json {
  return Object.fromEntries(
    statusesOf(problems).map((status) => [
      status,
      { $ref: `#/components/responses/Problem${status}` },
    ]),
  );
}

function statusesOf(problems: readonly ProblemKind[]): readonly number[] {
  return [...new Set(problems.map((kind) => saidOf(kind).status))].toSorted((a, b) => a - b);
}

/** What an answer says that a client may keep, and its 304. */
export const taggedHeaders: Json = {
  ETag: { $ref: '#/components/headers/ETag' },
  'Cache-Control': { $ref: '#/components/headers/CacheControl' },
};
export const notModified: Json = {
  '304': { description: 'As it was: the ETag is one of If-None-Match', headers: taggedHeaders },
};

export const sharedHeaders: Json = {
  ETag: {
    description: 'Of this answer to this asker; send it back in If-None-Match for a 304',
    required: true,
    schema: { type: 'string', pattern: '^W/"[A-Za-z0-9_-]+"$' },
  },
  CacheControl: {
    description: 'Ask before showing it again: figures may be restated',
    required: true,
    schema: { const: 'private, no-cache' },
  },
};
