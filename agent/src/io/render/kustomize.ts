import type { KustomizePort } from '../../ports.ts';
import { type RendererOptions, runOverFolder } from './render-folder.ts';
import { openTurns } from './turns.ts';

/** Runs `kustomize build` as a child over the given files. */
export function openKustomize(options: RendererOptions): KustomizePort {
  const turns = options.turns ?? openTurns();
  return {
    async build({ files, path }, signal) {
      const args = (place: (path: string) => string) => ['build', place(path)];
      return await turns.take(() => runOverFolder({ name: 'kustomize', files, args }, options, signal));
    },
  };
}
