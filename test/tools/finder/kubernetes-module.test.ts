import { expect, it } from 'vitest';
import { kubernetesGoMod, kubernetesImports } from './kubernetes-module.ts';

const published = `// comment
module k8s.io/kubernetes

go 1.26.0

require (
	github.com/google/uuid v1.6.0
	k8s.io/api v0.0.0
	k8s.io/klog/v2 v2.130.1
	k8s.io/kube-openapi v0.0.0-20250910181357-589584f1c912
	k8s.io/kubectl v0.0.0 // a comment
)

replace (
	k8s.io/api => ./staging/src/k8s.io/api
)
`;

it('replaces exactly the staging modules by their published twins and keeps the Go version', () => {
  expect(kubernetesGoMod(published, '1.36.3')).toBe(`module flotilla.local/kubernetes

go 1.26.0
require k8s.io/kubernetes v1.36.3
replace k8s.io/api => k8s.io/api v0.36.3
replace k8s.io/kubectl => k8s.io/kubectl v0.36.3
`);
});

it('refuses a go.mod without a Go version', () => {
  expect(() => kubernetesGoMod('module x\n', '1.36.3')).toThrow('names no Go version');
});

it('imports every command, so that tidy keeps what they need', () => {
  expect(kubernetesImports()).toContain('_ "k8s.io/kubernetes/cmd/kube-apiserver"');
});
