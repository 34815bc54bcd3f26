/** What the service answers when it cannot do something (RFC 9457). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly sentence: string,
  ) {
    super(sentence);
    this.name = "Problem";
  }

  static async from(response: Response): Promise<Problem> {
    const details = await response.json().catch(() => ({}));
    const sentence = details.detail ?? details.title ?? `The service answered ${response.status}.`;
    return new Problem(response.status, String(sentence));
  }
}
