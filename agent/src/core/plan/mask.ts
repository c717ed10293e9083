import { limits } from '@flotilla/shared/base';

/**
 * A text as it may leave the cluster: messages about a Secret lose every quoted or encoded part, because API servers
 * quote refused values; URLs lose what stands before their `@`. Clipped to limits.reasonTextMax.
 */
export function maskText(text: string, kind: string): string {
  const withoutLogin = text.replace(/\/\/[^/\s@]+@/g, '//[hidden]@');
  const masked = kind === 'Secret' ? hideValues(withoutLogin) : withoutLogin;
  return masked.length <= limits.reasonTextMax ? masked : `${masked.slice(0, limits.reasonTextMax - 1)}…`;
}

/** Names of Secrets are quoted too; losing them in one message is the smaller harm. */
function hideValues(text: string): string {
  return text
    .replace(/"(?:[^"\\]|\\.)*"/g, '"[hidden]"')
    .replace(/'[^']*'/g, "'[hidden]'")
    .replace(/\b[A-Za-z0-9+/]{16,}={0,2}/g, '[hidden]');
}
