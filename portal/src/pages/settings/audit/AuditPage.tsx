import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePageTitle } from '../../../app/usePageTitle';
import { useViewer } from '../../../app/useViewer';
import { Button } from '../../../components/Button';
import { Forbidden } from '../../../components/Forbidden';
import { Notice, ProblemNotice, Refusal, Waiting } from '../../../components/Notice';
import page from '../../../components/page.module.css';
import styles from './audit.module.css';
import { ChainPanel } from './ChainPanel';
import { EntryDialog } from './EntryDialog';
import { EntryTable } from './EntryTable';
import { FilterBar } from './FilterBar';
import { NO_FILTERS } from './filters';
import type { AuditEntry } from './types';
import { useAudit } from './useAudit';

/** Who did what, when, and the proof that nobody changed it afterwards. */
export function Component() {
  const { t } = useTranslation();
  usePageTitle(t('audit.title'));
  const { may, userId } = useViewer();
  if (userId === '') return <Waiting blocks={1} height="16rem" />;
  if (!may('audit.read')) return <Forbidden what={t('audit.forbidden')} permission="audit.read" />;
  return <Log />;
}

function Log() {
  const { t } = useTranslation();
  const { timeZone } = useViewer();
  const [filters, setFilters] = useState(NO_FILTERS);
  const [open, setOpen] = useState<AuditEntry>();
  const { entries, problem, busy, more, reload } = useAudit(filters, timeZone);
  const filtered = filters !== NO_FILTERS;
  return (
    <div className={page.page}>
      <header className={page.head}>
        <h1 className={page.title}>{t('audit.title')}</h1>
      </header>
      <ChainPanel />
      <FilterBar filters={filters} onChange={setFilters} />
      {entries === undefined && problem !== undefined ? <ProblemNotice problem={problem} retry={reload} /> : null}
      {entries === undefined && problem === undefined ? <Waiting blocks={1} height="16rem" /> : null}
      {entries?.length === 0 && more === undefined ? (
        <Notice title={t(filtered ? 'audit.noneFiltered' : 'audit.none')}>{t(filtered ? 'audit.noneFilteredTodo' : 'audit.noneTodo')}</Notice>
      ) : null}
      {entries === undefined || entries.length === 0 ? null : (
        <div className={page.card}>
          <EntryTable entries={entries} onOpen={setOpen} />
        </div>
      )}
      {entries !== undefined && problem !== undefined ? <Refusal problem={problem} /> : null}
      {more === undefined ? null : (
        <div className={styles.more}>
          <Button disabled={busy} onClick={more}>
            {t('audit.more')}
          </Button>
        </div>
      )}
      {open === undefined ? null : <EntryDialog entry={open} onClose={() => setOpen(undefined)} />}
    </div>
  );
}
