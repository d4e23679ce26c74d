// What graphql-codegen is told, as its program reads it (npx graphql-codegen --config
// codegen.mjs); build.mjs hands the same to the preset.
export const preset = {
  presetConfig: { persistedDocuments: true, fragmentMasking: false },
  config: {
    documentMode: 'string',
    emitLegacyCommonJSImports: false,
    scalars: { ID: 'string', Date: 'string', DateTime: 'string', Duration: 'string', Int64: { input: 'string | number', output: 'string' } },
    useTypeImports: true,
  },
};
export default {
  schema: ['../../schema.graphqls', '../../graph/schema/*.graphqls'],
  documents: ['typed/*.graphql'],
  generates: { 'gql/': { preset: 'client', ...preset } },
};
