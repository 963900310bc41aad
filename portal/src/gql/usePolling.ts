import { useCallback, useEffect } from 'react';

type Refetch = (options: { requestPolicy: 'network-only' }) => void;

/** Asks anew every so often while somebody can see it; the answer is also the way to ask at once. */
export function usePolling(refetch: Refetch, everyMs: number): () => void {
  const reload = useCallback(() => refetch({ requestPolicy: 'network-only' }), [refetch]);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) reload();
    }, everyMs);
    window.addEventListener('online', reload);
    return () => {
      clearInterval(timer);
      window.removeEventListener('online', reload);
    };
  }, [reload, everyMs]);
  return reload;
}
