import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { usePageTitle } from '../../app/usePageTitle';
import { useViewer } from '../../app/useViewer';
import { Failure, Notice, Waiting } from '../../components/Notice';
import page from '../../components/page.module.css';
import { Forbidden } from '../../components/Forbidden';
import { Gateways } from '../../gql/operations';
import type { Gateway } from '../../gql/types';
import { AddressPanel } from './AddressPanel';
import styles from './ConnectPage.module.css';
import { CountersPanel } from './CountersPanel';
import { FindingsPanel } from './FindingsPanel';
import { FirstValues } from './FirstValues';
import { MachinePanel } from './MachinePanel';
import { useProbe } from './useProbe';
import { canBeAdded, USUAL_COUNTER, type Address } from './wizard';

const NONE = {};
const WATCH_S = 20;

/** A control becomes a machine: where it is, what it answers, what it is called, and that it is live. */
export function Component() {
  const { t } = useTranslation();
  usePageTitle(t('connect.title'));
  const { may, userId } = useViewer();
  const [{ data, error }, refetch] = useQuery({ query: Gateways, variables: NONE });
  const gateways = data?.gateways;
  return (
    <div className={page.page}>
      <header className={page.head}>
        <h1 className={page.title}>{t('connect.title')}</h1>
      </header>
      {error !== undefined && data === undefined ? (
        <Failure error={error} retry={() => refetch({ requestPolicy: 'network-only' })} />
      ) : userId === '' || gateways === undefined ? (
        <Waiting blocks={1} height="16rem" />
      ) : !may('gateway.connect') ? (
        <Forbidden what={t('connect.forbidden')} permission="gateway.connect" />
      ) : gateways.length === 0 ? (
        <Notice title={t('gateways.none')}>{t('gateways.noneTodo')}</Notice>
      ) : (
        <Wizard gateways={gateways} />
      )}
    </div>
  );
}

function Wizard({ gateways }: { gateways: readonly Gateway[] }) {
  const [address, setAddress] = useState<Address>({
    gatewayId: heardLast(gateways),
    host: '',
    port: '',
    protocol: 'auto',
    unit: '1',
  });
  const [added, setAdded] = useState<string>();
  const [counts, setCounts] = useState(USUAL_COUNTER);
  const [cells, setCells] = useState<readonly string[]>([]);
  const probing = useProbe();
  const { report, state } = probing;
  const change = (next: Address) => {
    setAddress(next);
    setCells([]);
    setCounts(USUAL_COUNTER);
    probing.forget();
  };
  return (
    <div className={styles.steps}>
      <AddressPanel
        gateways={gateways}
        address={address}
        fixed={added !== undefined}
        probing={probing}
        onChange={change}
      />
      <FindingsPanel address={address} probing={probing} />
      {report === undefined || report.counters.length === 0 ? null : (
        <CountersPanel
          counters={report.counters}
          watching={state === 'asking'}
          watchS={WATCH_S}
          chosen={counts}
          choose={added === undefined ? setCounts : undefined}
          watch={added === undefined ? () => probing.begin(address, WATCH_S, cells) : undefined}
          addCell={(cell) => {
            const more = [...cells, cell];
            setCells(more);
            probing.begin(address, 0, more);
          }}
        />
      )}
      {report === undefined || !canBeAdded(report) ? null : (
        <MachinePanel address={address} report={report} counts={counts} added={added !== undefined} onAdded={setAdded} />
      )}
      {added === undefined ? null : <FirstValues id={added} />}
    </div>
  );
}

/** The gateway that was heard last is the likeliest to be the one at this machine. */
function heardLast(gateways: readonly Gateway[]): string {
  const heard = gateways.toSorted((a, b) => (b.lastSeen ?? '').localeCompare(a.lastSeen ?? ''));
  return heard[0]?.id ?? '';
}
