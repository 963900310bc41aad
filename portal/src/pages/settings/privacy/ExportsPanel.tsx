import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useViewer } from '../../../app/useViewer';
import { Button } from '../../../components/Button';
import form from '../../../components/form.module.css';
import { Refusal } from '../../../components/Notice';
import { Panel } from '../../../components/Panel';
import table from '../../../components/table.module.css';
import { When } from '../../../components/When';
import { useAct, useAsk } from '../../../rest/useRest';
import { MachinePicker } from './MachinePicker';
import styles from './privacy.module.css';
import { onItsWay, size, type ExportOrder } from './types';

const LOOK_MS = 3_000;

/** Take data along: one's own, those of the company, those of one machine. */
export function ExportsPanel() {
  const { t } = useTranslation();
  const { may } = useViewer();
  const act = useAct();
  const [machine, setMachine] = useState('');
  const [busy, setBusy] = useState(true);
  const { data, reload } = useAsk<{ exports: ExportOrder[] }>('/exports', busy ? LOOK_MS : undefined);
  const exports = data?.exports ?? [];
  if (data !== undefined && busy !== exports.some(onItsWay)) setBusy(!busy);
  const order = async (body: object) => {
    if ((await act.run((rest) => rest.send('POST', '/exports', body))) === undefined) return;
    setBusy(true);
    reload();
  };
  return (
    <Panel title={t('privacy.exports')} note={t('privacy.exportsNote')}>
      <div className={form.form}>
        <div className={form.actions}>
          <Button tone="primary" disabled={act.busy} onClick={() => void order({ kind: 'person' })}>
            {t('privacy.exportMe')}
          </Button>
          {may('privacy.export') ? (
            <Button disabled={act.busy} onClick={() => void order({ kind: 'tenant' })}>
              {t('privacy.exportCompany')}
            </Button>
          ) : null}
        </div>
        {may('privacy.export') ? (
          <div className={styles.pick}>
            <MachinePicker value={machine} onChange={setMachine} />
            <Button disabled={act.busy || machine === ''} onClick={() => void order({ kind: 'machine', id: machine })}>
              {t('privacy.exportMachine')}
            </Button>
          </div>
        ) : null}
        <Refusal problem={act.problem} />
      </div>
      {exports.length === 0 ? null : <ExportTable exports={exports} />}
    </Panel>
  );
}

function ExportTable({ exports }: { exports: readonly ExportOrder[] }) {
  const { t } = useTranslation();
  return (
    <div className={styles.wide} tabIndex={0} role="region" aria-label={t('privacy.table', { what: t('privacy.exports') })}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">{t('privacy.of')}</th>
            <th scope="col">{t('privacy.asked')}</th>
            <th scope="col">{t('privacy.stateOf')}</th>
            <th scope="col">
              <span className={styles.hidden}>{t('privacy.fetch')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {exports.map((order) => (
            <ExportRow key={order.id} order={order} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ExportRow({ order }: { order: ExportOrder }) {
  const { t, i18n } = useTranslation();
  const act = useAct();
  const fetchIt = async () => {
    const link = await act.run((rest) => rest.send<{ url: string }>('POST', `/exports/${order.id}/link`, {}));
    if (link !== undefined) window.location.assign(link.url);
  };
  const what = t(`privacy.kind.${order.kind}`);
  return (
    <tr>
      <th scope="row">{what}</th>
      <td>
        <When instant={order.askedAt} />
      </td>
      <td>
        {onItsWay(order) ? (
          <>
            <progress className={styles.progress} max={100} value={order.percent} aria-label={t('privacy.progress', { what })} />{' '}
            {t('privacy.percent', { percent: order.percent, files: order.files })}
          </>
        ) : (
          t(`privacy.state.${order.state}`, { size: size(order.bytes, i18n.language), files: order.files })
        )}
        <Refusal problem={act.problem} />
      </td>
      <td>
        {order.state === 'done' ? (
          <Button disabled={act.busy} onClick={() => void fetchIt()}>
            {t('privacy.fetch')}
          </Button>
        ) : null}
      </td>
    </tr>
  );
}
