/** The commands of k8s.io/kubernetes that one module builds. */
export const kubernetesCommands = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubectl',
] as const;

/**
 * A go.mod that can build k8s.io/kubernetes from outside its repository.
 * The published go.mod requires its staging modules as exactly `v0.0.0`, replaced by folders that only the
 * repository has; here they are replaced by the modules published with that version: 1.36.3 is v0.36.3 there.
 */
export function kubernetesGoMod(publishedGoMod: string, version: string): string {
  const goLine = /^go .+$/m.exec(publishedGoMod)?.[0];
  if (goLine === undefined) throw new Error('the go.mod of k8s.io/kubernetes names no Go version');
  const staging = publishedGoMod.matchAll(/^\s+(k8s\.io\/[a-z0-9-]+) v0\.0\.0(?:\s|$)/gm);
  const names = [...staging].flatMap((found) => (found[1] === undefined ? [] : [found[1]]));
  const stagingVersion = `v0.${version.split('.').slice(1).join('.')}`;
  return [
    'module flotilla.local/kubernetes',
    '',
    goLine,
    `require k8s.io/kubernetes v${version}`,
    ...names.map((name) => `replace ${name} => ${name} ${stagingVersion}`),
    '',
  ].join('\n');
}

/** A Go file whose imports make `go mod tidy` keep what the commands need. */
export function kubernetesImports(): string {
  const imports = kubernetesCommands.map((command) => `\t_ "k8s.io/kubernetes/cmd/${command}"`);
  return ['//go:build tools', '', 'package tools', '', 'import (', ...imports, ')', ''].join('\n');
}
