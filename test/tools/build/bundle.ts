import { writeFile } from 'node:fs/promises';
import { build, type Plugin } from 'esbuild';
import type { Runtime } from './runtime.ts';

/** One program and the single file it becomes. */
export interface Bundle {
  readonly entry: string;
  readonly output: string;
  /** Written in place of the identifier FLOTILLA_VERSION. */
  readonly version: string;
  readonly runtime: Runtime;
}

/**
 * CommonJS libraries inside an ES module still call `require` for Node's own modules and look for their folder.
 * The names are ours, so that they cannot meet names of the bundled code.
 */
const preamble = [
  "import { createRequire as flotillaCreateRequire } from 'node:module';",
  'const require = flotillaCreateRequire(import.meta.url);',
  'const __filename = import.meta.filename;',
  'const __dirname = import.meta.dirname;',
].join('\n');

/**
 * The first two lines of a program are a shell script that finds a Node that can run the rest, which to Node is a string
 * and a comment: an older Node would answer with a page of our code instead of one line about itself.
 */
function launcher({ env, flags }: Runtime): string {
  const variables = Object.entries(env).map(([name, value]) => `export ${name}="\${${name}:-${value}}"; `);
  const start = `${variables.join('')}exec "$node" ${flags.join(' ')} "$0" "$@"`;
  const line = [
    '":" //; node=${FLOTILLA_NODE:-node}; found=$("$node" --version 2>/dev/null)',
    `case $found in v2[4-9].*|v[3-9][0-9].*) ${start};; esac`,
    'echo "${0##*/} needs Node 24 or newer, and $node is ${found:-not there}: install one, or name it in FLOTILLA_NODE" >&2',
    'exit 1',
  ];
  return `#!/bin/sh\n${line.join('; ')}`;
}

/**
 * Takes Node's own modules by `require`. An `import` of one reads all that it exports, and `node:http` exports a
 * WebSocket whose reading loads fetch: 3 MiB of memory and 10 ms in a program that never calls it.
 */
const requiredBuiltins: Plugin = {
  name: 'required-builtins',
  setup(builder) {
    builder.onResolve({ filter: /^node:/ }, ({ kind, path }) =>
      kind === 'import-statement' ? { path, namespace: 'builtin' } : undefined,
    );
    builder.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
  },
};

/**
 * The same program in ASCII: one other character, and Node keeps two bytes for each of the whole text. The bundler
 * leaves such characters in regular expressions and comments only, where the escape means the same.
 */
function inAscii(text: string): string {
  return text.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Bundles a program with everything it imports into one executable file; returns its size in bytes. */
export async function writeBundle(bundle: Bundle): Promise<number> {
  const result = await build({
    entryPoints: [bundle.entry],
    outfile: bundle.output,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    banner: { js: preamble },
    write: false,
    define: { FLOTILLA_VERSION: JSON.stringify(bundle.version) },
    // Node keeps the text of what it runs: without white space a bundle of gRPC and NATS needs 6 MB less. Names
    // stay, so that stack traces can be read. A compile cache that the program switches on itself does not help: one
    // file is compiled before it runs (the command line has it switched on from outside).
    minifySyntax: true,
    minifyWhitespace: true,
    plugins: [requiredBuiltins],
    legalComments: 'eof',
    logLevel: 'warning',
    // Optional native helpers that libraries try and do without.
    external: ['bufferutil', 'utf-8-validate', 'cpu-features'],
  });
  const [file] = result.outputFiles;
  if (file === undefined) throw new Error(`${bundle.entry} was bundled into nothing`);
  // esbuild keeps the first line of an entry that brings its own.
  const text = `${launcher(bundle.runtime)}\n${inAscii(file.text.replace(/^#!.*\n/, ''))}`;
  await writeFile(bundle.output, text, { mode: 0o755 });
  return Buffer.byteLength(text);
}
