import { RenderError } from '@flotilla/agent/io/render';
import type { ContentFile, KustomizePort } from '@flotilla/agent/ports';
import { parse } from 'yaml';

/**
 * As little of kustomize as a loop needs: files and folders named under `resources`, one after the other. Every other field
 * is refused, so that no test leans on what this does not do.
 */
export function memoryKustomize(): KustomizePort {
  return {
    async build({ files, path }, signal) {
      signal.throwIfAborted();
      const byPath = new Map(files.map((file) => [clean(file.path), file]));
      return documents(byPath, clean(path)).join('---\n');
    },
  };
}

function documents(files: ReadonlyMap<string, ContentFile>, folder: string): readonly string[] {
  const file = files.get(join(folder, 'kustomization.yaml'));
  if (file === undefined) throw refused(`${folder} holds no kustomization.yaml`);
  const { resources = [], apiVersion: _, kind: __, ...more } = Object(parse(textOf(file)));
  const [unknown] = Object.keys(more);
  if (unknown !== undefined) throw refused(`the stand-in for kustomize does not know ${unknown}`);
  return resources.flatMap((resource: string) => {
    const path = clean(join(folder, resource));
    const named = files.get(path);
    if (named !== undefined) return [ending(textOf(named))];
    if (![...files.keys()].some((one) => one.startsWith(`${path}/`))) throw refused(`${path} is not there`);
    return documents(files, path);
  });
}

function textOf(file: ContentFile): string {
  return new TextDecoder().decode(file.bytes);
}

function ending(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}

function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** A path without `.` and `..`; RENDER_PATH when it leads out of the repository. */
function clean(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..' && parts.pop() === undefined) throw outside(path);
    if (part !== '..' && part !== '.' && part !== '') parts.push(part);
  }
  if (path.startsWith('/')) throw outside(path);
  return parts.join('/');
}

function outside(path: string): RenderError {
  const code = 'RENDER_PATH';
  return new RenderError(`${JSON.stringify(path)} is outside of the repository`, { code, retry: 'never' });
}

function refused(text: string): RenderError {
  return new RenderError(text, { code: 'RENDER_REFUSED', retry: 'never' });
}
