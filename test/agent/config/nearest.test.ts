import { distance } from 'fastest-levenshtein';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearest, suggestion } from '../../../agent/config/nearest.ts';

const known = [
  'name',
  'type',
  'regions',
  'roles',
  'collect',
  'endpoint',
  'linked_accounts',
  'public_url',
  'for',
  'by',
];
const anyKnown = fc.constantFrom(...known);

describe('nearest', () => {
  it.each([
    ['regoins', 'regions', 'two letters swapped'],
    ['region', 'regions', 'a letter short'],
    ['nmae', 'name', 'a short word, two letters swapped'],
    ['publicUrl', 'public_url', 'camel case'],
    ['linked-accounts', 'linked_accounts', 'dashes'],
    ['REGIONS', 'regions', 'capitals'],
    ['fro', 'for', 'no: two edits of three letters', undefined],
    ['xyz', 'by', 'no: another word', undefined],
    ['subscriptions', 'regions', 'no: another word', undefined],
  ])('%s: %s (%s)', (typed, meant, _, ...instead) => {
    expect(nearest(typed, known)).toBe(instead.length === 1 ? instead[0] : meant);
  });

  it('finds a known word in itself, however its parts are joined', () => {
    fc.assert(
      fc.property(anyKnown, fc.constantFrom('_', '-', '.', ' ', ''), (word, joint) => {
        expect(nearest(word.replaceAll('_', joint).toUpperCase(), known)).toBe(word);
      }),
    );
  });

  it('finds a word for any known one with a single letter wrong', () => {
    fc.assert(
      fc.property(
        anyKnown,
        fc.nat(20),
        fc.constantFrom('a', 'b', 'c', 'x', 'y', 'z'),
        (word, at, letter) => {
          const index = at % word.length;
          expect(
            nearest(word.slice(0, index) + letter + word.slice(index + 1), known),
          ).toBeDefined();
        },
      ),
    );
  });

  it('answers a known word than which none is nearer, or nothing', () => {
    const letters = fc.string({
      unit: fc.constantFrom(...Array.from('abcdeilmnoprstuy')),
      maxLength: 12,
    });
    fc.assert(
      fc.property(letters, (typed) => {
        const found = nearest(typed, known);
        if (found === undefined) return;
        const edits = (word: string) => distance(typed, word.replaceAll('_', ''));
        expect(known).toContain(found);
        expect(edits(found)).toBe(Math.min(...known.map(edits)));
      }),
    );
  });
});

describe('suggestion', () => {
  it('lists what is known where nothing is near', () => {
    expect(suggestion('interval', ['every', 'overlap'])).toBe('known here: every, overlap');
    expect(suggestion('evry', ['every', 'overlap'])).toBe('did you mean "every"?');
  });
});
