/** What the editor of roles knows, without any page. */
import { permissionsOf, ROLES, SITE_BOUND } from '../../../app/permissions';
import { EVERYWHERE, type Grants } from '../../../rest/people';

/** Places to choose roles for: the whole company first, then its sites. */
export const placesOf = (siteIds: readonly string[]): string[] => [EVERYWHERE, ...siteIds];

export function withRole(grants: Grants, place: string, role: string, on: boolean): Grants {
  const held = new Set(grants[place] ?? []);
  if (on) held.add(role);
  else held.delete(role);
  const { [place]: _, ...others } = grants;
  return held.size === 0 ? others : { ...others, [place]: ROLES.filter((one) => held.has(one)) };
}

export const isEmpty = (grants: Grants): boolean => Object.keys(grants).length === 0;

/** Roles that give no more than this person has; the API decides, this spares a refusal. */
export function givable(own: readonly string[], place: string): string[] {
  return ROLES.filter((role) => {
    const gives = permissionsOf([role]).filter((one) => place === EVERYWHERE || SITE_BOUND.includes(one));
    return gives.every((one) => own.includes(one));
  });
}

/** The end of a day of a date field, in the zone of this browser; null for an empty one. */
export const endOfDay = (date: string): string | null => (date === '' ? null : new Date(`${date}T23:59:59`).toISOString());
export const dateOf = (instant: string | null): string => {
  if (instant === null) return '';
  const at = new Date(instant);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
};
