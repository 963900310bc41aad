/** A first request with a key, as it can be pasted. */
export type Language = 'curl' | 'python';

export function snippet(language: Language, origin: string, secret: string): string {
  if (language === 'curl') return `curl -H "Authorization: Bearer ${secret}" ${origin}/v1/machines`;
  return `import json
import urllib.request

request = urllib.request.Request(
    "${origin}/graphql",
    data=json.dumps({"query": "{ machines { name tileState program partCount } }"}).encode(),
    headers={"Authorization": "Bearer ${secret}", "Content-Type": "application/json"},
)
with urllib.request.urlopen(request) as answer:
    for machine in json.load(answer)["data"]["machines"]:
        print(machine)`;
}
