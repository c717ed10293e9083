import { limits } from '@flotilla/shared/base';
import { formatProblem, maskText, type RenderProblem, type Trouble } from '../../core/index.ts';

/** All problems of a render in one text, as far as it goes. Only another commit helps. */
export function renderTrouble(problems: readonly RenderProblem[]): Trouble {
  const [first] = problems;
  const text = maskText(problems.map(formatProblem).join('\n'), '');
  const isWhole = text.length < limits.reasonTextMax;
  return {
    code: first?.code ?? 'RenderFailed',
    text: isWhole ? text : `${text.slice(0, limits.reasonTextMax - 40)}… (${problems.length} problems)`,
    isFinal: true,
  };
}
