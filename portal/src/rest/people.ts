/** Companies, people and invitations as REST answers them. */
export type Grants = Record<string, string[]>;

/** The site of a role that holds at every site. */
export const EVERYWHERE = '*';

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly left: boolean;
  /** null: not for this reader. */
  readonly email: string | null;
  readonly grants: Grants | null;
  readonly endsAt: string | null;
}

export interface Invitation {
  readonly id: string;
  readonly email: string;
  readonly grants: Grants;
  readonly invitedBy: string;
  readonly createdAt: string;
  readonly endsAt: string;
  readonly accessEndsAt: string | null;
}

export interface Letter {
  readonly company: string;
  readonly invitedBy: string;
  readonly grants: Grants;
  readonly sites: Readonly<Record<string, string>>;
  readonly endsAt: string;
  readonly accessEndsAt: string | null;
}

export interface Membership {
  readonly tenantId: string;
  readonly company: string;
  readonly status: string;
  readonly roles: string[];
  readonly endsAt: string | null;
  readonly current: boolean;
}

export interface CompanySite {
  readonly id: string;
  readonly name: string;
  readonly timeZone: string;
}

export interface Company {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly createdAt: string;
  readonly sites: readonly CompanySite[];
}
