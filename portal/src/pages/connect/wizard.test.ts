import { expect, test } from 'vitest';
import type { Finding, ProbeReport } from '../../rest/types';
import { canBeAdded, firstFailed, layersOf, probeBody, recommendedPeriodMs } from './wizard';

const finding = (layer: string, verdict: Finding['verdict'], name = layer): Finding => ({
  layer,
  name,
  verdict,
  seen: '',
  ms: 1,
  todo: '',
});
const report = (...findings: Finding[]): ProbeReport => ({ ok: true, protocol: 'focas', findings, facts: {}, counters: [] });
const address = { gatewayId: 'g_1', host: ' 10.0.0.5 ', port: '', protocol: 'auto', unit: '1' } as const;

test('without a port and protocol the component that knows all of them finds out', () => {
  expect(probeBody(address, 0)).toEqual({ gatewayId: 'g_1', host: '10.0.0.5', port: 0, component: 'focas' });
});

test('a chosen protocol is asked by its own component, and watching is told', () => {
  expect(probeBody({ ...address, port: '1502', protocol: 'modbus' }, 20)).toEqual({
    gatewayId: 'g_1',
    host: '10.0.0.5',
    port: 1502,
    component: 'modbus',
    protocol: 'modbus',
    unit: 1,
    watchS: 20,
  });
});

test('the first failure is the one to mend', () => {
  const found = report(finding('route', 'ok'), finding('port', 'failed', 'a'), finding('port', 'failed', 'b'));
  expect(firstFailed(found)?.name).toBe('a');
});

test('a layer is as bad as its worst finding, and absent only when all of it is', () => {
  const found = report(finding('port', 'ok'), finding('function', 'absent'), finding('function', 'failed'), finding('x', 'absent'));
  expect(layersOf(found).map(({ layer, verdict }) => `${layer} ${verdict}`)).toEqual(['port ok', 'function failed', 'x absent']);
});

test('a missing function does not keep a control out, an unanswered port does', () => {
  expect(canBeAdded(report(finding('function', 'failed')))).toBe(true);
  expect(canBeAdded(report(finding('port', 'failed')))).toBe(false);
  expect(canBeAdded({ ...report(), error: 'no' })).toBe(false);
});

test('the period is the one that the control was found to bear', () => {
  expect(recommendedPeriodMs({ ...report(), facts: { recommended_period_ms: 2000 } })).toBe(2000);
  expect(recommendedPeriodMs(report())).toBe(1000);
});
