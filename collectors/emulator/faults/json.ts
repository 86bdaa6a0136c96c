import type { Served } from '../http.ts';

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The same answer with its JSON object changed. */
export function withBody(answer: Served, change: (body: JsonObject) => JsonObject): Served {
  const body: unknown = JSON.parse(answer.body);
  return { ...answer, body: JSON.stringify(change(isObject(body) ? body : {})) };
}

/** The object with every object of the list at `key` changed; `index` is its place in the list. */
export function withEach(
  body: JsonObject,
  key: string,
  change: (item: JsonObject, index: number) => JsonObject,
): JsonObject {
  const list = body[key];
  if (!Array.isArray(list)) return body;
  return {
    ...body,
    [key]: list.map((item: unknown, index) => (isObject(item) ? change(item, index) : item)),
  };
}
