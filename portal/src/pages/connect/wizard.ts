/** What the wizard knows of a probe's report, without any page. */
import type { Counter, Finding, ProbeReport } from '../../rest/types';

export const PROTOCOLS = ['auto', 'focas', 'modbus', 'opcua', 'mtconnect'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

export const USUAL_PORTS: Readonly<Record<Protocol, number | null>> = {
  auto: null,
  focas: 8193,
  modbus: 502,
  opcua: 4840,
  mtconnect: 5000,
};

export interface Address {
  readonly gatewayId: string;
  readonly host: string;
  /** As it was typed: empty for the usual one. */
  readonly port: string;
  readonly protocol: Protocol;
  readonly unit: string;
}

/** The body of POST /v1/probes. The component `focas` knows all protocols, so it is the one to find out. */
export function probeBody(address: Address, watchS: number, cells: readonly string[] = []): object {
  const { gatewayId, host, port, protocol, unit } = address;
  return {
    gatewayId,
    host: host.trim(),
    port: port === '' ? 0 : Number(port),
    component: protocol === 'auto' ? 'focas' : protocol,
    ...(protocol === 'auto' ? {} : { protocol }),
    ...(protocol === 'modbus' && unit !== '' ? { unit: Number(unit) } : {}),
    ...(watchS > 0 ? { watchS } : {}),
    ...(cells.length > 0 ? { pmc: cells } : {}),
  };
}

/** The one to mend: layers are tried in order, so whatever fails later may fail because of it. */
export const firstFailed = (report: ProbeReport): Finding | undefined =>
  report.findings.find(({ verdict }) => verdict === 'failed');

export interface LayerView {
  readonly layer: string;
  readonly verdict: Finding['verdict'];
  readonly findings: readonly Finding[];
}

/** Findings by layer in the order in which they were made; a layer is as bad as its worst finding. */
export function layersOf(report: ProbeReport): LayerView[] {
  const found = Map.groupBy(report.findings, ({ layer }) => layer);
  return [...found].map(([layer, findings]) => {
    const verdicts = findings.map(({ verdict }) => verdict);
    const verdict = verdicts.includes('failed') ? 'failed' : verdicts.every((one) => one === 'absent') ? 'absent' : 'ok';
    return { layer, verdict, findings };
  });
}

/** A control that answers can be added even when single functions are missing: those are read without. */
export function canBeAdded(report: ProbeReport): boolean {
  const failed = firstFailed(report);
  return report.error === undefined && report.protocol !== undefined && (failed === undefined || failed.layer === 'function');
}

/** Methods that leave a count behind can be read on and on; the M code of a program's end cannot. */
export const canCount = (counter: Counter): boolean => counter.method !== 'M code' && counter.value !== null;

/** What the gateway counts by where nobody chose. */
export const USUAL_COUNTER = 'parameter 6711';

/** A cell that the ladder counts in: area, address, width in bytes. */
export const CELL = /^[GFYXARTKCDE][0-9]{1,5}(:[124])?$/;

const DEFAULT_PERIOD_MS = 1_000;

export function recommendedPeriodMs(report: ProbeReport): number {
  const told = report.facts['recommended_period_ms'];
  return typeof told === 'number' ? told : DEFAULT_PERIOD_MS;
}
