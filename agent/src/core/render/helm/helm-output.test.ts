import { describe, expect, it } from 'vitest';
import { formatProblem } from '../source-object.ts';
import { describeHelmFailure, readHelmOutput } from './helm-output.ts';

const chart = { path: 'apps/shop-web', name: 'web', files: [] };
const failure = (message: string) => formatProblem(describeHelmFailure(message, chart));

describe("Helm's output", () => {
  it('is read as one file for each template, in the order in which they first come', () => {
    const text =
      '---\n# Source: web/crds/w.yaml\na: 1\n---\nb: 2\n---\n# Source: web/templates/x.yaml\nc: 3\n---\n# Source: web/charts/db/templates/y.yaml\nd: 4\n---\n# Source: web/templates/x.yaml\ne: 5\n';
    const files = readHelmOutput(text, chart);
    expect(files.map(({ path, bytes }) => [path, new TextDecoder().decode(bytes).trim()])).toEqual([
      ['apps/shop-web/crds/w.yaml', 'a: 1\n---\nb: 2'],
      ['apps/shop-web/templates/x.yaml', 'c: 3\n\n---\n\ne: 5'],
      ['apps/shop-web/charts/db/templates/y.yaml', 'd: 4'],
    ]);
  });

  it('may be empty', () => {
    expect(readHelmOutput('\n', chart)).toEqual([]);
  });
});

describe('what Helm says is wrong', () => {
  it.each([
    [
      'a template that fails',
      'helm template: web/templates/bad.yaml:4:18: executing "web/templates/bad.yaml" at <.Values.nope.deep>: nil pointer evaluating interface {}.deep  Use --debug flag to render out invalid YAML',
      'apps/shop-web/templates/bad.yaml:1, line 4: helm template: apps/shop-web/templates/bad.yaml:4:18: executing "apps/shop-web/templates/bad.yaml" at <.Values.nope.deep>: nil pointer evaluating interface {}.deep',
    ],
    [
      'a template that cannot be read',
      'helm parse error at (web/templates/bad.yaml:1): missing value for if',
      'apps/shop-web/templates/bad.yaml:1, line 1: helm parse error at (apps/shop-web/templates/bad.yaml:1): missing value for if',
    ],
    [
      'a value that is required',
      'helm execution error at (web/charts/db/templates/a.yaml:3:6): need x',
      'apps/shop-web/charts/db/templates/a.yaml:1, line 3: helm execution error at (apps/shop-web/charts/db/templates/a.yaml:3:6): need x',
    ],
    [
      'YAML that is none, whose line is not one of the file',
      'helm YAML parse error on web/templates/bad.yaml: error converting YAML to JSON: yaml: line 2: no',
      'apps/shop-web/templates/bad.yaml:1: helm YAML parse error on apps/shop-web/templates/bad.yaml: error converting YAML to JSON: yaml: line 2: no',
    ],
    [
      'what names no file',
      'helm chart requires kubeVersion: >=1.40',
      'apps/shop-web/Chart.yaml:1: helm chart requires kubeVersion: >=1.40',
    ],
  ])('is told where it is: %s', (_what, message, said) => {
    expect(failure(message)).toBe(said);
  });

  it('is told at the innermost place, and lookup by its name', () => {
    const text =
      'helm template: web/templates/a.yaml:4:3: executing "web/templates/a.yaml" at <include "x" .>: error calling include: template: web/templates/_h.tpl:12:5: executing "x" at <fail>: wrong number of args for fail: want 1 got 4';
    expect(failure(text)).toMatch(/^apps\/shop-web\/templates\/_h.tpl:1, line 12: calls lookup, which asks/);
  });
});
