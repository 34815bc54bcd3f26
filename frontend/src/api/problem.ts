const UNREADABLE = "urn:repo2docker-service:unreadable";

/** What the service answers when it cannot do something (RFC 9457). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly sentence: string,
    /** All that the service says of it. */
    readonly members: Readonly<Record<string, unknown>>,
  ) {
    super(sentence);
    this.name = "Problem";
  }

  /** The name of the error, as the service's documentation lists them; empty where the status says all. */
  get kind(): string {
    return String(this.members["type"] ?? "").match(/^urn:repo2docker-service:(.*)/)?.[1] ?? "";
  }

  /** Where people log in, when that is what is missing. */
  get login(): string | undefined {
    return this.members["login"] as string | undefined;
  }

  /** Who is signed in may not do this. */
  get forbidden(): boolean {
    return this.kind === "forbidden";
  }

  /** The server that is in the way; empty is the one without a name. */
  get busyServer(): string | undefined {
    return this.kind === "server-busy" ? (this.members["server"] as string | undefined) : undefined;
  }

  /** What administrators find this answer by in the log; empty where it was given by something else. */
  get requestId(): string {
    return String(this.members["request_id"] ?? "");
  }

  /** Seconds after which a new try makes sense; 0 where nobody says. */
  get retryAfter(): number {
    return Number(this.members["retry_after"]) || 0;
  }

  /** Whether the same may be answered otherwise in a while. */
  get mayPass(): boolean {
    return this.status >= 500 || this.status === 408 || this.status === 429;
  }

  /** Whether the service says what is wrong in words of its own. */
  get isExplained(): boolean {
    return (this.members["detail"] ?? this.members["title"]) !== undefined;
  }

  static async from(response: Response): Promise<Problem> {
    const details = await response.json().catch(() => ({}));
    return Problem.of({ ...headersOf(response), ...details, status: response.status });
  }

  /** An answer that is none: what should be data cannot be read. */
  static unreadable(response: Response): Problem {
    return Problem.of({ ...headersOf(response), type: UNREADABLE, status: response.status });
  }

  /** Read a problem document. */
  static of(document: unknown): Problem {
    const members = document as Readonly<Record<string, unknown>>;
    const status = members["status"] as number;
    const sentence = String(members["detail"] ?? members["title"] ?? `The service answered ${status}.`);
    return new Problem(status, sentence, members);
  }
}

/** What an answer says beside its body. */
function headersOf({ headers }: Response): Record<string, unknown> {
  return { request_id: headers.get("X-Request-ID") ?? "", retry_after: headers.get("Retry-After") };
}
