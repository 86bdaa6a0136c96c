import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBedrockId } from '../../../agent/normalize/bedrock-id.ts';
import { identifyAzure, identifyBedrock } from '../../../agent/normalize/identity.ts';
import type { ModelIdentity } from '../../../agent/normalize/identity.ts';
import { knownModels } from '../../../agent/normalize/known-models.ts';
import { canonicalName } from '../../../agent/normalize/model-name.ts';

interface PublicId {
  readonly id: string;
  readonly base_model?: string;
}

const text = readFileSync(new URL('../../fixtures/models/ids.json', import.meta.url), 'utf8');
const publicIds: { readonly bedrock: readonly PublicId[]; readonly azure: readonly PublicId[] } =
  JSON.parse(text);

const noAliases = new Map<string, string>();
const ofBedrock = (modelId: string) => identifyBedrock({ modelId, endpoint: 'runtime' }, noAliases);
const ofAzure = (modelName: string) => identifyAzure({ deployment: 'x', modelName }, noAliases);
const ofDeployment = (deployment: string) => identifyAzure({ deployment }, noAliases);

const canonical = /^[a-z0-9-]+\/[a-z0-9.:-]+$/;
/** Ids of the public list that are rightly unknown. */
const exceptions: readonly string[] = [];

describe('the public list of ids', () => {
  const rows = [
    ...publicIds.bedrock.map((row) => ({ ...row, identity: ofBedrock(row.id) })),
    ...publicIds.azure.map((row) => ({ ...row, identity: ofAzure(row.id) })),
    ...publicIds.azure.map((row) => ({ ...row, identity: ofDeployment(row.id) })),
  ];

  it('is whole', () => {
    expect(publicIds.bedrock.length).toBeGreaterThan(100);
    expect(publicIds.azure.length).toBeGreaterThan(100);
  });

  it('is known, exceptions apart', () => {
    const unknown = rows.filter(({ identity }) => identity.confidence === 'none');
    expect(unknown.map(({ id }) => id)).toEqual(exceptions);
  });

  it('agrees with the public map, which leaves some dates in the name', () => {
    const mapped = rows.filter(({ base_model }) => base_model !== undefined);
    expect(mapped.length).toBeGreaterThan(60);
    for (const { id, base_model, identity } of mapped) {
      const expected = base_model?.replace(/-20\d{6}$/, '');
      expect(`${id} is ${identity.model}`).toBe(`${id} is ${expected}`);
    }
  });

  it('joins the clouds: what both serve has one name', () => {
    const onBedrock = new Set(publicIds.bedrock.map(({ id }) => ofBedrock(id).model));
    const onAzure = new Set(publicIds.azure.map(({ id }) => ofAzure(id).model));
    const shared = [...onBedrock].filter((model) => onAzure.has(model));
    expect(shared).toEqual(
      expect.arrayContaining([
        'anthropic/claude-sonnet-4-5',
        'deepseek/deepseek-v3.1',
        'meta/llama-3.3-70b-instruct',
        'meta/llama-4-maverick-17b-instruct',
        'moonshotai/kimi-k2-thinking',
        'openai/gpt-5.5',
      ]),
    );
  });
});

describe('one model, four words', () => {
  it.each([
    ['geographic', ofBedrock('us.openai.gpt-5.6-sol')],
    ['global', ofBedrock('global.openai.gpt-5.6-sol')],
    ['Mantle', identifyBedrock({ modelId: 'openai.gpt-5.6-sol', endpoint: 'mantle' }, noAliases)],
    [
      'Azure',
      identifyAzure(
        {
          deployment: 'chat-eu',
          inventory: { format: 'OpenAI', name: 'gpt-5.6-sol', version: '', skuName: 'Standard' },
        },
        noAliases,
      ),
    ],
  ])('is the same on %s', (_where, identity) => {
    expect(identity.model).toBe('openai/gpt-5.6-sol');
  });
});

describe('the bundled map', () => {
  it.each([...knownModels])('can be reached from %s', (key) => {
    const [developer = '', name = ''] = key.split('/');
    const own = key.startsWith('aws:') ? parseBedrockId(key.slice(4))?.key : undefined;
    expect(own ?? `${developer}/${canonicalName(developer, name).name}`).toBe(
      key.replace(/^aws:/, ''),
    );
  });

  it.each([...new Set(knownModels.values())])(
    'leads to a name that all rules keep: %s',
    (model) => {
      const [developer = '', name = ''] = model.split('/');
      expect(model).toMatch(canonical);
      expect(canonicalName(developer, name)).toEqual({ name, version: '' });
      expect(knownModels.has(model)).toBe(false);
    },
  );
});

