import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { useQuery } from 'urql';
import { Button } from '../../../components/Button';
import { SelectField, TextField } from '../../../components/Field';
import form from '../../../components/form.module.css';
import { Notice, ProblemNotice, Refusal } from '../../../components/Notice';
import { Panel } from '../../../components/Panel';
import table from '../../../components/table.module.css';
import { When } from '../../../components/When';
import { Viewer } from '../../../gql/operations';
import type { ScreenRow, WaitingScreen } from '../../../rest/sessions';
import { useAct, useAsk } from '../../../rest/useRest';
import { deviceName } from '../../account/device';
import styles from './ScreensPanel.module.css';

const CODE = /^[BCDFGHJKLMNPQRSTVWXZ]{6}$/;
const EVERY_MS = 30_000;
const ONCE = {};
const plain = (code: string): string => code.toUpperCase().replace(/[^A-Z]/g, '');

/** Screens on the wall: letting one in by its code, and taking one away. */
export function ScreensPanel() {
  const { t } = useTranslation();
  const act = useAct();
  const { data, problem, reload } = useAsk<{ screens: ScreenRow[] }>('/screens', EVERY_MS);
  const [{ data: viewer }] = useQuery({ query: Viewer, variables: ONCE, requestPolicy: 'cache-first' });
  const sites = viewer?.sites ?? [];
  const remove = async (id: string) => {
    if ((await act.run((rest) => rest.send('DELETE', `/screens/${id}`, {}))) !== undefined) reload();
  };
  return (
    <Panel title={t('security.screens')} note={t('security.screensNote')}>
      <div className={form.form}>
        {problem === undefined ? null : <ProblemNotice problem={problem} retry={reload} />}
        {data?.screens.length === 0 ? <p className={form.why}>{t('security.noScreens')}</p> : null}
        <ul className={styles.screens}>
          {data?.screens.map((screen) => (
            <li key={screen.id}>
              <div>
                <p className={styles.name}>{screen.name}</p>
                <p className={form.why}>
                  {sites.find(({ id }) => id === screen.siteId)?.name ?? screen.siteId} ·{' '}
                  {deviceName(screen.device) ?? t('sessions.unknownDevice')}
                  {screen.seenAt === null ? null : (
                    <>
                      {' · '}
                      <When instant={screen.seenAt} />
                    </>
                  )}
                </p>
              </div>
              <Button disabled={act.busy} onClick={() => void remove(screen.id)}>
                {t('security.removeScreen')}
              </Button>
            </li>
          ))}
        </ul>
        <Refusal problem={act.problem} />
        <PairForm sites={sites} onPaired={reload} />
      </div>
    </Panel>
  );
}

interface PairFormProps {
  sites: readonly { id: string; name: string }[];
  onPaired: () => void;
}

function PairForm({ sites, onPaired }: PairFormProps) {
  const { t } = useTranslation();
  const act = useAct();
  const [query, setQuery] = useSearchParams();
  const [code, setCode] = useState(plain(query.get('pair') ?? ''));
  const [site, setSite] = useState('');
  const [name, setName] = useState('');
  const [found, setFound] = useState<WaitingScreen>();
  const [done, setDone] = useState(false);
  const type = (text: string) => {
    setCode(plain(text));
    setFound(undefined);
    setDone(false);
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (found === undefined) {
      setFound(await act.run((rest) => rest.get<WaitingScreen>(`/pairings/${code}`)));
      return;
    }
    const body = { code, siteId: site === '' ? sites[0]?.id : site, name: name.trim() };
    if ((await act.run((rest) => rest.send('POST', '/screens', body))) === undefined) return;
    setQuery({}, { replace: true });
    type('');
    setName('');
    setDone(true);
    onPaired();
  };
  const ready = CODE.test(code) && (found === undefined || name.trim() !== '');
  return (
    <form className={form.form} onSubmit={(event) => void submit(event)}>
      {done ? (
        <Notice tone="calm" title={t('security.paired')}>
          {t('security.pairedTodo')}
        </Notice>
      ) : null}
      <p className={form.why}>
        {t('security.pairLead')} <Link to="/pair" className={table.link ?? ''}>
          {window.location.origin}/pair
        </Link>
      </p>
      <div className={form.row}>
        <TextField label={t('security.code')} help={t('security.codeHelp')} value={code} onChange={type} maxLength={9} autoComplete="off" />
        {found === undefined ? null : (
          <>
            <SelectField
              label={t('security.site')}
              value={site === '' ? (sites[0]?.id ?? '') : site}
              options={sites.map(({ id, name: label }) => ({ value: id, label }))}
              onChange={setSite}
            />
            <TextField label={t('security.name')} help={t('security.nameHelp')} value={name} onChange={setName} maxLength={60} required />
          </>
        )}
      </div>
      {found === undefined ? null : (
        <Notice title={t('security.found')}>
          {t('security.foundWhere', {
            device: deviceName(found.device) ?? t('sessions.unknownDevice'),
            network: found.address === '' || found.address === 'local' ? t('sessions.thisNetwork') : found.address,
          })}
        </Notice>
      )}
      <Refusal problem={act.problem} />
      <div className={form.actions}>
        <Button type="submit" tone="primary" disabled={act.busy || !ready}>
          {t(found === undefined ? 'security.look' : 'security.letIn')}
        </Button>
      </div>
    </form>
  );
}
