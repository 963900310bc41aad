import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { usePageTitle } from '../../app/usePageTitle';
import { Failure, Notice, Waiting } from '../../components/Notice';
import { AlarmsPanel } from './AlarmsPanel';
import { CompletenessPanel } from './CompletenessPanel';
import { LatestPanel } from './LatestPanel';
import { MachineHead } from './MachineHead';
import styles from './MachinePage.module.css';
import { SignalsPanel } from './SignalsPanel';
import { TimelinePanel } from './TimelinePanel';
import { useMachine } from './useMachine';
import { useRecord } from './useRecord';

export function Component() {
  const { id = '' } = useParams();
  return <MachinePage key={id} id={id} />;
}

/** Everything about one machine, the present on top, the record below. */
function MachinePage({ id }: { id: string }) {
  const { t } = useTranslation();
  const { machine, error, reload } = useMachine(id);
  const record = useRecord(id, machine?.lastSeen, machine?.site.timeZone);
  usePageTitle(machine?.name ?? t('machines.title'));
  if (machine === undefined) {
    return error === undefined ? <Waiting blocks={3} height="14rem" /> : <Failure error={error} retry={reload} />;
  }
  if (machine === null) {
    return (
      <>
        <h1 className="visually-hidden">{t('machine.notFound')}</h1>
        <Notice title={t('machine.notFound')}>{t('machine.notFoundTodo')}</Notice>
      </>
    );
  }
  return (
    <div className={styles.page}>
      <MachineHead machine={machine} />
      <div className={styles.wide}>
        <TimelinePanel machine={machine} record={record} />
      </div>
      <div className={styles.main}>
        <SignalsPanel machine={machine} />
      </div>
      <div className={styles.aside}>
        <CompletenessPanel machine={machine} record={record} />
        <AlarmsPanel machine={machine} />
      </div>
      <div className={styles.wide}>
        <LatestPanel machine={machine} />
      </div>
    </div>
  );
}
