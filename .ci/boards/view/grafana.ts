import {
  booleanOverrideProcessor,
  dataLinksOverrideProcessor,
  displayNameOverrideProcessor,
  FieldConfigOptionsRegistry,
  identityOverrideProcessor,
  numberOverrideProcessor,
  standardTransformers,
  standardTransformersRegistry,
  stringOverrideProcessor,
  thresholdsOverrideProcessor,
  unitOverrideProcessor,
  valueMappingsOverrideProcessor,
} from '@grafana/data';
import type { FieldConfigPropertyItem, InterpolateFunction } from '@grafana/data';
import { initPluginTranslations } from '@grafana/i18n';

/** Without it the components have no words. */
export async function startGrafana(): Promise<void> {
  await initPluginTranslations('grafana');
  const byId = new Map(Object.values(standardTransformers).map((one) => [one.id, one]));
  standardTransformersRegistry.setInit(() =>
    [...byId.values()].map(({ id, name, ...one }) => ({
      id,
      name,
      transformation: async () => ({ id, name, ...one }),
      editor: () => null,
      imageDark: '',
      imageLight: '',
    })),
  );
}

const standard: Readonly<Record<string, FieldConfigPropertyItem['process']>> = {
  unit: unitOverrideProcessor,
  min: numberOverrideProcessor,
  max: numberOverrideProcessor,
  decimals: numberOverrideProcessor,
  displayName: displayNameOverrideProcessor,
  noValue: stringOverrideProcessor,
  color: identityOverrideProcessor,
  thresholds: thresholdsOverrideProcessor,
  mappings: valueMappingsOverrideProcessor,
  links: dataLinksOverrideProcessor,
  filterable: booleanOverrideProcessor,
};

/** What the plugins let a board say of a field, as far as the boards do; their own code is not on npm. */
const custom =
  'align cellOptions hideFrom inspect minWidth width wrapHeaderText wrapText barAlignment drawStyle fillOpacity lineWidth showPoints spanNulls stacking'.split(
    ' ',
  );

export const fieldConfigRegistry = new FieldConfigOptionsRegistry(() => [
  ...Object.entries(standard).map(([id, process]) => item(id, id, process, false)),
  ...custom.map((path) => item(`custom.${path}`, path, identityOverrideProcessor, true)),
]);

const nothing = () => null;

function item(
  id: string,
  path: string,
  process: FieldConfigPropertyItem['process'],
  isCustom: boolean,
): FieldConfigPropertyItem {
  return {
    id,
    path,
    name: id,
    isCustom,
    process,
    settings: { expandTemplateVars: id === 'displayName' },
    editor: nothing,
    override: nothing,
    shouldApply: () => true,
  };
}

/** `${__field.labels.Cloud}` and its like, of which the boards name their series. */
export const replaceVariables: InterpolateFunction = (text, scoped) => {
  const field: { readonly labels?: Readonly<Record<string, string>> } | undefined =
    scoped?.['__dataContext']?.value.field;
  return text.replaceAll(
    /\$\{__field\.labels\.([^}]+)\}/g,
    (whole, label: string) => field?.labels?.[label] ?? whole,
  );
};
