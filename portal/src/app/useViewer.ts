import { useEffect } from 'react';
import { useQuery } from 'urql';
import { Viewer } from '../gql/operations';
import type { Permission } from './permissions';

const ONCE = {};

export interface ViewerView {
  readonly userId: string;
  readonly tenant: string;
  readonly name: string;
  readonly roles: readonly string[];
  /** Whether this may be done somewhere in the shop. The API decides; this says so before a button is pressed. */
  readonly may: (permission: Permission) => boolean;
  readonly sites: readonly string[];
  /** Of the first site. */
  readonly timeZone: string;
}

const RETRY_MS = 3_000;

/** Who is signed in is asked until it is known: what a page offers hangs on it. For the frame of the pages, once. */
export function useKeptViewer(): void {
  const [{ error }, again] = useQuery({ query: Viewer, variables: ONCE, requestPolicy: 'cache-first' });
  useEffect(() => {
    if (error === undefined) return undefined;
    const timer = setTimeout(() => again({ requestPolicy: 'network-only' }), RETRY_MS);
    return () => clearTimeout(timer);
  }, [error, again]);
}

/** Who is signed in and for which company. Empty while it is being asked. */
export function useViewer(): ViewerView {
  const [{ data }] = useQuery({ query: Viewer, variables: ONCE, requestPolicy: 'cache-first' });
  return {
    userId: data?.viewer.userId ?? '',
    tenant: data?.viewer.tenantName ?? '',
    name: data?.viewer.name ?? '',
    roles: data?.viewer.roles ?? [],
    may: (permission) => data?.viewer.permissions.includes(permission) ?? false,
    sites: data?.sites.map((site) => site.name) ?? [],
    timeZone: data?.sites[0]?.timeZone ?? 'UTC',
  };
}
