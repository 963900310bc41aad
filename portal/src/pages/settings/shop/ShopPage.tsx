import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { usePageTitle } from '../../../app/usePageTitle';
import { useSession } from '../../../app/SessionContext';
import { useViewer } from '../../../app/useViewer';
import { Button } from '../../../components/Button';
import { Dialog } from '../../../components/Dialog';
import { TextField } from '../../../components/Field';
import { Forbidden } from '../../../components/Forbidden';
import form from '../../../components/form.module.css';
import { ProblemNotice, Refusal, Waiting } from '../../../components/Notice';
import page from '../../../components/page.module.css';
import { Panel } from '../../../components/Panel';
import { ownTimeZone, TimeZoneField } from '../../../components/TimeZoneField';
import type { Company } from '../../../rest/people';
import { useAct, useAsk } from '../../../rest/useRest';
import { SiteForm } from './SiteForm';

const NAME_LENGTH = 100;

/** The company: its name, its sites, and closing it. */
export function Component() {
  const { t } = useTranslation();
  usePageTitle(t('shop.title'));
  const { may, userId } = useViewer();
  const { data, problem, reload } = useAsk<Company>('/tenant');
  const waiting = userId === '' || (data === undefined && problem === undefined);
  return (
    <div className={page.page}>
      <h1 className={page.title}>{t('shop.title')}</h1>
      {waiting ? <Waiting blocks={1} height="16rem" /> : null}
      {problem !== undefined && data === undefined ? <ProblemNotice problem={problem} retry={reload} /> : null}
      {data === undefined || waiting ? null : !may('tenant.manage') ? (
        <Forbidden what={t('shop.forbidden')} permission="tenant.manage" />
      ) : (
        <>
          <NamePanel company={data} onChanged={reload} />
          <Panel title={t('shop.sites')} note={t('shop.sitesNote')}>
            <div className={form.form}>
              {data.sites.map((site) => (
                <SiteForm key={site.id} site={site} onChanged={reload} />
              ))}
            </div>
          </Panel>
          <NewSite onAdded={reload} />
          <Ending company={data} />
        </>
      )}
    </div>
  );
}

function NamePanel({ company, onChanged }: { company: Company; onChanged: () => void }) {
  const { t } = useTranslation();
  const act = useAct();
  const [name, setName] = useState(company.name);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if ((await act.run((rest) => rest.send('PATCH', '/tenant', { name }))) !== undefined) onChanged();
  };
  return (
    <Panel title={t('shop.name')}>
      <form className={form.form} onSubmit={(event) => void submit(event)}>
        <TextField label={t('welcome.company')} required maxLength={NAME_LENGTH} value={name} onChange={setName} />
        <Refusal problem={act.problem} />
        <div className={form.actions}>
          <Button type="submit" disabled={act.busy || name.trim() === company.name}>
            {t('users.save')}
          </Button>
        </div>
      </form>
    </Panel>
  );
}

function NewSite({ onAdded }: { onAdded: () => void }) {
  const { t } = useTranslation();
  const act = useAct();
  const [wish, setWish] = useState({ name: '', timeZone: ownTimeZone() });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if ((await act.run((rest) => rest.send('POST', '/sites', wish))) === undefined) return;
    setWish({ name: '', timeZone: ownTimeZone() });
    onAdded();
  };
  return (
    <Panel title={t('shop.newSite')}>
      <form className={form.form} onSubmit={(event) => void submit(event)}>
        <div className={form.row}>
          <TextField
            label={t('shop.siteName')}
            required
            maxLength={NAME_LENGTH}
            value={wish.name}
            onChange={(name) => setWish((before) => ({ ...before, name }))}
          />
          <TimeZoneField
            label={t('welcome.zone')}
            value={wish.timeZone}
            onChange={(timeZone) => setWish((before) => ({ ...before, timeZone }))}
          />
        </div>
        <Refusal problem={act.problem} />
        <div className={form.actions}>
          <Button type="submit" disabled={act.busy || wish.name.trim() === ''}>
            {t('shop.addSite')}
          </Button>
        </div>
      </form>
    </Panel>
  );
}

/** Closing for a while, and the end: both asked back, both with proof of who it is. */
function Ending({ company }: { company: Company }) {
  const { t } = useTranslation();
  const { may } = useViewer();
  const session = useSession();
  const act = useAct();
  const [asking, setAsking] = useState<'suspend' | 'delete'>();
  const [typed, setTyped] = useState('');
  const done = async (made: unknown) => {
    if (made === undefined) return;
    setAsking(undefined);
    await session.renew('/closed');
  };
  const take = async () => {
    if (asking === 'suspend') await done(await act.run((rest) => rest.send('POST', '/tenant/suspend', {})));
    else await done(await act.run((rest) => rest.send('DELETE', '/tenant', { confirmation: typed })));
  };
  return (
    <Panel title={t('shop.ending')} note={t('shop.endingNote')}>
      <div className={form.form}>
        <p className={form.why}>{t('shop.suspendMeans')}</p>
        <div className={form.actions}>
          <Button onClick={() => setAsking('suspend')}>{t('shop.suspend')}</Button>
          {may('tenant.delete') ? (
            <Button tone="stop" onClick={() => setAsking('delete')}>
              {t('shop.delete')}
            </Button>
          ) : null}
        </div>
      </div>
      {asking === undefined ? null : (
        <Dialog
          title={t(`shop.${asking}Title`, { company: company.name })}
          onClose={() => setAsking(undefined)}
          actions={
            <>
              <Button onClick={() => setAsking(undefined)}>{t('users.cancel')}</Button>
              <Button
                tone="stop"
                disabled={act.busy || (asking === 'delete' && typed !== company.name)}
                onClick={() => void take()}
              >
                {t(`shop.${asking}`)}
              </Button>
            </>
          }
        >
          <p>{t(`shop.${asking}Means`)}</p>
          {asking === 'delete' ? (
            <TextField label={t('shop.typeName', { company: company.name })} value={typed} onChange={setTyped} />
          ) : null}
          <Refusal problem={act.problem} />
        </Dialog>
      )}
    </Panel>
  );
}
