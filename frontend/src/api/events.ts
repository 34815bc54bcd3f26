export interface ServerEvent {
  name: string;
  /** Where to go on after it; empty when the event does not say. */
  id: string;
  data: unknown;
}

/** Give the events of a stream, those that came together at once; comments, such as signs of life, are passed over. */
export async function* readEvents(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<ServerEvent[]> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let pending = "";
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      const blocks = (pending + piece.value).split("\n\n");
      pending = blocks.pop() ?? "";
      const events = blocks.map(readEvent).filter((event) => event !== null);
      if (events.length > 0) {
        yield events;
      }
    }
  } finally {
    // Whoever reads no further shall not keep the connection; one that broke by itself is gone already.
    await reader.cancel().catch(() => undefined);
  }
}

function readEvent(block: string): ServerEvent | null {
  const fields = new Map<string, string>();
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) {
      fields.set(line.slice(0, colon), line.slice(colon + 1).trimStart());
    }
  }
  const data = fields.get("data");
  return data === undefined
    ? null
    : { name: fields.get("event") ?? "message", id: fields.get("id") ?? "", data: JSON.parse(data) };
}
