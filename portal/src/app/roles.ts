/** Who may do what, as the API holds it (cnc.domain.programs.change, cnc.services.connecting): for telling why not. */
export const CONNECTORS = ['supervisor', 'maintenance', 'owner', 'admin'] as const;
export const DRAFTERS = ['operator', 'supervisor', 'maintenance', 'quality', 'owner', 'admin'] as const;
export const READERS = [...DRAFTERS, 'developer'] as const;

export const hasOne = (roles: readonly string[], wanted: readonly string[]): boolean =>
  roles.some((role) => wanted.includes(role));
