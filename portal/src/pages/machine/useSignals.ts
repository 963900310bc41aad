import { useEffect, useMemo, useState } from 'react';
import { useClient, useSubscription, type CombinedError } from 'urql';
import { rfc3339 } from '../../app/time';
import { SignalSource } from '../../charts/source';
import { LiveSignals, SeriesOf } from '../../gql/operations';
import { SPANS, type Range } from './ranges';

/** Stored minutes replace live values, and close the gap before the first of them. */
const REFILL_MS = 30_000;

/** Ten values a second for the whole live window. */
const LIVE_CAPACITY = SPANS.live.lengthS * 10;

export interface Signals {
  readonly source: SignalSource;
  readonly state: 'loading' | 'ready' | 'failed';
  readonly error: CombinedError | undefined;
}

/** Samples of the chosen signals: history of the range first; in the live range frames follow. */
export function useSignals(machine: string, keys: readonly string[], range: Range): Signals {
  const client = useClient();
  const wanted = keys.join(' ');
  const source = useMemo(() => {
    const { lengthS, resolutionS } = SPANS[range];
    const capacity = range === 'live' ? LIVE_CAPACITY : Math.ceil(lengthS / resolutionS) + 2;
    return new SignalSource(wanted === '' ? [] : wanted.split(' '), capacity);
    // Another machine or range starts empty.
  }, [machine, wanted, range]);
  const [answer, setAnswer] = useState<{ source: SignalSource; error: CombinedError | undefined }>();

  useEffect(() => {
    if (source.keys.length === 0) return undefined;
    const { lengthS, resolutionS } = SPANS[range];
    let wantedStill = true;
    const load = async () => {
      const now = Date.now();
      const variables = {
        machineId: machine,
        signals: [...source.keys],
        from: rfc3339(now - lengthS * 1000),
        to: rfc3339(now),
        resolutionS,
      };
      const { data, error } = await client.query(SeriesOf, variables, { requestPolicy: 'network-only' }).toPromise();
      if (!wantedStill) return;
      if (data !== undefined) source.addSeries(data.series);
      setAnswer({ source, error });
    };
    void load();
    const refill = setInterval(() => {
      if (range === 'live' && !document.hidden) void load();
    }, REFILL_MS);
    return () => {
      wantedStill = false;
      clearInterval(refill);
    };
  }, [client, machine, range, source]);

  const [{ data: frame }] = useSubscription({
    query: LiveSignals,
    variables: { machineId: machine },
    pause: range !== 'live' || source.keys.length === 0,
  });
  useEffect(() => {
    // Frames wait for the history: once newer samples are in, older ones are refused.
    // A paused subscription still holds its last frame, which is no part of another range.
    if (range === 'live' && frame !== undefined && answer?.source === source) source.addFrame(frame.liveSignals);
  }, [frame, source, answer, range]);

  const ready = answer?.source === source;
  const failed = ready && answer.error !== undefined && range !== 'live';
  return { source, state: !ready ? 'loading' : failed ? 'failed' : 'ready', error: answer?.error };
}
