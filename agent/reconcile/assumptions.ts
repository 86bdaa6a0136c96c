import type { Finding, Note } from './finding.ts';
import type { InputContract } from './inputs.ts';

const kinds: Readonly<Record<InputContract['kind'], string>> = {
  inclusive: 'the input meter counts cached tokens too',
  exclusive: 'the input meter leaves cached tokens to their own meters',
  unsplit: 'the input meter counts cached tokens too, and no meter tells them apart',
};

const bases: Readonly<Record<InputContract['basis'], string>> = {
  documented: 'as the vendor documents',
  confirmed: 'as the configuration says',
  assumed: 'by default, not confirmed: write contracts.openai.input_includes_cached to confirm',
};

const notes: Readonly<Record<Note, string>> = {
  by_share: 'several billed meters share these metered tokens, by what is billed',
  many_places: 'the bill does not say where, so all resources and regions of the account count',
  split_by_bill: 'no meter tells cached tokens apart, so their number is the bill’s',
  told_differently: 'meters and bill name the version, routing or tier differently',
  price_range: 'the meters do not show all that the price depends on, so the cost is a range',
  price_changed: 'a price changed on this day; all of it is taken at the earlier one',
};

/** What is taken to hold for a row; never empty. */
export function assumptionOf({ contract, notes: taken, metered, recordType }: Finding): string {
  const said = [
    ...(contract === null ? [] : [`${kinds[contract.kind]} (${bases[contract.basis]})`]),
    ...taken.map((note) => notes[note]),
  ];
  if (said.length > 0) return said.join('; ');
  if (metered === null && recordType !== 'usage') return 'the bill’s own word for it';
  return 'a metered token is a billed token';
}
