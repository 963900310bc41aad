/** Shapes of the REST routes of keys and usage (functions/rest/keys.py). Times are RFC 3339 UTC. */
export interface ApiKey {
  id: string;
  name: string;
  prefix: string;
  scopes: string[];
  siteIds: string[];
  createdAt: string;
  createdBy: string;
  endsAt: string | null;
  revokedAt: string | null;
  lastUsedAt: string | null;
  lives: boolean;
}

export interface Scope {
  scope: string;
  permissions: string[];
  given: boolean;
}

export interface Keys {
  keys: ApiKey[];
  scopes: Scope[];
  most: number;
}

export interface ShownKey {
  key: ApiKey;
  secret: string;
}

export interface UsageOfDay {
  day: string;
  subject: string;
  calls: number;
  points: number;
  sentBytes: number;
  refused: number;
}

export interface Used {
  days: UsageOfDay[];
  quotas: { plan: string; tenant: number; credential: number; windowS: number };
}
