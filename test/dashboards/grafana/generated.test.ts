import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { generatedFiles } from '../../../dashboards/grafana/boards.ts';
import { boardsJson, panelsOf } from './board-schema.ts';
import { faultsOf } from './json-schema.ts';
import type { JsonSchema } from './json-schema.ts';

const folder = new URL('../../../dashboards/grafana/generated/', import.meta.url);

function schemaOf(name: string): JsonSchema {
  const url = new URL(`../../fixtures/grafana/${name}.schema.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8'));
}

describe('what is committed', () => {
  it('is what is generated: run `npm run dashboards`', () => {
    const committed = readdirSync(folder).map(
      (name) => [name, readFileSync(new URL(name, folder), 'utf8')] as const,
    );
    expect(Object.fromEntries(committed)).toEqual(Object.fromEntries(generatedFiles()));
  });

  it('has the names by which the agent finds it', () => {
    for (const [name, text] of generatedFiles()) {
      expect(name).toMatch(/^crossbill-[a-z-]+\.json$/);
      expect(JSON.parse(text)).toMatchObject({ uid: name.slice(0, -5) });
    }
  });
});

describe("Grafana's own schema", () => {
  it.each([...generatedFiles()])('takes %s', (_, text) => {
    expect(faultsOf(JSON.parse(text), schemaOf('dashboard'))).toEqual([]);
  });

  it.each(boardsJson())('takes the options of every panel of $title', (board) => {
    for (const { type, options, fieldConfig } of panelsOf(board)) {
      const { definitions = {} } = schemaOf(type);
      const root = { definitions };
      expect(faultsOf(options, definitions['Options'] ?? {}, root)).toEqual([]);
      // A kind of panel without options of its own for fields takes none.
      const custom = partial(definitions['FieldConfig'] ?? { additionalProperties: false });
      expect(faultsOf(fieldConfig.defaults.custom ?? {}, custom, root)).toEqual([]);
    }
  });

  it.each([
    ['a width that is a text', { gridPos: { x: 0, y: 0, h: 1, w: '6' } }],
    ['a word that it does not know', { fieldConfg: {} }],
    ['no type', { type: undefined }],
  ])('does not take %s', (_, change) => {
    const [board] = boardsJson();
    const panel = { type: 'stat', title: 'x', ...change };
    const broken: unknown = JSON.parse(JSON.stringify({ ...board, panels: [panel] }));
    expect(faultsOf(broken, schemaOf('dashboard'))).not.toEqual([]);
  });
});

/** What a panel does not say of its fields, Grafana fills in. */
function partial(schema: JsonSchema): JsonSchema {
  const { required: _, ...rest } = schema;
  return rest;
}
