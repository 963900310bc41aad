import type { FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useNow } from '../../app/now';
import { ageMs } from '../../app/time';
import { Button } from '../../components/Button';
import { SelectField, TextField } from '../../components/Field';
import form from '../../components/form.module.css';
import { Panel } from '../../components/Panel';
import { STALE_MS } from '../../components/states';
import type { Gateway } from '../../gql/types';
import type { Probing } from './useProbe';
import { PROTOCOLS, USUAL_PORTS, type Address } from './wizard';

interface AddressPanelProps {
  gateways: readonly Gateway[];
  address: Address;
  /** The machine was added: nothing is to be changed any more. */
  fixed: boolean;
  probing: Probing;
  onChange: (address: Address) => void;
}

/** Which gateway, and where the control is in its network. */
export function AddressPanel({ gateways, address, fixed, probing, onChange }: AddressPanelProps) {
  const { t } = useTranslation();
  const now = useNow();
  const set = (part: Partial<Address>) => onChange({ ...address, ...part });
  const options = gateways.map((gateway) => {
    const age = ageMs(gateway.lastSeen, now);
    const silent = age === null || age > STALE_MS;
    const place = { name: gateway.name, site: gateway.site.name };
    return { value: gateway.id, label: silent ? t('connect.gatewaySilent', place) : t('connect.gatewayAt', place) };
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    probing.begin(address);
  };
  const usual = USUAL_PORTS[address.protocol];
  const asking = probing.state === 'asking';
  return (
    <Panel title={t('connect.where')} note={t('connect.whereNote')}>
      <form className={form.form} onSubmit={submit}>
        <fieldset className={form.row} disabled={fixed}>
          <legend className="visually-hidden">{t('connect.where')}</legend>
          <SelectField
            label={t('connect.gateway')}
            value={address.gatewayId}
            options={options}
            onChange={(gatewayId) => set({ gatewayId })}
          />
          <TextField
            label={t('connect.host')}
            help={t('connect.hostHelp')}
            value={address.host}
            onChange={(host) => set({ host })}
            required
            maxLength={255}
            autoComplete="off"
          />
          <TextField
            label={t('connect.port')}
            help={usual === null ? t('connect.portHelp') : t('connect.portUsual', { port: usual })}
            value={address.port}
            onChange={(port) => set({ port })}
            type="number"
            min={1}
            max={65535}
            autoComplete="off"
          />
          <SelectField
            label={t('connect.protocol')}
            value={address.protocol}
            options={PROTOCOLS.map((value) => ({ value, label: t(`connect.protocols.${value}`) }))}
            onChange={(protocol) => set({ protocol })}
          />
          {address.protocol === 'modbus' ? (
            <TextField
              label={t('connect.unit')}
              value={address.unit}
              onChange={(unit) => set({ unit })}
              type="number"
              min={0}
              max={255}
            />
          ) : null}
        </fieldset>
        {fixed ? null : (
          <div className={form.actions}>
            <Button type="submit" tone="primary" disabled={asking || address.host.trim() === ''}>
              {asking ? t('connect.asking') : t('connect.test')}
            </Button>
            <p className={form.why}>{t('connect.testNote')}</p>
          </div>
        )}
      </form>
    </Panel>
  );
}
