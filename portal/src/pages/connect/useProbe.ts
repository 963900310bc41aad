/** Ask a gateway to look at a control, and wait for what it saw. */
import { useEffect, useRef, useState } from 'react';
import type { Problem } from '../../gql/problems';
import { useAct, useRest } from '../../rest/useRest';
import type { Probe, ProbeReport } from '../../rest/types';
import { probeBody, type Address } from './wizard';

const LOOK_EVERY_MS = 700;
/** A gateway that is there begins at once; every protocol in turn takes about half a minute on a silent network. */
const ANSWER_MS = 90_000;

export interface Probing {
  readonly state: 'idle' | 'asking' | 'answered' | 'silent';
  readonly report: ProbeReport | undefined;
  readonly problem: Problem | undefined;
  readonly begin: (address: Address, watchS?: number, cells?: readonly string[]) => void;
  readonly forget: () => void;
}

export function useProbe(): Probing {
  const rest = useRest();
  const act = useAct();
  const [state, setState] = useState<Probing['state']>('idle');
  const [report, setReport] = useState<ProbeReport>();
  const round = useRef(0);
  useEffect(() => () => void (round.current += 1), []);

  const wait = async (probe: string, mine: number, untilMs: number) => {
    while (round.current === mine && Date.now() < untilMs) {
      await new Promise((done) => setTimeout(done, LOOK_EVERY_MS));
      // A look that fails is no answer: the next one may come through.
      const found = await rest.get<Probe>(`/probes/${probe}`).catch(() => null);
      if (round.current !== mine) return;
      if (found !== null && found.report !== null) {
        setReport(found.report);
        setState('answered');
        return;
      }
    }
    if (round.current === mine) setState('silent');
  };

  const begin = (address: Address, watchS = 0, cells: readonly string[] = []) => {
    round.current += 1;
    const mine = round.current;
    if (watchS === 0 && cells.length === 0) setReport(undefined);
    setState('asking');
    void act
      .run((with_) => with_.send<Probe>('POST', '/probes', probeBody(address, watchS, cells)))
      .then((probe) => {
        if (round.current !== mine) return;
        if (probe === undefined) setState('idle');
        else void wait(probe.id, mine, Date.now() + ANSWER_MS + watchS * 1000);
      });
  };
  const forget = () => {
    round.current += 1;
    setReport(undefined);
    setState('idle');
    act.clear();
  };
  return { state, report, problem: act.problem, begin, forget };
}