/** Words in the shape of ids, so that the properties reach past the grammar's door. */
const scopes = ['', 'us.', 'global.', 'mx.', 'us-gov.'];
const vendors = ['openai', 'meta', 'deepseek', 'qwen', 'cohere', 'ai21', 'newlabs'];
const pieces =
  'gpt 35 4 llama3 1 claude meta-llama cohere embed v0 v1 v2 0613 0301-preview 2024-08-06 20250929 latest ft ft-1 0 ' +
  '200k preview turbo jamba openai Größe';
const joint = fc.constantFrom('.', '-', '-', '-', ':', '_', '');
const nameLike = fc
  .array(fc.tuple(fc.constantFrom(...pieces.split(' ')), joint), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.flat().join(''));
const idLike = fc
  .tuple(fc.constantFrom(...scopes), fc.constantFrom(...vendors), nameLike)
  .map(([scope, vendor, name]) => `${scope}${vendor}.${name}`);
const arnLike = fc
  .tuple(fc.constantFrom('', 'us-east-1'), fc.constantFrom('foundation', 'custom'), idLike)
  .map(([region, kind, id]) => `arn:aws:bedrock:${region}::${kind}-model/${id}`);
const pathLike = fc.array(nameLike, { maxLength: 3 }).map((parts) => parts.join('/'));
const anyWord = fc.oneof(idLike, arnLike, pathLike, fc.string({ unit: 'binary' }), fc.string());
const anyAliases = fc
  .array(fc.tuple(anyWord, anyWord), { maxLength: 3 })
  .map((pairs) => new Map(pairs));

function isWellFormed({ model, developer, family, confidence }: ModelIdentity): boolean {
  if (confidence === 'none') return developer === '' && family === 'unknown';
  return canonical.test(model) && model.startsWith(`${developer}/`) && family !== '';
}

describe('for any words at all', () => {
  it('Bedrock’s are named in the canonical form or kept, and the raw id is kept always', () => {
    const profile = fc.record({ name: anyWord, modelArns: fc.array(anyWord, { maxLength: 3 }) });
    const profiles = fc.option(profile, { nil: undefined });
    fc.assert(
      fc.property(anyWord, profiles, anyAliases, (modelId, known, aliases) => {
        const facts = { modelId, endpoint: 'runtime' as const };
        const whole = known === undefined ? facts : { ...facts, profile: known };
        const identity = identifyBedrock(whole, aliases);
        expect(identity.vendorModel).toBe(modelId);
        expect(identity).toSatisfy(isWellFormed);
      }),
      { numRuns: 500 },
    );
  });

  it('Azure’s are named in the canonical form or kept, and a word of Azure’s is kept always', () => {
    const inventory = fc.record({
      format: anyWord,
      name: anyWord,
      version: anyWord,
      skuName: anyWord,
    });
    fc.assert(
      fc.property(anyWord, anyWord, anyWord, inventory, anyAliases, (...words) => {
        const [deployment, modelName, modelVersion, listed, aliases] = words;
        const facts = { deployment, modelName, modelVersion, inventory: listed };
        const identity = identifyAzure(facts, aliases);
        expect([listed.name, modelName, deployment]).toContain(identity.vendorModel);
        expect(identity).toSatisfy(isWellFormed);
      }),
      { numRuns: 500 },
    );
  });

  it('a canonical name is its own canonical name', () => {
    fc.assert(
      fc.property(fc.constantFrom(...vendors), anyWord, (developer, raw) => {
        const { name } = canonicalName(developer, raw);
        expect(canonicalName(developer, name).name).toBe(name);
      }),
      { numRuns: 2000 },
    );
  });

  it('a model that Bedrock’s id names is named by its canonical id too', () => {
    fc.assert(
      fc.property(fc.oneof(idLike, arnLike), (word) => {
        const { model, confidence } = ofBedrock(word);
        fc.pre(confidence !== 'none');
        expect(ofBedrock(model.replace('/', '.')).model).toBe(model);
      }),
      { numRuns: 2000 },
    );
  });

  it('the scope changes the routing and never the model', () => {
    fc.assert(
      fc.property(fc.constantFrom('us', 'eu', 'us-gov', 'global'), idLike, (scope, id) => {
        const bare = id.replace(/^(us|global|mx|us-gov)\./, '');
        expect(ofBedrock(`${scope}.${bare}`).confidence).toBe(ofBedrock(bare).confidence);
        fc.pre(ofBedrock(bare).confidence !== 'none');
        expect(ofBedrock(`${scope}.${bare}`).model).toBe(ofBedrock(bare).model);
        expect(ofBedrock(`${scope}.${bare}`).routing).toBe(scope === 'global' ? 'global' : 'geo');
      }),
      { numRuns: 500 },
    );
  });

  it('case and surrounding blanks change nothing', () => {
    fc.assert(
      fc.property(idLike, (id) => {
        const ascii = id.replaceAll('ö', '').replaceAll('ß', '');
        expect(ofBedrock(` ${ascii.toUpperCase()} `).model).toBe(ofBedrock(ascii).model);
      }),
      { numRuns: 500 },
    );
  });
});
