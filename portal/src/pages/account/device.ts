/** A user agent in words: browser and system, as their names have stood in it for twenty years. */
const BROWSERS = [
  ['Edg/', 'Edge'],
  ['OPR/', 'Opera'],
  ['Firefox/', 'Firefox'],
  ['Chrome/', 'Chrome'],
  ['CriOS/', 'Chrome'],
  ['FxiOS/', 'Firefox'],
  ['Safari/', 'Safari'],
] as const;
const SYSTEMS = [
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Android', 'Android'],
  ['Windows', 'Windows'],
  ['Mac OS X', 'macOS'],
  ['CrOS', 'ChromeOS'],
  ['Linux', 'Linux'],
] as const;

const named = (agent: string, names: readonly (readonly [string, string])[]): string | undefined =>
  names.find(([mark]) => agent.includes(mark))?.[1];

/** «Firefox · Windows»; what is no browser keeps the beginning of its own name, and nothing is undefined. */
export function deviceName(agent: string): string | undefined {
  const browser = named(agent, BROWSERS);
  const system = named(agent, SYSTEMS);
  const words = [browser, system].filter((word) => word !== undefined);
  if (words.length > 0) return words.join(' · ');
  return agent.split(' ')[0]?.slice(0, 40) || undefined;
}
