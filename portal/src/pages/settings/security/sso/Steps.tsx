import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { AsideFailed, signInAside } from '../../../../app/aside';
import { readConfig } from '../../../../app/config';
import { Button } from '../../../../components/Button';
import { SelectField } from '../../../../components/Field';
import form from '../../../../components/form.module.css';
import { Refusal } from '../../../../components/Notice';
import { useRoleNames } from '../../../../components/useRoleNames';
import { When } from '../../../../components/When';
import type { Person } from '../../../../rest/people';
import { useAct, useAsk } from '../../../../rest/useRest';
import { Copyable } from '../../keys/Copyable';
import styles from './sso.module.css';
import { JOINING, type Finding, type Provider, type Tested } from './types';

interface StepProps {
  held: Provider;
  onChanged: () => void;
}

/** A domain is the company's when a record says so that only its owner can set. */
export function Domains({ held, onChanged }: StepProps) {
  const { t } = useTranslation();
  const act = useAct();
  const prove = async (domain: string) => {
    if ((await act.run((rest) => rest.send('POST', `/sso/providers/${held.id}/domains`, { domain }))) !== undefined) onChanged();
  };
  return (
    <ul className={styles.domains}>
      {held.domains.map(({ name, proven, record, text }) => (
        <li key={name}>
          <p>
            <strong>{name}</strong> · {t(proven ? 'sso.proven' : 'sso.unproven')}
          </p>
          {proven ? null : (
            <div className={form.form}>
              <p className={form.why}>{t('sso.record')}</p>
              <Copyable text={record} label={t('sso.recordName')} />
              <Copyable text={text} label={t('sso.recordText')} />
              <div className={form.actions}>
                <Button disabled={act.busy} onClick={() => void prove(name)}>
                  {t('sso.prove')}
                </Button>
              </div>
            </div>
          )}
        </li>
      ))}
      <Refusal problem={act.problem} />
    </ul>
  );
}

/** A sign-in at the provider in a window of its own; what it said is shown, good or not. */
export function Trial({ held, onChanged }: StepProps) {
  const { t } = useTranslation();
  const act = useAct();
  const [findings, setFindings] = useState<readonly Finding[]>();
  const [trouble, setTrouble] = useState<string>();
  const [waiting, setWaiting] = useState(false);
  const attempt = async () => {
    setTrouble(undefined);
    setWaiting(true);
    try {
      const token = await signInAside(readConfig(document), { identity_provider: held.id });
      const tested = await act.run((rest) => rest.send<Tested>('POST', `/sso/providers/${held.id}/tests`, { token }));
      setFindings(tested?.findings);
      if (tested !== undefined) onChanged();
    } catch (error) {
      setTrouble(t(error instanceof AsideFailed ? 'sso.aside' : 'sso.trialFailed'));
    } finally {
      setWaiting(false);
    }
  };
  return (
    <div className={form.form}>
      <p className={form.why}>{t('sso.trialLead')}</p>
      {held.testedAt === null ? null : (
        <p>
          {t(held.tested ? 'sso.tested' : 'sso.testedBefore')} <When instant={held.testedAt} />
        </p>
      )}
      <ul className={styles.findings} aria-live="polite">
        {findings?.map(({ name, ok, seen, todo }) => (
          <li key={name} data-ok={ok}>
            <strong>{t(`sso.finding.${name}`)}</strong> {ok ? '✓' : '✕'} {seen} {todo}
          </li>
        ))}
      </ul>
      {trouble === undefined ? null : <p role="alert">{trouble}</p>}
      <Refusal problem={act.problem} />
      <div className={form.actions}>
        <Button tone={held.tested ? 'plain' : 'primary'} disabled={waiting || act.busy} onClick={() => void attempt()}>
          {t(waiting ? 'sso.waiting' : 'sso.try')}
        </Button>
      </div>
    </div>
  );
}

export function Joining({ held, onChanged }: StepProps) {
  const { t } = useTranslation();
  const act = useAct();
  const names = useRoleNames();
  const change = async (role: string) => {
    if ((await act.run((rest) => rest.send('PUT', `/sso/providers/${held.id}/joining`, { role }))) !== undefined) onChanged();
  };
  return (
    <div className={form.form}>
      <SelectField
        label={t('sso.joining')}
        help={t('sso.joiningHelp')}
        value={held.joiningRole}
        options={[{ value: '', label: t('sso.nobodyJoins') }, ...JOINING.map((role) => ({ value: role, label: names([role]) }))]}
        onChange={(role) => void change(role)}
      />
      <Refusal problem={act.problem} />
    </div>
  );
}

/** Last step: everybody of the domains comes through the provider, but for those who are named here. */
export function Enforcement({ held, onChanged }: StepProps) {
  const { t } = useTranslation();
  const act = useAct();
  const { data } = useAsk<{ people: Person[] }>('/people');
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const heads = (data?.people ?? []).filter(({ grants }) => grants?.['*']?.some((role) => role === 'owner' || role === 'admin'));
  const path = `/sso/providers/${held.id}/enforcement`;
  const enforce = async () => {
    if ((await act.run((rest) => rest.send('PUT', path, { breakGlass: chosen }))) !== undefined) onChanged();
  };
  const relax = async () => {
    if ((await act.run((rest) => rest.send('DELETE', path, {}))) !== undefined) onChanged();
  };
  const toggle = (id: string) =>
    setChosen((before) => (before.includes(id) ? before.filter((one) => one !== id) : [...before, id]));
  const ready = held.tested && held.domains.some(({ proven }) => proven);
  if (held.enforcedAt !== null) {
    const kept = heads.filter(({ id }) => held.breakGlass.includes(id)).map(({ name }) => name);
    return (
      <div className={form.form}>
        <p>
          {t('sso.enforced')} <When instant={held.enforcedAt} />. {t('sso.kept', { names: kept.join(', ') })}
        </p>
        <Refusal problem={act.problem} />
        <div className={form.actions}>
          <Button disabled={act.busy} onClick={() => void relax()}>
            {t('sso.relax')}
          </Button>
        </div>
      </div>
    );
  }
  return (
    <div className={form.form}>
      <p className={form.why}>{t(ready ? 'sso.enforceLead' : 'sso.enforceMissing')}</p>
      <fieldset className={styles.people}>
        <legend className={form.label}>{t('sso.breakGlass')}</legend>
        {heads.map(({ id, name }) => (
          <label key={id}>
            <input type="checkbox" checked={chosen.includes(id)} onChange={() => toggle(id)} /> {name}
          </label>
        ))}
      </fieldset>
      <Refusal problem={act.problem} />
      <div className={form.actions}>
        <Button tone="primary" disabled={act.busy || !ready || chosen.length === 0} onClick={() => void enforce()}>
          {t('sso.enforce')}
        </Button>
      </div>
    </div>
  );
}
