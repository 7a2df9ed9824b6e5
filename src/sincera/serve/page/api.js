// Asking the service.  Addresses are relative, so that the page also works below a proxy's path.

let key = "";

export class Refused extends Error {
  constructor(status, detail, retryAfter) {
    super(detail);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

export function useKey(value) {
  key = value;
}

export function card() {
  return ask("v1/model", {});
}

export function judge(bytes, signal, maps = false) {
  return ask(maps ? "v1/judge?maps=true" : "v1/judge", { method: "POST", body: bytes, signal });
}

async function ask(address, options) {
  const headers = key ? { Authorization: `Bearer ${key}` } : {};
  let answer;
  try {
    answer = await fetch(address, { ...options, headers, cache: "no-store", credentials: "omit" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0, "The service does not answer. Is it running?", 2);
  }
  if (answer.ok) return answer.json();
  let detail = `The service answered ${answer.status}.`;
  try {
    detail = (await answer.json()).detail ?? detail;
  } catch {
    // A proxy's answer need not be ours.
  }
  throw new Refused(answer.status, detail, Number(answer.headers.get("Retry-After")) || 0);
}
