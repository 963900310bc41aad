import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../../components/Button';
import form from '../../../components/form.module.css';
import { Refusal } from '../../../components/Notice';
import { Panel } from '../../../components/Panel';
import { useAct, useAsk } from '../../../rest/useRest';
import type { NamesSetting } from './types';

/** Names of people beside what they did: off, until somebody says that its effect on them was assessed. */
export function NamesPanel() {
  const { t } = useTranslation();
  const act = useAct();
  const [assessed, setAssessed] = useState(false);
  const { data, reload } = useAsk<NamesSetting>('/privacy/operator-names');
  const put = async (on: boolean) => {
    if ((await act.run((rest) => rest.send('PUT', '/privacy/operator-names', { on, assessed: on && assessed }))) === undefined) return;
    setAssessed(false);
    reload();
  };
  if (data === undefined) return null;
  return (
    <Panel title={t('privacy.names')} note={t(data.on ? 'privacy.namesOn' : 'privacy.namesOff')}>
      <div className={form.form}>
        <p className={form.why}>{t('privacy.namesMeans')}</p>
        {data.on ? null : (
          <label className={form.why}>
            <input type="checkbox" checked={assessed} onChange={() => setAssessed(!assessed)} /> {t('privacy.assessed')}
          </label>
        )}
        <Refusal problem={act.problem} />
        <div className={form.actions}>
          <Button disabled={act.busy || (!data.on && !assessed)} onClick={() => void put(!data.on)}>
            {t(data.on ? 'privacy.namesSwitchOff' : 'privacy.namesSwitchOn')}
          </Button>
        </div>
      </div>
    </Panel>
  );
}
