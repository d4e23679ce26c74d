// Makes in the folder at process.argv[2] what an app makes of our schema: Relay's artifacts,
// TypeScript types and, compiled with them, typed/station.ts; and both manifests of documents
// by their ids.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { preset as client } from '@graphql-codegen/client-preset';
import { codegen } from '@graphql-codegen/core';
import { buildASTSchema, parse, printSchema } from 'graphql';
import config from './codegen.mjs';

const out = resolve(process.argv[2]);
const here = fileURLToPath(new URL('.', import.meta.url));
const root = resolve(here, '../..');
symlinkSync(resolve(here, 'node_modules'), `${out}/node_modules`);

function run(program, ...args) {
  const done = spawnSync(process.execPath, [program, ...args], { cwd: out, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${basename(program)}: ${done.error ?? done.stdout + done.stderr}`);
}

const files = ['schema.graphqls', ...readdirSync(`${root}/graph/schema`).map((name) => `graph/schema/${name}`)];
const sources = parse(files.map((name) => readFileSync(`${root}/${name}`, 'utf8')).join('\n'));
const schemaAst = buildASTSchema(sources);
const sdl = printSchema(schemaAst);
const schema = parse(sdl);
writeFileSync(`${out}/schema.graphql`, sdl);

cpSync(`${here}/relay`, `${out}/relay`, { recursive: true });
mkdirSync(`${out}/artifacts`);
writeFileSync(`${out}/relay.json`, '{}');
writeFileSync(`${out}/relay.config.json`, JSON.stringify({
  src: './relay', schema: './schema.graphql', artifactDirectory: './artifacts', language: 'javascript', eagerEsModules: false,
  persistConfig: { file: './relay.json', algorithm: 'SHA256' },
}));
run(`${here}/node_modules/relay-compiler/cli.js`, 'relay.config.json');

const documents = readdirSync(`${here}/typed`).filter((name) => name.endsWith('.graphql')).map((location) => {
  const rawSDL = readFileSync(`${here}/typed/${location}`, 'utf8');
  return { location, rawSDL, document: parse(rawSDL) };
});
const { preset: _, ...told } = config.generates['gql/'];
const plain = { cache: (_space, _key, make) => make(), profiler: { run: (fn) => fn(), collect: () => [] } };
mkdirSync(`${out}/gql`);
for (const section of await client.buildGeneratesSection({ baseOutputDir: `${out}/gql/`, schema, schemaAst, documents, plugins: [], pluginMap: {}, pluginContext: {}, ...plain, ...told })) {
  writeFileSync(section.filename, await codegen({ ...section, ...plain }));
}

cpSync(`${here}/typed/station.ts`, `${out}/station.ts`);
writeFileSync(`${out}/package.json`, JSON.stringify({ type: 'module' }));
writeFileSync(`${out}/artifacts/package.json`, JSON.stringify({ type: 'commonjs' }));
const tsc = createRequire(import.meta.url).resolve('typescript/package.json').replace('package.json', 'bin/tsc');
run(tsc, '--strict', '--target', 'es2022', '--module', 'nodenext', '--lib', 'es2023,dom,dom.asynciterable', '--skipLibCheck', '--outDir', `${out}/js`, 'station.ts');

console.log(JSON.stringify({ ...JSON.parse(readFileSync(`${out}/relay.json`, 'utf8')), ...JSON.parse(readFileSync(`${out}/gql/persisted-documents.json`, 'utf8')) }));
