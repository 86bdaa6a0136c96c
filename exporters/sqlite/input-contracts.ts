import type { InputContractReader } from '../../agent/core/audit.ts';
import type { Contract } from '../../agent/core/meter.ts';
import type { Db } from './database.ts';

/** Of several input series of one facet the one that claims a period before the others; a total where no part is its own. */
export function createInputContractReader(db: Db): InputContractReader {
  const rows = db.prepare<[], { id: number; contract: Contract }>(
    `SELECT identity.id, series.contract FROM identity
       JOIN facet ON facet.id = identity.facet_id
       JOIN series ON series.traffic_id = facet.traffic_id AND series.tier = facet.tier
         AND series.model_name = facet.model_name AND series.model_version = facet.model_version
     WHERE json_extract(measure, '$.kind') = 'tokens' AND json_extract(measure, '$.meter') = 'input'
     ORDER BY rank DESC, series.id DESC`,
  );
  return {
    inputContracts: () =>
      Promise.resolve(new Map(rows.all().map(({ id, contract }) => [id, contract]))),
  };
}
