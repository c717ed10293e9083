import type { JoinTokenRequest, RequestedBy, RolloutRequest } from '@flotilla/hub/api-port';

/** One action that was taken. */
export type FakeAction =
  | { readonly kind: 'token'; readonly request: JoinTokenRequest }
  | { readonly kind: 'removed'; readonly name: string; readonly by: RequestedBy }
  | { readonly kind: 'accepted'; readonly source: string; readonly commit: string; readonly by: RequestedBy }
  | { readonly kind: 'confirmed'; readonly epoch: number; readonly by: RequestedBy }
  | { readonly kind: 'operated'; readonly request: RolloutRequest };
