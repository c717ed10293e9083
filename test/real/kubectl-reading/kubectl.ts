import { spawn } from 'node:child_process';
import { findTool } from '../../tools/index.ts';

const mark = 'flotilla.dev/read-by-kubectl';

/** The objects that kubectl reads from manifests, in order, or what it says is wrong. No server is asked. */
export async function readByKubectl(text: string | Uint8Array): Promise<readonly unknown[] | string> {
  const { path } = await findTool('kubectl');
  // Of the verbs that work on files alone, this one changes least: the mark is taken off again.
  const child = spawn(path, ['annotate', '--local', '-f', '-', `${mark}=x`, '-o', 'json', '--overwrite']);
  const [output, errors] = [textOf(child.stdout), textOf(child.stderr)];
  child.stdin.on('error', () => undefined);
  child.stdin.end(text);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return code === 0 ? documentsIn(output()).map(withoutMark) : errors();
}

function textOf(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}

/** kubectl prints one object after the other, each ending with a brace at the start of a line. */
function documentsIn(output: string): readonly unknown[] {
  return output
    .split(/^(?=\{)/m)
    .filter((part) => part.trim() !== '')
    .map((part) => JSON.parse(part) as unknown);
}

function withoutMark(value: unknown): unknown {
  // kubectl prints objects, and has just given each the mark.
  const object = value as { metadata: { annotations: Record<string, string> } };
  const { [mark]: _mark, ...annotations } = object.metadata.annotations;
  const { annotations: _gone, ...metadata } = object.metadata;
  const isEmpty = Object.keys(annotations).length === 0;
  return { ...object, metadata: isEmpty ? metadata : { ...metadata, annotations } };
}
