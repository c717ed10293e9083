import type { Result } from '@flotilla/shared/base';
import { err, ok } from '@flotilla/shared/base';
import type { GroupKind, KubeObject, ObjectTarget } from '@flotilla/shared/model';
import { groupVersionOf } from '@flotilla/shared/model';

/** Says whether an object is meant by a target. */
export type TargetMatch = (object: KubeObject) => boolean;

/** Compiles a target; members that are undefined match everything. The error is a sentence about its selector. */
export function compileTarget(target: ObjectTarget): Result<TargetMatch, string> {
  const selector = compileSelector(target.labelSelector ?? '');
  if (!selector.ok) return selector;
  return ok((object) => {
    const { group, version } = groupVersionOf(object.apiVersion);
    return (
      isGroupMeant(target, group) &&
      isMeant(target.version, version) &&
      isMeant(target.kind, object.kind) &&
      isMeant(target.name, object.metadata.name) &&
      isMeant(target.namespace, object.metadata.namespace ?? '') &&
      selector.value(object.metadata.labels ?? {})
    );
  });
}

/** Whether a target may mean objects of a kind: what else it asks shows only in the object. */
export function meansKind(target: ObjectTarget, kind: GroupKind): boolean {
  return isGroupMeant(target, kind.group) && isMeant(target.kind, kind.kind);
}

/** `*` is any group, as in the rules of Kubernetes' webhooks and roles. */
function isGroupMeant({ group }: ObjectTarget, actual: string): boolean {
  return group === '*' || isMeant(group, actual);
}

function isMeant(wanted: string | undefined, actual: string): boolean {
  return wanted === undefined || wanted === actual;
}

type Labels = { readonly [name: string]: string };
type LabelMatch = (labels: Labels) => boolean;

/** Kubernetes' label selector text: `a=b,c!=d,e,!f,g in (x,y),h notin (z)`. */
function compileSelector(text: string): Result<LabelMatch, string> {
  const matches: LabelMatch[] = [];
  for (const part of splitRequirements(text)) {
    const match = compileRequirement(part);
    if (match === undefined) return err(`${JSON.stringify(part)} is not a label requirement`);
    matches.push(match);
  }
  return ok((labels) => matches.every((match) => match(labels)));
}

/** Splits at commas outside parentheses. */
function splitRequirements(text: string): readonly string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

const key = '([A-Za-z0-9][-A-Za-z0-9_./]*)';
const setPattern = new RegExp(`^${key}\\s+(in|notin)\\s+\\(([^()]*)\\)$`);
const equalPattern = new RegExp(`^${key}\\s*(==|=|!=)\\s*([-A-Za-z0-9_.]*)$`);
const existsPattern = new RegExp(`^(!?)\\s*${key}$`);

function compileRequirement(text: string): LabelMatch | undefined {
  const set = setPattern.exec(text);
  if (set !== null) {
    const [, name = '', operator, values = ''] = set;
    const wanted = values.split(',').map((value) => value.trim());
    const isIn = (labels: Labels) => wanted.includes(labels[name] ?? '\0');
    return operator === 'in' ? isIn : (labels) => !isIn(labels);
  }
  const equal = equalPattern.exec(text);
  if (equal !== null) {
    const [, name = '', operator, value] = equal;
    return (labels) => (labels[name] === value) === (operator !== '!=');
  }
  const exists = existsPattern.exec(text);
  if (exists === null) return undefined;
  const [, negation, name = ''] = exists;
  return (labels) => Object.hasOwn(labels, name) === (negation === '');
}
