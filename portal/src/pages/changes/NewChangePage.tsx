import { useEffect, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useSearchParams } from 'react-router';
import { usePageTitle } from '../../app/usePageTitle';
import { useViewer } from '../../app/useViewer';
import { Button } from '../../components/Button';
import { SelectField, TextField } from '../../components/Field';
import { Forbidden } from '../../components/Forbidden';
import form from '../../components/form.module.css';
import { ProblemNotice, Refusal, Waiting } from '../../components/Notice';
import page from '../../components/page.module.css';
import { Panel } from '../../components/Panel';
import { Segmented } from '../../components/Segmented';
import { useMachineRows } from '../../components/useMachineRow';
import { useAct, useAsk } from '../../rest/useRest';
import type { Change, Operation, VersionText } from '../../rest/types';
import { emptyDraft, OPERATIONS, ready, targetOf, type DraftFields } from './draft';
import { ProgramFields } from './ProgramFields';
import { ValueFields } from './ValueFields';
import styles from './ChangePage.module.css';

/** A wish to write to a control: what, where and why. Nothing is sent to the machine from here. */
export function Component() {
  const { t } = useTranslation();
  usePageTitle(t('changes.new'));
  const { may, userId } = useViewer();
  return (
    <div className={page.page}>
      <header className={page.head}>
        <h1 className={page.title}>{t('changes.new')}</h1>
      </header>
      {userId === '' ? (
        <Waiting blocks={1} height="16rem" />
      ) : may('program.draft') ? (
        <Begun />
      ) : (
        <Forbidden what={t('changes.mayNotDraft')} permission="program.draft" />
      )}
    </div>
  );
}

/** A draft that begins from a version starts with its text. */
function Begun() {
  const [asked] = useSearchParams();
  const from = asked.get('from');
  const { data, problem, reload } = useAsk<VersionText>(from === null ? null : `/programs/${from}`);
  if (from === null) return <DraftForm machine={asked.get('machine') ?? ''} version={undefined} />;
  if (problem !== undefined && data === undefined) return <ProblemNotice problem={problem} retry={reload} />;
  return data === undefined ? <Waiting blocks={1} height="16rem" /> : <DraftForm machine={data.machineId} version={data} />;
}

function DraftForm({ machine, version }: { machine: string; version: VersionText | undefined }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const rows = useMachineRows();
  const act = useAct();
  const [machineId, setMachineId] = useState(machine);
  const [operation, setOperation] = useState<Operation>('program');
  const [fields, setFields] = useState<DraftFields>(() => emptyDraft(version));
  const [reason, setReason] = useState('');
  useEffect(() => {
    if (machineId === '' && rows[0] !== undefined) setMachineId(rows[0].id);
  }, [machineId, rows]);
  const set = (part: Partial<DraftFields>) => setFields((before) => ({ ...before, ...part }));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const body = {
      machineId,
      operation,
      target: targetOf(operation, fields),
      reason: reason.trim(),
      ...(operation === 'program' ? { text: fields.text } : {}),
    };
    const made = await act.run((rest) => rest.send<Change>('POST', '/changes', body));
    if (made !== undefined) await navigate(`/changes/${made.id}`);
  };
  const complete = ready(operation, fields) && reason.trim() !== '' && machineId !== '';
  return (
    <form className={styles.column} onSubmit={(event) => void submit(event)}>
      <Panel title={t('changes.where')}>
        <div className={form.form}>
          <SelectField
            label={t('machines.name')}
            value={machineId}
            options={rows.map(({ id, name, cell }) => ({ value: id, label: t('changes.machineOption', { name, cell }) }))}
            onChange={setMachineId}
          />
          <Segmented
            label={t('changes.what')}
            value={operation}
            options={OPERATIONS.map((value) => ({ value, label: t(`changes.operation.${value}`) }))}
            onChange={setOperation}
          />
        </div>
      </Panel>
      <Panel title={t(`changes.operation.${operation}`)}>
        {operation === 'program' ? (
          <ProgramFields machine={machineId} fields={fields} set={set} />
        ) : (
          <ValueFields operation={operation} fields={fields} set={set} />
        )}
      </Panel>
      <Panel title={t('changes.why.title')}>
        <div className={form.form}>
          <TextField label={t('changes.reason')} help={t('changes.reasonHelp')} value={reason} onChange={setReason} required maxLength={500} />
          <Refusal problem={act.problem} />
          <div className={form.actions}>
            <Button type="submit" tone="primary" disabled={act.busy || !complete}>
              {act.busy ? t('changes.drafting') : t('changes.draft')}
            </Button>
            <p className={form.why}>{t('changes.draftNote')}</p>
          </div>
        </div>
      </Panel>
    </form>
  );
}
